//! Webhooks as they are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::seconds::Moment;
use super::super::words::{WebhookFormat, WebhookKind, Word};
use crate::model::{Delivery, Webhook, WebhookSecret};

/// All webhooks.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookList)]
pub(super) struct WebhooksBody {
    /// In the order they were made.
    pub(super) webhooks: Vec<WebhookBody>,
}

/// An address that is told what happens, without its secrets.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct WebhookBody {
    /// Its number, which is never used again.
    id: i64,
    /// What a person calls it; unique.
    name: String,
    /// Its address up to the host. What follows may be a secret and is never shown; of a long one, the
    /// last four characters are.
    #[schema(example = "https://discord.com/…a1b2")]
    url: String,
    format: WebhookFormat,
    /// What it is told.
    kinds: Vec<WebhookKind>,
    /// The only stream it is told of, with its targets; null for all.
    stream_id: Option<i64>,
    /// Whether it is told anything.
    enabled: bool,
    /// Whether it was switched off because its server answered with status 410.
    is_gone: bool,
    /// Until when posts are signed with the secret before the present one, too; seconds since 1970.
    old_secret_until: Option<i64>,
    /// Messages that wait to be delivered.
    waiting: u32,
    /// Messages that were given up.
    given_up: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

impl From<Webhook> for WebhookBody {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id.0,
            name: webhook.name.as_str().to_owned(),
            url: webhook.url.to_string(),
            format: Word(webhook.format),
            kinds: webhook.kinds.into_iter().map(Word).collect(),
            stream_id: webhook.stream.map(|stream| stream.0),
            enabled: webhook.enabled,
            is_gone: webhook.is_gone,
            old_secret_until: webhook.old_secret_until,
            waiting: webhook.waiting,
            given_up: webhook.given_up,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

/// A webhook with its new secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(super) struct WithSecretBody {
    webhook: WebhookBody,
    /// What posts are signed with. It is shown this once.
    secret: String,
}

impl From<(Webhook, WebhookSecret)> for WithSecretBody {
    fn from((webhook, secret): (Webhook, WebhookSecret)) -> Self {
        Self { webhook: webhook.into(), secret: secret.text().expose().to_owned() }
    }
}

/// The last tries to tell a webhook something.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryList)]
pub(super) struct DeliveriesBody {
    /// Newest first, 50 at most.
    pub(super) deliveries: Vec<DeliveryBody>,
}

/// One try to tell a webhook something.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(super) struct DeliveryBody {
    /// The message's id, as its receiver was told it.
    event_id: String,
    kind: WebhookKind,
    at: Moment,
    /// Which try of this message it was.
    attempt: u32,
    /// The HTTP status, if there was an answer.
    status: Option<u16>,
    /// How long it took, in milliseconds.
    took_ms: u32,
    /// Why it failed, if it did, in words.
    error: Option<String>,
}

impl From<Delivery> for DeliveryBody {
    fn from(delivery: Delivery) -> Self {
        Self {
            event_id: delivery.event_id,
            kind: Word(delivery.kind),
            at: Moment::from_ms(delivery.at_ms),
            attempt: delivery.attempt,
            status: delivery.status,
            took_ms: delivery.took_ms,
            error: delivery.error,
        }
    }
}
