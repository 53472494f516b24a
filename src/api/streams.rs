//! `/streams`: places to publish to.

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
use super::seconds::{Moment, Seconds};
use crate::control::{Control, StreamReport};
use crate::model::{
    AppName, Coalesce, Hold, IngestKey, Name, OnUnpublish, Rules, StreamId, StreamPatch, Takeover,
};
use crate::relay::status::{SourceState, StreamSnapshot};

pub(super) fn routes() -> Router<Api> {
    Router::new()
        .route("/streams", get(list).post(create))
        .route("/streams/{id}", get(show).patch(update).delete(remove))
        .route("/streams/{id}/start", post(start))
        .route("/streams/{id}/stop", post(stop))
        .route("/streams/{id}/key", get(reveal_key).post(rotate_key))
}

async fn list(State(control): State<Arc<Control>>) -> Result<Json<StreamsBody>, Error> {
    let streams = control.streams().await?;
    let streams = streams.into_iter().map(StreamBody::from).collect();
    Ok(Json(StreamsBody { streams }))
}

async fn create(
    State(control): State<Arc<Control>>,
    fields: Fields,
) -> Result<(StatusCode, Json<StreamBody>), Error> {
    let mut fields =
        fields.only(&["name", "key", "app", "hold_seconds", "takeover", "on_unpublish", "coalesce_ms"])?;
    let name = fields.required_text("name", Name::parse)?;
    let key = fields.nullable_text("key", IngestKey::parse)?.flatten();
    let app = fields.nullable_text("app", AppName::parse)?.flatten();
    let rules = Rules {
        hold: fields.number("hold_seconds", Hold::from_seconds)?.unwrap_or_default(),
        takeover: fields.text("takeover", str::parse::<Takeover>)?.unwrap_or_default(),
        on_unpublish: fields.text("on_unpublish", str::parse::<OnUnpublish>)?.unwrap_or_default(),
        coalesce: fields.nullable_number("coalesce_ms", Coalesce::from_ms)?.flatten(),
    };
    let report = control.create_stream(name, app, rules, key).await?;
    Ok((StatusCode::CREATED, Json(report.into())))
}

async fn show(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<StreamBody>, Error> {
    Ok(Json(control.stream(StreamId(id)).await?.into()))
}

async fn update(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    fields: Fields,
) -> Result<Json<StreamBody>, Error> {
    let mut fields =
        fields.only(&["name", "app", "hold_seconds", "takeover", "on_unpublish", "coalesce_ms"])?;
    let patch = StreamPatch {
        name: fields.text("name", Name::parse)?,
        app: fields.nullable_text("app", AppName::parse)?,
        hold: fields.number("hold_seconds", Hold::from_seconds)?,
        takeover: fields.text("takeover", str::parse::<Takeover>)?,
        on_unpublish: fields.text("on_unpublish", str::parse::<OnUnpublish>)?,
        coalesce: fields.nullable_number("coalesce_ms", Coalesce::from_ms)?,
    };
    Ok(Json(control.update_stream(StreamId(id), patch).await?.into()))
}

async fn remove(State(control): State<Arc<Control>>, Id(id): Id) -> Result<StatusCode, Error> {
    control.delete_stream(StreamId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn start(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<StreamBody>, Error> {
    Ok(Json(control.start_stream(StreamId(id)).await?.into()))
}

async fn stop(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<StreamBody>, Error> {
    Ok(Json(control.stop_stream(StreamId(id)).await?.into()))
}

/// The one answer that holds a key: an encoder has to be told it.
async fn reveal_key(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<KeyBody>, Error> {
    let id = StreamId(id);
    let app = control.stream(id).await?.stream.app;
    let app = app.as_ref().map_or("live", AppName::as_str);
    let key = control.stream_key(id).await?;
    Ok(Json(KeyBody { key: key.as_stream_key().expose().to_owned(), server_path: format!("/{app}") }))
}

async fn rotate_key(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    fields: Fields,
) -> Result<Json<StreamBody>, Error> {
    let mut fields = fields.only(&["key"])?;
    let key = fields.nullable_text("key", IngestKey::parse)?.flatten();
    Ok(Json(control.rotate_stream_key(StreamId(id), key).await?.into()))
}

#[derive(Serialize)]
struct StreamsBody {
    streams: Vec<StreamBody>,
}

/// A stream as the API shows it.
#[derive(Serialize)]
pub(super) struct StreamBody {
    id: i64,
    name: String,
    app: Option<String>,
    hold_seconds: u16,
    takeover: &'static str,
    on_unpublish: &'static str,
    coalesce_ms: Option<u8>,
    key_is_weak: bool,
    created_at: i64,
    source: SourceBody,
    target_count: u32,
}

impl From<StreamReport> for StreamBody {
    fn from(StreamReport { stream, status }: StreamReport) -> Self {
        Self {
            id: stream.id.0,
            name: stream.name.as_str().to_owned(),
            app: stream.app.map(|app| app.as_str().to_owned()),
            hold_seconds: stream.rules.hold.as_seconds(),
            takeover: stream.rules.takeover.as_str(),
            on_unpublish: stream.rules.on_unpublish.as_str(),
            coalesce_ms: stream.rules.coalesce.map(Coalesce::as_ms),
            key_is_weak: stream.key_is_weak,
            created_at: stream.created_at,
            source: status.map_or_else(SourceBody::offline, SourceBody::from),
            target_count: stream.target_count,
        }
    }
}

#[derive(Serialize)]
struct SourceBody {
    state: &'static str,
    for_seconds: Seconds,
    held_until: Option<Moment>,
    peer: Option<String>,
    bytes_received: u64,
}

impl SourceBody {
    /// A stream that is not on the board yet.
    fn offline() -> Self {
        Self {
            state: "offline",
            for_seconds: Seconds(Duration::ZERO),
            held_until: None,
            peer: None,
            bytes_received: 0,
        }
    }
}

impl From<StreamSnapshot> for SourceBody {
    fn from(status: StreamSnapshot) -> Self {
        Self {
            state: match status.state {
                SourceState::Offline => "offline",
                SourceState::Live => "live",
                SourceState::Held => "held",
            },
            for_seconds: Seconds(status.in_state_for),
            held_until: status.held_for.map(Moment::after),
            peer: status.peer.map(|peer| peer.to_string()),
            bytes_received: status.bytes_received,
        }
    }
}

#[derive(Serialize)]
struct KeyBody {
    key: String,
    server_path: String,
}
