//! One stream's meeting point: one publisher in, many feeds out.
//!
//! A publication is the right to send; a feed is one reader. The ring between them sits behind a
//! lock that is held for one push or one read and never while waiting, so the publisher never waits
//! for anyone. The hub outlives its publishers: when one vanishes, it is waited for.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

pub(super) use self::outlets::{Attached, Place};
use super::delivery::Delivery;
use super::feed::Feed;
use super::form::Form;
use super::offer::Offer;
use super::pacing::{Fresh, Mark};
use super::publication::Publication;
use super::renditions::{Pushed, Renditions};
use super::ring::Limits;
use super::status::StreamStatus;
use super::takeover::{Busy, Turns};
use super::workers::Worker;
use crate::media::{Tag, Timeline};
use crate::model::Rules;

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

/// A stream while it runs.
#[derive(Debug)]
pub struct Hub {
    state: Mutex<State>,
    delivery: Delivery,
    source: watch::Sender<Source>,
    offer: watch::Sender<Offer>,
    pub(super) status: Arc<StreamStatus>,
    /// Arrivals are counted from here.
    opened: Instant,
    worker: Worker,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) renditions: Renditions,
    timeline: Timeline,
    /// When the publisher's first sound or picture came.
    media_since: Option<Instant>,
    rules: Rules,
    turns: Turns,
    /// Where the last publisher comes from.
    publisher: Option<SocketAddr>,
    /// When the last [`Mark`] was made.
    marked_at: Instant,
    is_leaving: bool,
}

