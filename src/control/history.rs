//! What happened to streams and targets, taken from the journal to the store; and what the end of a broadcast ends.
//!
//! The connection that writes belongs to people's changes first: batches are small, and there
//! are a few a second. Where the store does not take them, they are given up after some tries, since
//! nothing that runs depends on its history.

use std::collections::{BTreeSet, VecDeque};
use std::error::Error as StdError;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::desk::Control;
use super::error::Error;
use crate::model::{Edit, Happening, StreamId, Subject, TargetId, TargetState};
use crate::relay::status::Batch;
use crate::store::Ended;

/// Events stored in one transaction, which takes some ten milliseconds.
const PER_TRANSACTION: usize = 500;

/// Time between two transactions.
const PAUSE: Duration = Duration::from_millis(250);

/// Time between two tries of a transaction that failed.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Tries before events are given up.
const TRIES: u32 = 5;

/// Events that wait for the store, at most.
const MAX_WAITING: usize = 10_000;

impl Control {
    /// Keeps what happens, and stops what was started by hand for a broadcast when that is over.
    /// At `end`, which comes after the last target has ended, what is left is kept before this returns.
    pub async fn keep_history(&self, end: CancellationToken) {
        let mut history = History::default();
        loop {
            tokio::select! {
                biased;
                () = end.cancelled() => break,
                () = sleep_until(history.due), if history.has_work() => {
                    let result = self.write(&mut history).await;
                    if result.is_err() {
                        self.health.suspect();
                    }
                    history.written(result);
                }
                batch = self.board.journal().take() => history.add(batch),
            }
        }
        self.keep_the_rest(history).await;
    }

    async fn keep_the_rest(&self, mut history: History) {
        loop {
            // The end of a broadcast is itself something that happens to targets.
            if let Some(batch) = self.board.journal().take().now_or_never() {
                history.add(batch);
            }
            if !history.has_work() {
                return;
            }
            if let Err(error) = self.write(&mut history).await {
                warn_unkept(&error);
                return;
            }
        }
    }

    async fn write(&self, history: &mut History) -> Result<(), Error> {
        while let Some(stream) = history.over.first().copied() {
            self.end_broadcast(stream, &history.live_in(stream)).await?;
            history.over.remove(&stream);
        }
        if let Some(batch) = history.events.make_contiguous().chunks(PER_TRANSACTION).next() {
            let written = batch.len();
            self.store.keep_events(batch).await?;
            history.events.drain(..written);
        }
        Ok(())
    }

    async fn end_broadcast(&self, stream: StreamId, live: &[TargetId]) -> Result<(), Error> {
        let change = self.change().await?;
        let Ended { stopped, used_keys } = self.store.end_broadcast(stream, live).await?;
        if stopped.is_empty() {
            if used_keys > 0 {
                self.tell_of(Subject::Stream(stream), Edit::Changed);
            }
            change.without_effect();
            return Ok(());
        }
        tracing::info!(%stream, targets = stopped.len(), "targets stopped with the broadcast");
        self.tell_of(Subject::Stream(stream), Edit::Changed);
        self.close_targets(stopped, TargetState::Stopped, OVER);
        change.finish().await;
        Ok(())
    }
}

/// What waits for the store.
struct History {
    events: VecDeque<Happening>,
    /// Events given up since the store last took some.
    lost: u64,
    over: BTreeSet<StreamId>,
    /// When the next transaction may begin.
    due: Instant,
    /// Transactions that failed since the last that did not.
    failures: u32,
}

impl Default for History {
    fn default() -> Self {
        Self { events: VecDeque::new(), lost: 0, over: BTreeSet::new(), due: Instant::now(), failures: 0 }
    }
}

impl History {
    fn has_work(&self) -> bool {
        !self.events.is_empty() || !self.over.is_empty()
    }

    /// Targets of a stream that were live, as is not written down yet.
    fn live_in(&self, stream: StreamId) -> Vec<TargetId> {
        let live = |event: &Happening| match event {
            Happening::Target(event) if event.stream == stream && event.state == TargetState::Live => {
                Some(event.target)
            }
            _ => None,
        };
        self.events.iter().filter_map(live).collect()
    }

