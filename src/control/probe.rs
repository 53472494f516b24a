//! Tests of addresses and keys, as many as do no harm.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::desk::Control;
use super::error::Error;
use crate::model::{Endpoint, EndpointRole, LoginPatch, Platform, TargetId, TargetState};
use crate::net::Tries;
use crate::relay::probe::{ProbeReport, Prober, Stepped};
use crate::rtmp::auth::Login;
use crate::rtmp::url::{RtmpUrl, StreamKey};
use crate::store;

/// How many tests there may be.
#[derive(Debug)]
pub(super) struct Probes {
    places: Arc<Semaphore>,
    /// All together: what they dial is often the same.
    tries: Tries<()>,
    leave: CancellationToken,
}

impl Default for Probes {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            tries: Tries::new(IN_A_ROW, ONE_MORE),
            leave: CancellationToken::new(),
        }
    }
}

impl Probes {
    /// Ends those that go on, and lets none begin.
    pub(super) fn leave(&self) {
        self.leave.cancel();
    }

    fn admit(&self) -> Result<OwnedSemaphorePermit, Error> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Error::TooManyProbes { wait: SOON })?;
        match self.tries.take(()) {
            Ok(()) => Ok(place),
            Err(until) => {
                let wait = until.saturating_duration_since(Instant::now());
                Err(Error::TooManyProbes { wait: wait.max(Duration::from_secs(1)) })
            }
        }
    }
}

/// A target whose address or key is tested with parts of others.
#[derive(Debug)]
pub struct ProbeChanges {
    /// Whose the rest is.
    pub target: TargetId,
    /// At which of its addresses.
    pub role: EndpointRole,
    /// Another address.
    pub url: Option<RtmpUrl>,
    /// Another key.
    pub key: Option<StreamKey>,
    /// Another login.
    pub login: LoginPatch,
}

/// A test that may begin.
pub struct Probe {
    endpoint: Endpoint,
    prober: Prober,
    leave: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Probe {
    /// Goes through with it; tells each step when it is over. Cancel-safe: the connection is cut.
    ///
    /// # Errors
    /// [`Error::Stopping`].
    pub async fn run(&self, tell: &(dyn Fn(&Stepped) + Send + Sync)) -> Result<ProbeReport, Error> {
        let probing = self.prober.probe(&self.endpoint, tell);
        let report = self.leave.run_until_cancelled(probing).await.ok_or(Error::Stopping)?;
        tracing::info!(
            host = self.endpoint.url.host(),
            outcome = report.outcome.as_str(),
            "an address was tested with a key"
        );
        Ok(report)
    }
}

impl Control {
    /// A test of a target as it is, or with another address or key.
    ///
    /// # Errors
    /// `store::Error::NoTarget`, [`Error::NoSecondAddress`], [`Error::KeyOfAnother`], one for half a login, and those of
    /// [`Control::probe_endpoint`].
    pub async fn probe_target(&self, changes: ProbeChanges) -> Result<Probe, Error> {
        let (_, target) = self.store.target_to_copy(changes.target).await?;
        let saved = match changes.role {
            EndpointRole::Primary => Some(target.endpoint),
            EndpointRole::Backup => target.backup,
        };
        let Endpoint { url, key, login } = saved.ok_or(Error::NoSecondAddress)?;
        let to = changes.url.unwrap_or_else(|| url.clone());
        // What is saved is for its own server: it is not sent to whoever else is named.
        let is_its_own = is_one_place(&url, &to);
        let key = changes.key.or_else(|| is_its_own.then_some(key)).ok_or(Error::KeyOfAnother)?;
        let login = changed(login.filter(|_| is_its_own), changes.login)?;
        self.probe_endpoint(Endpoint { url: to, key, login }).await
    }

    /// A test of an address with a key.
    ///
    /// # Errors
    /// [`Error::SendsWithKey`], [`Error::TooManyProbes`] or [`Error::Stopping`].
    pub async fn probe_endpoint(&self, endpoint: Endpoint) -> Result<Probe, Error> {
        if self.probes.leave.is_cancelled() {
            return Err(Error::Stopping);
        }
        if let Some(name) = self.sender_with(&endpoint).await? {
            return Err(Error::SendsWithKey { name });
        }
        let place = self.probes.admit()?;
        let prober = self.supervisor().prober();
        Ok(Probe { endpoint, prober, leave: self.probes.leave.clone(), _place: place })
    }

    /// The name of a target that sends there with this key: a second connection would be refused, or cut
    /// the first one off.
    async fn sender_with(&self, endpoint: &Endpoint) -> Result<Option<String>, Error> {
        let wanted = self.store.wanted().await?;
        let mut targets = wanted.streams.into_iter().flat_map(|stream| stream.targets);
        let sender = targets.find(|target| {
            let second = target.backup.as_ref().map(|backup| &backup.endpoint);
            let has_it =
                [Some(&target.endpoint), second].into_iter().flatten().any(|own| is_same(own, endpoint));
            has_it && self.is_connected(target.id)
        });
        Ok(sender.map(|target| target.name))
    }

    fn is_connected(&self, id: TargetId) -> bool {
        use TargetState::{Connecting, Holding, Live, Publishing, Resolving, Tls};
        let status = self.board.target(id);
        let second = status.as_ref().and_then(|status| status.backup.as_deref());
        status.iter().chain(second).any(|connection| {
            matches!(connection.state, Resolving | Connecting | Tls | Publishing | Live | Holding)
        })
    }
}

/// A login with another user name, another password, or neither of them any more.
fn changed(saved: Option<Login>, patch: LoginPatch) -> Result<Option<Login>, store::Error> {
    let LoginPatch::Change { user, password } = patch else {
        return Ok(None);
    };
    let (own_user, own_password) = saved.map(|Login { user, password }| (user, password)).unzip();
    match (user.or(own_user), password.or(own_password)) {
        (Some(user), Some(password)) => Ok(Some(Login { user, password })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(store::Error::NoPassword { field: "password" }),
        (None, Some(_)) => Err(store::Error::NoUserName { field: "user" }),
    }
}

/// Whether two keys are one to a platform, whichever of its servers they are for, and whatever it is asked for
/// besides.
fn is_same(one: &Endpoint, other: &Endpoint) -> bool {
    let is_listed = Platform::of_host(one.url.host()).is_some();
    let bare = |key: &StreamKey| key.expose().split('?').next().map(str::to_owned);
    let is_same_key = one.key == other.key || (is_listed && bare(&one.key) == bare(&other.key));
    is_same_key && is_one_place(&one.url, &other.url)
}

/// Whether two addresses lead to one server, or to one platform.
fn is_one_place(one: &RtmpUrl, other: &RtmpUrl) -> bool {
    let platform = |url: &RtmpUrl| Platform::of_host(url.host()).map(|platform| platform.id);
    let is_same_host = one.host().eq_ignore_ascii_case(other.host());
    is_same_host || (platform(one).is_some() && platform(one) == platform(other))
}

/// How many go on at once.
const AT_ONCE: usize = 4;

/// How many may be begun in a row, and how long it takes until one more may.
const IN_A_ROW: u32 = 12;
const ONE_MORE: Duration = Duration::from_secs(5);

/// Most of those that go on are over by then.
const SOON: Duration = Duration::from_secs(5);
