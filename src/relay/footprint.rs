//! How much memory the relay takes, as a formula that `cargo bench --bench fanout -- memory` confirms.
//!
//! It tells of a stream and targets that do well. What does not is bounded: a stream keeps at most what
//! [`ring::Limits`](super::ring::Limits) allow, however many of its targets are slow, and a target a frame
//! and some dozen kilobytes of its own.

use std::fmt;

/// What runs, for which memory is to be told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Footprint {
    /// Streams that are live.
    pub streams: u64,
    /// Bytes from one key frame to the next, of all live streams together.
    pub key_frame_intervals: u64,
    /// Targets that are fed without TLS.
    pub plain_targets: u64,
    /// Targets that are fed with TLS.
    pub tls_targets: u64,
}

/// Bytes of the program itself, its database, its API and its page. Some 10 of these megabytes are the program's
/// own file, which the system takes back where memory is short.
const PROGRAM: u64 = 20_000_000;

/// Bytes of a live stream, besides what it keeps for newcomers.
const STREAM: u64 = 100_000;

/// Bytes of a target that has run for ten minutes: until then what is remembered of it takes less, by up to
/// 2400.
const PLAIN_TARGET: u64 = 26_000;
const TLS_TARGET: u64 = 40_000;

impl Footprint {
    /// Bytes of memory (PSS) that are taken.
    pub fn bytes(&self) -> u64 {
        PROGRAM
            + self.streams * STREAM
            + self.key_frame_intervals
            + self.plain_targets * PLAIN_TARGET
            + self.tls_targets * TLS_TARGET
    }
}

/// The formula, in words for a person.
#[derive(Debug, Clone, Copy)]
pub struct Formula;

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [program, stream] = [PROGRAM, STREAM].map(|bytes| bytes as f64 / 1e6);
        let [plain, tls] = [PLAIN_TARGET, TLS_TARGET].map(|bytes| bytes / 1_000);
        write!(
            f,
            "{program} MB, {stream} MB and a key frame interval a live stream, {plain} kB a target ({tls} kB by RTMPS)"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_says_what_is_reckoned_with() {
        assert_eq!(
            Formula.to_string(),
            "20 MB, 0.1 MB and a key frame interval a live stream, 26 kB a target (40 kB by RTMPS)"
        );
        let church =
            Footprint { streams: 1, key_frame_intervals: 1_500_000, plain_targets: 7, tls_targets: 3 };
        assert_eq!(church.bytes(), 20_000_000 + 100_000 + 1_500_000 + 7 * 26_000 + 3 * 40_000);
    }
}
