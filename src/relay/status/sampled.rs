//! What is looked at once a second of a target that is connected.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::rate::{Counted, Rates, Window};
use super::recent::{Rate, Sent};
use super::target::TargetStatus;
use crate::net::TcpStats;

/// What the last looks have shown.
#[derive(Debug, Default)]
pub(super) struct Sampled {
    window: Window,
    is_attached: bool,
    connection: Option<TcpStats>,
    /// Frames left out until then.
    skipped: u64,
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
        sampled.skipped = self.skipped();
    }

    /// The session is fed no more.
    pub(in super::super) fn detached(&self) {
        *self.sampled() = Sampled::default();
        self.lag_ms.store(0, Relaxed);
        self.queue_bytes.store(0, Relaxed);
    }

    /// Takes a sample of what was counted.
    pub(in super::super) fn sample(&self, now: Instant) {
        let skipped = self.skipped();
        let mut sampled = self.sampled();
        sampled.window.take(now, self.counted());
        // The first pictures come at once, and the rate of a moment says nothing.
        if sampled.window.is_settled() {
            let more = skipped.saturating_sub(sampled.skipped);
            sampled.skipped = skipped;
            let sent = Sent {
                rate: Rate::new(sampled.window.rates(now).bits_per_second),
                lag_ms: up_to(self.lag_ms.load(Relaxed)),
                skipped: up_to(more),
            };
            drop(sampled);
            lock(&self.counters.recent).note(now, sent, Sent::and);
        }
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

    fn skipped(&self) -> u64 {
        self.counters.skipped_video.load(Relaxed).saturating_add(self.counters.skipped_audio.load(Relaxed))
    }

    fn counted(&self) -> Counted {
        Counted {
            bytes: self.counters.bytes_sent.load(Relaxed),
            pictures: self.counters.sent_video.load(Relaxed),
        }
    }

    fn sampled(&self) -> MutexGuard<'_, Sampled> {
        lock(&self.sampled)
    }
}

fn up_to(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// Numbers stay readable even if a task panicked while it wrote one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::super::{Board, Sent};
    use super::*;
    use crate::model::{EndpointRole, StreamId, TargetId};

    const LINE: (TargetId, EndpointRole) = (TargetId(1), EndpointRole::Primary);

    fn open(board: &Board) -> std::sync::Arc<TargetStatus> {
        board.open_target(StreamId(1), LINE.0, LINE.1)
    }

    /// A session of so many seconds, a megabit each, with a look at the end of each second.
    async fn session(status: &TargetStatus, seconds: u64) {
        status.attached();
        for _ in 0..seconds {
            status.counters.bytes_sent.fetch_add(125_000, Relaxed);
            status.counters.skipped_video.fetch_add(1, Relaxed);
            status.lag_ms.store(40, Relaxed);
            advance(Duration::from_secs(1)).await;
            status.sample(Instant::now());
        }
        status.detached();
    }

    fn rates(board: &Board) -> Vec<Option<u64>> {
        let past = board.past_of_target(LINE.0, LINE.1).unwrap();
        past.points.iter().map(|point| point.map(|sent: Sent| sent.rate.bits_per_second())).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_sent_is_remembered_with_its_gaps_through_edits_and_until_it_is_removed() {
        let board = Board::default();
        assert_eq!(board.past_of_target(LINE.0, LINE.1), None);
        session(&open(&board), 4).await;
        advance(Duration::from_secs(4)).await;
        session(&open(&board), 2).await;
        let megabit = Some(1_000_000);
        assert_eq!(rates(&board), [megabit, megabit, None, None, megabit]);
        let past = board.past_of_target(LINE.0, LINE.1).unwrap();
        let of =
            |tell: fn(Sent) -> u16| past.points.iter().flatten().map(|sent| tell(*sent)).collect::<Vec<_>>();
        assert_eq!(of(|sent| sent.lag_ms), [40; 3]);
        assert_eq!(of(|sent| sent.skipped), [2, 2, 2], "what was left out between two looks");
        board.forget_target(LINE.0);
        assert_eq!(board.past_of_target(LINE.0, LINE.1), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_of_a_moment_is_not_remembered() {
        let board = Board::default();
        let status = open(&board);
        status.attached();
        status.counters.bytes_sent.fetch_add(10_000_000, Relaxed);
        advance(Duration::from_millis(5)).await;
        status.sample(Instant::now());
        assert_eq!(rates(&board), []);
    }
}
