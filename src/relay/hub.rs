//! One stream's meeting point: one publisher in, many feeds out.
//!
//! A publication is the right to send; a feed is one reader. The ring between them sits behind a
//! lock that is held for one push or one read and never while waiting, so the publisher never waits
//! for anyone. The hub outlives its publishers: targets decide for themselves how long they hold on.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::ring::{Cursor, Limits, Ring};
use super::status::StreamStatus;
use crate::media::{Frame, Tag, Timeline};

/// A publisher that sent no media for this long may be replaced by another.
pub const SILENT: Duration = Duration::from_secs(2);

/// How long targets outlive a publisher that vanished.
pub const HOLD: Duration = Duration::from_secs(60);

/// Whether somebody publishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nobody, and nobody is expected back.
    Ended,
    /// Somebody.
    Live,
    /// The publisher vanished at this time and may come back.
    Gone(Instant),
}

/// Somebody else publishes, and is not silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another encoder is publishing")]
pub struct Busy;

/// A stream while it runs.
#[derive(Debug)]
pub struct Hub {
    state: Mutex<State>,
    /// The ring's head: tells readers that there is something new.
    head: watch::Sender<u64>,
    source: watch::Sender<Source>,
    status: Arc<StreamStatus>,
}

#[derive(Debug)]
struct State {
    ring: Ring,
    timeline: Timeline,
    /// The origin of the arrival times that the timeline is given.
    opened: Instant,
    /// Whose turn it is: an older publication's frames are not taken.
    turn: u64,
    last_media: Instant,
    taken_over: CancellationToken,
}

impl Hub {
    /// A hub nobody publishes to yet.
    pub fn new(status: Arc<StreamStatus>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                ring: Ring::new(Limits::default()),
                timeline: Timeline::default(),
                opened: Instant::now(),
                turn: 0,
                last_media: Instant::now(),
                taken_over: CancellationToken::new(),
            }),
            head: watch::Sender::new(0),
            source: watch::Sender::new(Source::Ended),
            status,
        })
    }

    /// The right to send. An encoder that lost its network comes back before its old connection is
    /// known to be dead, so one that is silent gives way at once.
    ///
    /// # Errors
    /// [`Busy`] while another publisher sends.
    pub fn publish(self: &Arc<Self>, peer: SocketAddr) -> Result<Publication, Busy> {
        let mut state = self.lock();
        let live = *self.source.borrow() == Source::Live;
        if live && state.last_media.elapsed() < SILENT {
            return Err(Busy);
        }
        state.taken_over.cancel();
        state.taken_over = CancellationToken::new();
        state.turn += 1;
        state.last_media = Instant::now();
        state.ring.restart();
        state.timeline.restart();
        self.status.live(peer);
        self.source.send_replace(Source::Live);
        let (turn, taken_over) = (state.turn, state.taken_over.clone());
        Ok(Publication { hub: Arc::clone(self), turn, taken_over })
    }

    /// Sends the publisher away, as when its key was changed.
    pub fn evict(&self) {
        let mut state = self.lock();
        state.taken_over.cancel();
        state.turn += 1;
        self.leave(Source::Ended);
    }

    /// A reader of what comes from now on, beginning with the newest key frame. One that lags more
    /// than `patience` is taken to the newest key frame again.
    pub fn subscribe(self: &Arc<Self>, patience: Duration) -> Feed {
        let patience_ms = i64::try_from(patience.as_millis()).unwrap_or(i64::MAX);
        let cursor = Cursor::new(&self.lock().ring, patience_ms);
        Feed { hub: Arc::clone(self), cursor, head: self.head.subscribe() }
    }

    /// Tells of publishers that come and go.
    pub fn source(&self) -> watch::Receiver<Source> {
        self.source.subscribe()
    }

    /// Takes note, unless it is another's turn, that the publisher of `turn` is gone.
    fn depart(&self, turn: u64, source: Source) {
        let state = self.lock();
        if state.turn == turn && *self.source.borrow() == Source::Live {
            self.leave(source);
        }
    }

    fn leave(&self, source: Source) {
        match source {
            Source::Gone(at) => self.status.held(at + HOLD),
            Source::Ended | Source::Live => self.status.offline(),
        }
        self.source.send_replace(source);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is finished before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to send to a hub. Dropped, it counts as an encoder that vanished; see
/// [`Publication::end`].
#[derive(Debug)]
pub struct Publication {
    hub: Arc<Hub>,
    turn: u64,
    taken_over: CancellationToken,
}

impl Publication {
    /// Sends a tag; `false` when another publisher has taken over.
    #[must_use]
    pub fn send(&self, tag: Tag) -> bool {
        let mut state = self.hub.lock();
        if state.turn != self.turn {
            return false;
        }
        if tag.kind.is_timed() {
            state.last_media = Instant::now();
        }
        let repairs = state.timeline.repairs();
        let arrival_ms = i64::try_from(state.opened.elapsed().as_millis()).unwrap_or(i64::MAX);
        let frame = state.timeline.map(tag, arrival_ms);
        state.ring.push(frame);
        let mended = state.timeline.repairs();
        let head = state.ring.head();
        drop(state);
        self.hub.head.send_replace(head);
        // Ever more rarely: an encoder without any sense of time must not fill the log.
        if mended > repairs && mended.is_power_of_two() {
            tracing::warn!(times = mended, "the encoder's time jumped or stood still; targets see it go on");
        }
        true
    }

    /// Waits until another publisher has taken over. Cancel-safe.
    pub async fn taken_over(&self) {
        self.taken_over.cancelled().await;
    }

    /// The stream's count of bytes received.
    pub fn bytes_received(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.hub.status.bytes_received)
    }

    /// The encoder said that it ends: nobody is expected back.
    pub fn end(self) {
        self.hub.depart(self.turn, Source::Ended);
    }
}

