//! Answers with more than a body: which version it is of, or where what was made can be found.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::IntoParams;

use super::error::Error;
use super::openapi::BASE;
use crate::model::{Choice, Expected, SubjectKind};

/// A body, and the version of what it shows: its `ETag`, by which a later change can be made on condition.
pub(super) struct Versioned<T>(pub(super) i64, pub(super) T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let Self(version, body) = self;
        let mut response = Json(body).into_response();
        if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// What was made or came to be used: for the audit log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made(pub(super) SubjectKind, pub(super) i64);

/// Something new, and where it is to be found.
pub(super) struct Created<T>(pub(super) Made, pub(super) T);

impl<T: IntoResponse> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let Self(made, body) = self;
        let Made(kind, id) = made;
        let mut response = (StatusCode::CREATED, body).into_response();
        if let Ok(place) = HeaderValue::try_from(format!("{BASE}/{}s/{id}", kind.word())) {
            response.headers_mut().insert(header::LOCATION, place);
        }
        response.extensions_mut().insert(made);
        response
    }
}

/// The versions of which one must be the present one, from the header `If-Match`.
#[derive(IntoParams)]
#[into_params(names("If-Match"), parameter_in = Header)]
pub(super) struct IfMatch(
    /// The `ETag` of what you read: if somebody else has changed it since, nothing is changed and the answer
    /// is 412.
    #[param(value_type = Option<String>, example = "\"3\"")]
    pub(super) Option<Expected>,
);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let lines = parts.headers.get_all(header::IF_MATCH);
        let tags = || lines.iter().flat_map(|line| line.to_str().unwrap_or("?").split(',')).map(str::trim);
        if tags().next().is_none() || tags().any(|tag| tag == "*") {
            return Ok(Self(None));
        }
        // A tag that is none of ours matches nothing.
        let version = |tag: &str| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok();
        Ok(Self(Some(Expected(tags().filter_map(version).collect()))))
    }
}
