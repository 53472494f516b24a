//! What a failure means for the next try, given those before it.
//!
//! Transient failures are never given up on while the stream has its encoder. What needs a person is
//! tried once in a while all the same, for the person may have seen to it elsewhere. Some servers
//! refuse a key by closing without a word, which one closed connection does not show but three do.

use std::time::Duration;

use tokio::time::Instant;

use super::backoff::{Backoff, CAP, PLAUSIBLE};
use crate::model::ErrorKind;

/// What a target does after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// It tries again after a wait.
    Retry(Duration),
    /// It needs a person, and tries once in a while all the same.
    Probe(Duration),
    /// It needs a person: nothing that happens elsewhere could make it work.
    Halt,
}

/// The memory of one address of a target.
#[derive(Debug)]
pub struct Diagnosis {
    backoff: Backoff,
    /// Failures in a row of a kind that a person may have to see to.
    streak: Option<(ErrorKind, u32)>,
    /// Since when the key is said to be in use.
    busy_since: Option<Instant>,
    /// When a session that had gone well was lost.
    lost_at: Option<Instant>,
}

impl Diagnosis {
    /// Nothing happened yet; random parts of waits follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { backoff: Backoff::new(seed), streak: None, busy_since: None, lost_at: None }
    }

    /// Takes a failure in: `fed` is for how long the session had been fed, `None` if there was none.
    pub fn react(&mut self, kind: ErrorKind, fed: Option<Duration>, now: Instant) -> Reaction {
        if fed.is_some() {
            self.busy_since = None;
        }
        let fed = fed.unwrap_or_default();
        if kind == ErrorKind::PublishBusy {
            self.busy_since.get_or_insert(now);
        }
        if fed >= PLAUSIBLE {
            self.note_lost(now);
        } else if may_be_ghost(kind) && self.lost_at.is_some_and(|at| now - at < GHOST) {
            return self.retry(fed, CAP);
        }
        match kind {
            // Nothing changes until somebody changes it: the target, or the encoder, which is listened to.
            ErrorKind::Policy | ErrorKind::Codec => Reaction::Halt,
            // Platforms shut out who sends wrong passwords.
            ErrorKind::TlsVerify | ErrorKind::Auth => self.probe(PROBE),
            ErrorKind::PublishBusy => {
                let is_new = self.busy_since.is_none_or(|since| now - since < GHOST);
                if is_new { self.retry(fed, CAP) } else { self.probe(PROBE_SOON) }
            }
            ErrorKind::ClosedAfterPublish => match self.count(kind) {
                ..3 => self.retry(fed, CAP),
                times => self.probe((PROBE_SOON * (1 << (times - 3).min(8))).min(PROBE)),
            },
            ErrorKind::ConnectRejected | ErrorKind::PublishRejected | ErrorKind::Protocol => {
                if self.count(kind) < 3 { self.retry(fed, CAP) } else { self.probe(PROBE) }
            }
            ErrorKind::DnsNxdomain => self.retry(fed, NAME_CAP),
            _ => self.retry(fed, CAP),
        }
    }

    /// How many times in a row it has failed with a kind that a person may have to see to.
    pub fn times(&self) -> u32 {
        self.streak.map_or(1, |(_, times)| times)
    }

    /// A moment, for what need not wait.
    pub fn moment(&mut self) -> Duration {
        self.backoff.moment()
    }

    /// Takes note of a session that went well and was lost without a failure.
    pub fn note_lost(&mut self, now: Instant) {
        self.streak = None;
        self.lost_at = Some(now);
    }

    /// Forgets: another broadcast begins.
    pub fn begin_anew(&mut self) {
        self.backoff.begin_anew();
        (self.streak, self.busy_since, self.lost_at) = (None, None, None);
    }

    fn count(&mut self, kind: ErrorKind) -> u32 {
        let times = match self.streak {
            Some((same, times)) if same == kind => times.saturating_add(1),
            _ => 1,
        };
        self.streak = Some((kind, times));
        times
    }

    fn retry(&mut self, fed: Duration, cap: Duration) -> Reaction {
        Reaction::Retry(self.backoff.next(fed, cap))
    }

    fn probe(&mut self, bound: Duration) -> Reaction {
        Reaction::Probe(self.backoff.probe(bound))
    }
}

/// Whether a failure may come from our own last session, which the server does not know to be dead:
/// SRS closes without a word where a key is in use.
fn may_be_ghost(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ClosedAfterPublish | ErrorKind::PublishRejected | ErrorKind::PublishBusy)
}

/// How often a target that needs a person is tried.
const PROBE: Duration = Duration::from_secs(300);

/// How soon, where the fault may pass by itself.
const PROBE_SOON: Duration = Duration::from_secs(60);

