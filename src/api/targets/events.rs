//! What happened to a target.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use serde::Serialize;

use super::super::error::Error;
use super::super::request::Id;
use super::super::seconds::{Moment, Seconds};
use crate::control::Control;
use crate::model::{ErrorKind, Step, TargetId};
use crate::store::KeptEvent;

pub(super) async fn list(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    Limit(limit): Limit,
) -> Result<Json<EventsBody>, Error> {
    let events = control.target_events(TargetId(id), limit).await?;
    Ok(Json(EventsBody { events: events.into_iter().map(EventBody::from).collect() }))
}

/// The query's `limit`: how many events are wanted at most.
pub(super) struct Limit(u16);

impl<S: Send + Sync> FromRequestParts<S> for Limit {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = parts.uri.query().unwrap_or("");
        let mut limit = Self(DEFAULT);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if name != "limit" {
                let name: String = name.chars().take(64).collect();
                return Err(Error::field(name, &"there is no such parameter here: there is limit"));
            }
            limit = Self::parse(value).ok_or_else(|| Error::field("limit", &OUT_OF_RANGE))?;
        }
        Ok(limit)
    }
}

impl Limit {
    fn parse(text: &str) -> Option<Self> {
        let number = text.parse().ok()?;
        (1..=MOST).contains(&number).then_some(Self(number))
    }
}

#[derive(Serialize)]
pub(super) struct EventsBody {
    events: Vec<EventBody>,
}

#[derive(Serialize)]
struct EventBody {
    id: i64,
    at: Moment,
    endpoint: &'static str,
    from: &'static str,
    state: &'static str,
    step: Option<&'static str>,
    kind: Option<&'static str>,
    reason: String,
    attempt: u32,
    for_seconds: Seconds,
    next_try_at: Option<Moment>,
}

impl From<KeptEvent> for EventBody {
    fn from(KeptEvent { id, event }: KeptEvent) -> Self {
        Self {
            id,
            at: Moment::from_ms(event.at_ms),
            endpoint: event.endpoint.as_str(),
            from: event.from.as_str(),
            state: event.state.as_str(),
            step: event.step.map(Step::as_str),
            kind: event.kind.map(ErrorKind::as_str),
            reason: event.reason,
            attempt: event.attempts,
            for_seconds: Seconds(event.lasted),
            next_try_at: event.next_try_at_ms.map(Moment::from_ms),
        }
    }
}

const DEFAULT: u16 = 100;

const MOST: u16 = 500;

const OUT_OF_RANGE: &str = "the limit must be a whole number from 1 to 500";
