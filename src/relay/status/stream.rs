//! One stream's entry.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::clock::{unix_ms, unix_ms_at};
use super::facts::Facts;
use super::journal::Journal;
use super::media::Media;
use super::rate::{Counted, Window};
use super::recent::{Past, Rate, Received, Recent};
use crate::media::{Kind, Tag};
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
    opened: Instant,
    source: Mutex<SourceWords>,
    media: Media,
    publications: AtomicU64,
    takeovers: AtomicU64,
    /// Bytes kept for newcomers and for who is behind.
    kept_bytes: AtomicU64,
    window: Mutex<Window>,
    recent: Mutex<Recent<Received>>,
    facts: Mutex<Facts>,
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
            opened: Instant::now(),
            journal,
            media: Media::default(),
            publications: AtomicU64::new(0),
            takeovers: AtomicU64::new(0),
            kept_bytes: AtomicU64::new(0),
            window: Mutex::default(),
            recent: Mutex::default(),
            facts: Mutex::default(),
            source: Mutex::new(SourceWords::since_now(SourceState::Offline, None, None)),
        }
    }

    /// Whose it is.
    pub fn id(&self) -> StreamId {
        self.id
    }

    /// Arrivals are counted from here.
    pub(in super::super) fn opened(&self) -> Instant {
        self.opened
    }

    /// An encoder publishes; where another did, it takes over.
    pub fn live(&self, peer: SocketAddr) {
        self.publications.fetch_add(1, Relaxed);
        self.media.restart();
        *lock(&self.facts) = Facts::default();
        lock(&self.window).restart(Instant::now(), self.counted());
        let mut words = lock(&self.source);
        let replaced = words.peer.filter(|_| words.state == SourceState::Live);
        *words = SourceWords::since_now(SourceState::Live, Some(peer), None);
        let change = if replaced.is_some() { StreamChange::Takeover } else { StreamChange::Live };
        if replaced.is_some() {
            self.takeovers.fetch_add(1, Relaxed);
        }
        self.record(StreamEvent { peer: Some(peer), replaced, ..self.event(change) });
    }

    /// An encoder with a good key was refused.
    pub fn refused(&self, peer: SocketAddr) {
        self.record(StreamEvent { peer: Some(peer), ..self.event(StreamChange::Refused) });
    }

    /// Counts a frame with its time in the stream's own clock, and when it came, in milliseconds.
    pub(in super::super) fn count(&self, kind: Kind, time: i64, arrived_ms: i64) {
        self.media.count(kind, time, arrived_ms);
    }

    /// Takes in what a tag tells of the encoder's sound and pictures.
    pub(in super::super) fn learn(&self, tag: &Tag) {
        lock(&self.facts).learn(tag);
    }

    /// Takes a sample of what was counted, once a second, and of what is kept.
    pub(in super::super) fn sample(&self, now: Instant, kept: usize) {
        self.kept_bytes.store(u64::try_from(kept).unwrap_or(u64::MAX), Relaxed);
        let mut window = lock(&self.window);
        window.take(now, self.counted());
        let rates = window.is_settled().then(|| window.rates(now));
        drop(window);
        if let Some(rates) = rates
            && lock(&self.source).state == SourceState::Live
        {
            let pictures_in_ten_seconds = (rates.pictures_per_second * 10.0).round() as u16;
            let rate = Rate::new(rates.bits_per_second);
            lock(&self.recent).note(now, Received { rate, pictures_in_ten_seconds }, Received::and);
        }
    }

    /// What came in during the last minutes.
    pub(super) fn past(&self) -> Past<Received> {
        lock(&self.recent).at(Instant::now())
    }

    fn counted(&self) -> Counted {
        Counted { bytes: self.bytes_received.load(Relaxed), pictures: self.media.snapshot().video }
    }

    /// The encoder vanished; it is waited for until `until`, which may come to be another moment.
    pub fn held(&self, until: Instant) {
        let mut words = lock(&self.source);
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
        let mut words = lock(&self.source);
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
        let SourceWords { state, since, peer, held_until } = *lock(&self.source);
        let now = Instant::now();
        let (media, rates) = (self.media.snapshot(), lock(&self.window).rates(now));
        let is_live = state == SourceState::Live;
        let since_key_frame = media.last_key_at.map(|at| now.saturating_duration_since(self.opened + at));
        StreamSnapshot {
            state,
            in_state_for: now - since,
            held_for: held_until.map(|until| until.saturating_duration_since(now)),
            peer,
            bytes_received: self.bytes_received.load(Relaxed),
            bits_per_second: rates.bits_per_second,
            video_frames: media.video,
            audio_frames: media.audio,
            key_frames: media.key_frames,
            frame_rate: rates.pictures_per_second,
            key_frame_interval: media.key_frame_interval,
            since_key_frame: since_key_frame.filter(|_| is_live),
            facts: lock(&self.facts).clone(),
            publications: self.publications.load(Relaxed),
            takeovers: self.takeovers.load(Relaxed),
            kept_bytes: self.kept_bytes.load(Relaxed),
        }
    }
}

/// Entries stay readable even if a task panicked while it wrote one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// Bytes that encoders sent, over all sessions.
    pub bytes_received: u64,
    /// The same as a rate, over the last three seconds.
    pub bits_per_second: u64,
    /// Pictures that came, over all sessions.
    pub video_frames: u64,
    /// Frames of sound that came.
    pub audio_frames: u64,
    /// Those of the pictures that need no other.
    pub key_frames: u64,
    /// Pictures per second, over the last three seconds.
    pub frame_rate: f64,
    /// From the last key frame but one to the last, by the encoder's clock; `None` before there were two.
    pub key_frame_interval: Option<Duration>,
    /// How long ago the last key frame came, while an encoder publishes.
    pub since_key_frame: Option<Duration>,
    /// What the encoder says of its sound and pictures, or the last encoder said.
    pub facts: Facts,
    /// Encoders that were let in.
    pub publications: u64,
    /// How often one took over from another that still published.
    pub takeovers: u64,
    /// Bytes kept for newcomers and for targets that are behind, at most a second old.
    pub kept_bytes: u64,
}
