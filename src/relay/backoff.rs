//! How long a target waits before it is tried again.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A session that ran this long has proven that the target works: the ladder begins anew.
pub const PROVEN: Duration = Duration::from_secs(60);

/// A session that ran this long was more than a refusal in disguise.
pub const PLAUSIBLE: Duration = Duration::from_secs(10);

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

    /// The wait after a session that was fed for `fed`, of at most `cap`. Only a proven stretch begins
    /// the ladder anew: a target that accepts and drops at once is failing all the same.
    pub fn next(&mut self, fed: Duration, cap: Duration) -> Duration {
        if fed >= PROVEN {
            self.failures = 0;
        }
        let was_well = fed >= PLAUSIBLE && self.failures == 0;
        let bound = BASE.saturating_mul(1 << self.failures.min(10)).min(cap);
        if fed < PROVEN {
            self.failures = self.failures.saturating_add(1);
        }
        self.part_of(if was_well { FIRST_AFTER_LOSS } else { bound })
    }

    /// The wait before a target that needs a person is probed: most of `bound`.
    pub fn probe(&mut self, bound: Duration) -> Duration {
        bound.mul_f64(0.8) + self.part_of(bound.mul_f64(0.2))
    }

    /// A random part of a moment, for what need not wait.
    pub fn moment(&mut self) -> Duration {
        self.part_of(FIRST_AFTER_LOSS)
    }

    /// Begins the ladder at its first rung.
    pub fn begin_anew(&mut self) {
        self.failures = 0;
    }

    fn part_of(&mut self, bound: Duration) -> Duration {
        bound.mul_f64(self.random.random())
    }
}

/// The highest rung, for all but names that do not exist.
pub const CAP: Duration = Duration::from_secs(30);

const BASE: Duration = Duration::from_secs(1);

/// A stream that ran well and broke is wanted back at once: platforms wait a minute or so.
const FIRST_AFTER_LOSS: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stays_within_its_ladder(seed: u64, fed in proptest::collection::vec(0u64..120, 1..40)) {
            let mut backoff = Backoff::new(seed);
            let mut bound = Duration::from_secs(1);
            let mut is_first = true;
            for seconds in fed {
                let wait = backoff.next(Duration::from_secs(seconds), CAP);
                is_first |= seconds >= 60;
                if is_first && seconds >= 10 {
                    prop_assert!(wait <= Duration::from_millis(500));
                } else {
                    prop_assert!(wait <= bound);
                }
                is_first = seconds >= 60;
                bound = if is_first { Duration::from_secs(1) } else { (bound * 2).min(CAP) };
            }
        }

        #[test]
        fn probes_come_near_their_time(seed: u64) {
            let wait = Backoff::new(seed).probe(Duration::from_secs(300));
            prop_assert!((240..=300).contains(&wait.as_secs()));
        }
    }

    #[test]
    fn the_waits_fill_their_ladder() {
        let mut backoff = Backoff::new(1);
        for _ in 0..10 {
            backoff.next(Duration::ZERO, CAP);
        }
        let waits: Vec<Duration> = (0..1_000).map(|_| backoff.next(Duration::ZERO, CAP)).collect();
        let mean = waits.iter().sum::<Duration>().as_secs_f64() / 1_000.0;
        assert!((14.0..16.0).contains(&mean), "{mean}");
        assert!(waits.iter().any(|wait| *wait < CAP / 20) && waits.iter().any(|wait| *wait > CAP * 19 / 20));
    }

    #[test]
    fn waits_differ_from_target_to_target() {
        let wait = |seed| Backoff::new(seed).next(Duration::ZERO, CAP);
        assert_ne!(wait(1), wait(2));
    }
}
