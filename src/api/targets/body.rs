//! Targets as they are shown.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::numbers::ConnectionNumbers;
use super::super::seconds::{Moment, Seconds};
use super::super::warnings::WarningBody;
use super::super::words::{self, Word};
use super::takes::{IntakeBody, TakesBody};
use crate::control::TargetReport;
use crate::model::{Coalesce, EndpointRole, StartMode, Target, TargetState};
use crate::relay::status::TargetSnapshot;

/// All targets of a stream.
#[derive(Serialize, ToSchema)]
#[schema(as = TargetList)]
pub(super) struct TargetsBody {
    /// In their order.
    pub(super) targets: Vec<TargetBody>,
}

/// A place to push to, and how it goes there. Its keys and passwords are never shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Target)]
pub(in super::super) struct TargetBody {
    /// Its number, which is never used again.
    id: i64,
    /// The stream it belongs to.
    stream_id: i64,
    /// What a person calls it; unique in its stream.
    name: String,
    /// Where it is; what could be a secret in it is masked.
    url: String,
    has_key: bool,
    /// Its platform gives a key for one broadcast, and one with this key is over: it needs another. Nothing keeps
    /// it from being tried.
    key_used: bool,
    /// As whom splitcast logs in there; null for nobody.
    user: Option<String>,
    has_password: bool,
    /// Where it is, too.
    backup_url: Option<String>,
    has_backup_key: bool,
    /// As whom splitcast logs in there; null for nobody.
    backup_user: Option<String>,
    has_backup_password: bool,
    backup_policy: words::BackupPolicy,
    start_mode: words::StartMode,
    /// Whether it may run at all.
    enabled: bool,
    /// Whether it is to run, as last ordered by hand.
    started: bool,
    /// How long its frames may wait for those that follow; null is as its stream has it.
    coalesce_ms: Option<u8>,
    /// What was said that it takes.
    takes: TakesBody,
    /// What it takes: as was said, and else as its platform has it.
    intake: IntakeBody,
    /// What people note, as they wrote it.
    notes: String,
    /// The lower, the earlier it stands among its stream's.
    position: u32,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
    /// Grows with each change: what stands in the header `ETag`.
    version: i64,
    #[serde(flatten)]
    status: StatusBody,
    /// The second connection of a target that is fed at both of its addresses.
    backup: Option<StatusBody>,
    /// What its platform would mind in what the encoder sends.
    warnings: Vec<WarningBody>,
}

impl From<TargetReport> for TargetBody {
    fn from(TargetReport { target, status }: TargetReport) -> Self {
        let warnings = status.as_ref().map(|status| WarningBody::all(&status.warnings)).unwrap_or_default();
        let (status, backup) = match status {
            Some(mut status) => {
                let backup = status.backup.take();
                (status.into(), backup.map(|backup| StatusBody::from(*backup)))
            }
            None => (StatusBody::without_entry(&target), None),
        };
        let intake = target.intake().into();
        Self {
            id: target.id.0,
            stream_id: target.stream_id.0,
            name: target.name.as_str().to_owned(),
            url: target.url.to_string(),
            has_key: true,
            key_used: target.needs_new_key(),
            has_password: target.user.is_some(),
            user: target.user.map(|user| user.as_str().to_owned()),
            has_backup_password: target.backup_user.is_some(),
            backup_user: target.backup_user.map(|user| user.as_str().to_owned()),
            has_backup_key: target.backup_url.is_some(),
            backup_url: target.backup_url.map(|url| url.to_string()),
            backup_policy: Word(target.backup_policy),
            start_mode: Word(target.start_mode),
            enabled: target.enabled,
            started: target.started,
            coalesce_ms: target.coalesce.map(Coalesce::as_ms),
            takes: TakesBody::from(&target.takes),
            intake,
            notes: target.notes.as_str().to_owned(),
            position: target.position,
            created_at: target.created_at,
            updated_at: target.updated_at,
            version: target.version,
            status,
            backup,
            warnings,
        }
    }
}

/// How it goes with one connection.
#[derive(Serialize, ToSchema)]
#[schema(as = Connection)]
struct StatusBody {
    state: words::TargetState,
    /// The step it is at or failed at; null in mid-stream and at rest.
    step: Option<words::Step>,
    /// What kind of failure it suffers from.
    kind: Option<words::ErrorKind>,
    /// Why it is where it is, and when that ends by itself, in words.
    reason: String,
    /// How long it has been in this state and at this step.
    state_for_seconds: Seconds,
    /// When it tries again, if it waits for that.
    next_try_at: Option<Moment>,
    /// The same as a length of time.
    next_try_in_seconds: Option<Seconds>,
    /// Tries since it was last fed for a while or waiting for the encoder.
    attempts: u32,
    /// The address that is used or tried.
    endpoint: words::EndpointRole,
    connected_since: Option<Moment>,
    #[serde(flatten)]
    numbers: ConnectionNumbers,
}

impl StatusBody {
    /// A target that does not run, or not yet.
    fn without_entry(target: &Target) -> Self {
        let (state, reason) = match (target.enabled, target.started, target.start_mode) {
            (false, ..) => (TargetState::Disabled, "Switched off."),
            (true, false, StartMode::Manual) => (TargetState::Stopped, "Waiting to be started by hand."),
            (true, false, StartMode::WithSource) => {
                (TargetState::Stopped, "Stopped by hand, until it is started again.")
            }
            (true, true, _) => (TargetState::WaitingForSource, "Starting."),
        };
        Self {
            state: Word(state),
            step: None,
            kind: None,
            reason: reason.to_owned(),
            state_for_seconds: Seconds(Duration::ZERO),
            next_try_at: None,
            next_try_in_seconds: None,
            attempts: 0,
            endpoint: Word(EndpointRole::Primary),
            connected_since: None,
            numbers: ConnectionNumbers::default(),
        }
    }
}

impl From<TargetSnapshot> for StatusBody {
    fn from(status: TargetSnapshot) -> Self {
        Self {
            state: Word(status.state),
            step: status.step.map(Word),
            kind: status.kind.map(Word),
            reason: sentence(&status),
            state_for_seconds: Seconds(status.in_state_for),
            next_try_at: status.next_try_in.map(Moment::after),
            next_try_in_seconds: status.next_try_in.map(Seconds),
            attempts: status.attempts,
            endpoint: Word(status.endpoint),
            connected_since: status.connected_for.map(Moment::before),
            numbers: ConnectionNumbers::from(&status),
        }
    }
}

/// Why a target is where it is, and when that ends by itself.
fn sentence(status: &TargetSnapshot) -> String {
    let waits = matches!(status.state, TargetState::BackingOff | TargetState::Blocked);
    let next_try = match status.next_try_in.filter(|_| waits) {
        None => String::new(),
        Some(wait) if wait < Duration::from_secs(1) => " Next try in a moment.".to_owned(),
        Some(wait) => format!(" Next try in {}.", in_words(wait)),
    };
    format!("{}{next_try}", status.reason)
}

/// A length of time in minutes and seconds.
fn in_words(wait: Duration) -> String {
    // A wait is over when its last second is.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
