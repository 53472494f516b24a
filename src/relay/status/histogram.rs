//! How often something took how long.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Counts of lengths of time, by fixed bounds.
#[derive(Debug)]
pub struct Histogram {
    /// In milliseconds, growing.
    bounds_ms: &'static [u64],
    /// One more than there are bounds.
    counts: Box<[AtomicU64]>,
    sum_us: AtomicU64,
}

/// A histogram at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistogramSnapshot {
    /// How many took up to that long, and longer than the one before; the last ones took any time.
    pub buckets: Vec<(Option<Duration>, u64)>,
    /// All of their time together.
    pub sum: Duration,
}

impl Histogram {
    /// An empty one.
    pub(super) fn new(bounds_ms: &'static [u64]) -> Self {
        let counts = (0..=bounds_ms.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds_ms, counts, sum_us: AtomicU64::new(0) }
    }

    /// Counts one more.
    pub fn observe(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = self.bounds_ms.partition_point(|bound| bound.saturating_mul(1_000) < us);
        if let Some(count) = self.counts.get(bucket) {
            count.fetch_add(1, Relaxed);
            self.sum_us.fetch_add(us, Relaxed);
        }
    }

    /// As it is now.
    pub fn snapshot(&self) -> HistogramSnapshot {
        let bounds = self.bounds_ms.iter().map(|ms| Some(Duration::from_millis(*ms))).chain([None]);
        let counts = self.counts.iter().map(|count| count.load(Relaxed));
        HistogramSnapshot {
            buckets: bounds.zip(counts).collect(),
            sum: Duration::from_micros(self.sum_us.load(Relaxed)),
        }
    }
}

impl HistogramSnapshot {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_long_as_a_bound_is_within_it() {
        let histogram = Histogram::new(&[1, 10]);
        for us in [0, 1_000, 1_001, 10_000, 10_001, 60_000_000] {
            histogram.observe(Duration::from_micros(us));
        }
        let ms = Duration::from_millis;
        let seen = histogram.snapshot();
        assert_eq!(seen.buckets, [(Some(ms(1)), 2), (Some(ms(10)), 2), (None, 2)]);
        assert_eq!((seen.count(), seen.sum), (6, Duration::from_micros(60_022_002)));
    }
}
