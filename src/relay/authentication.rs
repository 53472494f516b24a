//! Asks encoders for a login where their application is one whose streams want one.
//!
//! An encoder says which application it wants long before it names its stream, so that alone decides
//! whether it is asked: see `AppName::EVERYBODYS`. What it proved is looked at once more when its stream
//! is known.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use tokio::time::Instant;

use super::registry::Registry;
use super::status::{Refusals, Refused};
use crate::model::IngestKey;
use crate::net::{Place, Tries};
use crate::rtmp::auth::adobe::{self, Challenge};
use crate::rtmp::auth::{Answer, Login, Offer, Password};
use crate::rtmp::server::Authenticator;
use crate::rtmp::{Rejection, StreamKey};
use crate::secret::Secret;

/// What all strangers share.
pub(super) struct Strangers {
    pub(super) registry: Arc<Registry>,
    pub(super) refusals: Arc<Refusals>,
    /// Wrong keys and wrong passwords, by where they came from.
    pub(super) guesses: Tries<Place>,
    challenges: Challenges,
}

/// What one connection has shown of a login.
#[derive(Clone)]
pub(super) struct Authentication {
    strangers: Arc<Strangers>,
    peer: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

/// What came of it.
#[derive(Debug, Default)]
struct Seen {
    /// The logins that were shown.
    logins: Vec<Login>,
    turned_away: bool,
}

impl Strangers {
    pub(super) fn new(registry: Arc<Registry>, refusals: Arc<Refusals>, guesses: Tries<Place>) -> Self {
        Self { registry, refusals, guesses, challenges: Challenges::default() }
    }
}

impl Authentication {
    pub(super) fn new(strangers: &Arc<Strangers>, peer: SocketAddr) -> Self {
        Self { strangers: Arc::clone(strangers), peer, seen: Arc::default() }
    }

    /// Who knocks.
    pub(super) fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// The logins that were shown.
    pub(super) fn logins(&self) -> Vec<Login> {
        self.lock().logins.clone()
    }

    /// Whether the connection was refused for want of a login. That is a part of logging in.
    pub(super) fn has_turned_away(&self) -> bool {
        self.lock().turned_away
    }

    fn decide(&self, app: &str, offer: &Offer) -> Option<Rejection> {
        let logins = self.strangers.registry.logins(app);
        if logins.is_empty() {
            return None;
        }
        let (ip, challenges) = (self.peer.ip().to_canonical(), &self.strangers.challenges);
        match offer {
            Offer::Nothing => Some(adobe::login_wanted()),
            Offer::User(user) => Some(adobe::challenge(user.expose(), &challenges.issue(ip, user))),
            Offer::Answer(answer) => match self.check(logins, answer, ip) {
                shown if shown.is_empty() => Some(adobe::login_wrong()),
                shown => {
                    self.lock().logins = shown;
                    None
                }
            },
        }
    }

    /// The logins that an answer shows. Where many wrong ones came from, only passwords that nobody can
    /// guess are looked at, as with keys.
    fn check(&self, mut logins: Vec<Login>, answer: &Answer, ip: IpAddr) -> Vec<Login> {
        let Strangers { guesses, refusals, challenges, .. } = &*self.strangers;
        let Some(challenge) = challenges.take(ip, answer) else {
            // No password was tried: it took too long, or came from another address.
            tracing::info!("refused: a login for a challenge that is not known");
            return Vec::new();
        };
        let is_closed = guesses.closed_until(&Place::of(ip)).is_some();
        logins.retain(|login| !is_closed || is_beyond_guessing(&login.password));
        logins.retain(|login| challenge.is_answered_by(answer, login));
        if logins.is_empty() && is_closed {
            refusals.count(Refused::Guesses);
            tracing::debug!("too many wrong logins from there");
        } else if logins.is_empty() {
            refusals.count(Refused::Login);
            guesses.note_wrong(Place::of(ip));
            tracing::warn!("refused: wrong user name or password");
        }
        logins
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authenticator for Authentication {
    fn authenticate(&mut self, app: &str, offer: &Offer) -> Option<Rejection> {
        let refusal = self.decide(app, offer);
        self.lock().turned_away = refusal.is_some();
        refusal
    }
}

fn is_beyond_guessing(password: &Password) -> bool {
    IngestKey::is_beyond_guessing(&StreamKey::new(password.expose()))
}

/// Challenges that are not answered yet: each connection of a login is another one.
#[derive(Debug, Default)]
struct Challenges(Mutex<VecDeque<Issued>>);

/// A challenge; the oldest come first.
#[derive(Debug)]
struct Issued {
    to: IpAddr,
    user: Secret,
    challenge: Challenge,
    until: Instant,
}

impl Challenges {
    /// Makes a challenge for somebody there who calls himself so. Anybody is given one, so that nobody
    /// learns which users there are.
    fn issue(&self, to: IpAddr, user: &Secret) -> Challenge {
        // As long as Flash Media Server's, for which every encoder has room.
        let word = || Secret::new(BASE64URL_NOPAD.encode(&rand::random::<[u8; 6]>()));
        let challenge = Challenge { salt: word(), challenge: word(), opaque: Some(word()) };
        let now = Instant::now();
        let issued = Issued { to, user: user.clone(), challenge: challenge.clone(), until: now + VALID };
        let mut all = self.lock();
        all.retain(|issued| issued.until > now);
        if all.iter().filter(|issued| issued.to == to).count() >= MOST_FROM_ONE
            && let Some(oldest) = all.iter().position(|issued| issued.to == to)
        {
            all.remove(oldest);
        } else if all.len() >= MOST {
            all.pop_front();
        }
        all.push_back(issued);
        challenge
    }

    /// The challenge that is answered, which is no more then.
    fn take(&self, from: IpAddr, answer: &Answer) -> Option<Challenge> {
        let mut all = self.lock();
        let is_it = |issued: &Issued| {
            issued.challenge.opaque.as_ref() == Some(&answer.opaque)
                && issued.to == from
                && issued.user == answer.user
                && issued.until > Instant::now()
        };
        let place = all.iter().position(is_it)?;
        all.remove(place).map(|issued| issued.challenge)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Issued>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a challenge may be answered.
const VALID: Duration = Duration::from_secs(60);

/// Challenges at once.
const MOST: usize = 2_048;

/// Challenges at once to one address.
const MOST_FROM_ONE: usize = 16;

#[cfg(test)]
mod tests;
