//! `/readyz`: whether the relay can do all that is asked of it, for load balancers and alarms.
//!
//! Everybody may ask, so the answer names no stream, target or address, and asking often costs little.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::router::Api;
use crate::control::NotReady;

pub(super) fn routes() -> Router<Api> {
    Router::new().route("/readyz", get(show))
}

async fn show(State(api): State<Api>) -> Response {
    let reasons: Vec<ReasonBody> = api.control.readiness().await.into_iter().map(ReasonBody::from).collect();
    let ready = reasons.is_empty();
    let body = Json(ReadyBody { ready, reasons });
    match ready {
        true => body.into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "2")], body).into_response(),
    }
}

#[derive(Serialize)]
struct ReadyBody {
    ready: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReasonBody>,
}

#[derive(Serialize)]
struct ReasonBody {
    kind: &'static str,
    detail: String,
}

impl From<NotReady> for ReasonBody {
    fn from(reason: NotReady) -> Self {
        Self { kind: reason.as_str(), detail: format!("{}.", capitalized(&reason.to_string())) }
    }
}

/// Reasons are phrases; people get sentences.
fn capitalized(phrase: &str) -> String {
    let mut letters = phrase.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
