//! How many connections are made at once, and to whom.
//!
//! A thousand targets that all lost their server must not become an attack on it, nor on the machine
//! they run on. Connections begin one after the other, few at a time; and a server that fails many
//! targets at once is left alone for a while, asked by one of them, and then gone back to slowly.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until, timeout};

use crate::model::TargetId;

/// A server, as its targets name it.
pub type Server = (String, u16);

/// Lets connections begin.
#[derive(Debug)]
pub struct Limiter {
    slots: Arc<Semaphore>,
    state: Mutex<State>,
    /// A server was asked, and the answer is there.
    answered: Notify,
}

#[derive(Debug)]
struct State {
    pace: Pace,
    servers: HashMap<Server, Breaker>,
}

/// What one who wants to connect to a server is to do.
enum Turn {
    Go,
    Probe,
    AskAgainAt(Instant),
    AwaitAnswer,
}

impl State {
    fn turn_at(&mut self, server: &Server, now: Instant) -> Turn {
        let Some(breaker) = self.servers.get_mut(server) else {
            return Turn::Go;
        };
        match &mut breaker.phase {
            Phase::Open => Turn::Go,
            Phase::Resting(until) if *until <= now => {
                breaker.phase = Phase::Probing;
                Turn::Probe
            }
            Phase::Resting(until) => Turn::AskAgainAt(*until),
            Phase::Probing => Turn::AwaitAnswer,
            Phase::Returning(pace) if pace.next > now => Turn::AskAgainAt(pace.next),
            Phase::Returning(pace) if pace.next + WINDOW <= now => {
                breaker.phase = Phase::Open;
                Turn::Go
            }
            Phase::Returning(pace) => {
                pace.next(now);
                Turn::Go
            }
        }
    }
}

/// The leave to connect. It is given back with the server's answer, or dropped if there is none.
#[derive(Debug)]
pub struct Leave<'a> {
    limiter: &'a Limiter,
    server: Server,
    is_probe: bool,
    is_answered: bool,
    _slot: Option<OwnedSemaphorePermit>,
}

/// What is known of a server that failed targets.
#[derive(Debug, Default)]
struct Breaker {
    /// The last failure of each target since the last success of any.
    failures: Vec<(Instant, TargetId)>,
    failing_since: Option<Instant>,
    phase: Phase,
}

#[derive(Debug, Default)]
enum Phase {
    /// Whoever wants to may ask.
    #[default]
    Open,
    /// Nobody asks until then.
    Resting(Instant),
    /// One asks, and all others wait for the answer.
    Probing,
    /// It answers again; its targets come back at this pace.
    Returning(Pace),
}

impl Default for Limiter {
    fn default() -> Self {
        let state = State { pace: Pace::new(STARTS_PER_SECOND, STARTS_AT_FIRST), servers: HashMap::new() };
        Self { slots: Arc::new(Semaphore::new(AT_ONCE)), state: Mutex::new(state), answered: Notify::new() }
    }
}