impl Hub {
    /// A hub nobody publishes to yet, all of whose tasks run on `worker`.
    pub fn new(status: Arc<StreamStatus>, rules: Rules, worker: Worker) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                renditions: Renditions::new(Limits::default()),
                timeline: Timeline::default(),
                media_since: None,
                rules,
                turns: Turns::new(),
                publisher: None,
                marked_at: status.opened(),
                is_leaving: false,
            }),
            delivery: Delivery::new(rules.coalesce),
            source: watch::Sender::new(Source::Ended),
            offer: watch::Sender::default(),
            opened: status.opened(),
            status,
            worker,
        })
    }

    /// Other rules, from now on; they also hold for an encoder that is gone already.
    pub fn set_rules(&self, rules: Rules) {
        let mut state = self.lock();
        if state.rules == rules {
            return;
        }
        state.rules = rules;
        self.delivery.set_coalesce(rules.coalesce);
        if let Source::Gone(at) = *self.source.borrow() {
            self.status.held(at + rules.hold.as_duration());
        }
        self.source.send_modify(|_| {});
    }

    /// Where its tasks run.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// How the stream treats its encoders.
    pub fn rules(&self) -> Rules {
        self.lock().rules
    }

    /// Ends holds in their time. Runs until dropped.
    pub async fn keep(&self) -> Infallible {
        let mut source = self.source.subscribe();
        loop {
            // Copied: whoever holds it while it waits for the state blocks those who have the state and
            // change it.
            let now = *source.borrow_and_update();
            let hold_ends = match now {
                Source::Gone(at) => Some((at, at + self.rules().hold.as_duration())),
                Source::Live | Source::Ended => None,
            };
            // The sender lives in this hub, so a change is all that can come.
            match hold_ends {
                None => drop(source.changed().await),
                Some((at, until)) => tokio::select! {
                    _ = source.changed() => {}
                    () = sleep_until(until) => self.give_up(at),
                },
            }
        }
    }

    /// The right to send. An encoder that lost its network comes back before its old connection is
    /// known to be dead, so one that is silent gives way at once, unless the rules say otherwise.
    ///
    /// # Errors
    /// [`Busy`] while another publisher sends.
    pub fn publish(self: &Arc<Self>, peer: SocketAddr) -> Result<Publication, Busy> {
        let mut state = self.lock();
        if *self.source.borrow() == Source::Live {
            let takeover = state.rules.takeover;
            state.turns.make_way(takeover)?;
        }
        let (turn, taken_over) = state.turns.begin();
        state.publisher = Some(peer);
        state.renditions.restart();
        state.timeline.restart();
        state.media_since = None;
        self.offer.send_replace(Offer::default());
        self.status.live(peer);
        self.source.send_replace(Source::Live);
        Ok(Publication::new(Arc::clone(self), turn, taken_over))
    }

    /// Takes note that an encoder with a good key was refused.
    pub(super) fn note_refused(&self, peer: SocketAddr) {
        self.status.refused(peer);
    }

    /// Sends the publisher away, as when its key was changed.
    pub fn evict(&self) {
        let mut state = self.lock();
        state.turns.end();
        self.leave(&mut state, Source::Ended);
    }

    /// Sends the publisher away if it may not come from where it does. It may be a stranger who has the key:
    /// unlike with another key, the owner's encoder can come back at once, and targets are held for it.
    pub(super) fn send_away_unless(&self, may_come: impl FnOnce(SocketAddr) -> bool) {
        let mut state = self.lock();
        let publisher = state.publisher.filter(|_| *self.source.borrow() == Source::Live);
        if publisher.is_some_and(|peer| !may_come(peer)) {
            state.turns.end();
            self.leave(&mut state, Source::Gone(Instant::now()));
        }
    }

    /// The relay stops and may come back: that its publisher goes now is not the end of the broadcast.
    pub fn set_leaving(&self) {
        self.lock().is_leaving = true;
    }

    /// A reader of what comes from now on, beginning with the newest key frame.
    pub fn subscribe(self: &Arc<Self>) -> Feed {
        self.subscribe_to(Form::ORIGINAL)
    }

    /// Tells of publishers that come and go.
    pub fn source(&self) -> watch::Receiver<Source> {
        self.source.subscribe()
    }

    /// Takes a tag from the publisher of `turn`; `false` if it is another's turn.
    pub(super) fn take(&self, turn: u64, tag: Tag) -> bool {
        let mut state = self.lock();
        if !state.turns.is_of(turn) {
            return false;
        }
        if tag.kind.is_timed() {
            state.turns.note_media();
        }
        let now = Instant::now();
        let arrived_ms = i64::try_from((now - self.opened).as_millis()).unwrap_or(i64::MAX);
        if tag.kind.is_header() || state.renditions.lacks(tag.kind) {
            self.status.learn(&tag);
        }
        let repairs = state.timeline.repairs();
        let mut fresh = Fresh {
            sound: tag.kind.is_audio(),
            other: !tag.kind.is_audio(),
            picture: tag.kind.is_video() && tag.kind.is_timed(),
            bytes: tag.payload.len(),
            is_start: false,
            mark: None,
        };
        let frame = state.timeline.map(tag, arrived_ms);
        self.status.count(&frame, arrived_ms);
        let Pushed { is_taken, is_start, is_news, differs } = state.renditions.push(&frame, arrived_ms);
        fresh.is_start = is_start;
        if frame.kind.is_timed() && is_taken && state.marked_at + SAMPLED <= now {
            state.marked_at = now;
            state.renditions.mark_newest(frame.time);
            fresh.mark = Some(Mark { arrived: now });
        }
        self.show_offer(&mut state, is_news, frame.kind.is_timed().then_some(now));
        let repaired = state.timeline.repairs();
        drop(state);
        self.delivery.announce(fresh);
        if differs {
            tracing::info!("the encoder sends other codecs now; targets are connected anew");
        }
        // Ever more rarely: an encoder without any sense of time must not fill the log.
        if repaired > repairs && repaired.is_power_of_two() {
            tracing::warn!(
                times = repaired,
                "the encoder's time jumped or stood still; targets see it go on"
            );
        }
        true
    }

    /// Takes note, unless it is another's turn, that the publisher of `turn` is gone.
    pub(super) fn depart(&self, turn: u64, source: Source) {
        let mut state = self.lock();
        if state.turns.is_of(turn) && *self.source.borrow() == Source::Live && !state.is_leaving {
            self.leave(&mut state, source);
        }
    }

    /// Ends a hold that began at `at`, if nobody came back.
    fn give_up(&self, at: Instant) {
        let mut state = self.lock();
        if *self.source.borrow() == Source::Gone(at) {
            self.leave(&mut state, Source::Ended);
        }
    }

    fn leave(&self, state: &mut State, source: Source) {
        let is_held = state.rules.hold.as_seconds() > 0;
        let source = if is_held { source } else { Source::Ended };
        if source == Source::Ended {
            state.renditions.end_broadcast();
        }
        let was = self.source.send_replace(source);
        match source {
            Source::Gone(at) => self.status.held(at + state.rules.hold.as_duration()),
            // What never was live cannot be over.
            Source::Ended if was == Source::Ended => {}
            Source::Ended | Source::Live => self.status.offline(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is finished before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often what is counted is sampled, and a frame's way is timed.
const SAMPLED: Duration = Duration::from_secs(1);

mod forms;
mod outlets;
#[cfg(test)]
mod tests;
mod viewers;