    fn add(&mut self, batch: Batch) {
        self.lost += batch.lost;
        self.events.extend(batch.events);
        self.give_up(self.events.len().saturating_sub(MAX_WAITING));
        if !batch.over.is_empty() {
            // Soon after, somebody may start a target for the next broadcast.
            self.over.extend(batch.over);
            self.due = Instant::now();
        }
    }

    fn written(&mut self, result: Result<(), Error>) {
        match result {
            Ok(()) => {
                self.due = Instant::now() + PAUSE;
                self.failures = 0;
                if self.lost > 0 {
                    tracing::info!(lost = self.lost, "the history goes on after a gap");
                    self.lost = 0;
                }
            }
            Err(error) => {
                self.due = Instant::now() + TRY_AGAIN;
                self.failures = self.failures.saturating_add(1);
                if self.failures >= TRIES {
                    self.give_up(self.events.len());
                }
                if self.failures == TRIES {
                    warn_unkept(&error);
                }
            }
        }
    }

    /// Forgets so many of the oldest events.
    fn give_up(&mut self, surplus: usize) {
        self.lost += u64::try_from(surplus).unwrap_or(u64::MAX);
        self.events.drain(..surplus);
    }
}

fn warn_unkept(error: &(dyn StdError + 'static)) {
    tracing::warn!(error, "what happens cannot be recorded at the moment");
}

/// The last word on a target that was started by hand for one broadcast.
const OVER: &str = "The broadcast is over. Start it by hand for the next one.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::TargetCopy;
    use crate::control::tests::{desk, with_target};
    use crate::model::{EndpointRole, StartMode};
    use crate::model::{News, TargetPatch};
    use crate::relay::Board;
    use crate::rtmp::StreamKey;
    use crate::store;

    /// So many events of a target.
    fn happen(board: &Board, target: TargetId, count: usize) {
        let status = board.open_target(StreamId(1), target, EndpointRole::Primary);
        for n in 0..count {
            let is_live = board.target(target).is_some_and(|shown| shown.state == TargetState::Live);
            let state = if is_live { TargetState::Holding } else { TargetState::Live };
            status.enter(state, n.to_string());
        }
    }

    /// Keeps what has happened.
    async fn keep(control: &Control) {
        let end = CancellationToken::new();
        end.cancel();
        control.keep_history(end).await;
    }

    async fn reasons(control: &Control, target: TargetId) -> Vec<String> {
        let events = control.target_events(target, 500).await.unwrap();
        events.into_iter().map(|kept| kept.event.reason).collect()
    }

    fn failure() -> Result<(), Error> {
        Err(store::Error::Full.into())
    }

    #[tokio::test]
    async fn what_is_left_at_the_end_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        control.start().await.unwrap();
        let id = with_target(&control, "t", StartMode::WithSource).await;
        happen(&control.board, TargetId(99), 10);
        happen(&control.board, id, PER_TRANSACTION + 20);
        keep(&control).await;
        let kept = reasons(&control, id).await;
        assert_eq!((kept.len(), kept[0].as_str()), (200, "519"));
    }

    #[tokio::test]
    async fn what_happens_is_kept_while_it_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        control.start().await.unwrap();
        let id = with_target(&control, "t", StartMode::WithSource).await;
        let script = async {
            for count in [1, 2] {
                happen(&control.board, id, 1);
                while reasons(&control, id).await.len() < count {
                    tokio::task::yield_now().await;
                }
            }
        };
        tokio::select! {
            () = control.keep_history(CancellationToken::new()) => unreachable!("it goes on"),
            () = script => {}
        }
    }

    #[tokio::test]
    async fn the_end_of_a_broadcast_stops_what_was_started_by_hand() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        control.start().await.unwrap();
        let manual = with_target(&control, "a", StartMode::Manual).await;
        let with_source = with_target(&control, "b", StartMode::WithSource).await;
        control.start_target(manual).await.unwrap();
        control.board.journal().record_over(StreamId(1));
        control.board.journal().record_over(StreamId(99));
        keep(&control).await;
        assert!(control.board.target(manual).is_none());
        assert!(control.board.target(with_source).is_some());
        assert!(!control.target(manual).await.unwrap().target.started);
        assert_eq!(reasons(&control, manual).await, [OVER, "Waiting for the encoder."]);
        assert_eq!(reasons(&control, with_source).await, ["Waiting for the encoder."]);
    }

    #[tokio::test]
    async fn a_key_for_one_broadcast_is_used_up_when_one_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        control.start().await.unwrap();
        let used = with_target(&control, "used", StartMode::WithSource).await;
        let waiting = with_target(&control, "waiting", StartMode::WithSource).await;
        let idle = with_target(&control, "idle", StartMode::WithSource).await;
        let was_used = async |id| control.store.target(id).await.unwrap().key_was_used;
        happen(&control.board, used, 1);
        keep(&control).await;
        assert!(!was_used(used).await, "the broadcast goes on");
        happen(&control.board, waiting, 1);
        let mut told = control.subscribe();
        control.board.journal().record_over(StreamId(1));
        keep(&control).await;
        assert!(was_used(used).await && was_used(waiting).await && !was_used(idle).await);
        assert_eq!(told.try_recv().unwrap(), News::Edited(Subject::Stream(StreamId(1)), Edit::Changed));
        let copy = control.duplicate_target(used, TargetCopy::default()).await.unwrap().target;
        assert!(copy.key_was_used, "it has the same key");

        control.reuse_key(used).await.unwrap();
        let version = control.store.target(waiting).await.unwrap().version;
        let patch = TargetPatch { key: Some(StreamKey::new("another")), ..TargetPatch::default() };
        control.update_target(waiting, patch, None).await.unwrap();
        assert!(!was_used(used).await && !was_used(waiting).await);
        assert_eq!(control.store.target(waiting).await.unwrap().version, version + 1);
        control.close().await;
        drop(control);
        let (control, _) = desk(&dir).await;
        assert!(control.store.target(copy.id).await.unwrap().key_was_used, "after a restart");
        assert!(control.reuse_key(TargetId(99)).await.is_err());
    }

    #[tokio::test]
    async fn a_broadcast_that_ends_is_not_kept_waiting_by_what_targets_did() {
        let mut history = History::default();
        history.written(Ok(()));
        assert!(history.due > Instant::now());
        history.add(Batch { over: BTreeSet::from([StreamId(1)]), ..Batch::default() });
        assert!(history.due <= Instant::now());
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_fails_costs_events_after_some_tries_and_nothing_else() {
        let board = Board::default();
        let mut history = History::default();
        happen(&board, TargetId(1), 3);
        history.add(board.journal().take().await);
        history.over.insert(StreamId(1));
        for _ in 1..TRIES {
            history.written(failure());
        }
        assert_eq!((history.events.len(), history.lost), (3, 0));
        for happened in [3, 4] {
            history.written(failure());
            assert_eq!((history.events.len(), history.lost), (0, happened));
            happen(&board, TargetId(1), 1);
            history.add(board.journal().take().await);
        }
        assert!(history.over.contains(&StreamId(1)), "the next broadcast is not to start it");
        history.written(Ok(()));
        assert_eq!((history.events.len(), history.lost, history.failures), (1, 0, 0));
    }

    #[tokio::test]
    async fn no_more_events_wait_than_a_bound() {
        let board = Board::default();
        let mut history = History::default();
        for _ in 0..3 {
            happen(&board, TargetId(1), 6000);
            history.add(board.journal().take().await);
        }
        assert_eq!((history.events.len(), history.lost), (MAX_WAITING, 8000));
        let Some(Happening::Target(last)) = history.events.back() else {
            panic!("the last event is a target's");
        };
        assert_eq!(last.reason, "5999");
    }

    #[tokio::test]
    async fn a_closed_store_does_not_hold_anything_up() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        control.start().await.unwrap();
        let id = with_target(&control, "t", StartMode::WithSource).await;
        control.close().await;
        happen(&control.board, id, 10);
        keep(&control).await;
        tokio::time::pause();
        let script = async {
            for _ in 0..20 {
                happen(&control.board, id, 10);
                tokio::time::sleep(TRY_AGAIN).await;
                assert!(control.board.journal().take().now_or_never().is_none());
            }
        };
        tokio::select! {
            () = control.keep_history(CancellationToken::new()) => unreachable!("it goes on"),
            () = script => {}
        }
    }
}
