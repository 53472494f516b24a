//! `/audit`: the log, for owners.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::error::Error;
use super::super::router::Api;
use super::super::seconds::Moment;
use super::super::words::{self, Word};
use crate::control::Control;
use crate::model::AuditEntry;

pub(in super::super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_audit))
}

/// Who asked for what, newest first.
#[utoipa::path(
    get, path = "/audit", tag = "Access", security(("token" = ["admin"])),
    params(
        ("before" = Option<i64>, Query, minimum = 1, description = "Only entries with lower numbers: the next page."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500,
            description = "How many are wanted at most; 100 if left out."),
    ),
    responses((status = 200, description = "What was asked for.", body = AuditBody)),
)]
async fn list_audit(
    State(control): State<Arc<Control>>,
    Page { before, limit }: Page,
) -> Result<Json<AuditBody>, Error> {
    let entries = control.audit(before, limit).await?;
    Ok(Json(AuditBody { entries: entries.into_iter().map(EntryBody::from).collect() }))
}

/// The query.
struct Page {
    before: Option<i64>,
    limit: u16,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let mut page = Self { before: None, limit: DEFAULT };
        let query = parts.uri.query().unwrap_or("");
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let number = value.parse::<i64>().ok().filter(|number| *number >= 1);
            match name {
                "before" => {
                    page.before =
                        Some(number.ok_or_else(|| Error::field(name, &"it must be a whole number from 1"))?)
                }
                "limit" => {
                    let limit =
                        number.and_then(|number| u16::try_from(number).ok()).filter(|limit| *limit <= MOST);
                    let wrong = || Error::field(name, &"the limit must be a whole number from 1 to 500");
                    page.limit = limit.ok_or_else(wrong)?;
                }
                _ => {
                    let name: String = name.chars().take(64).collect();
                    return Err(Error::field(
                        name,
                        &"there is no such parameter here: there are before and limit",
                    ));
                }
            }
        }
        Ok(page)
    }
}

/// What was asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = Audit)]
struct AuditBody {
    /// Newest first.
    entries: Vec<EntryBody>,
}

/// A request for a change.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct EntryBody {
    /// Its number, higher than those of all earlier ones.
    id: i64,
    at: Moment,
    /// Who asked.
    actor: words::ActorKind,
    /// The number of that user or token.
    actor_id: Option<i64>,
    /// What they were called.
    actor_name: Option<String>,
    /// Where they were.
    address: String,
    /// The name of the operation in this description.
    #[schema(example = "update_target")]
    action: String,
    /// What it was done to.
    subject: Option<words::SubjectKind>,
    /// The number of that.
    subject_id: Option<i64>,
    /// What that was called before, or if it was made, since.
    subject_name: Option<String>,
    /// The fields that were given, never what was in them.
    fields: Vec<String>,
    /// What became of it.
    outcome: words::Outcome,
}

impl From<AuditEntry> for EntryBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            at: Moment::from_ms(entry.at_ms),
            actor: Word(entry.actor),
            actor_id: entry.actor_id,
            actor_name: entry.actor_name,
            address: entry.address,
            action: entry.action,
            subject: entry.subject.map(Word),
            subject_id: entry.subject_id,
            subject_name: entry.subject_name,
            fields: entry.fields,
            outcome: Word(entry.outcome),
        }
    }
}

const DEFAULT: u16 = 100;

const MOST: u16 = 500;
