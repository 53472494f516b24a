//! User names and passwords in RTMP.
//!
//! The protocol knows of none, so servers ask for them by refusing: a client connects, is told that it
//! must log in, connects again and names its user, is given a challenge, and connects a third time with
//! an answer that only who knows the password can work out. Each is a connection of its own. There are
//! two ways to work the answer out, [`adobe`]'s, which Wowza took over, and Limelight's, [`llnw`].
//!
//! [`Demand`] reads what a server says, [`Dialogue`] knows what to say next; [`Offer`] reads what an
//! encoder says.

pub mod adobe;
pub mod llnw;

mod demand;
mod dialogue;
mod offer;

pub use demand::Demand;
pub use dialogue::{Dialogue, Refusal};
pub use offer::{Answer, Offer};

use md5::{Digest, Md5};

use crate::secret::Secret;

/// How the answer to a challenge is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// See [`adobe`].
    Adobe,
    /// See [`llnw`].
    Llnw,
}

/// A user name and its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Who.
    pub user: User,
    /// What proves it.
    pub password: Password,
}

/// What was wrong with a user name or a password. Never says what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// See [`User::parse`].
    #[error("a user name must be 1 to 128 printable characters, without spaces and without & ? / #")]
    User,
    /// See [`Password::parse`].
    #[error("a password must be 1 to 256 characters, without line breaks and other control characters")]
    Password,
}

/// A user name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(String);

impl User {
    /// Takes a user name of 1 to 128 characters that can stand in an address's query as they are, for no
    /// server and no encoder writes them in another way.
    ///
    /// # Errors
    /// [`Error::User`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '&' | '?' | '/' | '#');
        match (1..=128).contains(&text.chars().count()) && text.chars().all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(Error::User),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The password that goes with a [`User`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password(Secret);

impl Password {
    /// Takes a password of 1 to 256 characters. It is never sent, so it may hold nearly anything.
    ///
    /// # Errors
    /// [`Error::Password`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        match (1..=256).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
            true => Ok(Self(Secret::new(text))),
            false => Err(Error::Password),
        }
    }

    /// The password's text; see [`Secret::expose`].
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// An app or an address with more parameters after those that it has.
pub(super) fn with_query(text: &Secret, query: Option<&Secret>) -> Secret {
    match query {
        None => text.clone(),
        Some(query) => {
            let separator = if text.expose().contains('?') { '&' } else { '?' };
            Secret::new(format!("{}{separator}{}", text.expose(), query.expose()))
        }
    }
}

/// MD5 of the parts one after another. Both schemes stand and fall with it; what it can no longer do is
/// of no matter here, where nobody chooses what is hashed on both sides.
fn md5(parts: &[&str]) -> [u8; 16] {
    let mut hash = Md5::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

#[cfg(test)]
mod tests;
