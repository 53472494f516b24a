//! What happened: told to whoever listens, and held until somebody takes it away to keep it.
//!
//! Streams and targets write and never wait. If nobody takes anything, as when the database hangs, the
//! oldest entries are given up. A listener that is too slow is told that it missed something.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, broadcast};

use crate::model::{Happening, News, StreamId};

/// Events that wait to be kept, at most.
const CAPACITY: usize = 10_000;

/// News that the slowest listener may be behind.
const NEWS: usize = 1_024;

/// What happened and is not kept yet.
#[derive(Debug)]
pub struct Journal {
    waiting: Mutex<Batch>,
    something: Notify,
    news: broadcast::Sender<News>,
}

/// What was taken out of a [`Journal`].
#[derive(Debug, Default)]
pub struct Batch {
    /// What happened, in the order it did.
    pub events: VecDeque<Happening>,
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

impl Default for Journal {
    fn default() -> Self {
        Self { waiting: Mutex::default(), something: Notify::new(), news: broadcast::Sender::new(NEWS) }
    }
}

impl Journal {
    /// Writes down what happened.
    pub fn record(&self, event: Happening) {
        let mut waiting = self.lock();
        // While it is locked, so that listeners hear all in the same order.
        if self.news.receiver_count() > 0 {
            self.tell(News::Happened(Arc::new(event.clone())));
        }
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

    /// Tells those who listen, and nobody else.
    pub fn tell(&self, news: News) {
        // An error means that nobody listens.
        let _ = self.news.send(news);
    }

    /// What is told from now on.
    pub fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
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
    use crate::model::{EndpointRole, StreamChange, TargetEvent, TargetId, TargetState};
    use futures_util::FutureExt;
    use std::time::Duration;

    async fn targets_events(board: &Board) -> Vec<TargetEvent> {
        let events = board.journal().take().await.events.into_iter();
        let of_target = |happening| match happening {
            Happening::Target(event) => Some(event),
            Happening::Stream(_) | Happening::Warning(_) => None,
        };
        events.filter_map(of_target).collect()
    }

    #[tokio::test]
    async fn what_nobody_takes_is_bounded_and_counted() {
        let board = Board::default();
        let status = board.open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
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
        let status = board.open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
        status.enter(TargetState::WaitingForSource, "Waiting for the encoder.");
        let begun = targets_events(&board).await;
        assert_eq!((begun[0].from, begun[0].state), (TargetState::Stopped, TargetState::WaitingForSource));
        status.enter(TargetState::WaitingForSource, "Waiting for the encoder.");
        assert!(board.journal().take().now_or_never().is_none());
        status.enter(TargetState::Live, "Receiving the stream.");
        board.close_target(TargetId(1), TargetState::Stopped, "Stopped by hand.");
        status.enter(TargetState::Live, "Too late.");
        let events = targets_events(&board).await;
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
        board.open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
        board.close_target(TargetId(1), TargetState::Disabled, "Switched off.");
        tokio::time::advance(Duration::from_secs(3_600)).await;
        let status = board.open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
        status.enter(TargetState::Live, "Receiving the stream.");
        board.close_all("splitcast was stopped.");
        let events = targets_events(&board).await;
        let begun = &events[1];
        assert_eq!((begun.from, begun.state), (TargetState::Disabled, TargetState::Live));
        assert_eq!(begun.lasted, Duration::from_secs(3_600));
        assert_eq!(
            (events[2].state, events[2].reason.as_str()),
            (TargetState::Stopped, "splitcast was stopped.")
        );
    }

    #[tokio::test]
    async fn what_happens_to_a_stream_is_told_with_addresses() {
        let board = Board::default();
        let mut news = board.journal().listen();
        let status = board.open_stream(StreamId(1));
        let [first, second] = ["192.0.2.1:1", "192.0.2.2:2"].map(|peer| peer.parse().unwrap());
        status.live(first);
        status.refused(second);
        status.live(second);
        status.held(tokio::time::Instant::now() + Duration::from_secs(60));
        status.held(tokio::time::Instant::now() + Duration::from_secs(90));
        status.live(first);
        status.offline();
        let events: Vec<_> = board.journal().take().await.events.into();
        let told: Vec<_> = std::iter::from_fn(|| news.try_recv().ok()).collect();
        let happened = |event: &Happening| News::Happened(Arc::new(event.clone()));
        assert_eq!(told, events.iter().map(happened).collect::<Vec<_>>());
        let facts: Vec<_> = events
            .iter()
            .map(|happening| match happening {
                Happening::Stream(event) => (event.change, event.peer, event.replaced),
                other => panic!("{other:?}"),
            })
            .collect();
        let held = match &events[3] {
            Happening::Stream(event) => event.until_ms.unwrap() - event.at_ms,
            other => panic!("{other:?}"),
        };
        assert!((59_000..=60_000).contains(&held), "{held}");
        assert_eq!(
            facts,
            [
                (StreamChange::Live, Some(first), None),
                (StreamChange::Refused, Some(second), None),
                (StreamChange::Takeover, Some(second), Some(first)),
                (StreamChange::Held, None, None),
                (StreamChange::Live, Some(first), None),
                (StreamChange::Ended, None, None),
            ]
        );
    }

    #[tokio::test]
    async fn a_listener_that_does_not_listen_is_told_how_much_it_missed() {
        let board = Board::default();
        let (mut slow, mut quick) = (board.journal().listen(), board.journal().listen());
        let status = board.open_stream(StreamId(1));
        for _ in 0..NEWS {
            status.live("192.0.2.1:1".parse().unwrap());
            status.offline();
            assert!(quick.try_recv().is_ok() && quick.try_recv().is_ok());
        }
        let missed = u64::try_from(NEWS).unwrap();
        assert_eq!(slow.try_recv(), Err(broadcast::error::TryRecvError::Lagged(missed)));
        assert!(slow.try_recv().is_ok());
    }
}
