//! Keeps one target fed: [`Push::run`] loops, `once` tries.
//!
//! One attempt is a straight line that returns why it ended; the loop alone decides what that means.
//! While its stream has a source, nothing is given up.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::backoff::Backoff;
use super::failure::Failure;
use super::hub::{Feed, HOLD, Hub, Source};
use super::status::{Setback, TargetStatus};
use crate::model::{self, EndpointRole, ErrorKind, TargetState, WantedTarget};
use crate::net::{self, Dial, Link, Step, Turn};
use crate::rtmp::client::Event;
use crate::rtmp::{Client, Session, handshake};

/// A target that lags more than this is taken to the newest key frame.
pub const PATIENCE: Duration = Duration::from_secs(6);

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

/// A target's task.
#[derive(Clone)]
pub struct Push {
    /// What to feed.
    pub target: WantedTarget,
    /// Its stream.
    pub hub: Arc<Hub>,
    /// How it is reached.
    pub dial: Arc<dyn Dial>,
    /// What is told of it.
    pub status: Arc<TargetStatus>,
    /// Ends a wait.
    pub retry: Arc<Notify>,
    /// What is asked of it.
    pub order: watch::Receiver<Order>,
    /// Where its random waits begin.
    pub seed: u64,
}

/// Why an attempt ended without a failure.
enum End {
    /// The source is gone for good, or longer than the hold.
    SourceGone,
    /// See [`Order`].
    Ordered,
}

/// A session that a target accepted, and when.
struct Accepted {
    link: Link<Client>,
    at: Instant,
}

/// A failed attempt, and for how long the target had been fed.
struct Failed {
    why: Failure,
    fed: Option<Duration>,
}

impl Push {
    /// Feeds the target until ordered otherwise.
    pub async fn run(mut self) {
        let mut backoff = Backoff::new(self.seed);
        while self.until_live().await {
            match self.once().await {
                // Another broadcast, another ladder.
                Ok(End::SourceGone) => backoff.begin_anew(),
                Ok(End::Ordered) => return,
                Err(Failed { why, fed }) => {
                    let wait = backoff.next(fed.unwrap_or_default());
                    let reason = why.explain(fed);
                    tracing::warn!(%reason, ?wait, "target failed");
                    self.wait(reason, wait).await;
                }
            }
        }
    }

    /// Waits for a publisher; `false` when ordered to stop.
    async fn until_live(&mut self) -> bool {
        let mut source = self.hub.source();
        if *source.borrow_and_update() != Source::Live && *self.order.borrow() == Order::Run {
            self.status.enter(TargetState::WaitingForSource, "Waiting for the encoder.");
        }
        tokio::select! {
            biased;
            () = ordered(&mut self.order) => false,
            live = source.wait_for(|source| *source == Source::Live) => live.is_ok(),
        }
    }

    /// Waits before the next attempt: until the time is over, someone asks for it now, the source is
    /// gone for good, or an order comes.
    pub(super) async fn wait(&mut self, reason: impl Into<String>, wait: Duration) {
        let until = Instant::now() + wait;
        let mut source = self.hub.source();
        // Heard from before the wait is shown, so that nobody who sees it asks in vain.
        let retry = self.retry.notified();
        let kind = ErrorKind::Internal;
        self.status.back_off(Setback { step: None, kind, reason: reason.into(), next_try: Some(until) });
        tokio::select! {
            () = sleep_until(until) => {}
            () = retry => {}
            _ = source.wait_for(|source| *source == Source::Ended) => {}
            () = ordered(&mut self.order) => {}
        }
    }

    async fn once(&mut self) -> Result<End, Failed> {
        let mut source = self.hub.source();
        let accepted = tokio::select! {
            biased;
            () = ordered(&mut self.order) => return Ok(End::Ordered),
            _ = source.wait_for(|source| *source == Source::Ended) => return Ok(End::SourceGone),
            accepted = timeout(ATTEMPT, connect(&self.target, &*self.dial, &self.status)) => accepted,
        };
        let no_answer = || net::Error::Timeout { step: Step::Publish, limit: ATTEMPT };
        let accepted = accepted.unwrap_or_else(|_| Err(no_answer().into()));
        let Accepted { mut link, at } = accepted.map_err(|why| Failed { why, fed: None })?;
        // Only now, so that no lag builds up while dialling.
        let mut feed = self.hub.subscribe(PATIENCE);
        tracing::info!("target accepted the stream");
        let ended = self.forward(&mut link, &mut feed).await;
        self.status.lag_ms.store(0, Relaxed);
        match ended {
            Ok(end) => {
                let parting = self.part(&mut link, feed, &end);
                if !matches!(timeout(FAREWELL, parting).await, Ok(Ok(()))) {
                    tracing::debug!("the target was gone before the goodbye");
                    link.reset();
                }
                Ok(end)
            }
            Err(why) => {
                link.reset();
                Err(Failed { why, fed: Some(at.elapsed()) })
            }
        }
    }