/// How long our own lost session may keep a key in use at a server.
const GHOST: Duration = Duration::from_secs(60);

/// The highest rung for a name that does not exist.
const NAME_CAP: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorKind::*;

    fn reactions(kinds: &[(ErrorKind, Option<u64>)]) -> Vec<Reaction> {
        let (mut diagnosis, now) = (Diagnosis::new(1), Instant::now());
        kinds.iter().map(|(kind, fed)| diagnosis.react(*kind, fed.map(Duration::from_secs), now)).collect()
    }

    fn is_retry(reaction: Reaction) -> bool {
        matches!(reaction, Reaction::Retry(_))
    }

    #[tokio::test]
    async fn transient_failures_are_never_given_up_on() {
        for kind in [
            DnsNxdomain,
            DnsTemp,
            TcpRefused,
            TcpTimeout,
            Unreachable,
            TlsIo,
            HandshakeTimeout,
            AnswerTimeout,
            ClosedBeforePublish,
            ClosedMidstream,
            WriteStall,
            PeerDead,
            Internal,
        ] {
            assert!(reactions(&[(kind, None); 100]).into_iter().all(is_retry), "{kind:?}");
        }
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_tried_more_rarely() {
        let longest = |kind| {
            let waits = reactions(&[(kind, None); 100]).into_iter().filter_map(|reaction| match reaction {
                Reaction::Retry(wait) => Some(wait.as_secs()),
                _ => None,
            });
            waits.max().unwrap()
        };
        assert!((45..60).contains(&longest(DnsNxdomain)) && (20..30).contains(&longest(DnsTemp)));
    }

    #[tokio::test]
    async fn what_a_person_must_see_to_blocks_at_once_or_the_third_time() {
        assert_eq!(reactions(&[(Policy, None)]), [Reaction::Halt]);
        for kind in [TlsVerify, Auth] {
            assert!(matches!(reactions(&[(kind, None)])[..], [Reaction::Probe(_)]), "{kind:?}");
        }
        for kind in [ConnectRejected, PublishRejected, Protocol, ClosedAfterPublish] {
            let got = reactions(&[(kind, None); 3]);
            assert!(is_retry(got[0]) && is_retry(got[1]) && matches!(got[2], Reaction::Probe(_)), "{kind:?}");
        }
    }

    #[tokio::test]
    async fn another_failure_or_a_session_that_went_well_breaks_the_row() {
        let closed = (ClosedAfterPublish, Some(1));
        assert!(reactions(&[closed, closed, (ConnectRejected, None), closed]).into_iter().all(is_retry));
        assert!(reactions(&[closed, closed, (ClosedMidstream, Some(11)), closed]).into_iter().all(is_retry));
        // A network that fails in between says nothing about the key.
        let got = reactions(&[closed, closed, (TcpRefused, None), closed]);
        assert!(matches!(got[3], Reaction::Probe(_)));
    }

    #[tokio::test]
    async fn a_suspected_key_is_probed_ever_more_rarely() {
        let got = reactions(&[(ClosedAfterPublish, Some(1)); 20]);
        let probes: Vec<u64> = got
            .iter()
            .filter_map(|reaction| match reaction {
                Reaction::Probe(wait) => Some(wait.as_secs()),
                _ => None,
            })
            .collect();
        assert!((48..=60).contains(&probes[0]) && (96..=120).contains(&probes[1]), "{probes:?}");
        assert!((240..=300).contains(probes.last().unwrap()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_was_good_a_moment_ago_is_not_suspected_for_a_minute() {
        let mut diagnosis = Diagnosis::new(1);
        let mut react = |kind, fed| diagnosis.react(kind, fed, Instant::now());
        react(ClosedMidstream, Some(Duration::from_secs(60)));
        for _ in 0..6 {
            tokio::time::advance(Duration::from_secs(9)).await;
            assert!(is_retry(react(ClosedAfterPublish, None)) && is_retry(react(PublishRejected, None)));
        }
        tokio::time::advance(Duration::from_secs(6)).await;
        for _ in 0..2 {
            assert!(is_retry(react(ClosedAfterPublish, None)));
        }
        assert!(matches!(react(ClosedAfterPublish, None), Reaction::Probe(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_in_use_is_retried_for_a_minute() {
        let mut diagnosis = Diagnosis::new(1);
        let mut react = |fed| diagnosis.react(PublishBusy, fed, Instant::now());
        assert!(is_retry(react(None)));
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(is_retry(react(None)));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(matches!(react(None), Reaction::Probe(wait) if wait <= PROBE_SOON));
        // A session in between, and the minute begins anew.
        assert!(is_retry(react(Some(Duration::from_secs(5)))));
    }
}
