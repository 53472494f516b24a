//! Keeps one target fed: [`Push::run`] loops, an attempt tries.
//!
//! One attempt is a straight line that returns why it ended; the loop alone decides what that means.
//! While its stream has a source, nothing is given up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::backoff::PLAUSIBLE;
use super::course::{Course, Verdict};
use super::diagnosis::Reaction;
use super::failure::Failure;
use super::hub::{Hub, Source};
use super::limiter::Limiter;
use super::offer::Offer;
use super::status::{Setback, TargetStatus};
use crate::model::{Coalesce, Endpoint, EndpointRole, ErrorKind, Intake, Takes, TargetId, TargetState};
use crate::net::{Dial, deadline};

/// What a target's task is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Feed the target.
    Run,
    /// End the broadcast and stop: the target was switched off, changed or removed.
    End,
    /// Stop without a goodbye: the relay stops and may come back, and the platform should wait.
    Leave,
}

/// The task of one connection of a target.
#[derive(Clone)]
pub struct Push {
    /// Whose it is.
    pub id: TargetId,
    /// What to feed: one address, or a second one for when the first fails.
    pub endpoints: Vec<(EndpointRole, Endpoint)>,
    /// Its stream.
    pub hub: Arc<Hub>,
    /// How it is reached.
    pub dial: Arc<dyn Dial>,
    /// When it may be reached.
    pub limiter: Arc<Limiter>,
    /// What it takes, as far as that was said.
    pub takes: Takes,
    /// What is told of it.
    pub status: Arc<TargetStatus>,
    /// Ends a wait.
    pub retry: Arc<Notify>,
    /// What is asked of it.
    pub order: watch::Receiver<Order>,
    /// How long its frames may wait, if not as long as its stream's.
    pub coalesce: watch::Receiver<Option<Coalesce>>,
    /// Where its random waits begin.
    pub seed: u64,
    /// Knows of what is still done for connections that it has left.
    pub tracker: TaskTracker,
    /// The same, for who takes its place.
    pub tasks: TaskTracker,
}

/// Why an attempt ended without a failure.
pub(super) enum End {
    /// The broadcast is over.
    SourceGone,
    /// The stream goes on with other codecs.
    Changed,
    /// The target closed the connection while the encoder was away, after it had been fed this long.
    LostWhileHeld(Duration),
    /// There was no connection left, after this long, and a person wants the target's own address tried now.
    Asked(Duration),
    /// See [`Order`].
    Ordered,
}

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    TimeUp,
    /// A person wants it to try now.
    Asked,
    SourceEnded,
    /// The encoder sends other tracks.
    OtherOffer,
    Ordered,
}

impl Push {
    /// Feeds the target until ordered otherwise.
    pub async fn run(mut self) {
        let mut course = Course::new(self.endpoints.len(), self.seed);
        let mut is_urgent = false;
        let mut waiting = WAITING;
        while self.until_live(&mut course, waiting).await {
            waiting = WAITING;
            match self.once(course.current(), std::mem::take(&mut is_urgent)).await {
                // Another broadcast, another ladder.
                Ok(End::SourceGone) => course.begin_anew(),
                Ok(End::Changed) => course.note_lost(Instant::now()),
                Ok(End::LostWhileHeld(fed)) => {
                    waiting = LOST_WHILE_HELD;
                    if fed >= PLAUSIBLE {
                        course.note_lost(Instant::now());
                    }
                }
                Ok(End::Asked(fed)) => {
                    is_urgent = true;
                    if fed >= PLAUSIBLE {
                        course.note_lost(Instant::now());
                    }
                }
                Ok(End::Ordered) => return,
                Err(failure) => {
                    let woken = self.react(&mut course, &failure).await;
                    if matches!(woken, Woken::SourceEnded | Woken::OtherOffer) {
                        course.begin_anew();
                    }
                    is_urgent = woken == Woken::Asked;
                }
            }
        }
    }

