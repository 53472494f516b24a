//! The routes, and what every request and answer goes through.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRef, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use tokio_util::sync::CancellationToken;
use tower::limit::ConcurrencyLimitLayer;
use utoipa_axum::router::OpenApiRouter;

use super::access::{self, Access, Rules};
use super::error::Error;
use super::live::{self, Live};
use super::once::{UnderWay, once};
use super::preview::{self, Previews};
use super::{
    audit, backups, configuration, history, metrics, openapi, platforms, ready, request, samples, settings,
    status, streams, targets, web, webhooks,
};
use crate::control::Control;

/// What handlers share.
#[derive(Clone)]
pub(super) struct Api {
    pub(super) control: Arc<Control>,
    pub(super) access: Arc<Access>,
    pub(super) ports: IngestPorts,
    pub(super) rules: Arc<Rules>,
    pub(super) live: Live,
    pub(super) previews: Previews,
    pub(super) under_way: UnderWay,
    /// The API's description.
    pub(super) description: Bytes,
}

/// Where encoders publish to, for the addresses that the page shows.
#[derive(Debug, Clone, Copy)]
pub struct IngestPorts {
    /// By RTMP.
    pub rtmp: u16,
    /// By RTMPS, if that is spoken.
    pub rtmps: Option<u16>,
}

/// Everything that is served over HTTP. What goes on for as long as somebody reads it ends with `stop`.
pub fn router(control: Arc<Control>, access: Access, ports: IngestPorts, stop: CancellationToken) -> Router {
    let (v1, mut document) = OpenApiRouter::with_openapi(openapi::frame())
        .merge(openapi::routes())
        .merge(audit::routes())
        .merge(live::routes())
        .merge(access::routes())
        .merge(status::routes())
        .merge(settings::routes())
        .merge(platforms::routes())
        .merge(streams::routes())
        .merge(preview::routes())
        .merge(targets::routes())
        .merge(history::routes())
        .merge(samples::routes())
        .merge(webhooks::routes())
        .merge(configuration::routes())
        .merge(backups::routes())
        .split_for_parts();
    openapi::complete(&mut document);
    let description = serde_json::to_vec(&document).unwrap_or_default().into();
    let rules = Arc::new(Rules::of(&mut document));
    let api = Api {
        control,
        access: Arc::new(access),
        ports,
        rules,
        live: Live::new(stop.clone()),
        previews: Previews::new(stop),
        under_way: UnderWay::default(),
        description,
    };
    let v1 = v1
        .method_not_allowed_fallback(async || Error::Method)
        .layer(DefaultBodyLimit::max(request::BODY_LIMIT))
        .layer(middleware::from_fn_with_state(api.clone(), audit::record))
        .layer(middleware::from_fn_with_state(api.clone(), once))
        .layer(middleware::from_fn_with_state(api.clone(), access::guard));
    let numbers = Router::new()
        .route(access::METRICS, get(metrics::show).layer(ConcurrencyLimitLayer::new(1)))
        .method_not_allowed_fallback(async || Error::Method)
        .layer(middleware::from_fn_with_state(api.clone(), access::guard));
    Router::new()
        .nest(openapi::BASE, v1)
        .merge(numbers)
        .route("/healthz", get(async || "ok\n"))
        .merge(ready::routes())
        .fallback(web::serve)
        .layer(middleware::from_fn(in_time))
        .layer(middleware::map_response(harden))
        .with_state(api)
}

impl FromRef<Api> for Arc<Control> {
    fn from_ref(api: &Api) -> Self {
        Self::clone(&api.control)
    }
}

/// A client that sends its body slowly, or a disk that hangs, does not hold a connection for ever.
async fn in_time(request: Request, next: Next) -> Result<Response, Error> {
    tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await.map_err(|_| Error::Timeout)
}

/// Answers are not kept unless they say so, and pages run nothing that is not the relay's own.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Longest time from a request's head to its answer's.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

// Small pictures are built into the page's styles as data: addresses. The preview is played from a blob: address,
// which only the page itself can make.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];
