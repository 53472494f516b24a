//! The board: what the outside may know of what runs.
//!
//! Tasks write their own entry; nobody sends statistics through a channel. Numbers are atomics, so
//! that counting never waits; words sit behind a lock that is held for a moment. A task whose target
//! was edited or removed keeps writing to an entry that nobody shows any more.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::{StreamId, TargetId};

/// What a target is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// Nobody publishes to its stream.
    WaitingForSource,
    /// Looking up the host name.
    Resolving,
    /// Opening the TCP connection.
    Connecting,
    /// Agreeing on TLS.
    Tls,
    /// Agreeing on RTMP, up to the server's word that it accepts the stream.
    Publishing,
    /// Being fed.
    Live,
    /// Connected, while the encoder is gone.
    Holding,
    /// Waiting before the next try.
    BackingOff,
}

/// One target's entry.
#[derive(Debug)]
pub struct TargetStatus {
    /// Bytes handed to the network for media and protocol, over all sessions.
    pub bytes_sent: Arc<AtomicU64>,
    /// Frames left out because the target was too slow.
    pub skipped_frames: AtomicU64,
    /// How far behind the stream's newest frame the target is, in milliseconds.
    pub lag_ms: AtomicU64,
    /// Sessions that the target accepted.
    pub sessions: AtomicU64,
    words: Mutex<Words>,
}

#[derive(Debug)]
struct Words {
    state: TargetState,
    reason: String,
    since: Instant,
    next_try: Option<Instant>,
}

impl TargetStatus {
    fn new() -> Self {
        Self {
            bytes_sent: Arc::default(),
            skipped_frames: AtomicU64::new(0),
            lag_ms: AtomicU64::new(0),
            sessions: AtomicU64::new(0),
            words: Mutex::new(Words {
                state: TargetState::WaitingForSource,
                reason: "Waiting for the encoder.".to_owned(),
                since: Instant::now(),
                next_try: None,
            }),
        }
    }

    /// Enters a state, with one sentence for a person.
    pub fn enter(&self, state: TargetState, reason: impl Into<String>) {
        self.set(state, reason.into(), None);
    }

    /// Enters [`TargetState::BackingOff`] until `next_try`.
    pub fn back_off(&self, reason: impl Into<String>, next_try: Instant) {
        self.set(TargetState::BackingOff, reason.into(), Some(next_try));
    }

    fn set(&self, state: TargetState, reason: String, next_try: Option<Instant>) {
        let mut words = lock(&self.words);
        if words.state != state {
            words.since = Instant::now();
        }
        words.state = state;
        words.reason = reason;
        words.next_try = next_try;
    }

    /// The entry as it is now.
    pub fn snapshot(&self) -> TargetSnapshot {
        let words = lock(&self.words);
        let now = Instant::now();
        TargetSnapshot {
            state: words.state,
            reason: words.reason.clone(),
            in_state_for: now - words.since,
            next_try_in: words.next_try.map(|at| at.saturating_duration_since(now)),
            bytes_sent: self.bytes_sent.load(Relaxed),
            skipped_frames: self.skipped_frames.load(Relaxed),
            lag_ms: self.lag_ms.load(Relaxed),
            reconnects: self.sessions.load(Relaxed).saturating_sub(1),
        }
    }
}

/// A target's entry at one moment.
#[derive(Debug, Clone)]
pub struct TargetSnapshot {
    /// What it is doing.
    pub state: TargetState,
    /// Why, in one sentence for a person.
    pub reason: String,
    /// How long it has been in this state.
    pub in_state_for: Duration,
    /// When it tries again, if it waits for that.
    pub next_try_in: Option<Duration>,
    /// See [`TargetStatus`].
    pub bytes_sent: u64,
    /// See [`TargetStatus`].
    pub skipped_frames: u64,
    /// See [`TargetStatus`].
    pub lag_ms: u64,
    /// Sessions begun after the first.
    pub reconnects: u64,
}

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

/// One stream's entry.
#[derive(Debug)]
pub struct StreamStatus {
    /// Bytes that encoders sent, over all sessions.
    pub bytes_received: Arc<AtomicU64>,
    source: Mutex<SourceWords>,
}

#[derive(Debug, Clone, Copy)]
struct SourceWords {
    state: SourceState,
    since: Instant,
    peer: Option<SocketAddr>,
    held_until: Option<Instant>,
}

impl StreamStatus {
    fn new() -> Self {
        Self {
            bytes_received: Arc::default(),
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

    /// The encoder vanished; it is waited for until `until`.
    pub fn held(&self, until: Instant) {
        self.set(SourceState::Held, None, Some(until));
    }

    /// Nobody publishes.
    pub fn offline(&self) {
        self.set(SourceState::Offline, None, None);
    }

    fn set(&self, state: SourceState, peer: Option<SocketAddr>, held_until: Option<Instant>) {
        *lock(&self.source) = SourceWords { state, since: Instant::now(), peer, held_until };
    }

    /// The entry as it is now.
    pub fn snapshot(&self) -> StreamSnapshot {
        let SourceWords { state, since, peer, held_until } = *lock(&self.source);
        // A hold ends by itself.
        let over = held_until.filter(|until| *until <= Instant::now());
        StreamSnapshot {
            state: if over.is_some() { SourceState::Offline } else { state },
            in_state_for: over.unwrap_or(since).elapsed(),
            peer,
            bytes_received: self.bytes_received.load(Relaxed),
        }
    }
}

/// A stream's entry at one moment.
#[derive(Debug, Clone)]
pub struct StreamSnapshot {
    /// Whether an encoder publishes.
    pub state: SourceState,
    /// How long it has been so.
    pub in_state_for: Duration,
    /// The encoder's address, while there is one.
    pub peer: Option<SocketAddr>,
    /// See [`StreamStatus`].
    pub bytes_received: u64,
}

/// All entries.
#[derive(Debug, Default)]
pub struct Board {
    streams: Mutex<HashMap<StreamId, Arc<StreamStatus>>>,
    targets: Mutex<HashMap<TargetId, Arc<TargetStatus>>>,
}

impl Board {
    /// A stream's entry, made if there is none.
    pub fn open_stream(&self, id: StreamId) -> Arc<StreamStatus> {
        let mut streams = lock(&self.streams);
        Arc::clone(streams.entry(id).or_insert_with(|| Arc::new(StreamStatus::new())))
    }

    /// A fresh entry for a target; an older one is shown no more.
    pub fn open_target(&self, id: TargetId) -> Arc<TargetStatus> {
        let status = Arc::new(TargetStatus::new());
        lock(&self.targets).insert(id, Arc::clone(&status));
        status
    }

    /// Takes a stream's entry down.
    pub fn close_stream(&self, id: StreamId) {
        lock(&self.streams).remove(&id);
    }

    /// Takes a target's entry down.
    pub fn close_target(&self, id: TargetId) {
        lock(&self.targets).remove(&id);
    }

    /// A stream's entry as it is now.
    pub fn stream(&self, id: StreamId) -> Option<StreamSnapshot> {
        lock(&self.streams).get(&id).map(|status| status.snapshot())
    }

    /// A target's entry as it is now; `None` when it is switched off.
    pub fn target(&self, id: TargetId) -> Option<TargetSnapshot> {
        lock(&self.targets).get(&id).map(|status| status.snapshot())
    }
}

/// Entries stay readable even if a task panicked while it wrote one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
