//! Accepts publishers.
//!
//! A stranger has an absolute time to show a good key, a small memory to do it in, and is told in
//! words why it is refused, for otherwise encoders come back at once and for ever. A publisher is
//! read until it ends, vanishes, falls silent or is replaced.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::attempt::nonce;
use super::authentication::{Authentication, Strangers};
use super::gate::{Gate, Pass};
use super::publication::Publication;
use super::registry::{Refusal, Registry};
use super::status::{Refusals, Refused};
use super::takeover::{Busy, SILENT};
use crate::model::IngestKey;
use crate::net::{self, Link, Place, Transport, Tries, Turn};
use crate::rtmp::auth::Login;
use crate::rtmp::capabilities::RECONNECT;
use crate::rtmp::server::Event;
use crate::rtmp::{Rejection, Server, Session, StreamKey};
use crate::secret::Secret;

/// Accepts connections until `stop`, each served by a task of its own.
pub struct Ingest {
    tracker: TaskTracker,
    stop: CancellationToken,
    /// One for all ports.
    gate: Arc<Gate>,
    /// Who may publish what, and what strangers did.
    strangers: Arc<Strangers>,
}

/// What a stranger turned out to be.
enum Stranger {
    Publisher { app: Secret, keys: Vec<StreamKey> },
    Refused(&'static str),
}

impl Ingest {
    /// An ingest that knows who may publish what by `registry`, spawns its tasks on `tracker`, and ends
    /// them all by `stop`.
    pub fn new(registry: Arc<Registry>, tracker: TaskTracker, stop: CancellationToken) -> Self {
        let strangers = Arc::new(Strangers::new(registry, Arc::default(), Tries::new(TRIES, ONE_MORE)));
        Self { tracker, stop, gate: Arc::default(), strangers }
    }

    /// Counts who is not let in where others see it.
    #[must_use]
    pub fn counting(self, refusals: Arc<Refusals>) -> Self {
        let guesses = Tries::new(TRIES, ONE_MORE);
        let strangers = Arc::new(Strangers::new(Arc::clone(&self.strangers.registry), refusals, guesses));
        Self { strangers, ..self }
    }

    /// Serves one connection to its end.
    ///
    /// # Errors
    /// Why it ended, unless it ended in good order.
    pub async fn serve_connection(
        &self,
        transport: Transport,
        peer: SocketAddr,
        pass: Pass,
    ) -> Result<(), net::Error> {
        self.serve_until(Instant::now() + TO_PUBLISH, transport, peer, pass).await
    }

    /// The same for one that must show a key until then.
    async fn serve_until(
        &self,
        deadline: Instant,
        transport: Transport,
        peer: SocketAddr,
        pass: Pass,
    ) -> Result<(), net::Error> {
        let shown = Authentication::new(&self.strangers, peer);
        let session = Session::server_with(Box::new(shown.clone()), Box::new(nonce()));
        let mut link = Link::new(transport, session);
        let met = tokio::select! {
            () = self.stop.cancelled() => return Ok(()),
            met = timeout_at(deadline, meet(&mut link)) => met,
        };
        let stranger = match met {
            Ok(Ok(stranger)) => stranger,
            Ok(Err(error)) => return self.judge(error, &link),
            Err(_) => {
                self.let_go_late();
                return Ok(());
            }
        };
        match stranger {
            Stranger::Refused(_) if shown.has_turned_away() => {
                tracing::debug!("asked for a user name and a password");
                part(link, None).await;
                Ok(())
            }
            Stranger::Refused(why) => {
                self.strangers.refusals.count(Refused::Purpose);
                tracing::info!(why, "connection refused");
                part(link, None).await;
                Ok(())
            }
            Stranger::Publisher { app, keys } => {
                let claimed = tokio::select! {
                    () = self.stop.cancelled() => return Ok(()),
                    claimed = self.try_keys(&shown, app.expose(), &keys) => claimed,
                };
                match claimed {
                    Ok((name, publication)) => {
                        drop(pass);
                        self.hand_over(link, name, publication).await;
                    }
                    Err(rejection) => part(link, Some(&rejection)).await,
                }
                Ok(())
            }
        }
    }

