//! What happened to a target.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::error::Error;
use super::super::request::Id;
use super::super::router::Api;
use super::super::seconds::{Moment, Seconds};
use super::super::words::{self, Word};
use crate::control::Control;
use crate::model::TargetId;
use crate::store::KeptEvent;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_target_events))
}

/// What happened to a target, newest first.
#[utoipa::path(
    get, path = "/targets/{id}/events", tag = "Targets", security(("token" = ["read"])),
    params(
        Id,
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500,
            description = "How many are wanted at most; 100 if left out."),
    ),
    responses((status = 200, description = "Its last events.", body = EventsBody)),
)]
async fn list_target_events(
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

/// What happened to a target.
#[derive(Serialize, ToSchema)]
#[schema(as = TargetEventList)]
pub(super) struct EventsBody {
    /// Newest first.
    events: Vec<EventBody>,
}

/// A change in what a target is doing.
#[derive(Serialize, ToSchema)]
#[schema(as = TargetEvent)]
struct EventBody {
    /// Its number, higher than those of all earlier events.
    id: i64,
    at: Moment,
    /// At which of its addresses.
    endpoint: words::EndpointRole,
    /// What it was doing.
    from: words::TargetState,
    /// What it does now.
    state: words::TargetState,
    /// The step it is at or failed at.
    step: Option<words::Step>,
    /// What kind of failure it was, if one.
    kind: Option<words::ErrorKind>,
    /// Why, in words.
    reason: String,
    /// Tries since it was last fed for a while or waiting for the encoder.
    attempt: u32,
    /// How long it was what it was.
    for_seconds: Seconds,
    next_try_at: Option<Moment>,
}

impl From<KeptEvent> for EventBody {
    fn from(KeptEvent { id, event }: KeptEvent) -> Self {
        Self {
            id,
            at: Moment::from_ms(event.at_ms),
            endpoint: Word(event.endpoint),
            from: Word(event.from),
            state: Word(event.state),
            step: event.step.map(Word),
            kind: event.kind.map(Word),
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
