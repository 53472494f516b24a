//! One attempt at a target: reach it, feed it, go with it where it wants to, part with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument;

use super::failure::{Failure, Why, sentence, shown};
use super::farewell::part_with;
use super::form::Form;
use super::hub::{Place, Source};
use super::limiter::Leave;
use super::offer::{Offer, Untaken};
use super::outlet::Line;
use super::push::{End, Order, Push, ordered};
use super::reach::{Detour, Way, reach};
use super::session::{Ended, Feeding, Moved, Next};
use super::successor::{Heir, Successor, Tries};
use crate::model::{Endpoint, EndpointRole, Intake, Platform, Step};
use crate::net::{self, Link, Transport};
use crate::rtmp::{Client, FourCc, RtmpUrl, Session, handshake};

impl Push {
    /// Tries the address of that number, until it fails or there is nothing more to do.
    pub(super) async fn once(&mut self, address: usize, is_urgent: bool) -> Result<End, Failure> {
        let Some((role, endpoint)) = self.endpoints.get(address).cloned() else {
            return Ok(End::Ordered);
        };
        let intake = Intake::at(endpoint.url.host(), &self.takes);
        let mut source = self.hub.source();
        let mut order = self.order.clone();
        let link = tokio::select! {
            biased;
            () = ordered(&mut order) => return Ok(End::Ordered),
            _ = source.wait_for(|source| *source == Source::Ended) => return Ok(End::SourceGone),
            link = async {
                self.await_offer(&intake).await?;
                self.connect(role, &endpoint, is_urgent).await
            } => link?,
        };
        tracing::info!("target accepted the stream");
        self.feed(link, &endpoint, intake, &mut order).await
    }

    /// Feeds a target over one connection, and over others that it wants instead.
    async fn feed(
        &self,
        mut link: Link<Client>,
        endpoint: &Endpoint,
        intake: Intake,
        order: &mut watch::Receiver<Order>,
    ) -> Result<End, Failure> {
        let reach_anew = |url| -> BoxFuture<'_, Result<Link<Client>, Failure>> {
            Box::pin(self.reach_beside(Endpoint { url, ..endpoint.clone() }))
        };
        let (mut tries, mut asked) = (Tries::default(), None);
        let (mut place, mut fed_before) = (Place::Newest, Duration::ZERO);
        loop {
            let server = link.with(|session| server(session.url()));
            // Only now, so that no lag builds up while dialling.
            let outlet = self.hub.attach(link, Arc::clone(&self.status), Form::of(&intake), place);
            let successor = Successor::new(&reach_anew, tries, &self.status, asked, &self.retry);
            let coalesce = self.coalesce.clone();
            let feeding = Feeding::new(outlet, &self.hub, &self.status, intake, coalesce, successor);
            match feeding.run(order).await {
                Ok(Next::End(end)) => return Ok(end),
                Ok(Next::Moved(moved)) => {
                    let Moved { heir, place: heirs_place, old, fed } = *moved;
                    Heir { link, asked, tries } = heir;
                    (place, fed_before) = (heirs_place, fed_before + fed);
                    self.note_moved(&mut link, old);
                }
                Err(Ended { why, was_held: true, fed }) => {
                    tracing::info!(error = %why, "target gone while the encoder was away");
                    return Ok(End::LostWhileHeld(fed_before + fed));
                }
                Err(Ended { why, fed, .. }) => {
                    let failure = Failure { why, step: None, fed: Some(fed_before + fed) };
                    if failure.is_about_server() {
                        self.limiter.note_failure(&server, self.id);
                    }
                    return Err(failure);
                }
            }
        }
    }

    /// Takes note that the stream goes on over a connection, and leaves the old one, if there still is one.
    fn note_moved(&self, link: &mut Link<Client>, old: Option<Line>) {
        let to = link.with(|session| session.url().origin());
        tracing::info!(to, "the stream goes on over a new connection");
        let words = format!("The server wanted the stream on a new connection and has it, to {to}.");
        match old {
            Some(mut old) => {
                old.link.count_no_more();
                // What is left for it must keep nobody waiting.
                let parting = self.tasks.track_future(part_with(old)).in_current_span();
                self.hub.worker().spawn(&self.tracker, parting);
                self.status.moved(words);
            }
            None => self.status.rescued(words),
        }
        link.count_all_sent(Arc::clone(&self.status.counters.bytes_sent));
    }

    /// Waits until it is known what the encoder sends, and whether a target that is particular takes it. An encoder
    /// that sends nothing for a while is not waited for: the target is connected, and asked later.
    async fn await_offer(&self, intake: &Intake) -> Result<(), Failure> {
        if *intake == Intake::EVERYTHING {
            return Ok(());
        }
        match self.offered().await {
            Some(offer) => {
                offer.suits(intake).map_err(|why: Untaken| Failure { why: why.into(), step: None, fed: None })
            }
            None => Ok(()),
        }
    }

    /// What the encoder sends, once it is known; `None` if it sends nothing for a while.
    async fn offered(&self) -> Option<Offer> {
        let mut offer = self.hub.offer();
        let known = timeout(UNTIL_OFFERED, offer.wait_for(Offer::is_known)).await;
        known.ok()?.ok().map(|offer| offer.clone())
    }

    /// Reaches an address, in its turn, and asks it to take the stream.
    async fn connect(
        &self,
        role: EndpointRole,
        endpoint: &Endpoint,
        is_urgent: bool,
    ) -> Result<Link<Client>, Failure> {
        let leave = self.await_turn(endpoint, is_urgent).await;
        self.status.begin_attempt(role);
        let at = Mutex::new(Step::Resolving);
        let progress = |step: net::Step| {
            *at.lock().unwrap_or_else(PoisonError::into_inner) = shown(step);
            self.status.enter_step(shown(step), sentence(&step.to_string()));
        };
        let road = Road { push: self, progress: &progress, is_counted: true };
        let reached = timeout(ATTEMPT, reach(&road, endpoint)).await;
        let step = *at.lock().unwrap_or_else(PoisonError::into_inner);
        let why = match reached {
            Ok(Ok(link)) => {
                leave.answered();
                self.status.accepted();
                return Ok(link);
            }
            Ok(Err(why)) => why,
            Err(_) => net::Error::Timeout { step: net::Step::Publish, limit: ATTEMPT }.into(),
        };
        Err(self.failed(leave, why, Some(step)))
    }

    /// Reaches an address in its turn while the target is fed over another connection, of which alone is told
    /// and counted. That one may end any moment, so that the wait for the turn is bounded, too.
    async fn reach_beside(&self, endpoint: Endpoint) -> Result<Link<Client>, Failure> {
        let road = Road { push: self, progress: &|_| (), is_counted: false };
        let began = Instant::now();
        let admission = self.limiter.admit(server(&endpoint.url), self.retry.notified());
        let late = || net::Error::Timeout { step: net::Step::Publish, limit: ATTEMPT }.into();
        let Ok(leave) = timeout(ATTEMPT, admission).await else {
            // Nothing was asked of the server.
            return Err(Failure { why: late(), step: None, fed: None });
        };
        let why = match timeout_at(began + ATTEMPT, reach(&road, &endpoint)).await {
            Ok(Ok(link)) => {
                leave.answered();
                return Ok(link);
            }
            Ok(Err(why)) => why,
            Err(_) => late(),
        };
        Err(self.failed(leave, why, None))
    }

    fn failed(&self, leave: Leave<'_>, why: Why, step: Option<Step>) -> Failure {
        let failure = Failure { why, step, fed: None };
        if failure.is_about_server() {
            leave.failed(self.id);
        } else {
            leave.answered();
        }
        failure
    }

    async fn await_turn(&self, endpoint: &Endpoint, is_urgent: bool) -> Leave<'_> {
        let retry = self.retry.notified();
        let urged = async {
            if !is_urgent {
                retry.await;
            }
        };
        let mut admission = std::pin::pin!(self.limiter.admit(server(&endpoint.url), urged));
        if let Ok(leave) = timeout(TURN_SHOWN, &mut admission).await {
            return leave;
        }
        self.status.await_turn(TURN);
        admission.await
    }

    /// The codecs that a server is sent for which it may have no place, as far as the encoder shows them in time.
    async fn codecs(&self, host: &str) -> Vec<FourCc> {
        let form = Form::of(&Intake::at(host, &self.takes));
        let offer = self.offered().await.unwrap_or_default();
        let sent = offer.tracks.iter().filter(|offered| form.sends(offered));
        sent.filter_map(|offered| offered.codec.four_cc().map(FourCc)).collect()
    }
}