    /// Waits for a publisher; `false` when ordered to stop. The one that is waited for may not come
    /// back: then the next one begins another broadcast.
    async fn until_live(&mut self, course: &mut Course, mut waiting: &str) -> bool {
        let mut source = self.hub.source();
        loop {
            let now = *source.borrow_and_update();
            if now == Source::Ended {
                course.begin_anew();
                waiting = WAITING;
            }
            let is_wanted = *self.order.borrow() == Order::Run;
            if !is_wanted || now == Source::Live {
                return is_wanted;
            }
            self.status.enter(TargetState::WaitingForSource, waiting);
            tokio::select! {
                biased;
                () = ordered(&mut self.order) => return false,
                // The sender lives in the hub, which this task keeps.
                _ = source.changed() => {}
            }
        }
    }

    /// Shows a failure and waits as long as it calls for.
    async fn react(&mut self, course: &mut Course, failure: &Failure) -> Woken {
        let kind = failure.kind();
        let failed_at = course.current();
        let Verdict { reaction, times } = course.react(kind, failure.fed, Instant::now());
        let server = self.endpoints.get(failed_at).map(|(_, endpoint)| endpoint.url.host());
        let reason = failure.explain(server.unwrap_or_default(), times);
        tracing::warn!(kind = kind.as_str(), %reason, ?reaction, "target failed");
        let now = Instant::now();
        let (is_blocked, next_try) = match reaction {
            Reaction::Retry(wait) => (false, Some(now + wait)),
            Reaction::Probe(wait) => (true, Some(now + wait)),
            Reaction::Halt => (true, None),
        };
        let setback = Setback { step: failure.step, kind, reason, next_try };
        self.wait(setback, is_blocked).await
    }

    /// Waits after a panic of this task.
    pub(super) async fn recover(&mut self, until: Instant) {
        let reason = "An internal error ended this target's task. It begins again by itself.".to_owned();
        let setback = Setback { step: None, kind: ErrorKind::Internal, reason, next_try: Some(until) };
        self.wait(setback, false).await;
    }

    /// What each of the addresses takes.
    fn intakes(&self) -> Vec<Intake> {
        self.endpoints.iter().map(|(_, endpoint)| Intake::at(endpoint.url.host(), &self.takes)).collect()
    }

    /// Waits before the next attempt: until the time is over, someone asks for it now, the broadcast
    /// is over, or an order comes.
    async fn wait(&mut self, setback: Setback, is_blocked: bool) -> Woken {
        let until = setback.next_try;
        let mut offer = self.hub.offer();
        let (is_about_offer, intakes) = (setback.kind == ErrorKind::Codec, self.intakes());
        let suits = |offer: &Offer| is_about_offer && offer.suits_any(&intakes);
        let mut source = self.hub.source();
        // Heard from before the wait is shown, so that nobody who sees it asks in vain.
        let retry = self.retry.notified();
        if is_blocked {
            self.status.block(setback);
        } else {
            self.status.back_off(setback);
        }
        tokio::select! {
            biased;
            () = ordered(&mut self.order) => Woken::Ordered,
            _ = source.wait_for(|source| *source == Source::Ended) => Woken::SourceEnded,
            () = retry => Woken::Asked,
            Ok(_) = offer.wait_for(suits) => Woken::OtherOffer,
            () = deadline::reached(until) => Woken::TimeUp,
        }
    }
}

/// Waits for an order other than to run. Cancel-safe.
pub(super) async fn ordered(order: &mut watch::Receiver<Order>) {
    // An error means that nobody is left to order anything, which is an order to stop too.
    let _ = order.wait_for(|order| *order != Order::Run).await;
}

pub(super) const WAITING: &str = "Waiting for the encoder.";

const LOST_WHILE_HELD: &str = "The server closed the connection while the encoder was away. It is connected again as soon as the encoder is back.";
