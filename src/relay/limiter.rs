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
        match &mut breaker.course {
            Course::Open => Turn::Go,
            Course::Resting(until) if *until <= now => {
                breaker.course = Course::Probing;
                Turn::Probe
            }
            Course::Resting(until) => Turn::AskAgainAt(*until),
            Course::Probing => Turn::AwaitAnswer,
            Course::Returning(pace) if pace.next > now => Turn::AskAgainAt(pace.next),
            Course::Returning(pace) if pace.next + WINDOW <= now => {
                breaker.course = Course::Open;
                Turn::Go
            }
            Course::Returning(pace) => {
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
    course: Course,
}

#[derive(Debug, Default)]
enum Course {
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
        let state = State { pace: Pace::new(STARTS_PER_SECOND, STARTS_PER_SECOND), servers: HashMap::new() };
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
            if was_probe || matches!(breaker.course, Course::Resting(_)) {
                breaker.course = Course::Returning(Pace::new(RETURNS_PER_SECOND, 1));
            }
        }
        drop(state);
        self.answered.notify_waiters();
    }

    fn give_up_probe(&self, server: &Server) {
        if let Some(breaker) = self.lock().servers.get_mut(server)
            && matches!(breaker.course, Course::Probing)
        {
            breaker.course = Course::Resting(Instant::now());
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
        if let Course::Probing = self.course {
            self.course = Course::Resting(now + REST);
            return;
        }
        self.failures.retain(|(at, of)| *of != target && now - *at < WINDOW);
        if self.failures.is_empty() {
            self.failing_since = None;
        }
        let since = *self.failing_since.get_or_insert(now);
        self.failures.push((now, target));
        let is_long = now - since >= RESTART;
        if self.failures.len() >= TOO_MANY && is_long && !matches!(self.course, Course::Resting(_)) {
            self.failures.clear();
            self.course = Course::Resting(now + REST);
        }
    }

    fn is_of_interest(&self, now: Instant) -> bool {
        let is_recent = self.failures.iter().any(|(at, _)| now - *at < WINDOW);
        match &self.course {
            Course::Open => is_recent,
            Course::Resting(until) => now < *until + WINDOW,
            Course::Probing => true,
            Course::Returning(pace) => is_recent || now < pace.next + WINDOW,
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

/// Connections that begin in a second, at most.
const STARTS_PER_SECOND: u32 = 50;

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
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::future::{pending, ready};

    fn server(name: &str) -> Server {
        (name.to_owned(), 1935)
    }

    async fn fail(limiter: &Limiter, name: &str, targets: std::ops::RangeInclusive<i64>) {
        for id in targets {
            limiter.admit(server(name), pending()).await.failed(TargetId(id));
        }
    }

    /// Five targets fail for as long as it takes to be more than a restart.
    async fn break_down(limiter: &Limiter, name: &str) {
        fail(limiter, name, 1..=5).await;
        tokio::time::advance(RESTART).await;
        fail(limiter, name, 5..=5).await;
    }

    #[tokio::test(start_paused = true)]
    async fn connections_begin_at_a_pace_and_few_at_once() {
        let limiter = Limiter::default();
        let began = Instant::now();
        for _ in 0..100 {
            limiter.admit(server("a"), pending()).await.answered();
        }
        assert_eq!(began.elapsed(), Duration::from_secs(1));
        let mut under_way = Vec::new();
        for _ in 0..AT_ONCE {
            under_way.push(limiter.admit(server("a"), pending()).await);
        }
        let mut waiting = Box::pin(limiter.admit(server("a"), ready(())));
        assert!(timeout(Duration::from_secs(60), &mut waiting).await.is_err());
        under_way.pop();
        timeout(Duration::from_secs(1), waiting).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_fails_five_targets_rests_and_others_do_not() {
        let limiter = Limiter::default();
        fail(&limiter, "a", 1..=4).await;
        tokio::time::advance(RESTART).await;
        // The same target again is no fifth.
        fail(&limiter, "a", 4..=4).await;
        assert!(limiter.admit(server("a"), pending()).now_or_never().is_some());
        fail(&limiter, "a", 5..=5).await;
        let began = Instant::now();
        limiter.admit(server("b"), pending()).await.answered();
        limiter.admit(server("a"), ready(())).await.failed(TargetId(9));
        assert!(began.elapsed() < Duration::from_secs(1), "neither others nor the urgent wait");
        limiter.admit(server("a"), pending()).await.answered();
        assert!((REST..REST * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_is_restarted_or_takes_others_does_not_rest() {
        let limiter = Limiter::default();
        fail(&limiter, "a", 1..=20).await;
        assert!(limiter.admit(server("a"), pending()).now_or_never().is_some());
        tokio::time::advance(RESTART).await;
        limiter.admit(server("a"), pending()).await.answered();
        fail(&limiter, "a", 1..=20).await;
        assert!(limiter.admit(server("a"), pending()).now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn one_asks_for_all_and_they_come_back_slowly() {
        let limiter = Limiter::default();
        break_down(&limiter, "a").await;
        let probe = limiter.admit(server("a"), pending()).await;
        let began = Instant::now();
        assert!(timeout(Duration::from_secs(5), limiter.admit(server("a"), pending())).await.is_err());
        probe.failed(TargetId(1));
        let probe = limiter.admit(server("a"), pending()).await;
        assert!(began.elapsed() >= REST, "the rest begins anew");
        probe.answered();
        let began = Instant::now();
        for _ in 0..21 {
            limiter.admit(server("a"), pending()).await.answered();
        }
        assert_eq!(began.elapsed(), Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_fails_again_is_left_alone_by_those_who_wait_for_their_turn() {
        let limiter = Limiter::default();
        break_down(&limiter, "a").await;
        limiter.admit(server("a"), pending()).await.answered();
        let line = (0..100).map(|_| limiter.admit(server("a"), pending()).map(Leave::answered));
        let mut line = futures_util::future::join_all(line);
        assert!(timeout(Duration::from_secs(1), &mut line).await.is_err());
        for id in 1..=5 {
            limiter.note_failure(&server("a"), TargetId(id));
        }
        tokio::time::advance(RESTART).await;
        limiter.note_failure(&server("a"), TargetId(5));
        let began = Instant::now();
        line.await;
        assert!(began.elapsed() >= REST + Duration::from_secs(8), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_waiting_holds_up_nobody() {
        let limiter = Limiter::default();
        break_down(&limiter, "a").await;
        limiter.admit(server("a"), pending()).await.answered();
        for _ in 0..100 {
            let _ = timeout(Duration::from_millis(1), limiter.admit(server("a"), pending())).await;
        }
        timeout(Duration::from_secs(1), limiter.admit(server("a"), pending())).await.unwrap().answered();
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_has_been_well_for_long_is_gone_back_to_at_once() {
        let limiter = Limiter::default();
        break_down(&limiter, "a").await;
        limiter.admit(server("a"), pending()).await.answered();
        tokio::time::advance(WINDOW * 2).await;
        let began = Instant::now();
        for _ in 0..40 {
            limiter.admit(server("a"), pending()).await.answered();
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_that_lie_far_apart_are_no_fault_of_the_server() {
        let limiter = Limiter::default();
        for id in 1..=10 {
            fail(&limiter, "a", id..=id).await;
            tokio::time::advance(WINDOW / 4).await;
        }
        assert!(limiter.admit(server("a"), pending()).now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_the_answer_hears_it_at_once() {
        let limiter = Limiter::default();
        break_down(&limiter, "a").await;
        let probe = limiter.admit(server("a"), pending()).await;
        let answer = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            probe.answered();
        };
        let began = Instant::now();
        let (leave, ()) = tokio::join!(limiter.admit(server("a"), pending()), answer);
        leave.answered();
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_never_learns_the_answer_does_not_shorten_a_rest() {
        let limiter = Limiter::default();
        break_down(&limiter, "a").await;
        let probe = limiter.admit(server("a"), pending()).await;
        limiter.note_failure(&server("a"), TargetId(9));
        let began = Instant::now();
        drop(probe);
        limiter.admit(server("a"), pending()).await.answered();
        assert!(began.elapsed() >= REST);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_urged_while_it_waits_waits_no_longer() {
        let limiter = Limiter::default();
        break_down(&limiter, "a").await;
        let began = Instant::now();
        limiter.admit(server("a"), tokio::time::sleep(Duration::from_secs(1))).await.answered();
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_never_learns_the_answer_lets_another_ask() {
        let limiter = Limiter::default();
        break_down(&limiter, "a").await;
        drop(limiter.admit(server("a"), pending()).await);
        let began = Instant::now();
        limiter.admit(server("a"), pending()).await.answered();
        assert!(began.elapsed() < Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn servers_that_failed_long_ago_are_forgotten() {
        let limiter = Limiter::default();
        for n in 0..100 {
            fail(&limiter, &format!("host{n}"), 1..=1).await;
        }
        break_down(&limiter, "resting").await;
        tokio::time::advance(REST + WINDOW).await;
        fail(&limiter, "last", 1..=1).await;
        assert_eq!(limiter.lock().servers.len(), 1);
    }
}
