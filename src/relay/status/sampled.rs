//! What is looked at once a second of a target that is connected.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{MutexGuard, PoisonError};

use tokio::time::Instant;

use super::rate::{Counted, Rates, Window};
use super::target::TargetStatus;
use crate::net::TcpStats;

/// What the last looks have shown.
#[derive(Debug, Default)]
pub(super) struct Sampled {
    window: Window,
    is_attached: bool,
    connection: Option<TcpStats>,
}

impl Sampled {
    /// The rates of the last seconds, and what the kernel said last.
    pub(super) fn at(&self, now: Instant) -> (Rates, Option<TcpStats>) {
        (self.window.rates(now), self.connection)
    }
}

impl TargetStatus {
    /// A session is fed from now on.
    pub(in super::super) fn attached(&self) {
        let mut sampled = self.sampled();
        sampled.is_attached = true;
        sampled.window.restart(Instant::now(), self.counted());
    }

    /// The session is fed no more.
    pub(in super::super) fn detached(&self) {
        *self.sampled() = Sampled::default();
        self.lag_ms.store(0, Relaxed);
        self.queue_bytes.store(0, Relaxed);
    }

    /// Takes a sample of what was counted.
    pub(in super::super) fn sample(&self, now: Instant) {
        self.sampled().window.take(now, self.counted());
    }

    /// Takes note of what the kernel knows of the connection.
    pub(in super::super) fn note_connection(&self, connection: Option<TcpStats>) {
        let mut sampled = self.sampled();
        if !sampled.is_attached {
            return;
        }
        let retransmits = |stats: Option<TcpStats>| stats.map_or(0, |stats| stats.retransmits);
        let more = retransmits(connection).saturating_sub(retransmits(sampled.connection));
        self.counters.retransmits.fetch_add(more.into(), Relaxed);
        sampled.connection = connection.or(sampled.connection);
    }

    fn counted(&self) -> Counted {
        Counted {
            bytes: self.counters.bytes_sent.load(Relaxed),
            pictures: self.counters.sent_video.load(Relaxed),
        }
    }

    fn sampled(&self) -> MutexGuard<'_, Sampled> {
        self.sampled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
