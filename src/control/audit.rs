//! What is asked for, written down before it is done; and answers that are given again.

use super::desk::Control;
use super::error::Error;
use crate::model::{
    Asked, AuditEntry, GivenAnswer, KeyDigest, Outcome, StreamId, SubjectKind, TargetId, TokenId, UserId,
    WebhookId,
};
use crate::relay::status::unix_ms;
use crate::rtmp::url::StreamKey;
use crate::secret::Secret;

impl Control {
    /// Writes down what is asked for; returns its number.
    ///
    /// # Errors
    /// As the store's: what cannot be written down must not be done.
    pub async fn record_request(&self, mut asked: Asked) -> Result<i64, Error> {
        asked.name = match asked.subject {
            Some((kind, id)) => self.name_of(kind, id).await,
            None => None,
        };
        let recorded = self.store.record_request(&asked, unix_ms()).await;
        // What is refused for this comes no farther, and would be no hint itself.
        Ok(recorded.inspect_err(|_| self.health.suspect())?)
    }

    /// Writes down what became of it, which fields were given, and what was made.
    pub async fn record_outcome(
        &self,
        number: i64,
        outcome: Outcome,
        fields: &[String],
        made: Option<(SubjectKind, i64)>,
    ) {
        let made = match made {
            Some((kind, id)) => Some((kind, id, self.name_of(kind, id).await)),
            None => None,
        };
        if let Err(error) = self.store.record_outcome(number, outcome, fields, made).await {
            tracing::warn!(%error, number, outcome = outcome.as_str(), "an outcome cannot be written down");
        }
    }

    /// What was asked for, newest first: at most so many, with numbers below `before`.
    ///
    /// # Errors
    /// As the store's.
    pub async fn audit(&self, before: Option<i64>, limit: u16) -> Result<Vec<AuditEntry>, Error> {
        Ok(self.store.audit(before, limit).await?)
    }

    /// What a request, or the key that somebody sends with it, is recognised by. It tells nothing of what is
    /// in it.
    pub fn fingerprint(&self, text: &Secret) -> KeyDigest {
        self.store.key_hasher().digest(&StreamKey::new(text.expose()))
    }

    /// The answer that was given under a key.
    ///
    /// # Errors
    /// As the store's.
    pub async fn given_answer(&self, key: KeyDigest) -> Result<Option<GivenAnswer>, Error> {
        Ok(self.store.given_answer(key).await?)
    }

    /// Keeps an answer for who asks again.
    pub async fn keep_answer(&self, key: KeyDigest, answer: &GivenAnswer) {
        if let Err(error) = self.store.keep_answer(key, answer).await {
            tracing::warn!(%error, "an answer cannot be kept: asked again, it would be another");
        }
    }

    /// What something is called, if it is there and that can be read.
    async fn name_of(&self, kind: SubjectKind, id: i64) -> Option<String> {
        let name = match kind {
            SubjectKind::Stream => self.store.stream(StreamId(id)).await.ok()?.name,
            SubjectKind::Target => self.store.target(TargetId(id)).await.ok()?.name,
            SubjectKind::Webhook => self.store.webhook(WebhookId(id)).await.ok()?.name,
            SubjectKind::User => self.user(UserId(id)).ok()?.name,
            SubjectKind::Token => self.tokens().into_iter().find(|token| token.id == TokenId(id))?.name,
            SubjectKind::Session => return None,
        };
        Some(name.as_str().to_owned())
    }
}
