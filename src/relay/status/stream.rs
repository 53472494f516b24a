//! One stream's entry.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::clock::{unix_ms, unix_ms_at};
use super::journal::Journal;
use crate::model::{Happening, StreamChange, StreamEvent, StreamId, words};

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

impl SourceWords {
    fn since_now(state: SourceState, peer: Option<SocketAddr>, held_until: Option<Instant>) -> Self {
        Self { state, since: Instant::now(), peer, held_until }
    }
}

impl StreamStatus {
    /// An entry without an encoder.
    pub(super) fn new(id: StreamId, journal: Arc<Journal>) -> Self {
        Self {
            bytes_received: Arc::default(),
            id,
            journal,
            source: Mutex::new(SourceWords::since_now(SourceState::Offline, None, None)),
        }
    }

    /// An encoder publishes; where another did, it takes over.
    pub fn live(&self, peer: SocketAddr) {
        let mut words = self.lock();
        let replaced = words.peer.filter(|_| words.state == SourceState::Live);
        *words = SourceWords::since_now(SourceState::Live, Some(peer), None);
        let change = if replaced.is_some() { StreamChange::Takeover } else { StreamChange::Live };
        self.record(StreamEvent { peer: Some(peer), replaced, ..self.event(change) });
    }

    /// An encoder was refused, since another publishes.
    pub fn refused(&self, peer: SocketAddr) {
        self.record(StreamEvent { peer: Some(peer), ..self.event(StreamChange::Refused) });
    }

    /// The encoder vanished; it is waited for until `until`, which may come to be another moment.
    pub fn held(&self, until: Instant) {
        let mut words = self.lock();
        if words.state == SourceState::Held {
            words.held_until = Some(until);
            return;
        }
        *words = SourceWords::since_now(SourceState::Held, None, Some(until));
        let event = self.event(StreamChange::Held);
        self.record(StreamEvent { until_ms: Some(unix_ms_at(until, event.at_ms)), ..event });
    }

    /// The broadcast is over.
    pub fn offline(&self) {
        let mut words = self.lock();
        *words = SourceWords::since_now(SourceState::Offline, None, None);
        self.record(self.event(StreamChange::Ended));
        self.journal.record_over(self.id);
    }

    fn event(&self, change: StreamChange) -> StreamEvent {
        let (peer, replaced, until_ms) = (None, None, None);
        StreamEvent { stream: self.id, at_ms: unix_ms(), change, peer, replaced, until_ms }
    }

    fn record(&self, event: StreamEvent) {
        self.journal.record(Happening::Stream(event));
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
