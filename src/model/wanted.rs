//! What should run.

use super::allow_from::AllowFrom;
use super::coalesce::Coalesce;
use super::intake::Takes;
use super::key::KeyDigest;
use super::name::AppName;
use super::stream::{Rules, StreamId};
use super::target::{Backup, Endpoint, TargetId};
use crate::rtmp::auth::Login;

/// All that should run, with the secrets needed to run it.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Every stream.
    pub streams: Vec<WantedStream>,
}

/// A stream that should accept its encoder.
#[derive(Debug, Clone)]
pub struct WantedStream {
    /// Its number.
    pub id: StreamId,
    /// Its name, for logs.
    pub name: String,
    /// The only app name accepted, or any.
    pub app: Option<AppName>,
    /// From where its encoder may come.
    pub allow_from: AllowFrom,
    /// The login that its encoder must show, if it must.
    pub ingest_login: Option<Login>,
    /// What its key is looked up by.
    pub key: KeyDigest,
    /// How it treats its encoders.
    pub rules: Rules,
    /// Its targets that are to run.
    pub targets: Vec<WantedTarget>,
}

/// A target that should run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedTarget {
    /// Its number.
    pub id: TargetId,
    /// Its name, for logs.
    pub name: String,
    /// Where it is, and its key.
    pub endpoint: Endpoint,
    /// Its second address.
    pub backup: Option<Backup>,
    /// What it takes of the stream, as far as that was said.
    pub takes: Takes,
    /// How long its frames may wait, if not as its stream's.
    pub coalesce: Option<Coalesce>,
}
