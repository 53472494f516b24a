//! `/targets/{id}/samples` and `/streams/{id}/samples`: how it went in the last minutes, for who begins to look.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Error;
use super::request::Id;
use super::router::Api;
use super::seconds::{Moment, Seconds};
use crate::control::Control;
use crate::model::{BackupPolicy, EndpointRole, StreamId, TargetId};
use crate::relay::status::{EVERY, Past, Received, Sent};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_target_samples)).routes(routes!(list_stream_samples))
}

/// How it went with a target in the last ten minutes.
#[utoipa::path(
    get, path = "/targets/{id}/samples", tag = "Targets", security(("token" = ["read"])), params(Id),
    responses((status = 200, description = "What was sent.", body = TargetSamples)),
)]
async fn list_target_samples(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Json<TargetSamples>, Error> {
    let target = control.target(TargetId(id)).await?.target;
    let past = |endpoint| SentSamples::from(control.board().past_of_target(target.id, endpoint));
    Ok(Json(TargetSamples {
        first: past(EndpointRole::Primary),
        backup: (target.backup_policy == BackupPolicy::Both && target.backup_url.is_some())
            .then(|| past(EndpointRole::Backup)),
    }))
}

/// What came from a stream's encoders in the last ten minutes.
#[utoipa::path(
    get, path = "/streams/{id}/samples", tag = "Streams", security(("token" = ["read"])), params(Id),
    responses((status = 200, description = "What came in.", body = StreamSamples)),
)]
async fn list_stream_samples(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Json<StreamSamples>, Error> {
    let stream = control.stream(StreamId(id)).await?.stream;
    Ok(Json(control.board().past_of_stream(stream.id).into()))
}

/// What was sent over a target's connections.
#[derive(Serialize, ToSchema)]
struct TargetSamples {
    #[serde(flatten)]
    first: SentSamples,
    /// The second connection, of a target that is fed at both of its addresses.
    backup: Option<SentSamples>,
}

/// What was sent over a connection: each list has one entry for each span of time, oldest first, which is null
/// where nothing was connected.
#[derive(Serialize, ToSchema)]
struct SentSamples {
    /// When the newest span began.
    at: Moment,
    /// How long each span is.
    every_seconds: Seconds,
    bits_per_second: Vec<Option<u64>>,
    /// How far it was behind the encoder at most; a minute counts as all that is longer.
    lag_ms: Vec<Option<u16>>,
    /// Frames left out meanwhile because it was too slow.
    skipped_frames: Vec<Option<u16>>,
}

impl From<Option<Past<Sent>>> for SentSamples {
    fn from(past: Option<Past<Sent>>) -> Self {
        let Past { age, points } = past.unwrap_or_default();
        Self {
            at: Moment::before(age),
            every_seconds: Seconds(EVERY),
            bits_per_second: column(&points, |point| point.rate.bits_per_second()),
            lag_ms: column(&points, |point| point.lag_ms),
            skipped_frames: column(&points, |point| point.skipped),
        }
    }
}

/// What came in: each list has one entry for each span of time, oldest first, which is null where no encoder was
/// live.
#[derive(Serialize, ToSchema)]
struct StreamSamples {
    /// When the newest span began.
    at: Moment,
    /// How long each span is.
    every_seconds: Seconds,
    bits_per_second: Vec<Option<u64>>,
    /// Pictures per second, as they came.
    frame_rate: Vec<Option<f64>>,
}

impl From<Option<Past<Received>>> for StreamSamples {
    fn from(past: Option<Past<Received>>) -> Self {
        let Past { age, points } = past.unwrap_or_default();
        Self {
            at: Moment::before(age),
            every_seconds: Seconds(EVERY),
            bits_per_second: column(&points, |point| point.rate.bits_per_second()),
            frame_rate: column(&points, |point| f64::from(point.pictures_in_ten_seconds) / 10.0),
        }
    }
}

fn column<P: Copy, T>(points: &[Option<P>], tell: impl Fn(P) -> T) -> Vec<Option<T>> {
    points.iter().map(|point| point.map(&tell)).collect()
}
