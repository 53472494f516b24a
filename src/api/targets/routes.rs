//! What can be asked about targets, and done with them.

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
use super::body::{TargetBody, TargetsBody};
use super::fields::{NewTargetFields, TargetChanges, new_target, target_patch};
use super::{events, order, probe};
use crate::control::{Control, TargetReport};
use crate::model::{StreamId, SubjectKind, TargetId};

pub(in super::super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_targets, create_target))
        .routes(routes!(show_target, update_target, remove_target))
        .routes(routes!(start_target))
        .routes(routes!(stop_target))
        .routes(routes!(retry_target))
        .routes(routes!(reuse_target_key))
        .merge(order::routes())
        .merge(events::routes())
        .merge(probe::routes())
}

/// All targets of a stream.
#[utoipa::path(
    get, path = "/streams/{id}/targets", tag = "Targets", security(("token" = ["read"])), params(Id),
    responses((status = 200, description = "Its targets.", body = TargetsBody)),
)]
async fn list_targets(
    State(control): State<Arc<Control>>,
    Id(stream): Id,
) -> Result<Json<TargetsBody>, Error> {
    let targets = control.targets(StreamId(stream)).await?;
    let targets = targets.into_iter().map(TargetBody::from).collect();
    Ok(Json(TargetsBody { targets }))
}

/// Makes a target, which starts with the next broadcast or with one that is going on.
#[utoipa::path(
    post, path = "/streams/{id}/targets", tag = "Targets", security(("token" = ["edit"])), params(Id),
    request_body = NewTargetFields,
    responses(
        (status = 201, description = "The new target.", body = TargetBody),
        (status = 409, description = "The name is taken, or the stream has too many targets."),
    ),
)]
async fn create_target(
    State(control): State<Arc<Control>>,
    Id(stream): Id,
    fields: Fields,
) -> Result<Created<Versioned<TargetBody>>, Error> {
    let new = new_target(fields)?;
    let report = control.create_target(StreamId(stream), new).await?;
    Ok(Created(Made(SubjectKind::Target, report.target.id.0), versioned(report)))
}

/// One target.
#[utoipa::path(
    get, path = "/targets/{id}", tag = "Targets", security(("token" = ["read"])), params(Id),
    responses((status = 200, description = "The target.", body = TargetBody)),
)]
async fn show_target(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Versioned<TargetBody>, Error> {
    Ok(versioned(control.target(TargetId(id)).await?))
}

/// Changes a target. What is left out stays, its keys too.
#[utoipa::path(
    patch, path = "/targets/{id}", tag = "Targets", security(("token" = ["edit"])),
    params(Id, IfMatch), request_body = TargetChanges,
    responses(
        (status = 200, description = "The target as it is now.", body = TargetBody),
        (status = 412, description = "Somebody changed it since you read it."),
        (status = 409, description = "The name is taken."),
    ),
)]
async fn update_target(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
    fields: Fields,
) -> Result<Versioned<TargetBody>, Error> {
    let before = control.target(TargetId(id)).await?.target;
    let patch = target_patch(fields, before.backup_url.is_some())?;
    Ok(versioned(control.update_target(TargetId(id), patch, expected.as_ref()).await?))
}

/// Removes a target. The others do not notice.
#[utoipa::path(
    delete, path = "/targets/{id}", tag = "Targets", security(("token" = ["edit"])), params(Id, IfMatch),
    responses(
        (status = 204, description = "It is gone."),
        (status = 412, description = "Somebody changed it since you read it."),
    ),
)]
async fn remove_target(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Error> {
    control.delete_target(TargetId(id), expected.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts a target: with every broadcast, or if its start mode is `manual`, for one.
#[utoipa::path(
    post, path = "/targets/{id}/start", tag = "Targets", security(("token" = ["operate"])), params(Id),
    responses(
        (status = 200, description = "The target.", body = TargetBody),
        (status = 409, description = "The target is switched off."),
    ),
)]
async fn start_target(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Versioned<TargetBody>, Error> {
    Ok(versioned(control.start_target(TargetId(id)).await?))
}

/// Stops a target until it is started again.
#[utoipa::path(
    post, path = "/targets/{id}/stop", tag = "Targets", security(("token" = ["operate"])), params(Id),
    responses((status = 200, description = "The target.", body = TargetBody)),
)]
async fn stop_target(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Versioned<TargetBody>, Error> {
    Ok(versioned(control.stop_target(TargetId(id)).await?))
}

/// Lets a target that waits for its next try go ahead at once.
#[utoipa::path(
    post, path = "/targets/{id}/retry", tag = "Targets", security(("token" = ["operate"])), params(Id),
    responses(
        (status = 200, description = "The target.", body = TargetBody),
        (status = 409, description = "The target is switched off."),
    ),
)]
async fn retry_target(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Versioned<TargetBody>, Error> {
    Ok(versioned(control.retry_target(TargetId(id)).await?))
}

/// Takes a target's key for good once more: its `key_used` is false until the next broadcast is over.
#[utoipa::path(
    post, path = "/targets/{id}/reuse-key", tag = "Targets", security(("token" = ["operate"])), params(Id),
    responses((status = 200, description = "The target.", body = TargetBody)),
)]
async fn reuse_target_key(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Versioned<TargetBody>, Error> {
    Ok(versioned(control.reuse_key(TargetId(id)).await?))
}

fn versioned(report: TargetReport) -> Versioned<TargetBody> {
    Versioned(report.target.version, report.into())
}
