//! `/status`: everything the page shows, in one answer.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::error::Error;
use super::router::Api;
use super::streams::StreamBody;
use super::targets::TargetBody;
use crate::control::{StreamReport, TargetReport};

pub(super) fn routes() -> Router<Api> {
    Router::new().route("/status", get(show))
}

async fn show(State(api): State<Api>) -> Result<Json<StatusBody>, Error> {
    let inventory = api.control.inventory().await?;
    Ok(Json(StatusBody {
        version: env!("CARGO_PKG_VERSION"),
        rtmp_port: api.rtmp_port,
        streams: inventory.into_iter().map(StreamWithTargets::from).collect(),
    }))
}

#[derive(Serialize)]
struct StatusBody {
    version: &'static str,
    rtmp_port: u16,
    streams: Vec<StreamWithTargets>,
}

#[derive(Serialize)]
struct StreamWithTargets {
    #[serde(flatten)]
    stream: StreamBody,
    targets: Vec<TargetBody>,
}

impl From<(StreamReport, Vec<TargetReport>)> for StreamWithTargets {
    fn from((stream, targets): (StreamReport, Vec<TargetReport>)) -> Self {
        Self { stream: stream.into(), targets: targets.into_iter().map(TargetBody::from).collect() }
    }
}
