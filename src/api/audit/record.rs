//! Writes down each request for a change: before it is done, and what became of it; and who was shown secrets.
//!
//! All routes that change something come through here, so that none can be forgotten. What is written
//! down are names of fields, never what was in them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::timeout;

use super::super::answer::Made;
use super::super::client::ClientAddress;
use super::super::error::Error;
use super::super::router::Api;
use crate::control::Caller;
use crate::model::{Asked, Choice, Outcome, SubjectKind};

/// The names of the fields that a request brought, once they are known.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct FieldNames(Arc<Mutex<Vec<String>>>);

impl FieldNames {
    /// Takes note of them.
    pub(in super::super) fn note<'a>(&self, names: impl Iterator<Item = &'a String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = names.cloned().collect();
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes down a request for a change, lets it be done, and writes down what became of it.
pub(in super::super) async fn record(
    State(api): State<Api>,
    path: Option<MatchedPath>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let action = path.and_then(|path| api.rules.name(request.method(), path.as_str()));
    let changes = !request.method().is_safe();
    let Some(action) = action.filter(|action| changes || REVEALING.contains(action)) else {
        return Ok(next.run(request).await);
    };
    let extensions = request.extensions();
    let Some(client) = extensions.get::<ClientAddress>() else { return Err(Error::Host) };
    let by = extensions.get::<Caller>().map(|caller| caller.actor.clone());
    let is_known = by.is_some();
    let subject = subject(request.uri().path());
    let asked = Asked { by, address: client.ip, action: action.to_owned(), subject, name: None };
    let fields = FieldNames::default();
    request.extensions_mut().insert(fields.clone());
    if !is_known {
        // Strangers must not be able to fill the log: what they try in vain is not written down.
        let response = next.run(request).await;
        if response.status().is_success() {
            record_soon(&api, asked, &fields, end(&response)).await;
        }
        return Ok(response);
    }
    if !changes || EVEN_UNRECORDED.contains(&action) {
        let response = next.run(request).await;
        record_soon(&api, asked, &fields, end(&response)).await;
        return Ok(response);
    }
    let number = api.control.record_request(asked).await?;
    let response = next.run(request).await;
    let (outcome, made) = end(&response);
    api.control.record_outcome(number, outcome, &fields.take(), made).await;
    Ok(response)
}

/// Writes down what was done already, unless the store is busy for long: who logs in to see why must not
/// wait for it.
async fn record_soon(api: &Api, asked: Asked, fields: &FieldNames, (outcome, made): End) {
    let action = asked.action.clone();
    let recording = async {
        let number = api.control.record_request(asked).await?;
        api.control.record_outcome(number, outcome, &fields.take(), made).await;
        Ok::<_, Error>(())
    };
    if !matches!(timeout(SOON, recording).await, Ok(Ok(()))) {
        tracing::warn!(action, "it cannot be written down what was asked for");
    }
}

/// What became of a request, and what was made.
type End = (Outcome, Option<(SubjectKind, i64)>);

fn end(response: &Response) -> End {
    let made = response.extensions().get::<Made>().map(|Made(kind, id)| (*kind, *id));
    let outcome = match response.status() {
        status if status.is_success() => Outcome::Done,
        StatusCode::REQUEST_TIMEOUT => Outcome::Failed,
        status if status.is_client_error() => Outcome::Refused,
        _ => Outcome::Failed,
    };
    (outcome, made)
}

/// What a path below that of the API is about.
fn subject(path: &str) -> Option<(SubjectKind, i64)> {
    let mut parts = path.split('/').skip(1);
    let (collection, id) = (parts.next()?, parts.next()?.parse().ok()?);
    let word = collection.strip_suffix('s')?;
    SubjectKind::WORDS.contains(&word).then(|| word.parse().ok()).flatten().map(|kind| (kind, id))
}

/// What is done even when it cannot be written down: none of it changes what is wanted.
const EVEN_UNRECORDED: [&str; 2] = ["log_out", "retry_target"];

/// What changes nothing and is written down all the same, since who knows a secret can use it.
const REVEALING: [&str; 2] = ["reveal_stream_key", "download_backup"];

/// How long writing down may take there.
const SOON: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_they_are_about() {
        for (path, expected) in [
            ("/streams/5", Some((SubjectKind::Stream, 5))),
            ("/streams/5/targets", Some((SubjectKind::Stream, 5))),
            ("/targets/7/start", Some((SubjectKind::Target, 7))),
            ("/sessions/9", Some((SubjectKind::Session, 9))),
            ("/streams", None),
            ("/session", None),
            ("/things/1", None),
            ("/streams/x", None),
            ("/healthz", None),
        ] {
            assert_eq!(subject(path), expected, "{path}");
        }
    }
}
