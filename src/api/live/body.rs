//! What is told.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::response::sse::Event;
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::super::history::HappeningBody;
use super::super::numbers::{ConnectionNumbers, SourceNumbers};
use super::super::seconds::Moment;
use super::super::warnings::WarningBody;
use super::super::words::{self, Word};
use crate::control::Control;
use crate::model::{EndpointRole, News, Subject};

/// What is told at once, by its name.
pub(super) fn told(news: &News) -> Event {
    match news {
        News::Happened(happening) => event("state", &HappeningBody::new(None, happening)),
        News::Edited(subject, edit) => {
            let mut body = EditBody { stream_id: None, target_id: None, webhook_id: None, edit: Word(*edit) };
            match subject {
                Subject::Stream(id) => body.stream_id = Some(id.0),
                Subject::Target(id) => body.target_id = Some(id.0),
                Subject::Webhook(id) => body.webhook_id = Some(id.0),
            }
            event("edit", &body)
        }
    }
}

/// For whom something was told that they missed.
pub(super) fn resync() -> Event {
    event("resync", &ResyncBody { at: Moment::now() })
}

fn event(name: &str, body: &impl Serialize) -> Event {
    // Nothing that is told could fail to be written as JSON.
    Event::default().event(name).json_data(body).unwrap_or_default()
}

/// What is wanted was changed: ask for it anew.
#[derive(Serialize, ToSchema)]
#[schema(as = EditEvent)]
pub(super) struct EditBody {
    /// The stream, if one was.
    stream_id: Option<i64>,
    /// The target, if one was.
    target_id: Option<i64>,
    /// The webhook, if one was.
    webhook_id: Option<i64>,
    edit: words::Edit,
}

/// Events were missed: ask for everything anew.
#[derive(Serialize, ToSchema)]
#[schema(as = ResyncEvent)]
pub(super) struct ResyncBody {
    at: Moment,
}

/// How it goes with everything that runs.
#[derive(Serialize, ToSchema)]
#[schema(as = StatsEvent)]
pub(super) struct StatsBody {
    at: Moment,
    streams: Vec<StreamStats>,
    targets: Vec<TargetStats>,
}

/// How it goes with a stream's encoder.
#[derive(Serialize, ToSchema)]
struct StreamStats {
    id: i64,
    #[serde(flatten)]
    numbers: SourceNumbers,
}

/// How it goes with one connection of a target.
#[derive(Serialize, ToSchema)]
struct TargetStats {
    id: i64,
    /// Which of the connections of a target that has two.
    endpoint: words::EndpointRole,
    #[serde(flatten)]
    numbers: ConnectionNumbers,
    /// What its platform would mind in what the encoder sends; told with the first of two connections.
    warnings: Vec<WarningBody>,
}

/// The last numbers, written once for all who follow.
#[derive(Default)]
pub(super) struct Pulse(Mutex<Option<(Instant, String)>>);

impl Pulse {
    /// How it goes now, or went a moment ago.
    pub(super) fn beat(&self, control: &Control) -> Event {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let known = last.take().filter(|(at, _)| now.saturating_duration_since(*at) < GOOD_FOR);
        let (_, text) = last.insert(known.unwrap_or_else(|| (now, stats(control))));
        Event::default().event("stats").data(text.as_str())
    }
}

fn stats(control: &Control) -> String {
    let board = control.board();
    let streams = board.all_streams();
    let streams = streams.iter().map(|(id, status)| StreamStats { id: id.0, numbers: status.into() });
    let targets = board.all_targets();
    let targets = targets.iter().map(|(id, line, status)| TargetStats {
        id: id.0,
        endpoint: Word(match line {
            EndpointRole::Primary => status.endpoint,
            EndpointRole::Backup => EndpointRole::Backup,
        }),
        numbers: status.into(),
        warnings: WarningBody::all(&status.warnings),
    });
    let body = StatsBody { at: Moment::now(), streams: streams.collect(), targets: targets.collect() };
    serde_json::to_string(&body).unwrap_or_default()
}

/// How old numbers may be for who asks next: they come at their own moments, once a second each.
const GOOD_FOR: Duration = Duration::from_millis(500);
