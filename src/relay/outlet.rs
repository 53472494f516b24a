//! One connection to a target that is fed, as two tasks see it.
//!
//! The stream's [`delivery`](super::delivery) writes each new frame to all outlets in one go, as long
//! as their sockets take it: no target's task has to be woken for a frame. A target that does not take
//! all is left to its own task, which waits for room, catches up out of the ring, and keeps an eye on
//! the time; as soon as nothing waits any more, the delivery goes on. Both do the same, under one lock:
//! read the ring as far as there is room, and write.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

use super::delivery::Round;
use super::failure::Why;
use super::feed::Feed;
use super::form::Form;
use super::ring::{Changed, Counts};
use super::status::TargetStatus;
use super::stopwatch::Stopwatch;
use crate::model::Coalesce;
use crate::net::{self, Link, SockDiag, Turn};
use crate::rtmp::client::Event;
use crate::rtmp::{Client, RtmpUrl};

/// A connection that is fed, and its place in the stream. In the order written: what the delivery looks
/// at first lies together, since for each target in turn the memory has to be waited for.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Outlet {
    /// In milliseconds, or [`AS_STREAM`].
    coalesce: AtomicU8,
    lane: Mutex<Lane>,
}

#[derive(Debug)]
struct Lane {
    /// Gone once the target's task has taken them back.
    line: Option<Line>,
    /// Wakes the target's own task.
    waker: Waker,
    /// What the delivery met and the target's task has not seen yet.
    met: Option<Met>,
    /// Where the target wants the stream to go on, if it asked for that.
    asked: Option<RtmpUrl>,
    /// Whether the target's task knows that the target does not take everything at once.
    is_known_behind: bool,
    /// Whether it knows that the target has got all that it is to get.
    is_known_over: bool,
    stopwatch: Stopwatch,
    status: Arc<TargetStatus>,
    /// What earlier sessions were given.
    sent_before: Counts,
}

/// Longer than any frame may wait.
const AS_STREAM: u8 = u8::MAX;

/// A connection and what it is fed from.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) link: Link<Client>,
    pub(super) feed: Feed,
}

/// What only the target's own task can deal with.
#[derive(Debug)]
enum Met {
    /// The target takes no more for now.
    Backlog,
    End(End),
    Panic(Box<dyn Any + Send>),
}

/// Why there is nothing more to be fed.
#[derive(Debug)]
pub(super) enum End {
    /// The stream goes on with other codecs.
    Changed,
    Failed(Why),
}

/// How far a target has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// Bytes that wait in its connection.
    pub(super) unsent: usize,
    /// When it is given up unless it takes something.
    pub(super) stalls_at: Option<Instant>,
    /// How much earlier than the newest frame its next one arrived, in milliseconds.
    pub(super) lag_ms: i64,
    pub(super) skipped: Counts,
    pub(super) falls: u64,
}

impl Outlet {
    pub(super) fn new(link: Link<Client>, feed: Feed, status: Arc<TargetStatus>) -> Self {
        status.attached();
        let lane = Lane {
            line: Some(Line { link, feed }),
            waker: Waker::noop().clone(),
            met: None,
            asked: None,
            is_known_behind: false,
            is_known_over: false,
            stopwatch: Stopwatch::new(),
            sent_before: Counts {
                video: status.counters.sent_video.load(Relaxed),
                audio: status.counters.sent_audio.load(Relaxed),
            },
            status,
        };
        Self { lane: Mutex::new(lane), coalesce: AtomicU8::new(AS_STREAM) }
    }

    /// How long its frames may wait, if not as long as its stream's.
    pub(super) fn coalesce(&self) -> Option<Coalesce> {
        Coalesce::from_ms(self.coalesce.load(Relaxed).into()).ok()
    }

    /// Changes how long its frames may wait.
    pub(super) fn set_coalesce(&self, coalesce: Option<Coalesce>) {
        self.coalesce.store(coalesce.map_or(AS_STREAM, Coalesce::as_ms), Relaxed);
    }

