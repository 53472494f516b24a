//! Somebody who follows.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use futures_util::{Stream, stream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::super::access::Credential;
use super::body::{Pulse, resync, told};
use crate::control::Control;
use crate::model::News;

/// Somebody who follows.
pub(super) struct Follower {
    pub(super) control: Arc<Control>,
    pub(super) pulse: Arc<Pulse>,
    /// What they were let in with, which may end before they go.
    pub(super) credential: Credential,
    pub(super) news: Receiver<News>,
    pub(super) stop: CancellationToken,
    pub(super) _place: OwnedSemaphorePermit,
}

impl Follower {
    /// Everything there is to tell them, until they go, may follow no longer, or the relay stops.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        stream::unfold((self, seconds), |(mut follower, mut seconds)| async move {
            let event = follower.next(&mut seconds).await?;
            Some((Ok(event), (follower, seconds)))
        })
    }

    async fn next(&mut self, seconds: &mut Interval) -> Option<Event> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            _ = seconds.tick() => {
                let is_let_in = self.credential.is_good(&self.control);
                is_let_in.then(|| self.pulse.beat(&self.control))
            }
            news = self.news.recv() => match news {
                Ok(news) => Some(told(&news)),
                Err(RecvError::Lagged(_)) => Some(resync()),
                Err(RecvError::Closed) => None,
            },
        }
    }
}
