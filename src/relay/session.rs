//! A session that a target accepted, while it is fed.

use std::future::poll_fn;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::backoff::PLAUSIBLE;
use super::failure::Why;
use super::farewell::{farewell, unused};
use super::hub::{Attached, Hub, Place, Source};
use super::offer::{self, Offer};
use super::outlet::{self, Line};
use super::push::{End, Order, ordered};
use super::slowness::Slowness;
use super::status::TargetStatus;
use super::successor::{Heir, News, PATIENCE, RECEIVING, Successor, Unrescued};
use crate::model::{Coalesce, Intake, Step, TargetState};
use crate::net::link::STALL;
use crate::net::{self, deadline};

/// A target that is fed.
pub(super) struct Feeding<'a> {
    outlet: Attached,
    coalesce: watch::Receiver<Option<Coalesce>>,
    source: watch::Receiver<Source>,
    offer: watch::Receiver<Offer>,
    intake: Intake,
    status: &'a TargetStatus,
    began: Instant,
    /// For how long there was nothing to feed it with, and since when there is not.
    idle: Duration,
    held_since: Option<Instant>,
    slowness: Slowness,
    is_settled: bool,
    successor: Successor<'a>,
    /// The stream goes over to the next connection at the first key frame from this frame on.
    heir_from: Option<u64>,
}

/// What follows a session that did not fail.
pub(super) enum Next {
    End(End),
    Moved(Box<Moved>),
}

/// The stream goes on over another connection.
pub(super) struct Moved {
    pub(super) heir: Heir,
    /// Where it goes on.
    pub(super) place: Place,
    /// The connection that it leaves, if it was not gone before.
    pub(super) old: Option<Line>,
    /// For how long that was fed.
    pub(super) fed: Duration,
}

/// Why feeding ends before the session is parted with.
enum Parting {
    End(End),
    /// The next connection takes over.
    Move(Box<Heir>),
}

/// Why a session failed.
pub(super) struct Ended {
    pub(super) why: Why,
    /// For how long it was fed.
    pub(super) fed: Duration,
    /// Whether the encoder was away.
    pub(super) was_held: bool,
}

impl<'a> Feeding<'a> {
    pub(super) fn new(
        outlet: Attached,
        hub: &Hub,
        status: &'a TargetStatus,
        intake: Intake,
        mut coalesce: watch::Receiver<Option<Coalesce>>,
        successor: Successor<'a>,
    ) -> Self {
        coalesce.mark_changed();
        Self {
            outlet,
            coalesce,
            source: hub.source(),
            offer: hub.offer(),
            intake,
            status,
            began: Instant::now(),
            idle: Duration::ZERO,
            held_since: None,
            slowness: Slowness::new(status),
            is_settled: false,
            successor,
            heir_from: None,
        }
    }

    /// Feeds the target until it fails, goes on elsewhere or there is nothing more to do, and parts with it.
    pub(super) async fn run(mut self, order: &mut watch::Receiver<Order>) -> Result<Next, Ended> {
        let ended = self.forward(order).await;
        if ended.is_err() {
            // It may have said that last of all.
            self.note_asked();
        }
        // Only this task takes it.
        let Some(line) = self.outlet.take() else {
            return Ok(Next::End(End::Ordered));
        };
        match ended {
            Ok(Parting::Move(heir)) => Ok(self.moved(*heir, line)),
            Ok(Parting::End(end)) => {
                let says_goodbye = match end {
                    End::SourceGone => true,
                    // An order to leave must not end the broadcast, nor must nobody's being left to order
                    // anything, which is how a relay ends that is cut off.
                    End::Ordered => *order.borrow() == Order::End,
                    // Nor must a change of codecs: the platform is back in a moment.
                    End::Changed | End::LostWhileHeld(_) | End::Asked(_) => false,
                };
                let sends_rest = matches!(end, End::SourceGone);
                let heir = self.successor.take().map(|heir| heir.link);
                tokio::join!(farewell(line, sends_rest, says_goodbye), unused(heir, says_goodbye));
                Ok(Next::End(end))
            }
            Err(why) => {
                let was_held = self.held_since.is_some();
                self.note_idle();
                line.link.reset();
                let fed = self.fed().saturating_sub(unfed(&why));
                if was_held || !self.successor.is_under_way() {
                    return Err(Ended { why, fed, was_held });
                }
                tracing::info!(error = %why, "target gone before the new connection that it wants");
                self.rescue(order, Ended { why, fed, was_held }).await
            }
        }
    }

    /// Goes over to the next connection.
    fn moved(mut self, heir: Heir, old: Line) -> Next {
        self.note_idle();
        let place = match (self.heir_from.filter(|_| old.feed.is_over()), old.feed.spot()) {
            (Some(from), _) => Place::Seam(from),
            (None, Some(spot)) => Place::Before(spot),
            (None, None) => Place::Newest,
        };
        let fed = self.fed();
        Next::Moved(Box::new(Moved { heir, place, old: Some(old), fed }))
    }

    /// Goes over to the connection that is being made, for there is no other one left.
    async fn rescue(mut self, order: &mut watch::Receiver<Order>, lost: Ended) -> Result<Next, Ended> {
        if self.successor.ready_since().is_none() {
            self.status
                .enter_step(Step::Connecting, "Waiting for the new connection that the server wanted.");
        }
        let heir = tokio::select! {
            biased;
            () = ordered(order) => return Ok(Next::End(End::Ordered)),
            _ = self.source.wait_for(|source| *source == Source::Ended) => return Ok(Next::End(End::SourceGone)),
            heir = self.successor.rescue() => heir,
        };
        match heir {
            // The newest key frame is sent again: better twice than not at all.
            Ok(heir) => {
                Ok(Next::Moved(Box::new(Moved { heir, place: Place::Newest, old: None, fed: lost.fed })))
            }
            Err(Unrescued::Asked) => Ok(Next::End(End::Asked(lost.fed))),
            Err(Unrescued::Lost) => Err(lost),
        }
    }