    /// In which form the target takes the stream, and the number of the frame that comes next for it there, if
    /// that is certain.
    pub(super) fn place(&self) -> Option<(Form, u64)> {
        let lane = self.lock();
        let feed = &lane.line.as_ref()?.feed;
        Some((feed.form(), feed.next_position()?))
    }

    /// Writes what is new, unless the target's own task has to do it. A panic is that task's, too.
    pub(super) fn deliver(&self, round: &mut Round<'_>) {
        self.guarded(|lane| lane.deliver(round));
    }

    /// Works on behalf of the target's task, without being brought down by it.
    fn guarded(&self, work: impl FnOnce(&mut Lane)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(&mut self.lock()))) {
            self.lock().tell(Met::Panic(panic));
        }
    }

    /// Reads, writes and feeds until there is an end, the target begins or ceases to be behind, or asks to go on
    /// elsewhere, or has got all that it [is to get](Self::hand_over).
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        self.lock().poll(cx)
    }

    /// Where the target wants the stream to go on, if it asked for that since the last call.
    pub(super) fn asked(&self) -> Option<RtmpUrl> {
        self.lock().asked.take()
    }

    /// Lets the target have what comes before the next key frame, and nothing more; see [`Feed::hand_over`].
    pub(super) fn hand_over(&self) -> Option<u64> {
        self.lock().line.as_mut().map(|line| line.feed.hand_over())
    }

    /// Lets the target have all again.
    pub(super) fn go_on(&self) {
        if let Some(line) = &mut self.lock().line {
            line.feed.go_on();
        }
    }

    /// Whether the target has got all that it is to get.
    pub(super) fn is_over(&self) -> bool {
        self.lock().is_over()
    }

    /// How far the target has come; `None` once the line was taken.
    pub(super) fn standing(&self) -> Option<Standing> {
        let mut lane = self.lock();
        let Line { link, feed } = lane.line.as_mut()?;
        Some(Standing {
            unsent: link.unsent(),
            stalls_at: link.stalls_at(),
            lag_ms: feed.lag_ms(),
            skipped: feed.skipped(),
            falls: feed.falls(),
        })
    }

    /// Shows how the target does, with what the kernel says of its connection.
    pub(super) fn sample(&self, kernel: Option<&mut SockDiag>) {
        let mut lane = self.lock();
        lane.count_sent();
        lane.sample(kernel);
    }

    /// Takes the line away from the delivery.
    pub(super) fn take(&self) -> Option<Line> {
        let mut lane = self.lock();
        lane.count_sent();
        lane.status.detached();
        lane.line.take()
    }

    fn lock(&self) -> MutexGuard<'_, Lane> {
        // After a panic nobody goes on with the line: the target's task is told and panics itself.
        self.lane.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    fn deliver(&mut self, round: &mut Round<'_>) {
        if let (Some(mark), Some(line)) = (round.mark, &self.line) {
            self.stopwatch.start(mark, &line.feed);
        }
        let Some(line) = self.line.as_mut().filter(|line| self.met.is_none() && !line.link.has_unsent())
        else {
            return;
        };
        // Whoever is to be woken when there is room again is the target's task.
        let cx = &mut Context::from_waker(&self.waker);
        let delivered = line.send_batch(cx, round).and_then(|was_sent| match was_sent {
            true => Ok(()),
            false => line.feed_while_taken(cx),
        });
        match delivered {
            Ok(()) if line.link.has_unsent() || line.feed.is_over() => self.tell(Met::Backlog),
            Ok(()) => {}
            Err(end) => self.tell(Met::End(end)),
        }
        self.note_passed();
    }

    fn is_over(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.feed.is_over())
    }

    /// Takes note that the frame whose way is timed was handed to the kernel, or left out.
    fn note_passed(&mut self) {
        if let Some(Line { link, feed }) = &self.line
            && let Some(took) = self.stopwatch.stop(feed, link)
        {
            self.status.counters.delay.observe(took);
        }
    }

    fn count_sent(&self) {
        if let Some(line) = &self.line {
            let sent = self.sent_before + line.feed.sent();
            self.status.counters.sent_video.store(sent.video, Relaxed);
            self.status.counters.sent_audio.store(sent.audio, Relaxed);
        }
    }

    fn sample(&mut self, kernel: Option<&mut SockDiag>) {
        let Some(Line { link, feed }) = &mut self.line else {
            return;
        };
        let unsent = u64::try_from(link.unsent()).unwrap_or(u64::MAX);
        self.status.lag_ms.store(u64::try_from(feed.lag_ms()).unwrap_or(0), Relaxed);
        self.status.queue_bytes.store(feed.bytes_to_read().saturating_add(unsent), Relaxed);
        self.status.sample(Instant::now());
        let connection = kernel.zip(link.identity()).and_then(|(kernel, identity)| kernel.ask(&identity));
        self.status.note_connection(connection);
    }

    fn tell(&mut self, met: Met) {
        self.met = Some(met);
        self.waker.wake_by_ref();
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        self.waker.clone_from(cx.waker());
        match self.met.take() {
            None | Some(Met::Backlog) => {}
            Some(Met::End(end)) => return Poll::Ready(Err(self.said_before(end, cx))),
            Some(Met::Panic(panic)) => resume_unwind(panic),
        }
        let Some(line) = &mut self.line else {
            return Poll::Pending;
        };
        line.hear(cx, &mut self.asked)?;
        line.feed_while_taken(cx)?;
        let (is_behind, is_over) = (line.link.has_unsent(), line.feed.is_over());
        self.note_passed();
        let is_known = is_behind == self.is_known_behind && is_over == self.is_known_over;
        if is_known && self.asked.is_none() {
            return Poll::Pending;
        }
        (self.is_known_behind, self.is_known_over) = (is_behind, is_over);
        Poll::Ready(Ok(()))
    }

    /// Why there is an end: a target that is gone may have said it, to a delivery that does not listen.
    fn said_before(&mut self, end: End, cx: &mut Context<'_>) -> End {
        match self.line.as_mut().map(|line| line.hear(cx, &mut self.asked)) {
            Some(Err(rejected @ End::Failed(Why::Rejected(_)))) => rejected,
            _ => end,
        }
    }
}

