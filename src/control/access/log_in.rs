//! Logging in and out, and one's own sessions and password.

use std::net::IpAddr;

use super::super::desk::Control;
use super::super::error::Error;
use super::super::tallies::Wrong;
use super::book::Book;
use super::clock;
use crate::model::{Pass, Password, PasswordHash, Session, SessionId, User, UserId};
use crate::net::Place;
use crate::store;

/// Where somebody is.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Their address.
    pub address: IpAddr,
    /// What their browser says it is: any text.
    pub agent: String,
}

impl Control {
    /// Starts a session for whoever knows the password.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], or [`Error::TooManyTries`].
    pub async fn log_in(
        &self,
        name: &str,
        password: Password,
        visitor: &Visitor,
    ) -> Result<(User, Pass), Error> {
        self.take_try(visitor.address, Wrong::Password)?;
        let (kept, is_known_there) = {
            let book = self.access.book();
            let kept = book.user_called(name).cloned();
            let address = visitor.address.to_string();
            let is_known_there = |user| book.sessions_of(user).iter().any(|s| s.address == address);
            let known = kept.as_ref().is_some_and(|kept| is_known_there(kept.user.id));
            (kept, known)
        };
        let account = Pass::claim(&name.to_ascii_lowercase()).digest();
        // Strangers who guess must not shut out who has logged in from here.
        if !is_known_there && let Err(until) = self.access.accounts.take(account) {
            self.access.places.give_back(&Place::of(visitor.address));
            self.tallies.count_wrong(Wrong::Password);
            return Err(Error::too_many_tries(until));
        }
        let hash = kept.as_ref().map(|kept| kept.password.clone());
        let is_right = self.access.hashing.is_right(password, hash).await?;
        let Some(user) = kept.filter(|_| is_right).map(|kept| kept.user) else {
            tracing::warn!(address = %visitor.address, "a wrong name or password");
            self.tallies.count_wrong(Wrong::Password);
            return Err(Error::WrongPassword);
        };
        self.access.places.give_back(&Place::of(visitor.address));
        if !is_known_there {
            self.access.accounts.give_back(&account);
        }
        let pass = self.start_session(user.id, visitor).await?;
        tracing::info!(user = %user.id, address = %visitor.address, "logged in");
        Ok((user, pass))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// As the store's.
    pub async fn end_session(&self, id: SessionId) -> Result<(), Error> {
        let change = self.change_access().await?;
        self.store.end_session(id).await?;
        change.enter(|book| book.strike_session(id));
        Ok(())
    }

    /// Somebody's sessions, newest first.
    pub fn sessions_of(&self, user: UserId) -> Vec<Session> {
        self.access.book().sessions_of(user)
    }

    /// Gives somebody the password they chose, which ends their other sessions.
    ///
    /// # Errors
    /// [`Error::WrongCurrentPassword`], or [`Error::TooManyTries`].
    pub async fn change_own_password(
        &self,
        (id, session): (UserId, SessionId),
        current: Password,
        new: Password,
        from: IpAddr,
    ) -> Result<(), Error> {
        self.take_try(from, Wrong::Password)?;
        let hash = self.access.book().kept_user(id).map(|kept| kept.password.clone());
        if !self.access.hashing.is_right(current, hash).await? {
            self.tallies.count_wrong(Wrong::Password);
            return Err(Error::WrongCurrentPassword);
        }
        self.access.places.give_back(&Place::of(from));
        self.set_password(id, new, Some(session)).await
    }

    /// Gives somebody another password, which ends their sessions but for the one to `keep`.
    pub(super) async fn set_password(
        &self,
        id: UserId,
        new: Password,
        keep: Option<SessionId>,
    ) -> Result<(), Error> {
        let hash: PasswordHash = self.access.hashing.hash(new).await?;
        let change = self.change_access().await?;
        self.store.change_password(id, &hash, keep).await?;
        change.enter(|book| {
            book.change_user(id, |kept| kept.password = hash);
            book.strike_sessions_of(id, keep);
        });
        tracing::info!(user = %id, "password changed");
        Ok(())
    }

    pub(super) async fn start_session(&self, user: UserId, visitor: &Visitor) -> Result<Pass, Error> {
        let pass = new_pass("")?;
        let address = visitor.address.to_string();
        let plain = visitor.agent.chars().filter(|c| !c.is_control());
        let agent: String = plain.take(MAX_AGENT).collect();
        let now = clock::now();
        let change = self.change_access().await;
        let place = (address.as_str(), agent.as_str());
        let stored = match &change {
            Ok(_) => self.store.start_session(user, pass.digest(), place, now, MAX_SESSIONS).await,
            Err(_) => Err(store::Error::Busy),
        };
        let id = stored.unwrap_or_else(|error| {
            // Who comes because the disk is full must get in to see it.
            tracing::warn!(%error, "a session cannot be stored: it will end with splitcast");
            self.health.suspect();
            self.access.book().next_unstored()
        });
        let session = Session { id, user, created_at: now, seen_at: now, address, agent };
        let enter = |book: &mut Book| {
            book.enter_session(pass.digest(), session, usize::try_from(MAX_SESSIONS).unwrap_or(usize::MAX));
            book.change_user(user, |kept| kept.user.last_login_at = Some(now));
        };
        match change {
            Ok(change) => change.enter(enter),
            Err(_) => enter(&mut self.access.book()),
        }
        Ok(pass)
    }
}

/// Makes a secret to give away.
pub(super) fn new_pass(prefix: &str) -> Result<Pass, Error> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|_| Error::Random)?;
    Ok(Pass::generate(prefix, random))
}

/// Sessions of one person at most; the oldest end.
const MAX_SESSIONS: u32 = 20;

/// Characters kept of what a browser says it is.
const MAX_AGENT: usize = 256;
