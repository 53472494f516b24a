//! Which of a target's addresses is tried next, and when.
//!
//! One that fails three times, for a quarter of a minute, or in a way that needs a person gives way to
//! the other. The other is kept for as long as it works, even when the first would work again: going
//! back would cost viewers a break.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::{PLAUSIBLE, PROVEN};
use super::diagnosis::{Diagnosis, Reaction};
use crate::model::ErrorKind;

/// What a failure calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What the target does next.
    pub reaction: Reaction,
    /// How many times in a row its address failed like this, where a person may have to see to it.
    pub times: u32,
}

/// The memory of a target's tries.
#[derive(Debug)]
pub struct Course {
    routes: Vec<Route>,
    current: usize,
    /// Failures at the current address in a row, and since when.
    failures: u32,
    failing_since: Option<Instant>,
}

#[derive(Debug)]
struct Route {
    diagnosis: Diagnosis,
    /// Until when it is left alone, and whether for good.
    blocked: Option<Blocked>,
}

#[derive(Debug, Clone, Copy)]
enum Blocked {
    Until(Instant),
    ForGood,
}

impl Course {
    /// A course over one address or two; random parts of waits follow from `seed`.
    pub fn new(addresses: usize, seed: u64) -> Self {
        let route = |seed| Route { diagnosis: Diagnosis::new(seed), blocked: None };
        let routes = (0..addresses.max(1)).zip(seed..).map(|(_, seed)| route(seed)).collect();
        Self { routes, current: 0, failures: 0, failing_since: None }
    }

    /// The address to try, counted from 0.
    pub fn current(&self) -> usize {
        self.current
    }

    /// Takes a failure at the current address in and chooses the next one; see [`Diagnosis::react`].
    pub fn react(&mut self, kind: ErrorKind, fed: Option<Duration>, now: Instant) -> Verdict {
        let fed_for = fed.unwrap_or_default();
        if fed_for >= PROVEN {
            self.settle();
        } else if fed_for >= PLAUSIBLE {
            self.failing_since = None;
        }
        let Some(route) = self.routes.get_mut(self.current) else {
            return Verdict { reaction: Reaction::Halt, times: 1 };
        };
        let reaction = route.diagnosis.react(kind, fed, now);
        let times = route.diagnosis.times();
        route.blocked = match reaction {
            Reaction::Retry(_) => None,
            Reaction::Probe(wait) => Some(Blocked::Until(now + wait)),
            Reaction::Halt => Some(Blocked::ForGood),
        };
        self.failures += 1;
        let since = *self.failing_since.get_or_insert(now);
        let is_enough = self.failures >= ENOUGH_FAILURES || now - since >= ENOUGH_TIME;
        let stays = self.routes.len() < 2 || (matches!(reaction, Reaction::Retry(_)) && !is_enough);
        let reaction = if stays { reaction } else { self.change(reaction, now) };
        Verdict { reaction, times }
    }

    /// Takes note that a session which went well was lost, though that was no failure: the server may
    /// believe in it for a while.
    pub fn note_lost(&mut self, now: Instant) {
        if let Some(route) = self.routes.get_mut(self.current) {
            route.diagnosis.note_lost(now);
        }
    }

    /// Forgets everything: another broadcast begins.
    pub fn begin_anew(&mut self) {
        for route in &mut self.routes {
            route.diagnosis.begin_anew();
            route.blocked = None;
        }
        self.current = 0;
        self.settle();
    }

    fn settle(&mut self) {
        self.failures = 0;
        self.failing_since = None;
    }

    /// Goes over to the other address, unless that one would only be tried later.
    fn change(&mut self, reaction: Reaction, now: Instant) -> Reaction {
        let other = 1 - self.current.min(1);
        let blocked = self.routes.get(other).and_then(|route| route.blocked);
        // What a person had to see to may be seen to by now.
        let blocked = blocked.filter(|blocked| !matches!(blocked, Blocked::Until(at) if *at <= now));
        let later = match (blocked, reaction) {
            (None, Reaction::Retry(wait)) => Reaction::Retry(wait),
            (None, _) => self.moment(),
            // Both need a person: whichever is to be probed first.
            (Some(Blocked::Until(at)), Reaction::Probe(wait)) if at < now + wait => {
                Reaction::Probe(at.saturating_duration_since(now))
            }
            (Some(Blocked::Until(at)), Reaction::Halt) => Reaction::Probe(at.saturating_duration_since(now)),
            (Some(Blocked::Until(_) | Blocked::ForGood), reaction) => return reaction,
        };
        self.current = other;
        self.settle();
        later
    }

    fn moment(&mut self) -> Reaction {
        let route = self.routes.get_mut(self.current);
        Reaction::Retry(route.map(|route| route.diagnosis.moment()).unwrap_or_default())
    }
}

