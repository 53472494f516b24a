//! Tests of a target's address and key: all that a push does, without a picture.

mod body;
mod lines;

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::body::{LineBody, ReportBody};
use self::lines::Lines;
use super::super::error::Error;
use super::super::request::{Fields, Id};
use super::super::router::Api;
use super::super::words;
use super::endpoint::{EndpointPatch, FIRST, endpoint, endpoint_patch};
use crate::control::{Control, Probe, ProbeChanges};
use crate::model::{EndpointRole, LoginPatch, TargetId};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(test_target)).routes(routes!(test_address))
}

/// Tests a target's address and key, without a picture.
///
/// Looks up the name, connects, agrees on TLS and RTMP, publishes, sends a description of a stream and
/// listens for 3 seconds whether the server has anything against it: at most 25 seconds in all. Twitch is told
/// that it is a test, which nobody sees; what a test does and does not tell elsewhere is said in `caveats`.
/// With `Accept: application/x-ndjson` each step comes as a line of its own when it is over, and the whole as
/// the last one. Who goes away ends the test. At most four go on at once; twelve may be begun in
/// a row, and then one more each 5 seconds.
#[utoipa::path(
    post, path = "/targets/{id}/test", tag = "Targets", security(("token" = ["operate"])), params(Id),
    request_body = ProbeTargetFields,
    responses(
        (status = 200, description = "How it went, whether good or bad.",
            content((ReportBody = "application/json"), (LineBody = "application/x-ndjson"))),
        (status = 409, description = "A target sends with this key right now."),
        (status = 429, description = "Too many tests were begun."),
        (status = 503, description = "The relay is stopping, or the database does not answer."),
    ),
)]
async fn test_target(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Error> {
    let mut fields = fields.only(&["endpoint"])?;
    let (target, role) = (TargetId(id), role(&mut fields)?);
    let changes = ProbeChanges { target, role, url: None, key: None, login: LoginPatch::default() };
    answer(control.probe_target(changes).await?, &headers).await
}

/// Tests an address and a key that belong to no target, or to one that is to be changed.
///
/// As `POST /targets/{id}/test` does it. With `target_id`, what is left out is that target's; but its key and
/// login go to its own server, or its platform's, and nowhere else.
#[utoipa::path(
    post, path = "/targets/test", tag = "Targets", security(("token" = ["edit"])),
    request_body = ProbeAddressFields,
    responses(
        (status = 200, description = "How it went, whether good or bad.",
            content((ReportBody = "application/json"), (LineBody = "application/x-ndjson"))),
        (status = 404, description = "There is no such target."),
        (status = 409, description = "A target sends with this key right now."),
        (status = 429, description = "Too many tests were begun."),
        (status = 503, description = "The relay is stopping, or the database does not answer."),
    ),
)]
async fn test_address(
    State(control): State<Arc<Control>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Error> {
    let mut fields = fields.only(&["url", "key", "user", "password", "target_id", "endpoint"])?;
    let role = role(&mut fields)?;
    let probe = match fields.nullable_number("target_id", target)?.flatten() {
        Some(target) => {
            let EndpointPatch { url, key, login } = endpoint_patch(&mut fields, &FIRST)?;
            let (url, key) = (url.flatten(), key.flatten());
            control.probe_target(ProbeChanges { target, role, url, key, login }).await?
        }
        None => {
            let endpoint = endpoint(&mut fields, &FIRST)?.ok_or_else(|| Error::missing("url"))?;
            control.probe_endpoint(endpoint).await?
        }
    };
    answer(probe, &headers).await
}

/// Which of a target's addresses is tested.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
#[schema(as = TargetTest)]
struct ProbeTargetFields {
    #[serde(default)]
    endpoint: words::EndpointRole,
}

/// What is tested.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
#[schema(as = AddressTest)]
struct ProbeAddressFields {
    /// Where to push to. Without `key` and `target_id`, its last part is the key.
    #[schema(
        max_length = 2048,
        pattern = "^ *[Rr][Tt][Mm][Pp][Ss]?://",
        example = "rtmps://live.example.com/app"
    )]
    url: Option<String>,
    /// The key to publish with there.
    #[schema(min_length = 1, max_length = 1024, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]+$")]
    key: Option<String>,
    /// The user name to log in with there; null for none.
    #[schema(min_length = 1, max_length = 128, pattern = r"^[^\s\x00-\x1f\x7f-\x9f&?/#]+$")]
    user: Option<String>,
    /// The password that goes with it.
    #[schema(min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    password: Option<String>,
    /// The target to which what is left out belongs.
    #[schema(minimum = 1)]
    target_id: Option<i64>,
    /// Which of that target's addresses.
    #[serde(default)]
    endpoint: words::EndpointRole,
}

fn role(fields: &mut Fields) -> Result<EndpointRole, Error> {
    Ok(fields.text("endpoint", str::parse)?.unwrap_or_default())
}

fn target(number: u64) -> Result<TargetId, &'static str> {
    i64::try_from(number).map(TargetId).map_err(|_| "there is no such target")
}

async fn answer(probe: Probe, headers: &HeaderMap) -> Result<Response, Error> {
    let wanted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    if !wanted.flat_map(|value| value.split([',', ';'])).any(|kind| kind.trim() == LINES) {
        let report = probe.run(&|_| ()).await?;
        return Ok(Json(ReportBody::from(report)).into_response());
    }
    // A proxy that collects what it passes on would make it late.
    let headers = [(header::CONTENT_TYPE, LINES), (HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((headers, Body::from_stream(Lines::of(probe).into_stream())).into_response())
}

const LINES: &str = "application/x-ndjson";
