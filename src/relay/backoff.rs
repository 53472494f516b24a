//! How long a target waits before it is tried again.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The ladder of waits: each is a random part of a bound that doubles from one second to thirty.
/// The random part keeps many targets of one platform from coming back all at once.
#[derive(Debug)]
pub struct Backoff {
    failures: u32,
    random: StdRng,
}

impl Backoff {
    /// A ladder whose random parts follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { failures: 0, random: StdRng::seed_from_u64(seed) }
    }

    /// The wait after a session that was fed for `fed`. Only a proven stretch begins the ladder anew:
    /// a target that accepts and drops at once is failing all the same.
    pub fn next(&mut self, fed: Duration) -> Duration {
        let bound = if fed >= PROVEN {
            self.failures = 0;
            FIRST_AFTER_LOSS
        } else {
            let bound = BASE.saturating_mul(1 << self.failures.min(10)).min(CAP);
            self.failures += 1;
            bound
        };
        bound.mul_f64(self.random.random())
    }

    /// Begins the ladder at its first rung.
    pub fn begin_anew(&mut self) {
        self.failures = 0;
    }
}

const BASE: Duration = Duration::from_secs(1);
const CAP: Duration = Duration::from_secs(30);
/// A stream that ran well and broke is wanted back at once: platforms wait a minute or so.
const FIRST_AFTER_LOSS: Duration = Duration::from_millis(500);
const PROVEN: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stays_within_its_ladder(seed: u64, fed in proptest::collection::vec(0u64..120, 1..40)) {
            let mut backoff = Backoff::new(seed);
            let mut bound = Duration::from_secs(1);
            for seconds in fed {
                let wait = backoff.next(Duration::from_secs(seconds));
                if seconds >= 60 {
                    prop_assert!(wait <= Duration::from_millis(500));
                    bound = Duration::from_secs(1);
                } else {
                    prop_assert!(wait <= bound);
                    bound = (bound * 2).min(Duration::from_secs(30));
                }
            }
        }
    }

    #[test]
    fn waits_differ_from_target_to_target() {
        let wait = |seed| Backoff::new(seed).next(Duration::ZERO);
        assert_ne!(wait(1), wait(2));
    }
}
