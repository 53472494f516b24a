//! One stream's entry.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::time::Instant;

use super::clock::{unix_ms, unix_ms_at};
use super::facts::Facts;
use super::gauge::Gauge;
use super::journal::Journal;
use super::media::Media;
use super::rate::{Counted, Window};
use super::recent::{Past, Rate, Received, Recent};
use super::signs::Signs;
use super::snapshot::StreamSnapshot;
use super::target::TargetStatus;
use crate::media::{Frame, Tag};
use crate::model::{Happening, StreamChange, StreamEvent, StreamId, words};
use crate::relay::lint::SourceFacts;
use crate::relay::offer::Offer;

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
    signs: Signs,
    gauge: Mutex<Gauge>,
    /// What is known by the last sample, as far as a platform may mind it.
    known: Mutex<Option<SourceFacts>>,
    /// Those whose platforms may.
    targets: Mutex<Vec<Weak<TargetStatus>>>,
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
            signs: Signs::default(),
            gauge: Mutex::default(),
            known: Mutex::default(),
            targets: Mutex::default(),
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
        let now = Instant::now();
        lock(&self.window).restart(now, self.counted());
        self.signs.restart(self.ms_at(now));
        lock(&self.gauge).restart(now, self.signs.counts());
        *lock(&self.known) = None;
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

    /// Counts a frame, and when it came, in milliseconds.
    pub(in super::super) fn count(&self, frame: &Frame, arrived_ms: i64) {
        self.media.count(frame.kind, frame.time, arrived_ms);
        self.signs.count(frame.kind, &frame.payload, frame.time, arrived_ms);
    }

    /// A target is sent what comes, whose platform may mind it.
    pub(in super::super) fn lint_for(&self, target: &Arc<TargetStatus>) {
        let mut targets = lock(&self.targets);
        // Nobody else looks at them while there is no encoder.
        targets.retain(|target| target.upgrade().is_some_and(|target| target.endpoint().is_some()));
        targets.push(Arc::downgrade(target));
        if lock(&self.source).state == SourceState::Offline {
            // The broadcast ended while this one was made.
            target.forget_warnings();
        }
    }

    /// Nothing can be told of what comes.
    fn pause_warnings(&self) {
        lock(&self.targets).iter().filter_map(Weak::upgrade).for_each(|target| target.pause_warnings());
    }

    /// Takes in what a tag tells of the encoder's sound and pictures.
    pub(in super::super) fn learn(&self, tag: &Tag) {
        lock(&self.facts).learn(tag);
    }

    /// Takes a sample of what was counted, once a second, of what is kept, and of what is offered to targets.
    pub(in super::super) fn sample(&self, now: Instant, kept: usize, offer: &Offer) {
        self.kept_bytes.store(u64::try_from(kept).unwrap_or(u64::MAX), Relaxed);
        let mut window = lock(&self.window);
        window.take(now, self.counted());
        let rates = window.is_settled().then(|| window.rates(now));
        drop(window);
        if lock(&self.source).state != SourceState::Live {
            self.pause_warnings();
            return;
        }
        self.examine(now, offer);
        if let Some(rates) = rates {
            let pictures_in_ten_seconds = (rates.pictures_per_second * 10.0).round() as u16;
            let rate = Rate::new(rates.bits_per_second);
            lock(&self.recent).note(now, Received { rate, pictures_in_ten_seconds }, Received::and);
        }
    }

    /// Holds what comes against what platforms take.
    fn examine(&self, now: Instant, offer: &Offer) {
        let rates = {
            let mut gauge = lock(&self.gauge);
            gauge.take(now, self.signs.counts());
            gauge.rates()
        };
        let Some(told) = self.signs.tell(self.ms_at(now)) else {
            *lock(&self.known) = None;
            self.pause_warnings();
            return;
        };
        let known = {
            let facts = lock(&self.facts);
            SourceFacts {
                video_codec: facts.video_codec,
                size: facts.width.zip(facts.height),
                picture: facts.picture,
                sound: facts.sound,
                frame_rate: rates.map(|rates| rates.pictures),
                video_bits_per_second: rates.map(|rates| rates.video_bits),
                audio_bits_per_second: rates.map(|rates| rates.audio_bits),
                key_frames: told.key_frames,
                has_b_frames: told.has_b_frames,
                video: told.video,
                audio: told.audio,
                silent_for: told.silent_for,
            }
        };
        let mut targets = lock(&self.targets);
        if lock(&self.source).state != SourceState::Live {
            return;
        }
        *lock(&self.known) = Some(known);
        let is_shown = |target: &Weak<TargetStatus>| {
            target.upgrade().is_some_and(|target| target.examine(&known, offer, now))
        };
        targets.retain(is_shown);
    }

    fn ms_at(&self, now: Instant) -> i64 {
        i64::try_from(now.saturating_duration_since(self.opened).as_millis()).unwrap_or(i64::MAX)
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
        *lock(&self.known) = None;
        self.record(self.event(StreamChange::Ended));
        self.journal.record_over(self.id);
        drop(words);
        // Whoever looks at targets now has seen that it is over, or is done by then.
        lock(&self.targets).iter().filter_map(Weak::upgrade).for_each(|target| target.forget_warnings());
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
            known: lock(&self.known).filter(|_| is_live),
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

#[cfg(test)]
mod tests {
    use super::super::Board;
    use super::*;
    use crate::model::{EndpointRole, TargetId};

    #[test]
    fn only_entries_that_are_shown_are_kept_though_no_encoder_comes() {
        let board = Board::default();
        let stream = board.open_stream(StreamId(1));
        let mut older = Vec::new();
        for _ in 0..100 {
            let target = board.open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
            stream.lint_for(&target);
            // Its task ends some time later.
            older.push(target);
        }
        assert_eq!(lock(&stream.targets).len(), 1);
    }
}
