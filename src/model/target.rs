//! Targets: places to push to.

use std::fmt;

use super::coalesce::Coalesce;
use super::intake::{Intake, Takes, TakesPatch};
use super::name::Name;
use super::notes::Notes;
use super::platform::{KeyLife, Platform};
use super::stream::StreamId;
use super::word::words;
use crate::rtmp::auth::{Login, Password, User};
use crate::rtmp::url::{RtmpUrl, StreamKey};

/// Most targets one stream keeps.
pub const MAX_TARGETS_PER_STREAM: usize = 2_000;

/// A target's number; never used again after the target is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetId(pub i64);

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When a target starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StartMode {
    /// With each broadcast, unless it was stopped by hand.
    #[default]
    WithSource,
    /// When it is started by hand, for the length of that broadcast.
    Manual,
}

words!(StartMode { WithSource = "with_source", Manual = "manual" });

/// What a target's second address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BackupPolicy {
    /// It is used when the first one fails.
    #[default]
    Failover,
    /// Both are fed at once, as with YouTube's primary and backup.
    Both,
}

words!(BackupPolicy { Failover = "failover", Both = "both" });

/// An address and what to publish there with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it is.
    pub url: RtmpUrl,
    /// Its key.
    pub key: StreamKey,
    /// The user name and the password that it asks for.
    pub login: Option<Login>,
}

/// A change to a login; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginPatch {
    /// No login any more.
    Clear,
    /// Another user name, or another password.
    Change {
        /// Who.
        user: Option<User>,
        /// What proves it.
        password: Option<Password>,
    },
}

impl LoginPatch {
    /// Whether it leaves everything as it is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for LoginPatch {
    fn default() -> Self {
        Self::Change { user: None, password: None }
    }
}

/// A target's second address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Where it is, and its key.
    pub endpoint: Endpoint,
    /// What it is for.
    pub policy: BackupPolicy,
}

/// One place we push to. Its keys and passwords are not here: they stay sealed but for [`super::Wanted`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its number.
    pub id: TargetId,
    /// The stream it belongs to.
    pub stream_id: StreamId,
    /// What a person calls it; unique in its stream.
    pub name: Name,
    /// Where it is.
    pub url: RtmpUrl,
    /// Who logs in there, if anybody must.
    pub user: Option<User>,
    /// Where it is, too.
    pub backup_url: Option<RtmpUrl>,
    /// Who logs in there.
    pub backup_user: Option<User>,
    /// What the second address is for.
    pub backup_policy: BackupPolicy,
    /// Whether it may run at all.
    pub enabled: bool,
    /// When it starts.
    pub start_mode: StartMode,
    /// Whether it is to run, as last ordered by hand; see [`StartMode`].
    pub started: bool,
    /// How long its frames may wait, if not as [its stream's](super::Rules::coalesce).
    pub coalesce: Option<Coalesce>,
    /// What it takes, where that is not as its platform has it.
    pub takes: Takes,
    /// What people note.
    pub notes: Notes,
    /// Whether it was live with its key in a broadcast that is over.
    pub key_was_used: bool,
    /// The lower, the earlier it stands among its stream's.
    pub position: u32,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
    /// Grows with each change.
    pub version: i64,
}

impl Target {
    /// What it takes: as was said for it, and else as its platform has it.
    pub fn intake(&self) -> Intake {
        Intake::at(self.url.host(), &self.takes)
    }

    /// Whether its platform will most likely refuse the key that it has, which was for one broadcast.
    pub fn needs_new_key(&self) -> bool {
        let is_for_one = |platform: &Platform| platform.key_life == KeyLife::Broadcast;
        self.key_was_used && Platform::of_host(self.url.host()).is_some_and(is_for_one)
    }
}

/// A target to be made.
#[derive(Debug, Clone)]
pub struct NewTarget {
    /// What a person calls it.
    pub name: Name,
    /// Where it is, and its key.
    pub endpoint: Endpoint,
    /// The second address, with its key.
    pub backup: Option<Endpoint>,
    /// What the second address is for.
    pub backup_policy: BackupPolicy,
    /// Whether it may run.
    pub enabled: bool,
    /// When it starts.
    pub start_mode: StartMode,
    /// How long its frames may wait, if not as [its stream's](super::Rules::coalesce).
    pub coalesce: Option<Coalesce>,
    /// What it takes, where that is not as its platform has it.
    pub takes: Takes,
    /// What people note.
    pub notes: Notes,
}

impl NewTarget {
    /// Whether it is to run from the moment it is made.
    pub fn starts_by_itself(&self) -> bool {
        self.start_mode == StartMode::WithSource
    }
}

/// A change to a target; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct TargetPatch {
    /// A new name.
    pub name: Option<Name>,
    /// A new address; the key stays unless given too.
    pub url: Option<RtmpUrl>,
    /// A new key.
    pub key: Option<StreamKey>,
    /// Another login.
    pub login: LoginPatch,
    /// Another second address, or `Some(None)` for none, which forgets its key too.
    pub backup_url: Option<Option<RtmpUrl>>,
    /// Another key for the second address.
    pub backup_key: Option<StreamKey>,
    /// Another login for the second address.
    pub backup_login: LoginPatch,
    /// Another use of the second address.
    pub backup_policy: Option<BackupPolicy>,
    /// On or off.
    pub enabled: Option<bool>,
    /// Another start.
    pub start_mode: Option<StartMode>,
    /// Another wait for its frames, or `Some(None)` for its stream's.
    pub coalesce: Option<Option<Coalesce>>,
    /// What it takes other than before.
    pub takes: Option<TakesPatch>,
    /// Other notes.
    pub notes: Option<Notes>,
}
