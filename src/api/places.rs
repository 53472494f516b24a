//! Places for connections, so many and no more: who opens connections to the dashboard and leaves them
//! open must not use up the file descriptors that streams need.
//!
//! When all are taken, who comes next gets the place of the connection that has been without a request for
//! longest, so that connections that say nothing, or never finish what they say, shut nobody out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// All places of a listener.
#[derive(Debug, Clone)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    idle: Arc<Idle>,
}

/// Connections without a request.
#[derive(Debug, Default)]
struct Idle {
    queue: Mutex<Queue>,
    joined: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    /// By when they began to be so.
    waiting: BTreeMap<u64, CancellationToken>,
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), idle: Arc::default() }
    }

    /// Takes a place. Cancel-safe.
    pub(super) async fn take(&self) -> Place {
        loop {
            if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
                return Place::new(Some(permit), &self.idle);
            }
            let leaves = self.idle.send_one_away();
            tokio::select! {
                // An error would mean that the semaphore was closed, which nobody does.
                permit = Arc::clone(&self.free).acquire_owned() => {
                    return Place::new(permit.ok(), &self.idle);
                }
                () = self.idle.joined.notified(), if !leaves => {}
            }
        }
    }
}

impl Idle {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there was one.
    fn send_one_away(&self) -> bool {
        let longest = self.queue().waiting.pop_first();
        longest.is_some_and(|(_, longest)| {
            longest.cancel();
            true
        })
    }
}

/// The place of one connection. At first it is without a request.
#[derive(Debug)]
pub(super) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
    idle: Arc<Idle>,
    /// Its number in the queue of those without a request.
    number: Mutex<u64>,
    sent_away: CancellationToken,
}

impl Place {
    fn new(permit: Option<OwnedSemaphorePermit>, idle: &Arc<Idle>) -> Self {
        let place = Self {
            _permit: permit,
            idle: Arc::clone(idle),
            number: Mutex::default(),
            sent_away: CancellationToken::new(),
        };
        place.join_queue();
        place
    }

    /// Waits until somebody else is given this place.
    pub(super) async fn sent_away(&self) {
        self.sent_away.cancelled().await;
    }

    /// Has a request, until the value is dropped.
    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        self.leave_queue();
        Busy(Arc::clone(self))
    }

    fn join_queue(&self) {
        let mut queue = self.idle.queue();
        let number = queue.next;
        queue.next += 1;
        queue.waiting.insert(number, self.sent_away.clone());
        drop(queue);
        *self.number.lock().unwrap_or_else(PoisonError::into_inner) = number;
        self.idle.joined.notify_one();
    }

    fn leave_queue(&self) {
        let number = *self.number.lock().unwrap_or_else(PoisonError::into_inner);
        self.idle.queue().waiting.remove(&number);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave_queue();
    }
}

/// A connection's request goes on.
#[derive(Debug)]
pub(super) struct Busy(Arc<Place>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.join_queue();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    async fn is_sent_away(place: &Place) -> bool {
        place.sent_away().now_or_never().is_some()
    }

    #[tokio::test]
    async fn who_has_asked_for_nothing_longest_makes_room() {
        let places = Places::new(3);
        let [first, second, third] =
            [places.take().await, places.take().await, places.take().await].map(Arc::new);
        drop(first.busy());
        let mut next = Box::pin(places.take());
        assert!(next.as_mut().now_or_never().is_none());
        assert!(is_sent_away(&second).await);
        assert!(!is_sent_away(&first).await && !is_sent_away(&third).await);
        drop(second);
        next.await;
    }

    #[tokio::test]
    async fn nobody_is_sent_away_from_a_request() {
        let places = Places::new(2);
        let [one, other] = [places.take().await, places.take().await].map(Arc::new);
        let (asks, also_asks) = (one.busy(), other.busy());
        let mut next = Box::pin(places.take());
        assert!(next.as_mut().now_or_never().is_none());
        assert!(!is_sent_away(&one).await && !is_sent_away(&other).await);
        drop(also_asks);
        assert!(next.as_mut().now_or_never().is_none());
        assert!(is_sent_away(&other).await && !is_sent_away(&one).await);
        drop(other);
        next.await;
        drop(asks);
    }
}
