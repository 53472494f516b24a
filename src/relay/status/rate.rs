//! How fast numbers grow.
//!
//! Whoever runs what is counted takes a sample each second. A rate is that of the last few samples, so
//! that it does not depend on who asks for it, or how often.

use std::time::Duration;

use tokio::time::Instant;

/// Two numbers that only grow, at one moment after another.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Newest first.
    samples: [Option<Sample>; SAMPLES],
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Instant,
    counted: Counted,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) bytes: u64,
    pub(super) pictures: u64,
}

/// How fast it grows.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rates {
    pub(super) bits_per_second: u64,
    pub(super) pictures_per_second: f64,
}

impl Window {
    pub(super) fn take(&mut self, now: Instant, counted: Counted) {
        self.samples.rotate_right(1);
        self.samples[0] = Some(Sample { at: now, counted });
    }

    /// Begins anew, with what was counted until now.
    pub(super) fn restart(&mut self, now: Instant, counted: Counted) {
        self.samples = [None; SAMPLES];
        self.take(now, counted);
    }

    /// Whether its samples are far enough apart for a rate that means something.
    pub(super) fn is_settled(&self) -> bool {
        let mut samples = self.samples.iter().flatten().map(|sample| sample.at);
        samples.next().zip(samples.next_back()).is_some_and(|(newest, oldest)| newest - oldest >= SETTLED)
    }

    /// The rates of the last seconds; none where nothing was sampled lately.
    pub(super) fn rates(&self, now: Instant) -> Rates {
        let mut samples = self.samples.iter().flatten();
        let Some(newest) = samples.next().filter(|sample| now - sample.at <= STALE) else {
            return Rates::default();
        };
        let oldest = samples.last().unwrap_or(newest);
        let seconds = (newest.at - oldest.at).as_secs_f64();
        if seconds <= 0.0 {
            return Rates::default();
        }
        let per_second = |newer: u64, older: u64| newer.saturating_sub(older) as f64 / seconds;
        Rates {
            bits_per_second: (per_second(newest.counted.bytes, oldest.counted.bytes) * 8.0) as u64,
            pictures_per_second: per_second(newest.counted.pictures, oldest.counted.pictures),
        }
    }
}

/// Samples kept: a rate is over three seconds.
const SAMPLES: usize = 4;

/// Samples are taken each second.
const SETTLED: Duration = Duration::from_millis(900);

/// When the newest sample is older than this, nothing is known of now.
const STALE: Duration = Duration::from_millis(2_500);

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn a_rate_is_that_of_the_last_seconds_and_ends_with_the_samples() {
        let mut window = Window::default();
        assert_eq!(window.rates(Instant::now()), Rates::default());
        for second in 0..10 {
            assert_eq!(window.is_settled(), second > 1);
            let bytes = if second < 5 { second * 1_000 } else { 5_000 + (second - 5) * 250_000 };
            window.take(Instant::now(), Counted { bytes, pictures: second * 30 });
            advance(Duration::from_secs(1)).await;
        }
        let now = Instant::now();
        assert_eq!(window.rates(now), Rates { bits_per_second: 2_000_000, pictures_per_second: 30.0 });
        assert_eq!(window.rates(now), window.rates(now + Duration::from_secs(1)), "whenever it is asked for");
        assert_eq!(window.rates(now + Duration::from_secs(2)), Rates::default());
        window.restart(now, Counted { bytes: 9, pictures: 1 });
        assert_eq!(window.rates(now), Rates::default());
    }
}
