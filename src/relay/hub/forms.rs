//! What a hub's stream offers, and who reads it in which form.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::{Hub, State};
use crate::relay::feed::Feed;
use crate::relay::form::Form;
use crate::relay::offer::Offer;
use crate::relay::ring::{Cursor, Ring, Spot};

impl Hub {
    /// A reader of what comes from now on in a form, beginning with the newest key frame.
    pub(in crate::relay) fn subscribe_to(self: &Arc<Self>, form: Form) -> Feed {
        self.read(form, Cursor::new)
    }

    /// A reader who goes on where another one of the same form ends: see [`Feed::hand_over`].
    pub(in crate::relay) fn subscribe_heir(self: &Arc<Self>, form: Form, from: u64) -> Feed {
        self.read(form, |ring| Cursor::heir(ring, from))
    }

    /// A reader who begins at the last key frame up to where another one of the same form has come to.
    pub(in crate::relay) fn subscribe_again(self: &Arc<Self>, form: Form, spot: Spot) -> Feed {
        self.read(form, |ring| Cursor::again(ring, spot))
    }

    fn read(self: &Arc<Self>, form: Form, begin: impl FnOnce(&Ring) -> Cursor) -> Feed {
        let mut state = self.lock();
        state.renditions.take_up(form);
        let cursor = begin(state.renditions.of(form));
        drop(state);
        Feed::new(Arc::clone(self), form, cursor)
    }

    /// Tells of the tracks that the publisher sends.
    pub(in crate::relay) fn offer(&self) -> watch::Receiver<Offer> {
        self.offer.subscribe()
    }

    /// Tells what tracks there are, if that is news; once media came for a while, it is all that will come.
    pub(super) fn show_offer(&self, state: &mut State, is_news: bool, media_at: Option<Instant>) {
        let since = media_at.map(|now| now - *state.media_since.get_or_insert(now));
        let settles = since.is_some_and(|since| since >= SETTLED) && !self.offer.borrow().is_settled;
        if is_news || settles {
            let tracks = state.renditions.tracks().into();
            self.offer
                .send_modify(|offer| *offer = Offer { tracks, is_settled: offer.is_settled || settles });
        }
    }
}

/// An encoder that sends sound or pictures for this long has shown all its tracks.
const SETTLED: Duration = Duration::from_secs(1);
