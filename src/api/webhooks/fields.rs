//! Webhooks as they are asked for.

use std::collections::BTreeSet;

use utoipa::ToSchema;

use super::super::error::Error;
use super::super::request::Fields;
use super::super::words;
use crate::model::{self, Name, StreamId, WebhookFormat, WebhookKind, WebhookPatch, WebhookUrl};

/// A webhook to be made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub(super) struct NewWebhook {
    /// What a person calls it; unique.
    #[schema(min_length = 1, max_length = 64, example = "Stage crew")]
    name: String,
    /// Where it is posted to: http or https.
    #[schema(max_length = 2048, example = "https://example.com/hooks/splitcast")]
    url: String,
    #[serde(default)]
    format: words::WebhookFormat,
    /// What it is told.
    #[schema(min_items = 1)]
    kinds: Vec<words::WebhookKind>,
    /// The only stream it is told of, with its targets, and with which it is removed. Null or left out
    /// is all.
    #[schema(minimum = 1)]
    stream_id: Option<i64>,
    /// Whether it is told anything; true if left out.
    #[serde(default)]
    enabled: bool,
}

/// A change to a webhook; what is left out stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub(super) struct WebhookChanges {
    /// What a person calls it; unique.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "Stage crew")]
    name: String,
    /// Where it is posted to: http or https.
    #[serde(default)]
    #[schema(max_length = 2048, example = "https://example.com/hooks/splitcast")]
    url: String,
    #[serde(default)]
    format: words::WebhookFormat,
    /// What it is told.
    #[serde(default)]
    #[schema(min_items = 1)]
    kinds: Vec<words::WebhookKind>,
    /// The only stream it is told of; null for all.
    #[schema(minimum = 1)]
    stream_id: Option<i64>,
    /// Whether it is told anything. When it is switched off, what it was not told yet is forgotten.
    #[serde(default)]
    enabled: bool,
}

const FIELDS: [&str; 6] = ["name", "url", "format", "kinds", "stream_id", "enabled"];

/// Reads a webhook to be made.
pub(in super::super) fn new_webhook(fields: Fields) -> Result<model::NewWebhook, Error> {
    let mut fields = fields.only(&FIELDS)?;
    Ok(model::NewWebhook {
        name: fields.required_text("name", Name::parse)?,
        url: fields.required_text("url", WebhookUrl::parse)?,
        format: fields.text("format", str::parse::<WebhookFormat>)?.unwrap_or_default(),
        kinds: kinds(&mut fields)?.ok_or_else(|| Error::missing("kinds"))?,
        stream: fields.nullable_number("stream_id", stream)?.flatten(),
        enabled: fields.flag("enabled")?.unwrap_or(true),
    })
}

/// Reads a change to a webhook.
pub(super) fn webhook_patch(fields: Fields) -> Result<WebhookPatch, Error> {
    let mut fields = fields.only(&FIELDS)?;
    Ok(WebhookPatch {
        name: fields.text("name", Name::parse)?,
        url: fields.text("url", WebhookUrl::parse)?,
        format: fields.text("format", str::parse::<WebhookFormat>)?,
        kinds: kinds(&mut fields)?,
        stream: fields.nullable_number("stream_id", stream)?,
        enabled: fields.flag("enabled")?,
    })
}

fn kinds(fields: &mut Fields) -> Result<Option<BTreeSet<WebhookKind>>, Error> {
    match fields.texts("kinds", str::parse::<WebhookKind>)? {
        Some(kinds) if kinds.is_empty() => Err(Error::field("kinds", &"name at least one kind")),
        kinds => Ok(kinds.map(BTreeSet::from_iter)),
    }
}

fn stream(number: u64) -> Result<StreamId, &'static str> {
    i64::try_from(number).map(StreamId).map_err(|_| "there is no such stream")
}
