//! `/status`: everything the page shows, in one answer.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Error;
use super::router::Api;
use super::streams::StreamBody;
use super::targets::TargetBody;
use crate::control::{StreamReport, TargetReport};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show_status))
}

/// Everything at once: the relay, all streams and all targets.
#[utoipa::path(
    get, path = "/status", tag = "Relay", security(("token" = ["read"])),
    responses((status = 200, description = "How it goes now.", body = StatusBody)),
)]
async fn show_status(State(api): State<Api>) -> Result<Json<StatusBody>, Error> {
    let inventory = api.control.inventory().await?;
    Ok(Json(StatusBody {
        version: env!("CARGO_PKG_VERSION"),
        rtmp_port: api.ports.rtmp,
        rtmps: api.ports.rtmps.zip(api.control.certificate_names()).map(RtmpsBody::from),
        streams: inventory.into_iter().map(StreamWithTargets::from).collect(),
    }))
}

/// How it goes now.
#[derive(Serialize, ToSchema)]
#[schema(as = Status)]
struct StatusBody {
    /// The relay's version.
    version: &'static str,
    /// The port that encoders publish to.
    rtmp_port: u16,
    /// How encoders publish over RTMPS; null unless it is spoken and there is a certificate.
    rtmps: Option<RtmpsBody>,
    /// In the order they were made.
    streams: Vec<StreamWithTargets>,
}

/// How encoders publish over RTMPS.
#[derive(Serialize, ToSchema)]
#[schema(as = Rtmps)]
struct RtmpsBody {
    /// The port; it may be the one of RTMP.
    port: u16,
    /// The host names of the certificate, one of which encoders must use; wildcards may be among them.
    #[schema(example = json!(["relay.example.com"]))]
    names: Vec<String>,
}

impl From<(u16, Vec<String>)> for RtmpsBody {
    fn from((port, names): (u16, Vec<String>)) -> Self {
        Self { port, names }
    }
}

/// A stream and its targets.
#[derive(Serialize, ToSchema)]
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
