//! The door.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;

use super::super::client::ClientAddress;
use super::super::error::Error;
use super::super::router::Api;
use super::cookie;
use super::origin::{Hosts, check_same_origin};
use super::rules::Need;
use crate::control::{Caller, Control, Wrong};
use crate::model::{Actor, IngestKey, Pass, Scope, SessionId, UserId};
use crate::net::{Place, Tries};
use crate::rtmp::url::StreamKey;
use crate::secret::Secret;

/// What the door goes by, besides what is stored.
#[derive(Debug)]
pub struct Access {
    /// A token with which everything is allowed, as the relay was started.
    token: Option<Secret>,
    hosts: Hosts,
    /// Wrong tokens, by where they came from.
    wrong: Tries<Place>,
}

impl Access {
    /// Lets in, besides those who are stored, whoever has `token`; and lets browsers use these names, besides
    /// `localhost` and IP addresses.
    pub fn new(token: Option<Secret>, hosts: impl IntoIterator<Item = String>) -> Self {
        Self { token, hosts: Hosts::new(hosts), wrong: Tries::new(AT_ONCE, ONE_MORE) }
    }

    /// Who has a token.
    fn by_token(&self, control: &Control, token: &Pass, from: IpAddr) -> Result<Caller, Error> {
        if let Some(caller) = control.by_token(token) {
            return Ok(caller);
        }
        let closed_until = self.wrong.closed_until(&Place::of(from));
        // While too many wrong ones come from there, one that could be guessed is not looked at; one that
        // could not must not suffer from who shares its address.
        let is_right =
            |own: &&Secret| (closed_until.is_none() || is_beyond_guessing(own)) && *own == token.as_secret();
        if self.token.as_ref().filter(is_right).is_some() {
            return Ok(Caller { actor: Actor::Operator, scope: Scope::Admin });
        }
        control.tallies().count_wrong(Wrong::Token);
        match closed_until {
            Some(until) => Err(Error::TooManyTokens(until.saturating_duration_since(Instant::now()))),
            None => {
                self.wrong.note_wrong(Place::of(from));
                Err(Error::Unknown)
            }
        }
    }
}

/// Lets through who reaches as far as the route needs, and tells handlers who it is.
pub(in super::super) async fn guard(
    State(api): State<Api>,
    path: Option<MatchedPath>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let need = api.rules.need(request.method(), path.as_ref().map(MatchedPath::as_str));
    let client = client(&request);
    let (caller, credential) = match bearer(request.headers()) {
        Some(token) => {
            let caller = api.access.by_token(&api.control, &token, client.ip)?;
            let credential = match caller.actor {
                Actor::Operator => Credential::Operator,
                _ => Credential::Token(token),
            };
            (Some(caller), credential)
        }
        None => {
            api.access.hosts.check(&client)?;
            if !request.method().is_safe() {
                check_same_origin(&client, request.headers())?;
            }
            let session = cookie::session(&client, request.headers()).unwrap_or_else(|| Pass::claim(""));
            (api.control.by_session(&session), Credential::Session(session))
        }
    };
    match (need, &caller) {
        (Need::Nothing, _) => {}
        (Need::Scope(_), None) if api.control.needs_set_up() => return Err(Error::NotSetUp),
        (Need::Scope(_), None) => return Err(Error::Unknown),
        (Need::Scope(scope), Some(caller)) if caller.scope < scope => return Err(Error::Scope(scope)),
        (Need::Scope(_), Some(_)) => {}
    }
    let extensions = request.extensions_mut();
    extensions.insert(client);
    if let Some(caller) = caller {
        extensions.insert(caller);
        extensions.insert(credential);
    }
    Ok(next.run(request).await)
}

/// What somebody was let in with, for answers that go on.
#[derive(Debug, Clone)]
pub(in super::super) enum Credential {
    Operator,
    Token(Pass),
    Session(Pass),
}

impl Credential {
    /// Whether it would let them in now.
    pub(in super::super) fn is_good(&self, control: &Control) -> bool {
        match self {
            Self::Operator => true,
            Self::Token(token) => control.by_token(token).is_some(),
            Self::Session(session) => control.by_session(session).is_some(),
        }
    }
}

/// Who asks, as the connection says.
fn client(request: &Request) -> ClientAddress {
    let host = || request.headers().get(header::HOST)?.to_str().ok().map(str::to_owned);
    let known = request.extensions().get::<ClientAddress>().cloned();
    known.unwrap_or_else(|| ClientAddress { ip: Ipv4Addr::UNSPECIFIED.into(), is_https: false, host: host() })
}

/// The token that a request brings. A header that holds none is one that is wrong.
fn bearer(headers: &HeaderMap) -> Option<Pass> {
    let line = headers.get(header::AUTHORIZATION)?;
    let token = line.to_str().ok().and_then(|line| line.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    Some(Pass::claim(token.map_or("", |(_, token)| token.trim())))
}

fn is_beyond_guessing(token: &Secret) -> bool {
    IngestKey::is_beyond_guessing(&StreamKey::new(token.expose()))
}

/// Whoever asks, if it is known.
pub(super) struct MaybeCaller(pub(super) Option<Caller>);

impl<S: Send + Sync> FromRequestParts<S> for MaybeCaller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parts.extensions.get::<Caller>().cloned()))
    }
}

/// A person, by their session.
pub(super) struct Person {
    pub(super) id: UserId,
    pub(super) session: SessionId,
}

impl<S: Send + Sync> FromRequestParts<S> for Person {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        match parts.extensions.get::<Caller>().map(|caller| &caller.actor) {
            Some(Actor::User { id, session, .. }) => Ok(Self { id: *id, session: *session }),
            _ => Err(Error::NotAPerson),
        }
    }
}

/// Wrong tokens that may come from one place at once.
const AT_ONCE: u32 = 20;

/// How long it takes until one more may.
const ONE_MORE: Duration = Duration::from_secs(3);
