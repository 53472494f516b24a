//! Who may use the relay, and how they prove it.
//!
//! All of it is kept in memory beside the store: whoever is let in must not wait for a database that is
//! busy, locked or full. A change is written first and then made here, in turns.

mod book;
pub(super) mod clock;
mod hashing;
mod keeping;
mod log_in;
mod set_up;
mod tokens;
mod users;

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use zeroize::Zeroizing;

use self::book::Book;
use self::hashing::Hashing;
use super::desk::{Control, TURN};
use super::error::Error;
use super::sealed::Cost;
use super::tallies::Wrong;
use crate::model::{Actor, Pass, PassDigest, Password, Scope};
use crate::net::{Place, Tries};
use crate::store;

pub use hashing::hash as hash_password;
pub use log_in::Visitor;

/// Who asks for something, and how far they reach.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// How far they reach.
    pub scope: Scope,
}

/// Everything about who may use the relay.
pub(super) struct Access {
    book: Mutex<Book>,
    hashing: Hashing,
    /// Wrong passwords and wrong set-up links, by where they came from.
    places: Tries<Place>,
    /// Wrong passwords by the account they were for, whether it is there or not: by a digest of its name, so
    /// that long names cost no more memory.
    accounts: Tries<PassDigest>,
    /// What the link to the set-up page holds, until there is an owner.
    set_up: Mutex<Option<Pass>>,
    /// Whose turn it is to change who may do what.
    turn: tokio::sync::Mutex<()>,
    /// The book may not say what the store does.
    stale: Notify,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            book: Mutex::default(),
            hashing: Hashing::default(),
            places: Tries::new(TRIES_OF_PLACE, ONE_MORE_FROM_PLACE),
            accounts: Tries::new(TRIES_FOR_ACCOUNT, ONE_MORE_FOR_ACCOUNT),
            set_up: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            stale: Notify::new(),
        }
    }
}

impl Access {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to change who may do what. If its caller goes away between the store and the book, the book
/// is read anew.
struct Change<'a> {
    desk: &'a Control,
    _turn: tokio::sync::MutexGuard<'a, ()>,
    is_entered: bool,
}

impl Change<'_> {
    /// Enters in the book what was stored.
    fn enter<T>(mut self, entry: impl FnOnce(&mut Book) -> T) -> T {
        self.is_entered = true;
        entry(&mut self.desk.access.book())
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if !self.is_entered {
            self.desk.access.stale.notify_one();
            self.desk.health.suspect();
        }
    }
}

impl Control {
    /// A try from this place.
    ///
    /// # Errors
    /// [`Error::TooManyTries`].
    fn take_try(&self, from: IpAddr, what: Wrong) -> Result<(), Error> {
        self.access.places.take(Place::of(from)).map_err(|until| {
            self.tallies.count_wrong(what);
            Error::too_many_tries(until)
        })
    }

    /// Waits for earlier changes of who may do what.
    ///
    /// # Errors
    /// `store::Error::Busy` where that takes so long that they must be waiting for the store.
    async fn change_access(&self) -> Result<Change<'_>, Error> {
        let turn = timeout(TURN, self.access.turn.lock()).await.map_err(|_| store::Error::Busy)?;
        Ok(Change { desk: self, _turn: turn, is_entered: false })
    }

    /// A key that nobody has who does not know the passphrase.
    ///
    /// # Errors
    /// [`Error::TooManyTries`] when too many passwords and passphrases wait for their turn already.
    pub(super) async fn derive_key(
        &self,
        passphrase: Password,
        salt: [u8; 16],
        cost: Cost,
    ) -> Result<Zeroizing<[u8; 32]>, Error> {
        self.access.hashing.derive(passphrase, salt, cost).await
    }

    /// Who has this token, if it is good.
    pub fn by_token(&self, token: &Pass) -> Option<Caller> {
        self.access.book().by_token(&token.digest(), clock::now())
    }

    /// Whose session this is, if it goes on.
    pub fn by_session(&self, session: &Pass) -> Option<Caller> {
        self.access.book().by_session(&session.digest(), clock::now())
    }
}

/// Wrong passwords that may come from one place at once, and how long it takes until one more may: five a
/// minute.
const TRIES_OF_PLACE: u32 = 5;
const ONE_MORE_FROM_PLACE: Duration = Duration::from_secs(12);

/// The same for one account from anywhere: who guesses from many places gets some 3,000 tries a day.
const TRIES_FOR_ACCOUNT: u32 = 20;
const ONE_MORE_FOR_ACCOUNT: Duration = Duration::from_secs(30);

/// What tokens begin with.
const TOKEN_PREFIX: &str = "splitcast_";

#[cfg(test)]
mod tests;
