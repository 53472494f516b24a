//! What can go wrong with a request, as problem+json.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::control;
use crate::model::Scope;
use crate::store;

/// Why a request was not served. The texts become the answer's `detail`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// What control said.
    #[error(transparent)]
    Control(#[from] control::Error),
    /// One field of the body is to blame.
    #[error("{detail}")]
    Field {
        /// Its name.
        field: String,
        /// What it should be. Never what it was.
        detail: String,
    },
    /// JSON cut short or mistyped.
    #[error("the body is not valid JSON: look at line {line}, column {column}")]
    Syntax {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A list, a number or the like.
    #[error("the body must be a JSON object, as in {{\"name\": \"Main\"}}")]
    NotAnObject,
    /// Something else than JSON, or nothing that says so.
    #[error("send the body as JSON, with the header Content-Type: application/json")]
    ContentType,
    /// More than [`super::request::BODY_LIMIT`], or for a document, `configuration::BODY_LIMIT`.
    #[error("the body is larger than 64 KiB, or than 4 MiB where it is a configuration")]
    TooLarge,
    /// The connection broke.
    #[error("the body did not arrive whole: send it again")]
    Cut,
    /// Nothing here.
    #[error("there is nothing at this address: check the path")]
    NoRoute,
    /// Something here, but not for this method.
    #[error("this address does not take this method: see the header Allow for those it takes")]
    Method,
    /// No session and no token, or none that is good.
    #[error("log in, or send a token in the header Authorization: Bearer TOKEN")]
    Unknown,
    /// Nobody can log in yet.
    #[error("splitcast is not set up yet: open the set-up link that it printed when it was started")]
    NotSetUp,
    /// Somebody who may do less.
    #[error("this needs the scope \"{}\": ask an owner of this splitcast", .0.as_str())]
    Scope(Scope),
    /// A program asks for what only a person has.
    #[error("only who has logged in with a name and a password can do this")]
    NotAPerson,
    /// A name that could have been made to point here by a stranger's DNS.
    #[error(
        "splitcast does not know itself by this name: open it by an IP address or as localhost, or start it with --hosts and the name"
    )]
    Host,
    /// Where too many wrong tokens came from.
    #[error("too many wrong tokens came from your address: yours is looked at again in {} s", .0.as_secs().max(1))]
    TooManyTokens(Duration),
    /// Another site's page sent this.
    #[error("changes must come from the relay's own page or from a program, not from another site")]
    CrossSite,
    /// The same request, twice at the same moment.
    #[error(
        "a request with this Idempotency-Key is under way: wait for its answer, or ask again in a moment"
    )]
    UnderWay,
    /// Another request under the same key.
    #[error("this Idempotency-Key came with another request before: take a new one for each request")]
    OtherRequest,
    /// More than may follow at once.
    #[error("too many follow the events already: close one of those pages or programs first")]
    TooManyFollowers,
    /// More than may watch at once.
    #[error("too many previews are open already: close one of them first")]
    TooManyViewers,
    /// Took longer than [`super::router::REQUEST_TIMEOUT`].
    #[error("the request took too long: try again")]
    Timeout,
}

impl Error {
    /// The value of `field` is not what it should be.
    pub(super) fn field(field: impl Into<String>, what: &impl ToString) -> Self {
        Self::Field { field: field.into(), detail: what.to_string() }
    }

    /// `field` must be given.
    pub(super) fn missing(field: &str) -> Self {
        Self::field(field, &format!("\"{field}\" is missing"))
    }

    /// The same of something that holds the field.
    pub(super) fn below(self, holder: &str) -> Self {
        match self {
            Self::Field { field, detail } => Self::Field { field: format!("{holder}.{field}"), detail },
            error => error,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Control(error) => control_status(error),
            Self::Field { .. } | Self::NotAnObject => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Syntax { .. } | Self::Cut => StatusCode::BAD_REQUEST,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoRoute => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unknown | Self::NotSetUp | Self::TooManyTokens(_) => StatusCode::UNAUTHORIZED,
            Self::Scope(_) | Self::NotAPerson | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::UnderWay => StatusCode::CONFLICT,
            Self::OtherRequest => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyFollowers | Self::TooManyViewers => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::REQUEST_TIMEOUT,
        }
    }

