//! Who may do what: people, their sessions, and tokens for programs.

use std::fmt;

use sha2::{Digest, Sha256};

use super::name::{Invalid, Name};
use super::word::words;
use crate::secret::Secret;

/// Most people one relay knows.
pub const MAX_USERS: usize = 100;

/// Most tokens one relay knows.
pub const MAX_TOKENS: usize = 200;

/// How far somebody reaches; each scope holds the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Sees everything but keys.
    Read,
    /// Starts, stops and retries.
    Operate,
    /// Makes, changes and removes streams and targets, and sees the keys that encoders need.
    Edit,
    /// Everything: who else may do what, and the relay's own settings.
    Admin,
}

words!(Scope { Read = "read", Operate = "operate", Edit = "edit", Admin = "admin" });

/// What a person is to the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Watches.
    Viewer,
    /// Runs broadcasts: everything about streams and targets.
    Operator,
    /// Everything.
    Owner,
}

words!(Role { Viewer = "viewer", Operator = "operator", Owner = "owner" });

impl Role {
    /// How far such a person reaches. An operator edits, too: to paste the day's key is part of running a
    /// broadcast.
    pub fn scope(self) -> Scope {
        match self {
            Self::Viewer => Scope::Read,
            Self::Operator => Scope::Edit,
            Self::Owner => Scope::Admin,
        }
    }
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// A person's number; never used again after the person is gone.
    UserId
}

number! {
    /// A token's number; never used again.
    TokenId
}

number! {
    /// A session's number; never used again.
    SessionId
}

/// A person who may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their number.
    pub id: UserId,
    /// What they log in as; unique, whatever the case of its letters.
    pub name: Name,
    /// What they are to the relay.
    pub role: Role,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub last_login_at: Option<i64>,
}

/// What a person proves to be themselves with: 10 to 256 characters.
#[derive(Debug, Clone)]
pub struct Password(Secret);

impl Password {
    /// Takes a password that a person chose.
    ///
    /// # Errors
    /// [`Invalid::Password`].
    pub fn choose(text: &str) -> Result<Self, Invalid> {
        // Bytes at most, so that nobody has a book hashed.
        match text.chars().count() >= 10 && text.len() <= 1024 {
            true => Ok(Self(Secret::new(text))),
            false => Err(Invalid::Password),
        }
    }

    /// Takes what somebody says their password is: any text that could be one.
    ///
    /// # Errors
    /// [`Invalid::Password`], for one that is longer than any.
    pub fn claim(text: &str) -> Result<Self, Invalid> {
        match text.len() <= 1024 {
            true => Ok(Self(Secret::new(text))),
            false => Err(Invalid::Password),
        }
    }

    /// The password's text; see [`Secret::expose`].
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What a password is kept as: a PHC string.
#[derive(Clone)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[password hash]")
    }
}

/// A secret that the relay made and gave away once: a token or a session's. It holds 256 random bits, so
/// that its fingerprint can be kept without salt and looked up.
#[derive(Debug, Clone)]
pub struct Pass(Secret);

impl Pass {
    /// Makes one that begins with `prefix`, by which scanners for lost secrets know it.
    pub fn generate(prefix: &str, random: [u8; 32]) -> Self {
        let text = data_encoding::BASE32_NOPAD.encode(&random).to_ascii_lowercase();
        Self(Secret::new(format!("{prefix}{text}")))
    }

    /// Takes what somebody showed.
    pub fn claim(text: &str) -> Self {
        Self(Secret::new(text))
    }

    /// What it is looked up by.
    pub fn digest(&self) -> PassDigest {
        PassDigest(Sha256::digest(self.0.expose().as_bytes()).into())
    }

    /// Its last four characters, by which a person can tell it from others.
    pub fn hint(&self) -> String {
        let text = self.0.expose();
        text.chars().skip(text.chars().count().saturating_sub(4)).collect()
    }

    /// Its text; see [`Secret::expose`].
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The secret itself.
    pub fn as_secret(&self) -> &Secret {
        &self.0
    }
}

/// A fingerprint of a [`Pass`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PassDigest(pub [u8; 32]);

/// A key to the API for a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its number.
    pub id: TokenId,
    /// What a person calls it; unique.
    pub name: Name,
    /// How far it reaches, at most as far as who made it does now.
    pub scope: Scope,
    /// Its last four characters.
    pub hint: String,
    /// Who made it; it ends with them. `None` if it was made with a token.
    pub made_by: Option<UserId>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub expires_at: Option<i64>,
    /// Seconds since 1970, to the minute.
    pub last_used_at: Option<i64>,
}

/// What starts with a log-in and ends some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// Seconds since 1970.
    pub created_at: i64,
    /// When it was last used; seconds since 1970, to the minute.
    pub seen_at: i64,
    /// Where it was started from.
    pub address: String,
    /// What the browser says it is.
    pub agent: String,
}

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, by a session.
    User {
        /// Their number.
        id: UserId,
        /// Their name.
        name: String,
        /// Their session.
        session: SessionId,
    },
    /// A program, by a token.
    Token {
        /// Its number.
        id: TokenId,
        /// Its name.
        name: String,
    },
    /// Whoever has the token that the relay was started with.
    Operator,
}

impl Actor {
    /// A text that is the same for the same actor, in whichever session, and for nobody else.
    pub fn same_as(&self) -> String {
        match self {
            Self::User { id, .. } => format!("user {id}"),
            Self::Token { id, .. } => format!("token {id}"),
            Self::Operator => "operator".to_owned(),
        }
    }
}
