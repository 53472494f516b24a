//! One target's entry.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::super::push::WAITING;
use super::clock::{unix_ms, unix_ms_at};
use super::counters::Counters;
use super::journal::Journal;
use super::sampled::Sampled;
use super::snapshot::{TargetSnapshot, Totals};
use super::warnings::Warnings;
use crate::model::{EndpointRole, ErrorKind, Happening, Step, StreamId, TargetEvent, TargetId, TargetState};

/// One connection's entry: a target has one, or two if both of its addresses are fed at once.
#[derive(Debug)]
pub struct TargetStatus {
    /// What is counted, by this entry and by those before it.
    pub counters: Arc<Counters>,
    /// How far behind the stream's newest frame the target is, in milliseconds.
    pub lag_ms: AtomicU64,
    /// Bytes that are kept for the target, and not handed to the kernel yet.
    pub queue_bytes: AtomicU64,
    pub(super) id: TargetId,
    pub(super) stream: StreamId,
    /// Sessions that entries before this one had.
    sessions_before: u64,
    words: Mutex<Words>,
    pub(super) sampled: Mutex<Sampled>,
    pub(super) warnings: Mutex<Warnings>,
    pub(super) journal: Arc<Journal>,
}

#[derive(Debug)]
struct Words {
    state: TargetState,
    step: Option<Step>,
    kind: Option<ErrorKind>,
    reason: String,
    since: Instant,
    next_try: Option<Instant>,
    attempts: u32,
    attempted_at: Option<Instant>,
    connected_since: Option<Instant>,
    endpoint: EndpointRole,
    /// What its task still does is of no interest any more.
    is_closed: bool,
}

impl Words {
    fn shown_attempts(&self) -> u32 {
        match self.state {
            TargetState::Live | TargetState::Holding => 0,
            _ => self.attempts,
        }
    }

    /// Nothing is being tried, and nothing failed.
    fn rest(&mut self, state: TargetState, reason: impl Into<String>) {
        self.kind = None;
        self.reason = reason.into();
        self.next_try = None;
        // A server that takes the stream and closes has not been tried well yet.
        if !matches!(state, TargetState::Live | TargetState::Holding) {
            self.attempts = 0;
            self.connected_since = None;
        }
    }
}

/// Why a target is not fed at the moment, and until when.
#[derive(Debug)]
pub struct Setback {
    /// Where it failed on the way; `None` in mid-stream.
    pub step: Option<Step>,
    /// What kind of failure.
    pub kind: ErrorKind,
    /// In a sentence for a person.
    pub reason: String,
    /// When it is tried again; `None` if only a person can change anything.
    pub next_try: Option<Instant>,
}

/// A connection of a target, and the stream it belongs to.
pub(super) type Whose = (StreamId, TargetId, EndpointRole);

/// A state, the step in it, and since when.
pub(super) type Place = (TargetState, Option<Step>, Instant);

impl TargetStatus {
    /// An entry of what is at a place, as the entry or the rest before left it.
    pub(super) fn new(
        (stream, id, endpoint): Whose,
        counters: Arc<Counters>,
        journal: Arc<Journal>,
        (state, step, since): Place,
    ) -> Self {
        Self {
            sessions_before: counters.sessions.load(Relaxed),
            counters,
            lag_ms: AtomicU64::new(0),
            queue_bytes: AtomicU64::new(0),
            id,
            stream,
            sampled: Mutex::default(),
            warnings: Mutex::default(),
            words: Mutex::new(Words {
                state,
                step,
                kind: None,
                reason: WAITING.to_owned(),
                since,
                next_try: None,
                attempts: 0,
                attempted_at: None,
                connected_since: None,
                endpoint,
                is_closed: false,
            }),
            journal,
        }
    }

    /// Where it is.
    pub(super) fn place(&self) -> Place {
        let words = lock(&self.words);
        (words.state, words.step, words.since)
    }

    /// The address that is used or tried; `None` if what its task does is of no interest any more.
    pub(super) fn endpoint(&self) -> Option<EndpointRole> {
        let words = lock(&self.words);
        (!words.is_closed).then_some(words.endpoint)
    }

    /// Enters a state that is neither a step nor a failure, with one sentence for a person.
    pub fn enter(&self, state: TargetState, reason: impl Into<String>) {
        self.set(state, None, |words| words.rest(state, reason));
    }

    /// Says something else of a target that is, and stays, in a state.
    pub fn remark(&self, state: TargetState, reason: impl Into<String>) {
        let mut words = lock(&self.words);
        if words.state == state && !words.is_closed {
            words.reason = reason.into();
        }
    }

    /// Begins an attempt at one of the target's addresses.
    pub fn begin_attempt(&self, endpoint: EndpointRole) {
        let mut words = lock(&self.words);
        words.attempts = words.attempts.saturating_add(1);
        words.attempted_at = Some(Instant::now());
        words.endpoint = endpoint;
        self.counters.attempts.fetch_add(1, Relaxed);
    }

    /// Enters a step of an attempt, with one sentence for a person.
    pub fn enter_step(&self, step: Step, reason: impl Into<String>) {
        self.set(state_of(step), Some(step), |words| {
            words.kind = None;
            words.reason = reason.into();
            words.next_try = None;
        });
    }

    /// Waits for its turn to connect. One that has failed goes on telling how.
    pub fn await_turn(&self, why: &str) {
        let mut words = lock(&self.words);
        if words.kind.is_some() {
            words.reason = format!("{} {why}", words.reason);
            words.next_try = None;
            return;
        }
        drop(words);
        self.enter_step(Step::Resolving, why);
    }

