//! A listener of its own for `/metrics`, without a token.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use tower::limit::ConcurrencyLimitLayer;

use super::page;
use crate::control::Control;

/// What is served there: `GET /metrics`, and nothing else.
pub fn server(control: Arc<Control>) -> Router {
    Router::new()
        .route("/metrics", get(show).layer(ConcurrencyLimitLayer::new(AT_ONCE)))
        .fallback(async || (axum::http::StatusCode::NOT_FOUND, "There is only /metrics here.\n"))
        .with_state(control)
}

pub(in super::super) async fn show(State(control): State<Arc<Control>>) -> Response {
    page::render(&control)
}

/// Pages made at once.
const AT_ONCE: usize = 2;