    /// Feeds an accepted session until it ends.
    async fn forward(&mut self, link: &mut Link<Client>, feed: &mut Feed) -> Result<End, Failure> {
        let mut source = self.hub.source();
        let mut hold_until = self.note_source(*source.borrow_and_update());
        let skipped_before = self.status.skipped_video.load(Relaxed);
        loop {
            let Some(deadline) = hold_until else {
                return Ok(End::SourceGone);
            };
            let has_room = link.has_room();
            tokio::select! {
                biased;
                () = ordered(&mut self.order) => return Ok(End::Ordered),
                _ = source.changed() => hold_until = self.note_source(*source.borrow_and_update()),
                () = until(deadline) => return Ok(End::SourceGone),
                turn = link.next() => if let Turn::Event(Event::Rejected(why)) = turn? {
                    return Err(Failure::Rejected(why));
                },
                frame = feed.recv(), if has_room => {
                    link.with(|session| session.send(frame));
                    while link.has_room() && let Some(frame) = feed.try_recv() {
                        link.with(|session| session.send(frame));
                    }
                    self.status.skipped_video.store(skipped_before + feed.skipped(), Relaxed);
                }
                // A target that takes nothing falls behind all the same.
                () = sleep(STALL_SHOWN), if !has_room => {}
            }
            self.status.lag_ms.store(u64::try_from(feed.lag_ms()).unwrap_or(0), Relaxed);
        }
    }

    /// Shows whether the target is fed or held; returns until when to hold, or `None` to end.
    fn note_source(&self, source: Source) -> Option<Deadline> {
        match source {
            Source::Live => {
                self.status.enter(TargetState::Live, "Receiving the stream.");
                Some(Deadline::Never)
            }
            Source::Gone(at) => {
                let reason = "The encoder is gone; the connection is kept open for its return.";
                self.status.enter(TargetState::Holding, reason);
                Some(Deadline::At(at + HOLD))
            }
            Source::Ended => None,
        }
    }

    /// Ends a session in good order. What the encoder sent before it ended is sent first.
    async fn part(&self, link: &mut Link<Client>, mut feed: Feed, end: &End) -> Result<(), net::Error> {
        if let End::SourceGone = end {
            while let Some(frame) = feed.try_recv() {
                link.with(|session| session.send(frame));
                while !link.has_room() {
                    link.next().await?;
                }
            }
        }
        // An order to leave must not end the broadcast.
        if *self.order.borrow() != Order::Leave {
            link.with(Session::unpublish);
        }
        link.close().await
    }
}

/// Waits for an order other than to run. Cancel-safe.
async fn ordered(order: &mut watch::Receiver<Order>) {
    // An error means that nobody is left to order anything, which is an order to stop too.
    let _ = order.wait_for(|order| *order != Order::Run).await;
}

/// When a hold ends.
#[derive(Debug, Clone, Copy)]
enum Deadline {
    Never,
    At(Instant),
}

async fn until(deadline: Deadline) {
    match deadline {
        Deadline::Never => std::future::pending().await,
        Deadline::At(at) => sleep_until(at).await,
    }
}

/// Reaches a target and asks it to take the stream.
async fn connect(
    target: &WantedTarget,
    dial: &dyn Dial,
    status: &Arc<TargetStatus>,
) -> Result<Accepted, Failure> {
    let progress = |step| status.enter_step(shown(step), format!("Connecting: {step}."));
    status.begin_attempt(EndpointRole::Primary);
    let mut transport = dial.dial(&target.endpoint.url, &progress).await?;
    transport.count_sent(Arc::clone(&status.bytes_sent));
    let session = Session::client(target.endpoint.url.clone(), target.endpoint.key.clone(), &nonce());
    let mut link = Link::new(transport, session);
    net::ask(&mut link, &progress).await?;
    status.accepted();
    Ok(Accepted { link, at: Instant::now() })
}

fn shown(step: Step) -> model::Step {
    match step {
        Step::Resolving => model::Step::Resolving,
        Step::Connecting => model::Step::Connecting,
        Step::Tls => model::Step::Tls,
        Step::Handshake => model::Step::Handshake,
        Step::Connect => model::Step::Connect,
        Step::Publish => model::Step::Publish,
    }
}

/// Random bytes for a handshake; nothing secret hangs on them.
pub(super) fn nonce() -> handshake::Nonce {
    rand::random()
}

/// All of one attempt, whatever its steps take.
const ATTEMPT: Duration = Duration::from_secs(40);

/// How often the lag of a target that takes nothing is shown anew.
const STALL_SHOWN: Duration = Duration::from_secs(1);

/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(3);
