//! Targets as they are shown.

use std::time::Duration;

use serde::Serialize;

use super::super::seconds::{Moment, Seconds};
use crate::control::TargetReport;
use crate::model::{Coalesce, EndpointRole, ErrorKind, StartMode, Step, Target, TargetState};
use crate::relay::status::TargetSnapshot;

/// A target as the API shows it. Its keys are never shown.
#[derive(Serialize)]
pub(in super::super) struct TargetBody {
    id: i64,
    stream_id: i64,
    name: String,
    url: String,
    has_key: bool,
    backup_url: Option<String>,
    has_backup_key: bool,
    backup_policy: &'static str,
    start_mode: &'static str,
    enabled: bool,
    started: bool,
    coalesce_ms: Option<u8>,
    created_at: i64,
    updated_at: i64,
    #[serde(flatten)]
    status: StatusBody,
    backup: Option<StatusBody>,
}

impl From<TargetReport> for TargetBody {
    fn from(TargetReport { target, status }: TargetReport) -> Self {
        let (status, backup) = match status {
            Some(mut status) => {
                let backup = status.backup.take();
                (status.into(), backup.map(|backup| StatusBody::from(*backup)))
            }
            None => (StatusBody::without_entry(&target), None),
        };
        Self {
            id: target.id.0,
            stream_id: target.stream_id.0,
            name: target.name.as_str().to_owned(),
            url: target.url.to_string(),
            has_key: true,
            has_backup_key: target.backup_url.is_some(),
            backup_url: target.backup_url.map(|url| url.to_string()),
            backup_policy: target.backup_policy.as_str(),
            start_mode: target.start_mode.as_str(),
            enabled: target.enabled,
            started: target.started,
            coalesce_ms: target.coalesce.map(Coalesce::as_ms),
            created_at: target.created_at,
            updated_at: target.updated_at,
            status,
            backup,
        }
    }
}

/// How it goes with one connection.
#[derive(Serialize)]
struct StatusBody {
    state: &'static str,
    step: Option<&'static str>,
    kind: Option<&'static str>,
    reason: String,
    state_for_seconds: Seconds,
    next_try_at: Option<Moment>,
    next_try_in_seconds: Option<Seconds>,
    attempts: u32,
    endpoint: &'static str,
    connected_since: Option<Moment>,
    bytes_sent: u64,
    lag_ms: u64,
    skipped_frames: u64,
    skipped_video_frames: u64,
    skipped_audio_frames: u64,
    reconnects: u64,
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
            state: state.as_str(),
            step: None,
            kind: None,
            reason: reason.to_owned(),
            state_for_seconds: Seconds(Duration::ZERO),
            next_try_at: None,
            next_try_in_seconds: None,
            attempts: 0,
            endpoint: EndpointRole::Primary.as_str(),
            connected_since: None,
            bytes_sent: 0,
            lag_ms: 0,
            skipped_frames: 0,
            skipped_video_frames: 0,
            skipped_audio_frames: 0,
            reconnects: 0,
        }
    }
}

impl From<TargetSnapshot> for StatusBody {
    fn from(status: TargetSnapshot) -> Self {
        Self {
            state: status.state.as_str(),
            step: status.step.map(Step::as_str),
            kind: status.kind.map(ErrorKind::as_str),
            reason: sentence(&status),
            state_for_seconds: Seconds(status.in_state_for),
            next_try_at: status.next_try_in.map(Moment::after),
            next_try_in_seconds: status.next_try_in.map(Seconds),
            attempts: status.attempts,
            endpoint: status.endpoint.as_str(),
            connected_since: status.connected_for.map(Moment::before),
            bytes_sent: status.bytes_sent,
            lag_ms: status.lag_ms,
            skipped_frames: status.skipped_video.saturating_add(status.skipped_audio),
            skipped_video_frames: status.skipped_video,
            skipped_audio_frames: status.skipped_audio,
            reconnects: status.reconnects,
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
