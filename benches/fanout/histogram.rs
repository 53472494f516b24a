//! Latencies in buckets whose width grows with the value: 128 for each power of two, so that no figure is
//! off by more than one part in 128.

/// How often each latency occurred, in nanoseconds.
#[derive(Clone)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
    greatest: u64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0, greatest: 0 }
    }

    pub(crate) fn record(&mut self, value: u64) {
        self.counts[bucket(value)] += 1;
        self.total += 1;
        self.greatest = self.greatest.max(value);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.greatest = self.greatest.max(other.greatest);
    }

    /// The value that the part `part` of all values does not exceed; 0 if there are none.
    pub(crate) fn quantile(&self, part: f64) -> u64 {
        let wanted = (part * self.total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return end(bucket).min(self.greatest);
            }
        }
        self.greatest
    }

    pub(crate) fn greatest(&self) -> u64 {
        self.greatest
    }
}

/// Values below `STEPS` have a bucket each; above, every power of two has `STEPS / 2`.
fn bucket(value: u64) -> usize {
    let shift = (value / STEPS).checked_ilog2().map_or(0, |log| log + 1);
    (u64::from(shift) * (STEPS / 2) + (value >> shift)) as usize
}

/// The greatest value in a bucket.
fn end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket / (STEPS / 2)).saturating_sub(1);
    ((bucket - shift * (STEPS / 2) + 1) << shift) - 1
}

const STEPS: u64 = 256;
/// Up to 2^40 nanoseconds, 18 minutes.
const BUCKETS: usize = 34 * (STEPS as usize / 2);