impl Drop for Publication {
    fn drop(&mut self) {
        self.hub.depart(self.turn, Source::Gone(Instant::now()));
    }
}

/// One reader of a hub.
#[derive(Debug)]
pub struct Feed {
    hub: Arc<Hub>,
    cursor: Cursor,
    head: watch::Receiver<u64>,
}

impl Feed {
    /// The next frame, as soon as there is one. Cancel-safe.
    pub async fn recv(&mut self) -> Frame {
        loop {
            // Looked at before the ring, so that no frame can come unseen between the two.
            self.head.borrow_and_update();
            if let Some(frame) = self.try_recv() {
                return frame;
            }
            // The sender lives in the hub, which this feed keeps.
            let _ = self.head.changed().await;
        }
    }

    /// The next frame, if there is one.
    pub fn try_recv(&mut self) -> Option<Frame> {
        self.cursor.next(&self.hub.lock().ring)
    }

    /// How far behind the newest frame this reader is, in milliseconds.
    pub fn lag_ms(&self) -> i64 {
        self.cursor.lag_ms(&self.hub.lock().ring)
    }

    /// Frames left out so far because the reader was too slow.
    pub fn skipped(&self) -> u64 {
        self.cursor.skipped()
    }
}

#[cfg(test)]
mod tests {
    use super::super::status::Board;
    use super::*;
    use crate::media::Kind;
    use crate::model::StreamId;
    use bytes::Bytes;
    use tokio::time::{advance, timeout};

    fn hub() -> Arc<Hub> {
        Hub::new(Board::default().open_stream(StreamId(1)))
    }

    fn peer() -> SocketAddr {
        "127.0.0.1:5000".parse().unwrap()
    }

    fn key_frame(timestamp: u32) -> Tag {
        Tag { kind: Kind::VideoKey, timestamp, payload: Bytes::from_static(&[0x17, 1]) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_feed_waits_for_frames_and_gets_them() {
        let hub = hub();
        let publication = hub.publish(peer()).unwrap();
        let mut feed = hub.subscribe(Duration::from_secs(6));
        assert!(timeout(Duration::from_secs(1), feed.recv()).await.is_err());
        let (sent, frame) = tokio::join!(async { publication.send(key_frame(500)) }, feed.recv());
        assert!(sent);
        assert_eq!(frame.kind, Kind::VideoKey);
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_publisher_is_refused_unless_the_first_is_silent() {
        let hub = hub();
        let first = hub.publish(peer()).unwrap();
        assert!(first.send(key_frame(0)));
        assert_eq!(hub.publish(peer()).unwrap_err(), Busy);
        advance(SILENT).await;
        let second = hub.publish(peer()).unwrap();
        timeout(Duration::from_secs(1), first.taken_over()).await.unwrap();
        assert!(!first.send(key_frame(40)));
        assert!(second.send(key_frame(0)));
        drop(first);
        assert_eq!(*hub.source().borrow(), Source::Live);
    }

    #[tokio::test(start_paused = true)]
    async fn vanishing_and_ending_are_told_apart() {
        let hub = hub();
        drop(hub.publish(peer()).unwrap());
        assert!(matches!(*hub.source().borrow(), Source::Gone(_)));
        hub.publish(peer()).unwrap().end();
        assert_eq!(*hub.source().borrow(), Source::Ended);
    }

    #[tokio::test(start_paused = true)]
    async fn time_goes_on_from_one_publisher_to_the_next() {
        let hub = hub();
        let mut feed = hub.subscribe(Duration::from_secs(6));
        let mut times = Vec::new();
        for start in [70_000, 0] {
            let publication = hub.publish(peer()).unwrap();
            for step in [0, 40] {
                assert!(publication.send(key_frame(start + step)));
                times.push(feed.recv().await.time);
            }
        }
        assert_eq!(times, [0, 40, 73, 113]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_newcomer_is_not_given_pictures_of_an_earlier_publisher() {
        let hub = hub();
        assert!(hub.publish(peer()).unwrap().send(key_frame(0)));
        let _publication = hub.publish(peer()).unwrap();
        assert_eq!(hub.subscribe(Duration::from_secs(6)).try_recv(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_evicted_publisher_is_told_and_leaves_nothing_held() {
        let hub = hub();
        let publication = hub.publish(peer()).unwrap();
        hub.evict();
        timeout(Duration::from_secs(1), publication.taken_over()).await.unwrap();
        assert!(!publication.send(key_frame(0)));
        drop(publication);
        assert_eq!(*hub.source().borrow(), Source::Ended);
    }
}
