//! What happened, until somebody takes it away to keep it.
//!
//! Targets write and never wait. If nobody takes anything, as when the database hangs, the oldest
//! entries are given up.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::model::{StreamId, TargetEvent};

/// Events that wait to be kept, at most.
const CAPACITY: usize = 10_000;

/// What happened and is not kept yet.
#[derive(Debug, Default)]
pub struct Journal {
    waiting: Mutex<Batch>,
    something: Notify,
}

/// What was taken out of a [`Journal`].
#[derive(Debug, Default)]
pub struct Batch {
    /// What targets did, in the order they did it.
    pub events: VecDeque<TargetEvent>,
    /// Events given up because nobody took them.
    pub lost: u64,
    /// Streams whose broadcast is over.
    pub over: BTreeSet<StreamId>,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.over.is_empty()
    }
}

impl Journal {
    /// Writes an event down.
    pub fn record(&self, event: TargetEvent) {
        let mut waiting = self.lock();
        if waiting.events.len() >= CAPACITY {
            waiting.events.pop_front();
            waiting.lost += 1;
        }
        waiting.events.push_back(event);
        self.something.notify_one();
    }

    /// Writes down that a stream's broadcast is over: its encoder ended it, or did not come back.
    pub fn record_over(&self, stream: StreamId) {
        self.lock().over.insert(stream);
        self.something.notify_one();
    }

    /// Takes what there is, as soon as there is something. Cancel-safe.
    pub async fn take(&self) -> Batch {
        loop {
            let batch = std::mem::take(&mut *self.lock());
            if !batch.is_empty() {
                return batch;
            }
            self.something.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Batch> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Board;
    use super::*;
    use crate::model::{EndpointRole, TargetId, TargetState};
    use futures_util::FutureExt;
    use std::time::Duration;

    #[tokio::test]
    async fn what_nobody_takes_is_bounded_and_counted() {
        let board = Board::default();
        let status = board.open_target(TargetId(1), EndpointRole::Primary);
        for _ in 0..CAPACITY {
            status.enter(TargetState::Live, "Receiving the stream.");
            status.enter(TargetState::Holding, "Away.");
        }
        let batch = board.journal().take().await;
        assert_eq!(batch.events.len(), CAPACITY);
        assert_eq!(batch.lost, u64::try_from(CAPACITY).unwrap());
        assert!(board.journal().take().now_or_never().is_none());
        board.journal().record_over(StreamId(3));
        assert!(board.journal().take().await.over.contains(&StreamId(3)));
    }

    #[tokio::test]
    async fn only_changes_are_events() {
        let board = Board::default();
        let status = board.open_target(TargetId(1), EndpointRole::Primary);
        status.enter(TargetState::WaitingForSource, "Waiting for the encoder.");
        let begun = board.journal().take().await.events;
        assert_eq!((begun[0].from, begun[0].state), (TargetState::Stopped, TargetState::WaitingForSource));
        status.enter(TargetState::WaitingForSource, "Waiting for the encoder.");
        assert!(board.journal().take().now_or_never().is_none());
        status.enter(TargetState::Live, "Receiving the stream.");
        board.close_target(TargetId(1), TargetState::Stopped, "Stopped by hand.");
        status.enter(TargetState::Live, "Too late.");
        let events = board.journal().take().await.events;
        let states: Vec<_> = events.iter().map(|event| (event.from, event.state)).collect();
        assert_eq!(
            states,
            [(TargetState::WaitingForSource, TargetState::Live), (TargetState::Live, TargetState::Stopped)]
        );
        assert!(board.target(TargetId(1)).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_target_that_starts_again_says_for_how_long_it_was_left() {
        let board = Board::default();
        board.open_target(TargetId(1), EndpointRole::Primary);
        board.close_target(TargetId(1), TargetState::Disabled, "Switched off.");
        tokio::time::advance(Duration::from_secs(3_600)).await;
        let status = board.open_target(TargetId(1), EndpointRole::Primary);
        status.enter(TargetState::Live, "Receiving the stream.");
        board.close_all("splitcast was stopped.");
        let events = board.journal().take().await.events;
        let begun = &events[1];
        assert_eq!((begun.from, begun.state), (TargetState::Disabled, TargetState::Live));
        assert_eq!(begun.lasted, Duration::from_secs(3_600));
        assert_eq!(
            (events[2].state, events[2].reason.as_str()),
            (TargetState::Stopped, "splitcast was stopped.")
        );
    }
}
