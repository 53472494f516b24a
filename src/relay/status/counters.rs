//! What is counted of a target's connection for as long as the target is there.
//!
//! An entry is replaced when its target is edited, and taken down when it is stopped; what was counted
//! stays, so that it never runs back while the relay runs.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use super::histogram::Histogram;
use super::recent::{Recent, Sent};
use crate::model::ErrorKind;

/// Counts over all sessions.
#[derive(Debug)]
pub struct Counters {
    /// Bytes handed to the network for media and protocol.
    pub bytes_sent: Arc<AtomicU64>,
    /// Pictures handed to the target's connections.
    pub sent_video: AtomicU64,
    /// Frames of sound handed to them.
    pub sent_audio: AtomicU64,
    /// Pictures left out because the target was too slow.
    pub skipped_video: AtomicU64,
    /// Sound left out because the target was too slow.
    pub skipped_audio: AtomicU64,
    /// Tries to connect.
    pub attempts: AtomicU64,
    /// Tries that failed before the target took the stream.
    pub failed_attempts: AtomicU64,
    /// Sessions that the target accepted. One that is moved to another connection goes on.
    pub sessions: AtomicU64,
    /// Segments that the kernel sent again.
    pub retransmits: AtomicU64,
    /// From a frame's arrival until all of it was handed to the kernel.
    pub delay: Histogram,
    /// From the beginning of a try until the target took the stream.
    pub connecting: Histogram,
    /// Milliseconds spent live, without those of now.
    pub(super) live_ms: AtomicU64,
    /// What was sent lately.
    pub(super) recent: Mutex<Recent<Sent>>,
    failures: [AtomicU64; ErrorKind::ALL.len()],
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            bytes_sent: Arc::default(),
            sent_video: AtomicU64::new(0),
            sent_audio: AtomicU64::new(0),
            skipped_video: AtomicU64::new(0),
            skipped_audio: AtomicU64::new(0),
            attempts: AtomicU64::new(0),
            failed_attempts: AtomicU64::new(0),
            sessions: AtomicU64::new(0),
            retransmits: AtomicU64::new(0),
            delay: Histogram::new(&DELAYS_MS),
            connecting: Histogram::new(&CONNECTING_MS),
            live_ms: AtomicU64::new(0),
            recent: Mutex::default(),
            failures: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

impl Counters {
    /// Counts a failure.
    pub(super) fn count_failure(&self, kind: ErrorKind) {
        for (known, count) in ErrorKind::ALL.iter().zip(&self.failures) {
            if *known == kind {
                count.fetch_add(1, Relaxed);
            }
        }
    }

    /// The failures of each kind that there was.
    pub(super) fn failures(&self) -> Vec<(ErrorKind, u64)> {
        let counts = self.failures.iter().map(|count| count.load(Relaxed));
        ErrorKind::ALL.iter().copied().zip(counts).filter(|(_, count)| *count > 0).collect()
    }
}

const DELAYS_MS: [u64; 13] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

const CONNECTING_MS: [u64; 9] = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
