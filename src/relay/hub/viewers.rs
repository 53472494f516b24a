//! The viewers' side of a hub.

use std::sync::Arc;

use super::{Hub, Source};
use crate::relay::feed::Feed;
use crate::relay::form::Form;
use crate::relay::ring::Cursor;
use crate::relay::viewer::{Basket, Viewer};

impl Hub {
    /// Somebody who watches the publication that there is, beginning with the newest key frame; `None` if there
    /// is none.
    pub fn watch(self: &Arc<Self>) -> Option<Viewer> {
        let state = self.lock();
        if *self.source.borrow() != Source::Live {
            return None;
        }
        // Nobody else comes to publish, or goes, while the state is held.
        let (turn, source) = (state.turns.current(), self.source.subscribe());
        let feed = Feed::new(Arc::clone(self), Form::ORIGINAL, Cursor::new(state.renditions.original()));
        drop(state);
        let basket = Arc::new(Basket::new(feed));
        self.delivery.add_viewer(Arc::clone(&basket));
        Some(Viewer::new(Arc::clone(self), turn, basket, source))
    }

    /// A viewer is gone.
    pub(in crate::relay) fn dismiss(&self, basket: &Arc<Basket>) {
        self.delivery.remove_viewer(basket);
    }

    /// Whether the publisher of `turn` is still there.
    pub(in crate::relay) fn is_published_by(&self, turn: u64) -> bool {
        let state = self.lock();
        state.turns.is_of(turn) && *self.source.borrow() == Source::Live
    }
}