impl Limiter {
    /// Waits until a connection to `server` may begin. Once a person asks for it, which `urged` tells,
    /// it does not wait for a server that rests. Cancel-safe, though a place in the line is lost.
    pub async fn admit(&self, server: Server, urged: impl Future<Output = ()>) -> Leave<'_> {
        let is_probe = tokio::select! {
            biased;
            is_probe = self.pass_breaker(&server) => is_probe,
            () = urged => false,
        };
        let mut leave = Leave { limiter: self, server, is_probe, is_answered: false, _slot: None };
        // Closing the semaphore is the only error, and nobody closes it.
        leave._slot = Arc::clone(&self.slots).acquire_owned().await.ok();
        let begin = self.lock().pace.next(Instant::now());
        sleep_until(begin).await;
        leave
    }

    /// Waits for a server's rest to end; whether the caller is the one that asks for all.
    async fn pass_breaker(&self, server: &Server) -> bool {
        loop {
            let answered = self.answered.notified();
            let turn = self.lock().turn_at(server, Instant::now());
            match turn {
                Turn::Go => return false,
                Turn::Probe => return true,
                // Asked again, and not let go then: the server may have failed in the meantime.
                Turn::AskAgainAt(at) => sleep_until(at).await,
                // Whoever asks gives an answer when it is dropped, too; the limit is for peace of mind.
                Turn::AwaitAnswer => drop(timeout(REST, answered).await),
            }
        }
    }

    /// A target that was being fed, or dialled, failed in a way that says something about its server.
    pub fn note_failure(&self, server: &Server, target: TargetId) {
        let mut state = self.lock();
        let now = Instant::now();
        state.servers.retain(|_, breaker| breaker.is_of_interest(now));
        state.servers.entry(server.clone()).or_default().fail(target, now);
        drop(state);
        self.answered.notify_waiters();
    }

    fn note_success(&self, server: &Server, was_probe: bool) {
        let mut state = self.lock();
        if let Some(breaker) = state.servers.get_mut(server) {
            breaker.failures.clear();
            breaker.failing_since = None;
            if was_probe || matches!(breaker.phase, Phase::Resting(_)) {
                breaker.phase = Phase::Returning(Pace::new(RETURNS_PER_SECOND, 1));
            }
        }
        drop(state);
        self.answered.notify_waiters();
    }

    fn give_up_probe(&self, server: &Server) {
        if let Some(breaker) = self.lock().servers.get_mut(server)
            && matches!(breaker.phase, Phase::Probing)
        {
            breaker.phase = Phase::Resting(Instant::now());
        }
        self.answered.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    /// The server took the stream, or refused it in a way that is about this target alone.
    pub fn answered(mut self) {
        self.is_answered = true;
        self.limiter.note_success(&self.server, self.is_probe);
    }

    /// The server failed.
    pub fn failed(mut self, target: TargetId) {
        self.is_answered = true;
        self.limiter.note_failure(&self.server, target);
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if self.is_probe && !self.is_answered {
            self.limiter.give_up_probe(&self.server);
        }
    }
}

impl Breaker {
    fn fail(&mut self, target: TargetId, now: Instant) {
        if let Phase::Probing = self.phase {
            self.phase = Phase::Resting(now + REST);
            return;
        }
        self.failures.retain(|(at, of)| *of != target && now - *at < WINDOW);
        if self.failures.is_empty() {
            self.failing_since = None;
        }
        let since = *self.failing_since.get_or_insert(now);
        self.failures.push((now, target));
        let is_long = now - since >= RESTART;
        if self.failures.len() >= TOO_MANY && is_long && !matches!(self.phase, Phase::Resting(_)) {
            self.failures.clear();
            self.phase = Phase::Resting(now + REST);
        }
    }

    fn is_of_interest(&self, now: Instant) -> bool {
        let is_recent = self.failures.iter().any(|(at, _)| now - *at < WINDOW);
        match &self.phase {
            Phase::Open => is_recent,
            Phase::Resting(until) => now < *until + WINDOW,
            Phase::Probing => true,
            Phase::Returning(pace) => is_recent || now < pace.next + WINDOW,
        }
    }
}

/// So many a second, after a burst.
#[derive(Debug)]
struct Pace {
    step: Duration,
    burst: Duration,
    /// When the next one would begin if there were no bursts.
    next: Instant,
}

impl Pace {
    fn new(per_second: u32, burst: u32) -> Self {
        let step = Duration::from_secs(1) / per_second;
        Self { step, burst: step * (burst - 1), next: Instant::now() }
    }

    /// When the next one may begin; it is counted as begun.
    fn next(&mut self, now: Instant) -> Instant {
        let place = self.next.max(now);
        self.next = place + self.step;
        now.max(place.checked_sub(self.burst).unwrap_or(now))
    }
}

/// Connections that are being made, at most.
const AT_ONCE: usize = 64;

/// Connections that begin in a second, at most, and how many may before that counts: a hundred targets
/// begin with their stream, and only if they all fail, or are many more, are they a storm.
const STARTS_PER_SECOND: u32 = 50;
const STARTS_AT_FIRST: u32 = 128;

/// So many targets that fail at one server in this time are a fault of the server.
const TOO_MANY: usize = 5;
const WINDOW: Duration = Duration::from_secs(30);

/// A server that is only started anew is back in this time, and its targets should be, too.
const RESTART: Duration = Duration::from_secs(5);

/// How long such a server is left alone.
const REST: Duration = Duration::from_secs(10);

/// How its targets come back.
const RETURNS_PER_SECOND: u32 = 10;

#[cfg(test)]
mod tests;
