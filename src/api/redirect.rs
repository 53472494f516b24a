//! What plain HTTP is answered where the page is served over HTTPS: where to go instead, or the
//! answer that a certificate authority looks for.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::net::certificates::Served;

/// What the handlers share.
#[derive(Clone)]
struct Redirect {
    served: Arc<Served>,
    /// The port of HTTPS.
    port: u16,
}

/// Sends everybody to the same place at the port of HTTPS.
pub fn redirect(served: Arc<Served>, port: u16) -> Router {
    Router::new()
        .route("/.well-known/acme-challenge/{token}", get(prove))
        .fallback(send)
        .with_state(Redirect { served, port })
}

async fn prove(State(redirect): State<Redirect>, Path(token): Path<String>) -> Response {
    match redirect.served.answers().text(&token) {
        Some(text) => ([(header::CONTENT_TYPE, "application/octet-stream")], text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The method and the body stay with the request, as 308 says.
async fn send(State(redirect): State<Redirect>, request: Request) -> Response {
    match location(&request, redirect.port) {
        Some(location) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response(),
        None => (StatusCode::BAD_REQUEST, "Begin the address with https://.\n").into_response(),
    }
}

fn location(request: &Request, port: u16) -> Option<HeaderValue> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?.parse::<Authority>().ok()?;
    let (name, path) = (host.host(), request.uri().path_and_query().map_or("/", |path| path.as_str()));
    let port = if port == 443 { String::new() } else { format!(":{port}") };
    let is_plain = !name.is_empty() && path.starts_with('/');
    is_plain.then(|| HeaderValue::try_from(format!("https://{name}{port}{path}")).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use tower::ServiceExt;

    async fn ask(port: u16, host: &str, path: &str) -> (StatusCode, String) {
        let served = Arc::new(Served::default());
        served.answers().give_text("token".to_owned(), "token.thumb".to_owned());
        let request = Request::builder().uri(path).header("host", host).body(Body::empty()).unwrap();
        let response = redirect(served, port).oneshot(request).await.unwrap();
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
        (status, location.unwrap_or_else(|| String::from_utf8(body.to_vec()).unwrap()))
    }

    #[tokio::test]
    async fn everybody_is_sent_to_the_same_place_over_https() {
        for (port, host, path, location) in [
            (443, "relay.example", "/", "https://relay.example/"),
            (443, "relay.example:80", "/streams?a=b", "https://relay.example/streams?a=b"),
            (8443, "relay.example:8080", "/", "https://relay.example:8443/"),
            (443, "[2001:db8::1]:80", "/", "https://[2001:db8::1]/"),
            (443, "user@relay.example", "//evil.example/", "https://relay.example//evil.example/"),
        ] {
            let sent = ask(port, host, path).await;
            assert_eq!(sent, (StatusCode::PERMANENT_REDIRECT, location.to_owned()));
        }
    }

    #[tokio::test]
    async fn who_names_no_host_is_told_what_to_do() {
        for bad in ["", "a b", "relay.example/x"] {
            let (status, text) = ask(443, bad, "/").await;
            assert_eq!((status, text.contains("https://")), (StatusCode::BAD_REQUEST, true), "{bad}");
        }
    }

    #[tokio::test]
    async fn an_authority_finds_what_it_looks_for() {
        let known = ask(443, "relay.example", "/.well-known/acme-challenge/token").await;
        assert_eq!(known, (StatusCode::OK, "token.thumb".to_owned()));
        let other = ask(443, "relay.example", "/.well-known/acme-challenge/other").await;
        assert_eq!(other.0, StatusCode::NOT_FOUND);
    }
}
