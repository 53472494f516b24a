//! One stream's entry.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::journal::Journal;
use crate::model::{StreamId, words};

/// Whether an encoder publishes to a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceState {
    /// No encoder, and the last one's hold is over.
    Offline,
    /// An encoder is publishing.
    Live,
    /// The encoder vanished; targets are kept connected for a while.
    Held,
}

words!(SourceState { Offline = "offline", Live = "live", Held = "held" });

/// One stream's entry.
#[derive(Debug)]
pub struct StreamStatus {
    /// Bytes that encoders sent, over all sessions.
    pub bytes_received: Arc<AtomicU64>,
    id: StreamId,
    source: Mutex<SourceWords>,
    journal: Arc<Journal>,
}

#[derive(Debug, Clone, Copy)]
struct SourceWords {
    state: SourceState,
    since: Instant,
    peer: Option<SocketAddr>,
    held_until: Option<Instant>,
}

impl StreamStatus {
    /// An entry without an encoder.
    pub(super) fn new(id: StreamId, journal: Arc<Journal>) -> Self {
        Self {
            bytes_received: Arc::default(),
            id,
            journal,
            source: Mutex::new(SourceWords {
                state: SourceState::Offline,
                since: Instant::now(),
                peer: None,
                held_until: None,
            }),
        }
    }

    /// An encoder publishes.
    pub fn live(&self, peer: SocketAddr) {
        self.set(SourceState::Live, Some(peer), None);
    }

    /// The encoder vanished; it is waited for until `until`, which may come to be another moment.
    pub fn held(&self, until: Instant) {
        let mut words = self.lock();
        if words.state == SourceState::Held {
            words.held_until = Some(until);
            return;
        }
        drop(words);
        self.set(SourceState::Held, None, Some(until));
    }

    /// The broadcast is over.
    pub fn offline(&self) {
        self.set(SourceState::Offline, None, None);
        self.journal.record_over(self.id);
    }

    fn set(&self, state: SourceState, peer: Option<SocketAddr>, held_until: Option<Instant>) {
        *self.lock() = SourceWords { state, since: Instant::now(), peer, held_until };
    }

    /// The entry as it is now.
    pub fn snapshot(&self) -> StreamSnapshot {
        let SourceWords { state, since, peer, held_until } = *self.lock();
        let now = Instant::now();
        StreamSnapshot {
            state,
            in_state_for: now - since,
            held_for: held_until.map(|until| until.saturating_duration_since(now)),
            peer,
            bytes_received: self.bytes_received.load(Relaxed),
        }
    }

    fn lock(&self) -> MutexGuard<'_, SourceWords> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream's entry at one moment.
#[derive(Debug, Clone)]
pub struct StreamSnapshot {
    /// Whether an encoder publishes.
    pub state: SourceState,
    /// How long it has been so.
    pub in_state_for: Duration,
    /// How much longer targets are kept connected without it.
    pub held_for: Option<Duration>,
    /// The encoder's address, while there is one.
    pub peer: Option<SocketAddr>,
    /// See [`StreamStatus`].
    pub bytes_received: u64,
}
