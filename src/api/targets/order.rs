//! The order of a stream's targets, and copies of targets.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::answer::{Created, Made, Versioned};
use super::super::error::Error;
use super::super::request::{Fields, Id};
use super::super::router::Api;
use super::body::{TargetBody, TargetsBody};
use crate::control::{Control, TargetCopy};
use crate::model::{MAX_TARGETS_PER_STREAM, Name, StreamId, SubjectKind, TargetId};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(arrange_targets)).routes(routes!(duplicate_target))
}

/// Puts a stream's targets in another order. What runs does not notice.
#[utoipa::path(
    put, path = "/streams/{id}/targets/order", tag = "Targets", security(("token" = ["edit"])), params(Id),
    request_body = TargetOrder,
    responses(
        (status = 200, description = "Its targets in their new order.", body = TargetsBody),
        (status = 409, description = "The list does not name each target of the stream."),
    ),
)]
async fn arrange_targets(
    State(control): State<Arc<Control>>,
    Id(stream): Id,
    fields: Fields,
) -> Result<Json<TargetsBody>, Error> {
    let targets = control.arrange_targets(StreamId(stream), &order(fields)?).await?;
    let targets = targets.into_iter().map(TargetBody::from).collect();
    Ok(Json(TargetsBody { targets }))
}

/// Makes another target with the addresses, keys, rules and notes of one.
#[utoipa::path(
    post, path = "/targets/{id}/duplicate", tag = "Targets", security(("token" = ["edit"])), params(Id),
    request_body = CopyFields,
    responses(
        (status = 201, description = "The new target.", body = TargetBody),
        (status = 409, description = "The name is taken, or the stream has too many targets."),
    ),
)]
async fn duplicate_target(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    fields: Fields,
) -> Result<Created<Versioned<TargetBody>>, Error> {
    let report = control.duplicate_target(TargetId(id), copy(fields)?).await?;
    let (id, version) = (report.target.id.0, report.target.version);
    Ok(Created(Made(SubjectKind::Target, id), Versioned(version, report.into())))
}

/// The order of a stream's targets.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct TargetOrder {
    /// The number of each of its targets, once.
    #[schema(max_items = 2000)]
    ids: BTreeSet<i64>,
}

/// Reads the order of a stream's targets.
fn order(fields: Fields) -> Result<Vec<TargetId>, Error> {
    let ids = fields.only(&["ids"])?.numbers("ids")?.ok_or_else(|| Error::missing("ids"))?;
    if ids.len() > MAX_TARGETS_PER_STREAM {
        let most = format!("a stream has {MAX_TARGETS_PER_STREAM} targets at most");
        return Err(Error::field("ids", &most));
    }
    if BTreeSet::from_iter(&ids).len() < ids.len() {
        return Err(Error::field("ids", &"the list names a target more than once"));
    }
    Ok(ids.into_iter().map(TargetId).collect())
}

/// What is to be other in a copy of a target.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
#[schema(as = TargetCopy)]
struct CopyFields {
    /// What a person calls it; unless given, the other's name, with a number after it where that is taken.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Twitch (2)"
    )]
    name: Option<String>,
    /// The stream that it is to belong to; unless given, the other's.
    #[schema(minimum = 1)]
    stream_id: Option<i64>,
    /// Whether it may run at all; no if left out, since two connections with one key cut each other off.
    #[serde(default)]
    enabled: bool,
}

/// Reads what is to be other in a copy of a target.
fn copy(fields: Fields) -> Result<TargetCopy, Error> {
    let mut fields = fields.only(&["name", "stream_id", "enabled"])?;
    Ok(TargetCopy {
        name: fields.nullable_text("name", Name::parse)?.flatten(),
        stream: fields.nullable_number("stream_id", stream)?.flatten(),
        enabled: fields.flag("enabled")?.unwrap_or(false),
    })
}

fn stream(number: u64) -> Result<StreamId, &'static str> {
    i64::try_from(number).map(StreamId).map_err(|_| "there is no such stream")
}
