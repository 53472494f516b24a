//! `/targets` and `/streams/{id}/targets`: places to push to.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;

use super::error::Error;
use super::request::{Fields, Id};
use super::router::Api;
use super::seconds::Seconds;
use crate::control::{Control, TargetReport};
use crate::model::{
    BackupPolicy, Endpoint, Name, NewTarget, StartMode, StreamId, Target, TargetId, TargetPatch, TargetState,
};
use crate::relay::status::TargetSnapshot;
use crate::rtmp::url::{self, RtmpUrl, StreamKey};

pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/streams/{id}/targets", get(list).post(create))
        .route("/targets/{id}", get(show).patch(update).delete(remove))
        .route("/targets/{id}/retry", post(retry))
}

async fn list(State(control): State<Arc<Control>>, Id(stream): Id) -> Result<Json<TargetsBody>, Error> {
    let targets = control.targets(StreamId(stream)).await?;
    let targets = targets.into_iter().map(TargetBody::from).collect();
    Ok(Json(TargetsBody { targets }))
}

async fn create(
    State(control): State<Arc<Control>>,
    Id(stream): Id,
    fields: Fields,
) -> Result<(StatusCode, Json<TargetBody>), Error> {
    let new = new_target(fields)?;
    let report = control.create_target(StreamId(stream), new).await?;
    Ok((StatusCode::CREATED, Json(report.into())))
}

async fn show(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<TargetBody>, Error> {
    Ok(Json(control.target(TargetId(id)).await?.into()))
}

async fn update(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    fields: Fields,
) -> Result<Json<TargetBody>, Error> {
    let mut fields = fields.only(&FIELDS)?;
    let patch = TargetPatch {
        name: fields.text("name", Name::parse)?,
        url: fields.text("url", RtmpUrl::parse)?,
        key: fields.text("key", StreamKey::parse)?,
        enabled: fields.flag("enabled")?,
        ..TargetPatch::default()
    };
    Ok(Json(control.update_target(TargetId(id), patch).await?.into()))
}

async fn remove(State(control): State<Arc<Control>>, Id(id): Id) -> Result<StatusCode, Error> {
    control.delete_target(TargetId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn retry(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<TargetBody>, Error> {
    Ok(Json(control.retry_target(TargetId(id)).await?.into()))
}

/// A target's key is a field of its own, or the last part of its URL.
fn new_target(fields: Fields) -> Result<NewTarget, Error> {
    let mut fields = fields.only(&FIELDS)?;
    let name = fields.required_text("name", Name::parse)?;
    let key = fields.nullable_text("key", StreamKey::parse)?.flatten();
    let (url, key) = match key {
        Some(key) => (fields.required_text("url", RtmpUrl::parse)?, key),
        None => {
            // One fault, two fields: a whole URL that lacks only its key is not to blame itself.
            let parsed = fields.required_text("url", |text| match RtmpUrl::parse_with_key(text) {
                Err(url::Error::NoKey) => Ok(None),
                parsed => parsed.map(Some),
            })?;
            parsed.ok_or_else(|| Error::field("key", &url::Error::NoKey))?
        }
    };
    Ok(NewTarget {
        name,
        endpoint: Endpoint { url, key },
        backup: None,
        backup_policy: BackupPolicy::default(),
        enabled: fields.flag("enabled")?.unwrap_or(true),
        start_mode: StartMode::default(),
    })
}

const FIELDS: [&str; 4] = ["name", "url", "key", "enabled"];

#[derive(Serialize)]
struct TargetsBody {
    targets: Vec<TargetBody>,
}

/// A target as the API shows it. Its key is never shown.
#[derive(Serialize)]
pub(super) struct TargetBody {
    id: i64,
    stream_id: i64,
    name: String,
    url: String,
    has_key: bool,
    enabled: bool,
    created_at: i64,
    updated_at: i64,
    #[serde(flatten)]
    run: RunBody,
}

impl From<TargetReport> for TargetBody {
    fn from(TargetReport { target, status }: TargetReport) -> Self {
        let run = status.map_or_else(|| RunBody::without_entry(&target), RunBody::from);
        Self {
            id: target.id.0,
            stream_id: target.stream_id.0,
            name: target.name.as_str().to_owned(),
            url: target.url.to_string(),
            has_key: true,
            enabled: target.enabled,
            created_at: target.created_at,
            updated_at: target.updated_at,
            run,
        }
    }
}

#[derive(Serialize)]
struct RunBody {
    state: &'static str,
    reason: String,
    state_for_seconds: Seconds,
    next_try_in_seconds: Option<Seconds>,
    bytes_sent: u64,
    skipped_frames: u64,
    lag_ms: u64,
    reconnects: u64,
}

impl RunBody {
    /// A target that is switched off, or not on the board yet.
    fn without_entry(target: &Target) -> Self {
        let (state, reason) = match target.enabled {
            true => (TargetState::WaitingForSource.as_str(), "Starting."),
            false => ("disabled", "Switched off."),
        };
        Self {
            state,
            reason: reason.to_owned(),
            state_for_seconds: Seconds(Duration::ZERO),
            next_try_in_seconds: None,
            bytes_sent: 0,
            skipped_frames: 0,
            lag_ms: 0,
            reconnects: 0,
        }
    }
}

impl From<TargetSnapshot> for RunBody {
    fn from(status: TargetSnapshot) -> Self {
        Self {
            state: status.state.as_str(),
            reason: status.reason,
            state_for_seconds: Seconds(status.in_state_for),
            next_try_in_seconds: status.next_try_in.map(Seconds),
            bytes_sent: status.bytes_sent,
            skipped_frames: status.skipped_video.saturating_add(status.skipped_audio),
            lag_ms: status.lag_ms,
            reconnects: status.reconnects,
        }
    }
}