    /// The right to send, or what to say instead. Where many wrong keys came from, only keys that cannot be
    /// guessed are looked at: an encoder that has one must not suffer from who shares its address.
    async fn try_keys(
        &self,
        shown: &Authentication,
        app: &str,
        keys: &[StreamKey],
    ) -> Result<(String, Publication), Rejection> {
        let peer = shown.peer();
        let Strangers { registry, guesses, refusals, .. } = &*self.strangers;
        let closed_until = guesses.closed_until(&Place::of(peer.ip()));
        // Each by itself: a guess with a long query means the short key before it, too.
        let is_looked_at = |key: &&StreamKey| closed_until.is_none() || IngestKey::is_beyond_guessing(key);
        let keys: Vec<StreamKey> = keys.iter().filter(is_looked_at).cloned().collect();
        let refusal = match self.claim(&shown.logins(), app, &keys, peer).await {
            Ok(claimed) => return Ok(claimed),
            Err(refusal) => refusal,
        };
        match (refusal, closed_until) {
            (Refusal::UnknownKey, Some(at)) => {
                refusals.count(Refused::Guesses);
                tracing::debug!("too many wrong stream keys from there");
                let wait = at.saturating_duration_since(Instant::now());
                Err(Rejection::too_many_guesses(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
            }
            (Refusal::UnknownKey, None) => {
                tracing::warn!("refused: {refusal}");
                refusals.count(Refused::Key);
                guesses.note_wrong(Place::of(peer.ip()));
                Err(Rejection::bad_key())
            }
            (Refusal::Address, _) => {
                refusals.count(Refused::Address);
                tracing::warn!("refused: {refusal}; its list of allowed addresses can be changed");
                if let Some(entry) = registry.find(app, &keys) {
                    entry.hub.note_refused(peer);
                }
                Err(Rejection::wrong_address(peer.ip().to_canonical()))
            }
            (Refusal::Login, _) => {
                refusals.count(Refused::Login);
                tracing::warn!("refused: {refusal}");
                if let Some(entry) = registry.find(app, &keys) {
                    entry.hub.note_refused(peer);
                }
                Err(Rejection::no_login())
            }
            (Refusal::Busy(_), _) => {
                refusals.count(Refused::Busy);
                tracing::warn!("refused: {refusal}");
                if let Some(entry) = registry.find(app, &keys) {
                    entry.hub.note_refused(peer);
                }
                Err(Rejection::busy())
            }
        }
    }

    /// The right to send, if it can be had. An encoder whose machine vanished comes back while its old
    /// connection seems alive: it is let wait until that has been silent for long enough.
    async fn claim(
        &self,
        logins: &[Login],
        app: &str,
        keys: &[StreamKey],
        peer: SocketAddr,
    ) -> Result<(String, Publication), Refusal> {
        let patience = Instant::now() + SILENT;
        loop {
            match self.strangers.registry.publish_with(logins, app, keys, peer) {
                Err(Refusal::Busy(Busy { silent_at: Some(at) })) if at <= patience => sleep_until(at).await,
                claimed => return claimed,
            }
        }
    }

    /// Serves a publisher to its end, on its stream's thread.
    async fn hand_over(&self, link: Link<Server>, name: String, publication: Publication) {
        let (worker, stop) = (publication.worker().clone(), self.stop.clone());
        let publishing = async move {
            match link.move_here() {
                Ok(link) => publish(link, &name, publication, &stop).await,
                Err(error) => tracing::warn!(%error, "an encoder's connection was lost by this system"),
            }
        };
        if let Err(error) = worker.spawn(&self.tracker, publishing.in_current_span()).await {
            tracing::error!(%error, "an encoder's task failed; it may come back");
        }
    }
}

async fn publish(mut link: Link<Server>, name: &str, publication: Publication, stop: &CancellationToken) {
    link.count_received(publication.bytes_received());
    link.expect_much();
    link.with(Session::accept_publish);
    tracing::info!(stream = name, "encoder connected");
    let ended = tokio::select! {
        () = stop.cancelled() => Ended::Stopped,
        () = publication.taken_over() => Ended::TakenOver,
        ended = receive(&mut link, &publication) => ended,
    };
    tracing::info!(stream = name, %ended, "encoder disconnected");
    match ended {
        Ended::Unpublished => {
            publication.end();
            part(link, None).await;
        }
        Ended::TakenOver => part(link, Some(&Rejection::replaced())).await,
        Ended::Stopped => send_away(link).await,
        Ended::Silent | Ended::Failed(_) => {}
    }
}

/// Lets an encoder that understands it go in good order when the relay stops: it comes to an end by itself, and goes
/// to whoever is there next. To all others this is a lost connection.
async fn send_away(mut link: Link<Server>) {
    if !link.with(|session| session.capabilities().has(RECONNECT)) {
        return;
    }
    link.with(|session| session.request_reconnect(None, STOPPING));
    tracing::info!("the encoder was asked to come back");
    let until_ended = async {
        while !matches!(link.next().await, Ok(Turn::Event(Event::Unpublish)) | Err(_)) {}
        // Its last words are answered.
        let _ = link.close().await;
    };
    let _ = timeout(TO_GO, until_ended).await;
}

/// Why a publisher is received no more.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("the encoder ended the stream")]
    Unpublished,
    #[error("another encoder took over, or its stream key or address is no longer accepted")]
    TakenOver,
    #[error("splitcast stops")]
    Stopped,
    #[error("no media for {} s", IDLE.as_secs())]
    Silent,
    #[error(transparent)]
    Failed(net::Error),
}

/// Waits until a stranger says what it wants.
async fn meet(link: &mut Link<Server>) -> Result<Stranger, net::Error> {
    loop {
        match link.next().await? {
            Turn::Event(Event::Publish { app, keys }) => return Ok(Stranger::Publisher { app, keys }),
            Turn::Event(Event::Refused(why)) => return Ok(Stranger::Refused(why)),
            Turn::Event(Event::Tag(_) | Event::Unpublish) | Turn::Room => {}
        }
    }
}

/// Passes a publisher's media on until it ends.
async fn receive(link: &mut Link<Server>, publication: &Publication) -> Ended {
    let mut last_media = Instant::now();
    let mut undelivered = 0;
    // One timer for all: it is looked at rather than moved with every frame.
    let mut silence = std::pin::pin!(sleep_until(last_media + IDLE));
    loop {
        let turn = tokio::select! {
            biased;
            turn = link.next() => turn,
            () = &mut silence => {
                if last_media.elapsed() >= IDLE {
                    return Ended::Silent;
                }
                silence.as_mut().reset(last_media + IDLE);
                continue;
            }
        };
        match turn {
            Ok(Turn::Event(Event::Tag(tag))) => {
                if tag.kind.is_timed() {
                    last_media = Instant::now();
                }
                undelivered += tag.payload.len();
                if !publication.send(tag) {
                    return Ended::TakenOver;
                }
                if undelivered >= AT_ONCE {
                    undelivered = 0;
                    publication.give_way().await;
                }
            }
            Ok(Turn::Event(Event::Unpublish)) => return Ended::Unpublished,
            Ok(Turn::Event(Event::Publish { .. } | Event::Refused(_)) | Turn::Room) => {}
            Err(error) => return Ended::Failed(error),
        }
    }
}

/// Says why, if there is a reason, and lets the other side close first: an encoder that is closed
/// without a word comes back for ever, and one that still has a last word to say takes an early close
/// for a failure.
async fn part(mut link: Link<Server>, why: Option<&Rejection>) {
    if let Some(why) = why {
        link.with(|session| session.reject_publish(why));
    }
    let until_closed = async { while link.next().await.is_ok() {} };
    let _ = timeout(LINGER, until_closed).await;
}

mod entrance;

/// From connecting to `publish`, TLS and whatever is said in between.
const TO_PUBLISH: Duration = Duration::from_secs(15);

/// A publisher without media for this long is gone; see also [`SILENT`].
const IDLE: Duration = Duration::from_secs(10);

const STOPPING: &str = "splitcast stops. Connect again: it may be started anew.";

/// How long an encoder may take to go when the relay stops, which takes four seconds at most.
const TO_GO: Duration = Duration::from_secs(2);

/// Bytes taken in before the targets are given a turn.
const AT_ONCE: usize = 64 << 10;

const LINGER: Duration = Duration::from_secs(1);

/// Wrong keys that a place may send at once.
pub const TRIES: u32 = 10;

/// How long it takes until it may send one more.
pub const ONE_MORE: Duration = Duration::from_secs(6);
