//! What a try to deliver means for the message, and for those behind it.
//!
//! A server that is down must not be asked for each message anew, so that all wait and keep their order;
//! a server that stumbles over one message must not keep the others from it.

use std::time::Duration;

use crate::net::{Answer, PostError};

/// What a try means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server took it.
    Delivered,
    /// It is tried again after this time; until then, others are.
    Aside(Duration),
    /// It is tried again after this time, and nothing else until then.
    Rest(Duration),
    /// It is given up.
    GivenUp,
    /// It is given up, and nothing else is tried for this time.
    GivenUpAndRest(Duration),
    /// The server wants no more, ever.
    Gone,
}

/// How patiently is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Before the second try.
    pub(super) first: Duration,
    /// Between two tries, at most.
    pub(super) most: Duration,
    /// From a message's beginning to when it is given up.
    pub(super) lifetime: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 3600);
        Self { first: Duration::from_secs(1), most: Duration::from_secs(600), lifetime: day }
    }
}

impl Pace {
    /// What the outcome of a try means, for a message of the given age that was tried `earlier` times
    /// before. Waits are longer or shorter by up to a quarter, by `luck` from 0 to 1, so that relays that
    /// failed together do not come back together.
    pub(super) fn judge(
        &self,
        outcome: &Result<Answer, PostError>,
        earlier: u32,
        age: Duration,
        luck: f64,
    ) -> Verdict {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(earlier));
        let wait = doubled.min(self.most).mul_f64(0.75 + luck.clamp(0.0, 1.0) / 2.0);
        let is_old = age >= self.lifetime;
        let rest = |wait| if is_old { Verdict::GivenUpAndRest(wait) } else { Verdict::Rest(wait) };
        let Ok(answer) = outcome else {
            return rest(wait);
        };
        match answer.status {
            200..=299 => Verdict::Delivered,
            410 => Verdict::Gone,
            429 | 502..=504 => rest(answer.retry_after.unwrap_or_default().clamp(wait, self.most.max(wait))),
            408 | 425 | 500..=599 if is_old => Verdict::GivenUp,
            408 | 425 | 500..=599 => Verdict::Aside(wait),
            _ if earlier + 1 >= REFUSALS => Verdict::GivenUp,
            _ => Verdict::Aside(wait),
        }
    }
}

/// Tries of a message that the server says is wrong: it may be set up wrongly for a moment.
const REFUSALS: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Result<Answer, PostError> {
        Ok(Answer { status, retry_after: None })
    }

    fn judge(outcome: &Result<Answer, PostError>, earlier: u32) -> Verdict {
        Pace::default().judge(outcome, earlier, Duration::ZERO, 0.5)
    }

    #[test]
    fn waits_double_from_a_second_to_ten_minutes() {
        let waits: Vec<u64> = (0..14)
            .map(|earlier| match judge(&Err(PostError::Timeout), earlier) {
                Verdict::Rest(wait) => wait.as_secs(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600, 600]);
        let pace = Pace::default();
        let wait = |luck| pace.judge(&Err(PostError::Closed), 99, Duration::ZERO, luck);
        assert_eq!(wait(0.0), Verdict::Rest(Duration::from_secs(450)));
        assert_eq!(wait(1.0), Verdict::Rest(Duration::from_secs(750)));
    }

    #[test]
    fn a_day_of_failing_is_enough() {
        let pace = Pace::default();
        let (hour, day) = (Duration::from_secs(23 * 3600), Duration::from_secs(24 * 3600));
        assert!(matches!(pace.judge(&status(503), 50, hour, 0.5), Verdict::Rest(_)));
        assert!(matches!(pace.judge(&status(503), 50, day, 0.5), Verdict::GivenUpAndRest(_)));
        assert!(matches!(pace.judge(&status(500), 50, hour, 0.5), Verdict::Aside(_)));
        assert_eq!(pace.judge(&status(500), 50, day, 0.5), Verdict::GivenUp);
    }

    #[test]
    fn the_status_decides() {
        let second = Duration::from_secs(1);
        for (code, verdict) in [
            (200, Verdict::Delivered),
            (204, Verdict::Delivered),
            (302, Verdict::Aside(second)),
            (400, Verdict::Aside(second)),
            (404, Verdict::Aside(second)),
            (408, Verdict::Aside(second)),
            (410, Verdict::Gone),
            (429, Verdict::Rest(second)),
            (500, Verdict::Aside(second)),
            (503, Verdict::Rest(second)),
        ] {
            assert_eq!(judge(&status(code), 0), verdict, "{code}");
        }
        assert!(matches!(judge(&status(404), 2), Verdict::Aside(_)));
        assert_eq!(judge(&status(404), 3), Verdict::GivenUp);
        assert_eq!(judge(&status(301), 3), Verdict::GivenUp);
    }

    #[test]
    fn a_server_may_ask_for_more_time_but_not_for_ever() {
        let asks = |seconds| Ok(Answer { status: 429, retry_after: Some(Duration::from_secs(seconds)) });
        assert_eq!(judge(&asks(30), 0), Verdict::Rest(Duration::from_secs(30)));
        assert_eq!(judge(&asks(0), 0), Verdict::Rest(Duration::from_secs(1)));
        assert_eq!(judge(&asks(u64::MAX), 0), Verdict::Rest(Duration::from_secs(600)));
    }
}
