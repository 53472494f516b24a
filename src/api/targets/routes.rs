//! What can be asked about targets, and done with them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;

use super::super::error::Error;
use super::super::request::{Fields, Id};
use super::super::router::Api;
use super::body::TargetBody;
use super::events;
use super::fields::{new_target, target_patch};
use crate::control::Control;
use crate::model::{StreamId, TargetId};

pub(in super::super) fn routes() -> Router<Api> {
    Router::new()
        .route("/streams/{id}/targets", get(list).post(create))
        .route("/targets/{id}", get(show).patch(update).delete(remove))
        .route("/targets/{id}/start", post(start))
        .route("/targets/{id}/stop", post(stop))
        .route("/targets/{id}/retry", post(retry))
        .route("/targets/{id}/events", get(events::list))
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
    let before = control.target(TargetId(id)).await?.target;
    let patch = target_patch(fields, before.backup_url.is_some())?;
    Ok(Json(control.update_target(TargetId(id), patch).await?.into()))
}

async fn remove(State(control): State<Arc<Control>>, Id(id): Id) -> Result<StatusCode, Error> {
    control.delete_target(TargetId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn start(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<TargetBody>, Error> {
    Ok(Json(control.start_target(TargetId(id)).await?.into()))
}

async fn stop(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<TargetBody>, Error> {
    Ok(Json(control.stop_target(TargetId(id)).await?.into()))
}

async fn retry(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<TargetBody>, Error> {
    Ok(Json(control.retry_target(TargetId(id)).await?.into()))
}

#[derive(Serialize)]
struct TargetsBody {
    targets: Vec<TargetBody>,
}