const ENOUGH_FAILURES: u32 = 3;
const ENOUGH_TIME: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorKind::*;
    use tokio::time::advance;

    #[tokio::test]
    async fn one_address_is_tried_for_ever() {
        let mut course = Course::new(1, 1);
        for _ in 0..50 {
            assert!(matches!(course.react(TcpRefused, None, Instant::now()).reaction, Reaction::Retry(_)));
            assert_eq!(course.current(), 0);
        }
    }

    #[tokio::test]
    async fn three_failures_change_to_the_other_address_and_back() {
        let mut course = Course::new(2, 1);
        let mut tried = Vec::new();
        for _ in 0..9 {
            tried.push(course.current());
            course.react(TcpRefused, None, Instant::now());
        }
        assert_eq!(tried, [0, 0, 0, 1, 1, 1, 0, 0, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quarter_of_a_minute_of_failing_is_enough() {
        let mut course = Course::new(2, 1);
        course.react(TcpTimeout, None, Instant::now());
        advance(Duration::from_secs(15)).await;
        course.react(TcpTimeout, None, Instant::now());
        assert_eq!(course.current(), 1);
    }

    #[tokio::test]
    async fn what_needs_a_person_is_gone_round_at_once() {
        let mut course = Course::new(2, 1);
        let reaction = course.react(TlsVerify, None, Instant::now()).reaction;
        assert!(matches!(reaction, Reaction::Retry(wait) if wait < Duration::from_secs(1)));
        assert_eq!(course.current(), 1);
        // And if both do, the target needs a person.
        assert!(matches!(course.react(TlsVerify, None, Instant::now()).reaction, Reaction::Probe(_)));
    }

    #[tokio::test]
    async fn where_both_need_a_person_the_one_that_is_due_first_is_tried() {
        let mut course = Course::new(2, 1);
        course.react(TlsVerify, None, Instant::now());
        for _ in 0..3 {
            course.react(ClosedAfterPublish, None, Instant::now());
        }
        assert_eq!(course.current(), 1, "its minute is over before the other's five");
        // And one that may not be tried at all leaves it to the other.
        let reaction = course.react(Policy, None, Instant::now()).reaction;
        assert!(matches!(reaction, Reaction::Probe(wait) if wait > Duration::from_secs(200)));
        assert_eq!(course.current(), 0);
    }

    #[tokio::test]
    async fn another_broadcast_begins_with_both_addresses() {
        let mut course = Course::new(2, 1);
        for _ in 0..2 {
            for _ in 0..3 {
                assert_eq!(course.current(), 0);
                course.react(TcpRefused, None, Instant::now());
            }
            assert_eq!(course.current(), 1);
            course.react(TlsVerify, None, Instant::now());
            course.begin_anew();
        }
    }

    #[tokio::test]
    async fn a_forbidden_address_is_not_gone_back_to() {
        let mut course = Course::new(2, 1);
        course.react(Policy, None, Instant::now());
        for _ in 0..10 {
            course.react(TcpRefused, None, Instant::now());
            assert_eq!(course.current(), 1);
        }
        assert_eq!(course.react(Policy, None, Instant::now()).reaction, Reaction::Halt);
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_needed_a_person_is_gone_back_to_when_its_time_has_come() {
        let mut course = Course::new(2, 1);
        course.react(TlsVerify, None, Instant::now());
        let mut tries = 0;
        while course.current() == 1 {
            assert!(tries < 30, "it is never tried again");
            advance(Duration::from_secs(30)).await;
            course.react(TcpRefused, None, Instant::now());
            tries += 1;
        }
        assert!(tries >= 8, "that was too soon: {tries}");
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_that_go_well_for_a_while_and_break_are_failures_too() {
        let mut course = Course::new(2, 1);
        for _ in 0..3 {
            assert_eq!(course.current(), 0);
            advance(Duration::from_secs(12)).await;
            course.react(ClosedMidstream, Some(Duration::from_secs(11)), Instant::now());
        }
        assert_eq!(course.current(), 1);
        // One that breaks after a while has not been failing all that time.
        let mut course = Course::new(2, 1);
        for _ in 0..2 {
            advance(Duration::from_secs(50)).await;
            course.react(ClosedMidstream, Some(Duration::from_secs(49)), Instant::now());
            assert_eq!(course.current(), 0);
        }
    }

    #[tokio::test]
    async fn the_other_address_is_kept_while_it_works() {
        let mut course = Course::new(2, 1);
        for _ in 0..3 {
            course.react(TcpRefused, None, Instant::now());
        }
        for _ in 0..5 {
            course.react(ClosedMidstream, Some(Duration::from_secs(600)), Instant::now());
            course.react(TcpRefused, None, Instant::now());
            assert_eq!(course.current(), 1);
        }
        course.begin_anew();
        assert_eq!(course.current(), 0);
    }
}
