//! Streams: named places to publish to.

use std::fmt;
use std::time::Duration;

use super::allow_from::AllowFrom;
use super::coalesce::Coalesce;
use super::key::IngestKey;
use super::name::{AppName, Invalid, Name};
use super::notes::Notes;
use super::target::LoginPatch;
use super::word::words;
use crate::rtmp::auth::{Login, User};

/// Most streams one relay keeps.
pub const MAX_STREAMS: usize = 1_000;

/// A stream's number; never used again after the stream is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub i64);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How long targets outlive an encoder that vanished: whole seconds, at most ten minutes. OBS comes
/// back after 2, 5, 9, 16 and 26 seconds; platforms wait a minute or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold(u16);

impl Hold {
    /// # Errors
    /// [`Invalid::Hold`] for more than 600 seconds.
    pub fn from_seconds(seconds: u64) -> Result<Self, Invalid> {
        match u16::try_from(seconds) {
            Ok(seconds) if seconds <= 600 => Ok(Self(seconds)),
            _ => Err(Invalid::Hold),
        }
    }

    /// Whole seconds.
    pub fn as_seconds(self) -> u16 {
        self.0
    }

    /// The same as a length of time.
    pub fn as_duration(self) -> Duration {
        Duration::from_secs(self.0.into())
    }
}

impl Default for Hold {
    fn default() -> Self {
        Self(60)
    }
}

/// What becomes of a second encoder that brings a good key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Takeover {
    /// It replaces one that has sent no media for two seconds, and is refused otherwise.
    #[default]
    NewestIfSilent,
    /// It replaces the first.
    NewestWins,
    /// It is refused, until the first is gone.
    Refuse,
}

words!(Takeover { NewestIfSilent = "newest_if_silent", NewestWins = "newest_wins", Refuse = "refuse" });

/// What an encoder's word that it ends the stream means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnUnpublish {
    /// The broadcast is over.
    #[default]
    End,
    /// As if it had vanished: some encoders say it when their network fails.
    Hold,
}

words!(OnUnpublish { End = "end", Hold = "hold" });

/// How a stream treats its encoders, and their frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// How long targets outlive an encoder that vanished.
    pub hold: Hold,
    /// What becomes of a second encoder.
    pub takeover: Takeover,
    /// What an encoder's goodbye means.
    pub on_unpublish: OnUnpublish,
    /// How long any frame may wait on its way to a target. Without it only sound does, for the next
    /// picture and never longer than 10 ms, which delays nothing that is seen.
    pub coalesce: Option<Coalesce>,
}

/// A named place to publish to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Its number.
    pub id: StreamId,
    /// What a person calls it; unique.
    pub name: Name,
    /// The only app name accepted, or any.
    pub app: Option<AppName>,
    /// From where its encoders may come.
    pub allow_from: AllowFrom,
    /// As whom they must log in, if they must.
    pub ingest_user: Option<User>,
    /// How it treats its encoders.
    pub rules: Rules,
    /// What people note.
    pub notes: Notes,
    /// Whether its key could be guessed.
    pub key_is_weak: bool,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Grows with each change.
    pub version: i64,
    /// How many targets it has, switched on or not.
    pub target_count: u32,
}

/// A stream to be made.
#[derive(Debug, Clone)]
pub struct NewStream {
    /// What a person calls it.
    pub name: Name,
    /// All else that can be said of it.
    pub settings: StreamSettings,
    /// Its key.
    pub key: IngestKey,
}

/// What need not be said of a stream to be made.
#[derive(Debug, Clone, Default)]
pub struct StreamSettings {
    /// The only app name accepted, or any.
    pub app: Option<AppName>,
    /// From where its encoders may come.
    pub allow_from: AllowFrom,
    /// The user name and the password that its encoders must send, if they must.
    pub ingest_login: Option<Login>,
    /// How it treats its encoders.
    pub rules: Rules,
    /// What people note.
    pub notes: Notes,
}

/// A change to a stream; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct StreamPatch {
    /// A new name.
    pub name: Option<Name>,
    /// `Some(None)` accepts any app again.
    pub app: Option<Option<AppName>>,
    /// Other places that its encoders may come from.
    pub allow_from: Option<AllowFrom>,
    /// Another login for its encoders.
    pub ingest_login: LoginPatch,
    /// Another hold.
    pub hold: Option<Hold>,
    /// Another answer to a second encoder.
    pub takeover: Option<Takeover>,
    /// Another meaning of an encoder's goodbye.
    pub on_unpublish: Option<OnUnpublish>,
    /// Another wait, or `Some(None)` for that of sound only; see [`Rules::coalesce`].
    pub coalesce: Option<Option<Coalesce>>,
    /// Other notes.
    pub notes: Option<Notes>,
}