    /// While the target takes everything at once, its stream's delivery does the work, and this waits.
    async fn forward(&mut self, order: &mut watch::Receiver<Order>) -> Result<Parting, Why> {
        if !self.note_source() {
            return Ok(Parting::End(End::SourceGone));
        }
        loop {
            if let Some(heir) = self.heir_in_turn() {
                // What the old one has missed counts; that it may be beyond help is of no matter any more.
                let _ = self.note_standing();
                return Ok(Parting::Move(Box::new(heir)));
            }
            self.note_asked();
            let look_again = self.note_standing()?;
            let moves_at = self.moves_at();
            let outlet = &self.outlet;
            tokio::select! {
                biased;
                () = ordered(order) => return Ok(Parting::End(End::Ordered)),
                _ = self.source.changed() => if !self.note_source() {
                    return Ok(Parting::End(End::SourceGone));
                },
                untaken = offer::unsuited(&mut self.offer, &self.intake) => return Err(untaken.into()),
                // It goes on as it is once nobody can wish anything any more.
                Ok(()) = self.coalesce.changed() => outlet.set_coalesce(*self.coalesce.borrow_and_update()),
                turn = poll_fn(|cx| outlet.poll(cx)) => match turn {
                    Ok(()) => {}
                    Err(outlet::End::Changed) => return Ok(Parting::End(End::Changed)),
                    Err(outlet::End::Failed(why)) => return Err(why),
                },
                news = self.successor.progress() => self.note_successor(news),
                () = deadline::reached(moves_at) => {}
                () = deadline::reached(look_again) => {}
            }
        }
    }

    /// Begins with a new connection if the target wants one. Without an encoder there is nothing to move.
    fn note_asked(&mut self) {
        if let Some(to) = self.outlet.asked() {
            self.successor.ask(to);
        }
        if self.held_since.is_none() {
            self.successor.begin();
        }
    }

    fn note_successor(&mut self, news: News) {
        match news {
            News::Ready => self.heir_from = self.outlet.hand_over(),
            News::Lost => self.outlet.go_on(),
        }
    }

    /// The next connection, once it is to take over. Without an encoder it would be fed with nothing, which
    /// servers do not like.
    fn heir_in_turn(&mut self) -> Option<Heir> {
        let is_late = self.moves_at().is_some_and(|at| at <= Instant::now());
        let is_due = is_late || self.held_since.is_none() && self.outlet.is_over();
        if is_due { self.successor.take() } else { None }
    }

    /// When the next connection is used without waiting for a key frame any longer.
    fn moves_at(&self) -> Option<Instant> {
        self.successor.ready_since().filter(|_| self.held_since.is_none()).map(|since| since + PATIENCE)
    }

    fn fed(&self) -> Duration {
        self.began.elapsed().saturating_sub(self.idle)
    }

    /// Shows whether the target is fed or held; `false` if the broadcast is over.
    fn note_source(&mut self) -> bool {
        self.note_idle();
        let source = *self.source.borrow_and_update();
        match source {
            Source::Live => {
                self.successor.wait_anew();
                self.status.enter(TargetState::Live, RECEIVING);
            }
            Source::Gone(_) => {
                self.held_since = Some(Instant::now());
                let reason = "The encoder is gone; the connection is kept open for its return.";
                self.status.enter(TargetState::Holding, reason);
            }
            Source::Ended => return false,
        }
        true
    }

    fn note_idle(&mut self) {
        self.idle += self.held_since.take().map(|since| since.elapsed()).unwrap_or_default();
    }

    /// Shows how late the target is and what it missed, and gives up one that is beyond help. Returns
    /// when that is to be done again, whatever happens.
    fn note_standing(&mut self) -> Result<Option<Instant>, Why> {
        let settles_at = self.note_settled();
        let Some(standing) = self.outlet.standing() else {
            return Ok(settles_at);
        };
        let now = Instant::now();
        if standing.stalls_at.is_some_and(|at| at <= now) {
            return Err(net::Error::Stalled(STALL).into());
        }
        self.status.lag_ms.store(u64::try_from(standing.lag_ms).unwrap_or(0), Relaxed);
        self.slowness.note(&standing, self.status)?;
        let shown_again = (standing.unsent > 0 || standing.lag_ms > 0).then(|| now + STALL_SHOWN);
        Ok([settles_at, standing.stalls_at, shown_again].into_iter().flatten().min())
    }

    /// Takes note that a target has been fed for long enough to count as healthy; returns when it will.
    fn note_settled(&mut self) -> Option<Instant> {
        let settles_at = self.began + PLAUSIBLE;
        if !self.is_settled && settles_at <= Instant::now() {
            self.is_settled = true;
            self.status.settle();
        }
        (!self.is_settled).then_some(settles_at)
    }
}

/// For how long a session that ended like this took nothing before it ended.
fn unfed(why: &Why) -> Duration {
    match why {
        Why::Link(net::Error::Stalled(limit)) => *limit,
        _ => Duration::ZERO,
    }
}

/// How often the lag of a target that takes nothing is shown anew.
const STALL_SHOWN: Duration = Duration::from_secs(1);
