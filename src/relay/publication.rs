//! The right to send to a hub.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::task::yield_now;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::hub::{Hub, Source};
use super::workers::Worker;
use crate::media::Tag;
use crate::model::OnUnpublish;

/// The right to send to a hub. Dropped, it counts as an encoder that vanished; see
/// [`Publication::end`].
#[derive(Debug)]
pub struct Publication {
    hub: Arc<Hub>,
    turn: u64,
    taken_over: CancellationToken,
}

impl Publication {
    pub(super) fn new(hub: Arc<Hub>, turn: u64, taken_over: CancellationToken) -> Self {
        Self { hub, turn, taken_over }
    }

    /// Sends a tag; `false` when another publisher has taken over.
    #[must_use]
    pub fn send(&self, tag: Tag) -> bool {
        self.hub.take(self.turn, tag)
    }

    /// Lets what was sent go out to the targets before more is. A publisher never waits for a target;
    /// it does wait a moment for this machine, if that sends out less than comes in.
    pub async fn give_way(&self) {
        yield_now().await;
        if self.hub.is_overrun(LEEWAY) {
            let patience = Instant::now() + PATIENCE;
            while self.hub.is_overrun(LEEWAY / 2) && Instant::now() < patience {
                sleep(Duration::from_millis(1)).await;
            }
        }
    }

    /// Waits until another publisher has taken over. Cancel-safe.
    pub async fn taken_over(&self) {
        self.taken_over.cancelled().await;
    }

    /// Where the stream's tasks run, and its publisher's should.
    pub fn worker(&self) -> &Worker {
        self.hub.worker()
    }

    /// The stream's count of bytes received.
    pub fn bytes_received(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.hub.status.bytes_received)
    }

    /// The encoder said that it ends. That is the end of the broadcast, unless the stream takes it
    /// for a lost network.
    pub fn end(self) {
        match self.hub.rules().on_unpublish {
            OnUnpublish::End => self.hub.depart(self.turn, Source::Ended),
            OnUnpublish::Hold => drop(self),
        }
    }
}

impl Drop for Publication {
    fn drop(&mut self) {
        self.hub.depart(self.turn, Source::Gone(Instant::now()));
    }
}

/// Bytes that most targets may be behind. Of a stream below some hundred megabits a second, that is more
/// than [`Hub::is_overrun`] looks at.
const LEEWAY: u64 = 4 << 20;

/// How long a publisher waits at most before it is read on.
const PATIENCE: Duration = Duration::from_millis(100);