    /// The target took the stream.
    pub fn accepted(&self) {
        let now = Instant::now();
        self.counters.sessions.fetch_add(1, Relaxed);
        let mut words = lock(&self.words);
        words.connected_since = Some(now);
        if let Some(began) = words.attempted_at.take() {
            self.counters.connecting.observe(now - began);
        }
    }

    /// The target has the stream over another connection than before, as it wanted, after none for a while.
    pub fn rescued(&self, reason: impl Into<String>) {
        self.counters.attempts.fetch_add(1, Relaxed);
        self.counters.sessions.fetch_add(1, Relaxed);
        self.moved(reason);
    }

    /// The target has the stream over another connection than before, as it wanted. To its viewers that is the
    /// same session.
    pub fn moved(&self, reason: impl Into<String>) {
        self.put(TargetState::Live, None, true, |words| {
            words.rest(TargetState::Live, reason);
            words.connected_since = Some(Instant::now());
        });
    }

    /// The session has lasted: what it took to get there is forgotten.
    pub fn settle(&self) {
        lock(&self.words).attempts = 0;
    }

    /// Waits before the next try.
    pub fn back_off(&self, setback: Setback) {
        self.fail(TargetState::BackingOff, setback);
    }

    /// Waits for a person, though it may try once in a while.
    pub fn block(&self, setback: Setback) {
        self.fail(TargetState::Blocked, setback);
    }

    /// Enters a last state, and with it all that was minded is over; whatever its task still does is not shown.
    pub(super) fn close(&self, state: TargetState, reason: &str) {
        self.set(state, None, |words| {
            words.rest(state, reason);
            words.is_closed = true;
        });
        self.end_warnings(reason);
    }

    /// As [`TargetStatus::close`], for an entry that another replaces, which inherits what is minded.
    pub(super) fn replaced(&self) {
        lock(&self.words).is_closed = true;
    }

    fn fail(&self, state: TargetState, setback: Setback) {
        self.counters.count_failure(setback.kind);
        if setback.step.is_some() {
            self.counters.failed_attempts.fetch_add(1, Relaxed);
        }
        self.set(state, setback.step, |words| {
            words.kind = Some(setback.kind);
            words.reason = setback.reason;
            words.next_try = setback.next_try;
            words.connected_since = None;
        });
    }

    fn set(&self, state: TargetState, step: Option<Step>, change: impl FnOnce(&mut Words)) {
        self.put(state, step, false, change);
    }

    /// Enters a state, which is told if it is another one, or is news in itself.
    fn put(&self, state: TargetState, step: Option<Step>, is_news: bool, change: impl FnOnce(&mut Words)) {
        let mut words = lock(&self.words);
        if words.is_closed {
            return;
        }
        change(&mut words);
        let (from, was_at) = (words.state, words.step);
        words.state = state;
        words.step = step;
        if (from, was_at) == (state, step) && !is_news {
            return;
        }
        let now = Instant::now();
        let lasted = now - words.since;
        words.since = now;
        if from == TargetState::Live {
            self.counters.live_ms.fetch_add(in_ms(lasted), Relaxed);
        }
        let at_ms = unix_ms();
        self.journal.record(Happening::Target(TargetEvent {
            target: self.id,
            stream: self.stream,
            at_ms,
            endpoint: words.endpoint,
            from,
            lasted,
            state,
            step,
            kind: words.kind,
            reason: words.reason.clone(),
            attempts: words.shown_attempts(),
            next_try_at_ms: words.next_try.map(|at| unix_ms_at(at, at_ms)),
        }));
    }

    /// The entry as it is now.
    pub fn snapshot(&self) -> TargetSnapshot {
        let now = Instant::now();
        let (rates, connection) = lock(&self.sampled).at(now);
        // Before the words: who examines has the warnings and asks for the words.
        let warnings = lock(&self.warnings).shown(now);
        let counters = &self.counters;
        let sessions = counters.sessions.load(Relaxed);
        let words = lock(&self.words);
        let live_now = if words.state == TargetState::Live { now - words.since } else { Duration::ZERO };
        TargetSnapshot {
            stream: self.stream,
            state: words.state,
            step: words.step,
            kind: words.kind,
            reason: words.reason.clone(),
            in_state_for: now - words.since,
            next_try_in: words.next_try.map(|at| at.saturating_duration_since(now)),
            attempts: words.shown_attempts(),
            connected_for: words.connected_since.map(|since| now - since),
            endpoint: words.endpoint,
            bytes_sent: counters.bytes_sent.load(Relaxed),
            bits_per_second: rates.bits_per_second,
            sent_video: counters.sent_video.load(Relaxed),
            sent_audio: counters.sent_audio.load(Relaxed),
            skipped_video: counters.skipped_video.load(Relaxed),
            skipped_audio: counters.skipped_audio.load(Relaxed),
            lag_ms: self.lag_ms.load(Relaxed),
            queue_bytes: self.queue_bytes.load(Relaxed),
            connection,
            reconnects: sessions.saturating_sub(self.sessions_before).saturating_sub(1),
            warnings,
            totals: Totals {
                attempts: counters.attempts.load(Relaxed),
                failed_attempts: counters.failed_attempts.load(Relaxed),
                sessions,
                failures: counters.failures(),
                live: Duration::from_millis(counters.live_ms.load(Relaxed)) + live_now,
                retransmits: counters.retransmits.load(Relaxed),
                delay: counters.delay.snapshot(),
                connecting: counters.connecting.snapshot(),
            },
            backup: None,
        }
    }
}

fn in_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn state_of(step: Step) -> TargetState {
    match step {
        Step::Resolving => TargetState::Resolving,
        Step::Connecting => TargetState::Connecting,
        Step::Tls => TargetState::Tls,
        Step::Handshake | Step::Connect | Step::Publish => TargetState::Publishing,
    }
}

/// Entries stay readable even if a task panicked while it wrote one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
