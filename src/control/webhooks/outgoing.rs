//! One message on its way, and one try to deliver it.

use tokio::time::Instant;

use super::sign::signature;
use crate::model::{Delivery, WantedWebhook, WebhookFormat, WebhookKind};
use crate::net::{Answer, Post, PostError, PostRequest};
use crate::relay::status::unix_ms;
use crate::store::Message;

/// A message on its way.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    /// Its row in the outbox, if it is there.
    pub(super) row: Option<i64>,
    pub(super) event_id: String,
    pub(super) kind: WebhookKind,
    pub(super) body: String,
    pub(super) created_at_ms: i64,
    /// Tries so far.
    pub(super) attempts: u32,
}

impl Outgoing {
    /// Tries to deliver it; tells how that went, for the desk and for people.
    pub(super) async fn send(
        &self,
        to: &WantedWebhook,
        post: &dyn Post,
    ) -> (Result<Answer, PostError>, Delivery) {
        let (at_ms, began) = (unix_ms(), Instant::now());
        let outcome = post.post(&self.request(to, at_ms / 1000)).await;
        let status = outcome.as_ref().ok().map(|answer| answer.status);
        let error = match &outcome {
            Ok(Answer { status: 200..=299, .. }) => None,
            Ok(Answer { status, .. }) => Some(format!("the server answered with status {status}")),
            Err(error) => Some(error.to_string()),
        };
        let delivery = Delivery {
            event_id: self.event_id.clone(),
            kind: self.kind,
            at_ms,
            attempt: self.attempts.saturating_add(1),
            status,
            took_ms: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
            error,
        };
        (outcome, delivery)
    }

    /// The signature is of this try's time, so that it is new to who refuses old ones.
    fn request(&self, to: &WantedWebhook, now: i64) -> PostRequest {
        let mut headers = Vec::new();
        // Others' services have no use for these.
        if to.format == WebhookFormat::Plain {
            headers.push(("Splitcast-Event-Id", self.event_id.clone()));
            headers.push(("Splitcast-Signature", signature(to, now, &self.body)));
        }
        PostRequest {
            secure: to.url.is_secure(),
            host: to.url.host().to_owned(),
            port: to.url.port(),
            path: to.url.path().clone(),
            headers,
            body: self.body.clone().into(),
        }
    }
}

impl From<Message> for Outgoing {
    fn from(message: Message) -> Self {
        Self {
            row: Some(message.id),
            event_id: message.event_id,
            kind: message.kind,
            body: message.body,
            created_at_ms: message.created_at_ms,
            attempts: message.attempts,
        }
    }
}
