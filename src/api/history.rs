//! `/history`: what happened to streams and targets, in one order.

use std::fmt::Display;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Error;
use super::router::Api;
use super::seconds::{Moment, Seconds};
use super::words::{self, Word};
use crate::control::Control;
use crate::model::{Happening, StreamId, TargetId, WarningChange};
use crate::store::{HistoryFilter, Kept};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_history))
}

/// What happened to streams and targets, newest first.
#[utoipa::path(
    get, path = "/history", tag = "Relay", security(("token" = ["read"])),
    params(
        ("stream" = Option<i64>, Query, minimum = 1, description = "Only of this stream and its targets."),
        ("target" = Option<i64>, Query, minimum = 1, description = "Only of this target."),
        ("of" = inline(Option<words::HistoryOf>), Query, description = "Only of streams, or only of targets."),
        ("kind" = Option<words::ErrorKind>, Query, description = "Only failures of this kind."),
        ("state" = Option<words::HappeningState>, Query, description = "Only what led to this state."),
        ("before" = Option<i64>, Query, minimum = 0,
            description = "Only events with lower numbers: the next page."),
        ("after" = Option<i64>, Query, minimum = 0,
            description = "Only events with higher numbers; without `before`, those next to it."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500,
            description = "How many are wanted at most; 100 if left out."),
    ),
    responses(
        (status = 200, description = "What happened.", body = HistoryBody),
        (status = 404, description = "There is no such stream or target."),
    ),
)]
async fn list_history(
    State(control): State<Arc<Control>>,
    Filter(filter): Filter,
) -> Result<Json<HistoryBody>, Error> {
    let events = control.history(&filter).await?;
    Ok(Json(HistoryBody {
        events: events
            .iter()
            .map(|Kept { id, happening }| HappeningBody::new(Some(*id), happening))
            .collect(),
    }))
}

/// The query.
struct Filter(HistoryFilter);

impl<S: Send + Sync> FromRequestParts<S> for Filter {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let mut filter = HistoryFilter { limit: DEFAULT, ..HistoryFilter::default() };
        let query = parts.uri.query().unwrap_or("");
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name {
                "stream" => filter.stream = Some(StreamId(number(name, value)?)),
                "target" => filter.target = Some(TargetId(number(name, value)?)),
                "of" => filter.of = Some(word(name, value)?),
                "kind" => filter.kind = Some(word(name, value)?),
                "state" => filter.state = Some(word(name, value)?),
                "before" => filter.before = Some(number(name, value)?),
                "after" => filter.after = Some(number(name, value)?),
                "limit" => filter.limit = limit(value)?,
                _ => {
                    let name: String = name.chars().take(64).collect();
                    return Err(Error::field(name, &UNKNOWN));
                }
            }
        }
        Ok(Self(filter))
    }
}

fn number(name: &str, value: &str) -> Result<i64, Error> {
    let number = value.parse().ok().filter(|number| *number >= 0);
    number.ok_or_else(|| Error::field(name, &"it must be a whole number"))
}

fn word<T: std::str::FromStr<Err = E>, E: Display>(name: &str, value: &str) -> Result<T, Error> {
    value.parse().map_err(|error: E| Error::field(name, &error))
}

fn limit(value: &str) -> Result<u16, Error> {
    let limit = value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| Error::field("limit", &"the limit must be a whole number from 1 to 500"))
}

/// What happened to streams and targets.
#[derive(Serialize, ToSchema)]
#[schema(as = History)]
struct HistoryBody {
    /// Newest first.
    events: Vec<HappeningBody>,
}

/// Something that happened to a stream or a target.
#[derive(Serialize, ToSchema)]
#[schema(as = Happening)]
pub(super) struct HappeningBody {
    /// Its number, higher than those of all earlier events; null where it is told before it is kept.
    id: Option<i64>,
    at: Moment,
    /// The stream, or the target's stream.
    stream_id: i64,
    /// The target; null if it happened to the stream.
    target_id: Option<i64>,
    /// What the target does now, what happened to the stream, or that a warning began or is over.
    state: words::HappeningState,
    /// What the target was doing.
    from: Option<words::TargetState>,
    /// How long it did that; how long a warning lasted that is over.
    for_seconds: Option<Seconds>,
    /// At which of its addresses.
    endpoint: Option<words::EndpointRole>,
    /// The step it is at or failed at.
    step: Option<words::Step>,
    /// What kind of failure it was, if one.
    kind: Option<words::ErrorKind>,
    /// What of the encoder's stream is minded for the target, if that is what happened.
    warning: Option<words::FindingKind>,
    /// Why, in words.
    reason: Option<String>,
    /// Tries since it was last fed for a while or waiting for the encoder.
    attempt: Option<u32>,
    next_try_at: Option<Moment>,
    /// The address and port of the stream's encoder, or of the one that was refused.
    peer: Option<String>,
    /// Those of the encoder that was replaced.
    replaced_peer: Option<String>,
    /// Until when the encoder was to be waited for.
    held_until: Option<Moment>,
}

impl HappeningBody {
    /// Something that happened, and its number if it is kept.
    pub(super) fn new(id: Option<i64>, happening: &Happening) -> Self {
        let state = words::HappeningState(happening.state());
        let blank = |at_ms| Self {
            id,
            at: Moment::from_ms(at_ms),
            stream_id: happening.stream().0,
            target_id: None,
            state,
            from: None,
            for_seconds: None,
            endpoint: None,
            step: None,
            kind: None,
            warning: None,
            reason: None,
            attempt: None,
            next_try_at: None,
            peer: None,
            replaced_peer: None,
            held_until: None,
        };
        match happening {
            Happening::Target(event) => Self {
                target_id: Some(event.target.0),
                from: Some(Word(event.from)),
                for_seconds: Some(Seconds(event.lasted)),
                endpoint: Some(Word(event.endpoint)),
                step: event.step.map(Word),
                kind: event.kind.map(Word),
                reason: Some(event.reason.clone()),
                attempt: Some(event.attempts),
                next_try_at: event.next_try_at_ms.map(Moment::from_ms),
                ..blank(event.at_ms)
            },
            Happening::Stream(event) => Self {
                peer: event.peer.map(|peer| peer.to_string()),
                replaced_peer: event.replaced.map(|peer| peer.to_string()),
                held_until: event.until_ms.map(Moment::from_ms),
                ..blank(event.at_ms)
            },
            Happening::Warning(warning) => Self {
                target_id: Some(warning.target.0),
                for_seconds: (warning.change == WarningChange::Cleared).then_some(Seconds(warning.lasted)),
                warning: Some(Word(warning.kind)),
                reason: Some(warning.reason.clone()),
                ..blank(warning.at_ms)
            },
        }
    }
}

const DEFAULT: u16 = 100;

const MOST: u16 = 500;

const UNKNOWN: &str = "there is no such parameter here: there are stream, target, of, kind, state, before, \
    after and limit";