impl Line {
    /// Hears what the target says, and where it wants the stream to go on. It may say that last of all.
    fn hear(&mut self, cx: &mut Context<'_>, asked: &mut Option<RtmpUrl>) -> Result<(), End> {
        while let Poll::Ready(turn) = self.link.poll_next(cx) {
            match turn? {
                Turn::Event(Event::Rejected(why)) => return Err(End::Failed(Why::Rejected(why))),
                Turn::Event(Event::Reconnect(to)) => *asked = Some(to),
                // All else comes before a stream is taken.
                Turn::Event(
                    Event::Publishing | Event::Demanded(_) | Event::Unfit(_) | Event::Redirected(_),
                )
                | Turn::Room => {}
            }
        }
        Ok(())
    }

    /// Sends what is new in one piece with others, if that is all that this target lacks.
    fn send_batch(&mut self, cx: &mut Context<'_>, round: &mut Round<'_>) -> Result<bool, End> {
        let form = self.feed.form();
        let batch = self.feed.next_position().and_then(|position| round.batch(form, position));
        let Some(batch) = batch.filter(|batch| self.feed.is_at(batch)) else {
            return Ok(false);
        };
        let was_sent = self.link.send_batch(cx, &batch.frames)?;
        if was_sent {
            self.feed.pass_batch(batch);
        }
        Ok(was_sent)
    }

    /// Feeds the connection as long as it takes everything.
    fn feed_while_taken(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        loop {
            let is_fed = self.feed()?;
            match self.link.poll_flush(cx)? {
                Poll::Ready(()) if !is_fed => {}
                _ => return Ok(()),
            }
        }
    }

    /// Reads the ring as far as there is room; whether to its end.
    fn feed(&mut self) -> Result<bool, Changed> {
        self.feed.read_while(&mut self.link, Link::has_room, Link::offer)
    }
}

impl From<Changed> for End {
    fn from(Changed: Changed) -> Self {
        Self::Changed
    }
}

impl From<net::Error> for End {
    fn from(error: net::Error) -> Self {
        Self::Failed(error.into())
    }
}

#[cfg(test)]
mod tests;
