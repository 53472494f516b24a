//! What can be asked about streams, and done with them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::answer::{Created, IfMatch, Made, Versioned};
use super::super::error::Error;
use super::super::request::{Fields, Id};
use super::super::router::Api;
use super::body::{KeyBody, StreamBody, StreamsBody};
use super::fields::{self, NewStream, NewStreamKey, StreamChanges};
use crate::control::{Control, StreamReport};
use crate::model::{StreamId, SubjectKind};

pub(in super::super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_streams, create_stream))
        .routes(routes!(show_stream, update_stream, remove_stream))
        .routes(routes!(start_stream))
        .routes(routes!(stop_stream))
        .routes(routes!(reveal_stream_key, replace_stream_key))
}

/// All streams.
#[utoipa::path(
    get, path = "/streams", tag = "Streams", security(("token" = ["read"])),
    responses((status = 200, description = "All streams.", body = StreamsBody)),
)]
async fn list_streams(State(control): State<Arc<Control>>) -> Result<Json<StreamsBody>, Error> {
    let streams = control.streams().await?;
    let streams = streams.into_iter().map(StreamBody::from).collect();
    Ok(Json(StreamsBody { streams }))
}

/// Makes a stream.
#[utoipa::path(
    post, path = "/streams", tag = "Streams", security(("token" = ["edit"])), request_body = NewStream,
    responses(
        (status = 201, description = "The new stream.", body = StreamBody),
        (status = 409, description = "The name or the key is taken, or there are too many streams."),
    ),
)]
async fn create_stream(
    State(control): State<Arc<Control>>,
    fields: Fields,
) -> Result<Created<Versioned<StreamBody>>, Error> {
    let (name, settings, key) = fields::new_stream(fields)?;
    let report = control.create_stream(name, settings, key).await?;
    Ok(Created(Made(SubjectKind::Stream, report.stream.id.0), versioned(report)))
}

/// One stream.
#[utoipa::path(
    get, path = "/streams/{id}", tag = "Streams", security(("token" = ["read"])), params(Id),
    responses((status = 200, description = "The stream.", body = StreamBody)),
)]
async fn show_stream(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Versioned<StreamBody>, Error> {
    Ok(versioned(control.stream(StreamId(id)).await?))
}

/// Changes a stream. What is left out stays.
#[utoipa::path(
    patch, path = "/streams/{id}", tag = "Streams", security(("token" = ["edit"])),
    params(Id, IfMatch), request_body = StreamChanges,
    responses(
        (status = 200, description = "The stream as it is now.", body = StreamBody),
        (status = 412, description = "Somebody changed it since you read it."),
        (status = 409, description = "The name is taken."),
    ),
)]
async fn update_stream(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    fields: Fields,
) -> Result<Versioned<StreamBody>, Error> {
    let patch = fields::stream_patch(fields)?;
    Ok(versioned(control.update_stream(StreamId(id), patch, expected.as_ref()).await?))
}

/// Removes a stream with its targets. Whoever publishes to it is let go.
#[utoipa::path(
    delete, path = "/streams/{id}", tag = "Streams", security(("token" = ["edit"])), params(Id, IfMatch),
    responses(
        (status = 204, description = "It is gone."),
        (status = 412, description = "Somebody changed it since you read it."),
    ),
)]
async fn remove_stream(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Error> {
    control.delete_stream(StreamId(id), expected.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts all targets of a stream that are switched on.
#[utoipa::path(
    post, path = "/streams/{id}/start", tag = "Streams", security(("token" = ["operate"])), params(Id),
    responses((status = 200, description = "The stream.", body = StreamBody)),
)]
async fn start_stream(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Versioned<StreamBody>, Error> {
    Ok(versioned(control.start_stream(StreamId(id)).await?))
}

/// Stops all targets of a stream, until they are started again.
#[utoipa::path(
    post, path = "/streams/{id}/stop", tag = "Streams", security(("token" = ["operate"])), params(Id),
    responses((status = 200, description = "The stream.", body = StreamBody)),
)]
async fn stop_stream(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Versioned<StreamBody>, Error> {
    Ok(versioned(control.stop_stream(StreamId(id)).await?))
}

/// Reveals a stream's key, for its encoder.
#[utoipa::path(
    get, path = "/streams/{id}/key", tag = "Streams", security(("token" = ["edit"])), params(Id),
    responses((status = 200, description = "What an encoder is set up with.", body = KeyBody)),
)]
async fn reveal_stream_key(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<KeyBody>, Error> {
    let id = StreamId(id);
    let app = control.stream(id).await?.stream.app;
    let key = control.stream_key(id).await?;
    Ok(Json(KeyBody::new(app.as_ref(), &key)))
}

/// Gives a stream another key. Whoever publishes with the old one is let go.
#[utoipa::path(
    post, path = "/streams/{id}/key", tag = "Streams", security(("token" = ["edit"])), params(Id),
    request_body = NewStreamKey,
    responses(
        (status = 200, description = "The stream.", body = StreamBody),
        (status = 409, description = "Another stream has this key."),
    ),
)]
async fn replace_stream_key(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    fields: Fields,
) -> Result<Versioned<StreamBody>, Error> {
    let key = fields::new_key(fields)?;
    Ok(versioned(control.rotate_stream_key(StreamId(id), key).await?))
}

fn versioned(report: StreamReport) -> Versioned<StreamBody> {
    Versioned(report.stream.version, report.into())
}