/// The way of a push.
struct Road<'a> {
    push: &'a Push,
    progress: &'a (dyn Fn(net::Step) + Send + Sync),
    /// Whether no other connection is fed meanwhile, whose bytes alone are counted then.
    is_counted: bool,
}

impl Way for Road<'_> {
    fn open<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<(Transport, Session<Client>), net::Error>> {
        Box::pin(async {
            let mut transport = self.push.dial.dial(&endpoint.url, self.progress).await?;
            if self.is_counted {
                transport.count_sent(Arc::clone(&self.push.status.counters.bytes_sent));
            }
            let host = endpoint.url.host();
            let session = Session::client(endpoint.url.clone(), endpoint.key.clone(), &nonce());
            let session = session.carrying(self.push.codecs(host).await);
            // Platforms are told what OBS tells them.
            Ok((transport, if Platform::of_host(host).is_none() { session.movable() } else { session }))
        })
    }

    fn step(&self, step: net::Step) {
        (self.progress)(step);
    }

    fn detour(&self, detour: Detour<'_>) {
        match detour {
            Detour::Login => {}
            Detour::Moved(to) => tracing::info!(to = to.origin(), "the server sends the stream on"),
        }
    }
}

fn server(url: &RtmpUrl) -> (String, u16) {
    (url.host().to_owned(), url.port())
}

/// Random bytes for a handshake; nothing secret hangs on them.
pub(super) fn nonce() -> handshake::Nonce {
    rand::random()
}

/// An encoder shows its tracks at once. One that does not is not waited for.
const UNTIL_OFFERED: Duration = Duration::from_secs(2);

/// All of one attempt, whatever its steps take.
const ATTEMPT: Duration = Duration::from_secs(50);

/// A wait for the turn is shown if it takes this long.
const TURN_SHOWN: Duration = Duration::from_millis(500);

const TURN: &str =
    "Waiting for its turn: many targets are being connected, or this server has just failed many of them.";
