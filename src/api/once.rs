//! What is asked for twice is done once.
//!
//! Who gets no answer does not know whether what they asked for was done. With the same `Idempotency-Key`
//! they may ask again: they are given the answer that was lost, for a day. Where the relay ended, or the
//! client went away, between doing and keeping the answer, names that are taken keep it from being done
//! twice; not so backups, and copies of targets that are given no name.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::Error;
use super::request::BODY_LIMIT;
use super::router::Api;
use crate::control::Caller;
use crate::model::{GivenAnswer, KeyDigest};
use crate::secret::Secret;

/// Requests with a key that are under way.
#[derive(Debug, Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<HashSet<KeyDigest>>>);

impl UnderWay {
    fn begin(&self, key: KeyDigest) -> Option<Turn> {
        let is_first = self.lock().insert(key);
        is_first.then(|| Turn { all: self.clone(), key })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<KeyDigest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The only request with its key that is under way.
struct Turn {
    all: UnderWay,
    key: KeyDigest,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.all.lock().remove(&self.key);
    }
}

/// Gives who asks again the answer that they were given before.
pub(super) async fn once(State(api): State<Api>, request: Request, next: Next) -> Result<Response, Error> {
    let (Some(key), &Method::POST) = (request.headers().get(&IDEMPOTENCY_KEY), request.method()) else {
        return Ok(next.run(request).await);
    };
    if WHOLE.contains(&request.uri().path()) {
        return Ok(next.run(request).await);
    }
    let Some(caller) = request.extensions().get::<Caller>() else {
        return Ok(next.run(request).await);
    };
    let is_key = |key: &&str| (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let key = key.to_str().ok().filter(is_key);
    let key = key.ok_or_else(|| Error::field("Idempotency-Key", &UNFIT))?;
    // Nobody is given another's answer.
    let key = api.control.fingerprint(&Secret::new(format!("once {} {key}", caller.actor.same_as())));
    let _turn = api.under_way.begin(key).ok_or(Error::UnderWay)?;

    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| Error::TooLarge)?;
    let text = format!("{} {}\n{}", parts.method, parts.uri, String::from_utf8_lossy(&body));
    let asked = api.control.fingerprint(&Secret::new(text));
    if let Some(given) = api.control.given_answer(key).await? {
        return if given.request == asked { Ok(again(&given)) } else { Err(Error::OtherRequest) };
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if !response.status().is_success() {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| Error::Cut)?;
    let given = GivenAnswer {
        request: asked,
        status: head.status.as_u16(),
        body: Secret::new(String::from_utf8_lossy(&body).into_owned()),
    };
    api.control.keep_answer(key, &given).await;
    Ok(Response::from_parts(head, Body::from(body)))
}

fn again(given: &GivenAnswer) -> Response {
    let status = StatusCode::from_u16(given.status).unwrap_or(StatusCode::OK);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (HeaderName::from_static("idempotency-replayed"), HeaderValue::from_static("true")),
    ];
    (status, headers, given.body.expose().to_owned()).into_response()
}

/// What is too large to be kept, and does no harm when it is asked for twice: names that are taken keep
/// a configuration from being made again.
const WHOLE: [&str; 2] = ["/export", "/import"];

/// The header with the key.
pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

const UNFIT: &str = "the key must be 1 to 255 printable ASCII characters without spaces";
