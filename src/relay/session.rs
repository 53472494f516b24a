//! A session that a target accepted, while it is fed.

use std::future::poll_fn;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::backoff::PLAUSIBLE;
use super::failure::Why;
use super::hub::{Attached, Hub, Source};
use super::offer::{self, Offer};
use super::outlet::{self, Line, Standing};
use super::push::{End, Order, ordered};
use super::ring::Counts;
use super::status::TargetStatus;
use crate::model::{Coalesce, Intake, TargetState};
use crate::net::link::STALL;
use crate::net::{self, deadline};
use crate::rtmp::Session;

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
    /// What earlier sessions had skipped.
    skipped_before: Counts,
    slowness: Slowness,
    is_settled: bool,
}

/// Why a session failed.
pub(super) struct Ended {
    pub(super) why: Why,
    /// For how long it was fed.
    pub(super) fed: Duration,
    /// Whether the encoder was away.
    pub(super) was_held: bool,
}

/// What is remembered of a target that does not keep up.
#[derive(Default)]
struct Slowness {
    skipped: Counts,
    told_at: Option<Instant>,
    falls: u64,
    fell_at: Option<Instant>,
    /// While much waits: when it had last taken enough, and how many bytes in all.
    progress: Option<(Instant, u64)>,
}

impl<'a> Feeding<'a> {
    pub(super) fn new(
        outlet: Attached,
        hub: &Hub,
        status: &'a TargetStatus,
        intake: Intake,
        mut coalesce: watch::Receiver<Option<Coalesce>>,
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
            skipped_before: Counts {
                video: status.counters.skipped_video.load(Relaxed),
                audio: status.counters.skipped_audio.load(Relaxed),
            },
            slowness: Slowness::default(),
            is_settled: false,
        }
    }

    /// Feeds the target until it fails or there is nothing more to do, and parts with it.
    pub(super) async fn run(mut self, order: &mut watch::Receiver<Order>) -> Result<End, Ended> {
        let ended = self.forward(order).await;
        // Only this task takes it.
        let Some(mut line) = self.outlet.take() else {
            return Ok(End::Ordered);
        };
        match ended {
            Ok(end) => {
                let says_goodbye = match end {
                    End::SourceGone => true,
                    // An order to leave must not end the broadcast, nor must nobody's being left to order
                    // anything, which is how a relay ends that is cut off.
                    End::Ordered => *order.borrow() == Order::End,
                    // Nor must a change of codecs: the platform is back in a moment.
                    End::Changed | End::LostWhileHeld(_) => false,
                };
                let parting = part(&mut line, matches!(end, End::SourceGone), says_goodbye);
                if !matches!(timeout(FAREWELL, parting).await, Ok(Ok(()))) {
                    tracing::debug!("the target was gone before the goodbye");
                    line.link.reset();
                }
                Ok(end)
            }
            Err(why) => {
                let was_held = self.held_since.is_some();
                self.note_idle();
                line.link.reset();
                let fed = self.began.elapsed().saturating_sub(self.idle).saturating_sub(unfed(&why));
                Err(Ended { why, fed, was_held })
            }
        }
    }

    /// While the target takes everything at once, its stream's delivery does the work, and this waits.
    async fn forward(&mut self, order: &mut watch::Receiver<Order>) -> Result<End, Why> {
        if !self.note_source() {
            return Ok(End::SourceGone);
        }
        loop {
            let look_again = self.note_standing()?;
            let outlet = &self.outlet;
            tokio::select! {
                biased;
                () = ordered(order) => return Ok(End::Ordered),
                _ = self.source.changed() => if !self.note_source() {
                    return Ok(End::SourceGone);
                },
                untaken = offer::unsuited(&mut self.offer, &self.intake) => return Err(untaken.into()),
                // It goes on as it is once nobody can wish anything any more.
                Ok(()) = self.coalesce.changed() => outlet.set_coalesce(*self.coalesce.borrow_and_update()),
                turn = poll_fn(|cx| outlet.poll(cx)) => match turn {
                    Ok(()) => {}
                    Err(outlet::End::Changed) => return Ok(End::Changed),
                    Err(outlet::End::Failed(why)) => return Err(why),
                },
                () = deadline::reached(look_again) => {}
            }
        }
    }

    /// Shows whether the target is fed or held; `false` if the broadcast is over.
    fn note_source(&mut self) -> bool {
        self.note_idle();
        let source = *self.source.borrow_and_update();
        match source {
            Source::Live => self.status.enter(TargetState::Live, "Receiving the stream."),
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
        self.note_skipped(standing.skipped);
        self.note_falls(standing.falls)?;
        self.note_progress(&standing)?;
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

    fn note_skipped(&mut self, skipped: Counts) {
        if skipped == self.slowness.skipped {
            return;
        }
        self.slowness.skipped = skipped;
        let total = self.skipped_before + skipped;
        self.status.counters.skipped_video.store(total.video, Relaxed);
        self.status.counters.skipped_audio.store(total.audio, Relaxed);
        if self.slowness.told_at.is_none_or(|at| at.elapsed() >= TOLD_AGAIN) {
            self.slowness.told_at = Some(Instant::now());
            tracing::warn!(
                skipped_video = total.video,
                skipped_audio = total.audio,
                "target is too slow for the stream: frames are left out"
            );
        }
    }

    fn note_falls(&mut self, falls: u64) -> Result<(), Why> {
        if falls != self.slowness.falls {
            self.slowness.falls = falls;
            let before = self.slowness.fell_at.replace(Instant::now());
            if before.is_some_and(|at| at.elapsed() < TOO_OFTEN) {
                return Err(Why::TooSlow);
            }
        }
        Ok(())
    }

    /// Gives up a target that always has more waiting for it than it takes: what it gets is out of date.
    fn note_progress(&mut self, standing: &Standing) -> Result<(), Why> {
        if standing.unsent < NEXT_TO_NOTHING {
            self.slowness.progress = None;
            return Ok(());
        }
        let (now, sent) = (Instant::now(), self.status.counters.bytes_sent.load(Relaxed));
        let (since, before) = *self.slowness.progress.get_or_insert((now, sent));
        if sent.saturating_sub(before) >= HARDLY_ANYTHING {
            self.slowness.progress = Some((now, sent));
        } else if now - since >= TOO_OFTEN {
            return Err(Why::TooSlow);
        }
        Ok(())
    }
}

/// Ends a session in good order. What the encoder sent before it ended is sent first.
async fn part(line: &mut Line, sends_rest: bool, says_goodbye: bool) -> Result<(), net::Error> {
    let Line { link, feed } = line;
    feed.end_with_broadcast();
    while sends_rest && let Ok(Some(packet)) = feed.try_recv() {
        link.with(|session| session.send(&packet));
        while !link.has_room() {
            link.next().await?;
        }
    }
    if says_goodbye {
        link.with(Session::unpublish);
    }
    link.close().await
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

/// How often the log is told that a target is too slow.
const TOLD_AGAIN: Duration = Duration::from_secs(30);

/// A target that falls out of the recent past twice in this time is dialled anew, and so is one that
/// takes hardly anything in all of this time though more waits.
const TOO_OFTEN: Duration = Duration::from_secs(30);

/// Bytes: far less than the leanest stream has in [`TOO_OFTEN`].
const HARDLY_ANYTHING: u64 = 64 << 10;

/// Bytes: with fewer that wait, a target has kept up.
const NEXT_TO_NOTHING: usize = 32 << 10;

/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(3);
