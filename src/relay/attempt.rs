//! One attempt at a target: reach it, feed it, part with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use super::failure::{Failure, Why, sentence, shown};
use super::form::Form;
use super::hub::Source;
use super::limiter::Leave;
use super::offer::{Offer, Untaken};
use super::push::{End, Push, ordered};
use super::session::{Ended, Feeding};
use crate::model::{Endpoint, EndpointRole, Intake, Step};
use crate::net::{self, Link};
use crate::rtmp::auth::Dialogue;
use crate::rtmp::{Client, Session, handshake};

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
        // Only now, so that no lag builds up while dialling.
        let outlet = self.hub.attach(link, Arc::clone(&self.status), Form::of(&intake));
        let feeding = Feeding::new(outlet, &self.hub, &self.status, intake, self.coalesce.clone());
        let ended = feeding.run(&mut self.order).await;
        match ended {
            Ok(end) => Ok(end),
            Err(Ended { why, fed, was_held: true }) => {
                tracing::info!(error = %why, "target gone while the encoder was away");
                Ok(End::LostWhileHeld(fed))
            }
            Err(Ended { why, fed, .. }) => {
                let failure = Failure { why, step: None, fed: Some(fed) };
                if failure.kind().is_about_server() {
                    self.limiter.note_failure(&server(&endpoint), self.id);
                }
                Err(failure)
            }
        }
    }

    /// Waits until it is known what the encoder sends, and whether a target that is particular takes it. An encoder
    /// that sends nothing for a while is not waited for: the target is connected, and asked later.
    async fn await_offer(&self, intake: &Intake) -> Result<(), Failure> {
        if *intake == Intake::EVERYTHING {
            return Ok(());
        }
        let mut offer = self.hub.offer();
        if let Ok(Ok(offer)) = timeout(UNTIL_OFFERED, offer.wait_for(Offer::is_known)).await {
            let refused = |why: Untaken| Failure { why: why.into(), step: None, fed: None };
            return offer.suits(intake).map_err(refused);
        }
        Ok(())
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
        let reached = timeout(ATTEMPT, self.reach(endpoint, &progress)).await;
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
        let failure = Failure { why, step: Some(step), fed: None };
        if failure.kind().is_about_server() {
            leave.failed(self.id);
        } else {
            leave.answered();
        }
        Err(failure)
    }

    async fn await_turn(&self, endpoint: &Endpoint, is_urgent: bool) -> Leave<'_> {
        let retry = self.retry.notified();
        let urged = async {
            if !is_urgent {
                retry.await;
            }
        };
        let mut admission = std::pin::pin!(self.limiter.admit(server(endpoint), urged));
        if let Ok(leave) = timeout(TURN_SHOWN, &mut admission).await {
            return leave;
        }
        self.status.await_turn(TURN);
        admission.await
    }

    async fn reach(
        &self,
        endpoint: &Endpoint,
        progress: &(dyn Fn(net::Step) + Send + Sync),
    ) -> Result<Link<Client>, Why> {
        let mut login = Dialogue::new(endpoint.login.clone(), rand::random());
        // Once, but for a server that wants a login: that takes as many connections as it wants words.
        loop {
            let mut transport = self.dial.dial(&endpoint.url, progress).await?;
            transport.count_sent(Arc::clone(&self.status.counters.bytes_sent));
            let session = Session::client(endpoint.url.clone(), endpoint.key.clone(), &nonce());
            let mut link = Link::new(transport, session.with_login(login.query()));
            match net::ask(&mut link, progress).await {
                Ok(()) => return Ok(link),
                Err(error) => Why::heed(error, &mut login, &endpoint.url)?,
            }
        }
    }
}

fn server(endpoint: &Endpoint) -> (String, u16) {
    (endpoint.url.host().to_owned(), endpoint.url.port())
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