    fn to_blame(&self) -> Option<&str> {
        match self {
            Self::Field { field, .. } => Some(field),
            Self::OtherRequest => Some("Idempotency-Key"),
            Self::Control(control::Error::WrongCurrentPassword) => Some("current_password"),
            Self::Control(control::Error::Expired) => Some("expires_at"),
            Self::Control(control::Error::WrongPassphrase) => Some("passphrase"),
            Self::Control(control::Error::Cost) => Some("document.sealed"),
            Self::Control(control::Error::NoSecondAddress) => Some("endpoint"),
            Self::Control(control::Error::KeyOfAnother) => Some("key"),
            Self::Control(control::Error::Store(error)) => match error {
                store::Error::Taken { field } => Some(field),
                store::Error::NotAnOrder => Some("ids"),
                store::Error::NoBackupKey => Some("backup_key"),
                store::Error::NoBackupUrl => Some("backup_url"),
                store::Error::NoPassword { field } | store::Error::NoUserName { field } => Some(field),
                store::Error::NoOwnApp | store::Error::SharedApp => Some("app"),
                _ => None,
            },
            _ => None,
        }
    }

    /// Headers that some errors call for.
    fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let status = self.status();
        let who = (status == StatusCode::UNAUTHORIZED)
            .then(|| (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"splitcast\"")));
        let wait = match self {
            Self::TooManyTokens(wait)
            | Self::Control(control::Error::TooManyTries { wait } | control::Error::TooManyProbes { wait }) => {
                Some(wait.as_secs().max(1))
            }
            _ => (status == StatusCode::SERVICE_UNAVAILABLE).then_some(1),
        };
        let when = wait.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
        who.into_iter().chain(when)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = self.status();
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            let error: &(dyn std::error::Error + 'static) = &self;
            tracing::error!(error, "a request failed");
        }
        let problem = Problem {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: sentence(&self.to_string()),
            field: self.to_blame(),
        };
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (status, kind, Json(problem)).into_response();
        response.headers_mut().extend(self.headers());
        response
    }
}

fn control_status(error: &control::Error) -> StatusCode {
    match error {
        control::Error::Store(error) => store_status(error),
        control::Error::TooManyStreams
        | control::Error::TooManyTargets
        | control::Error::TooManyWebhooks
        | control::Error::TooManyUsers
        | control::Error::TooManyTokens
        | control::Error::LastOwner
        | control::Error::HasOwner
        | control::Error::NamesTaken { .. }
        | control::Error::KeyTaken
        | control::Error::Disabled
        | control::Error::NotSending
        | control::Error::SendsWithKey { .. } => StatusCode::CONFLICT,
        control::Error::NoList => StatusCode::NOT_FOUND,
        control::Error::ListUnfetched { .. } | control::Error::ListUnread { .. } => StatusCode::BAD_GATEWAY,
        control::Error::Overtaken => StatusCode::PRECONDITION_FAILED,
        control::Error::WrongPassword => StatusCode::UNAUTHORIZED,
        control::Error::WrongSetUpLink => StatusCode::FORBIDDEN,
        control::Error::TooManyTries { .. } | control::Error::TooManyProbes { .. } => {
            StatusCode::TOO_MANY_REQUESTS
        }
        control::Error::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        control::Error::WrongCurrentPassword
        | control::Error::NoSecondAddress
        | control::Error::KeyOfAnother
        | control::Error::Expired
        | control::Error::WrongPassphrase
        | control::Error::Cost => StatusCode::UNPROCESSABLE_ENTITY,
        control::Error::Invalid(_) | control::Error::Random | control::Error::Hashing => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn store_status(error: &store::Error) -> StatusCode {
    match error {
        store::Error::NoStream(_)
        | store::Error::NoTarget(_)
        | store::Error::NoWebhook(_)
        | store::Error::NoUser(_)
        | store::Error::NoToken(_)
        | store::Error::NoBackup => StatusCode::NOT_FOUND,
        store::Error::Taken { .. }
        | store::Error::BackupUnderWay { .. }
        | store::Error::FileExists { .. }
        | store::Error::SharedApp
        | store::Error::NotAnOrder => StatusCode::CONFLICT,
        store::Error::NoBackupKey
        | store::Error::NoBackupUrl
        | store::Error::NoPassword { .. }
        | store::Error::NoUserName { .. }
        | store::Error::NoOwnApp => StatusCode::UNPROCESSABLE_ENTITY,
        store::Error::Busy | store::Error::ReadOnly | store::Error::Full => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Errors are phrases; people get sentences.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct Problem<'a> {
    r#type: &'static str,
    /// What the status means.
    title: &'static str,
    status: u16,
    /// What is wrong and what to do about it, in one sentence for a person.
    detail: String,
    /// The field or parameter that is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}
