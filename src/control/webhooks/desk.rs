//! What can be done with webhooks.

use super::super::desk::Control;
use super::super::error::Error;
use super::dispatch::outgoing;
use super::notice::{About, Notice};
use super::words::Names;
use crate::model::{
    Delivery, Edit, MAX_WEBHOOKS, NewWebhook, Subject, Webhook, WebhookId, WebhookKind, WebhookPatch,
    WebhookSecret,
};
use crate::store::{self, Fate};

impl Control {
    /// All webhooks.
    ///
    /// # Errors
    /// As the store's.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        Ok(self.store.webhooks().await?)
    }

    /// One webhook.
    ///
    /// # Errors
    /// `store::Error::NoWebhook`.
    pub async fn webhook(&self, id: WebhookId) -> Result<Webhook, Error> {
        Ok(self.store.webhook(id).await?)
    }

    /// Makes a webhook, with a secret that is shown this once.
    ///
    /// # Errors
    /// [`Error::TooManyWebhooks`], `store::Error::Taken`, or `store::Error::NoStream`.
    pub async fn create_webhook(&self, new: &NewWebhook) -> Result<(Webhook, WebhookSecret), Error> {
        let secret = new_webhook_secret()?;
        let turn = self.change().await?;
        let made = match self.store.count_webhooks().await? {
            0..MAX_WEBHOOKS => self.store.create_webhook(new, &secret).await.map_err(Error::from),
            _ => Err(Error::TooManyWebhooks),
        };
        turn.without_effect();
        let id = made?;
        tracing::info!(webhook = %id, "webhook created");
        self.edited_webhook(id, Edit::Created).await;
        Ok((self.webhook(id).await?, secret))
    }

    /// Changes a webhook. One that is switched off forgets what it was not told yet.
    ///
    /// # Errors
    /// `store::Error::NoWebhook`, `store::Error::Taken`, or `store::Error::NoStream`.
    pub async fn update_webhook(&self, id: WebhookId, patch: &WebhookPatch) -> Result<Webhook, Error> {
        self.store.update_webhook(id, patch).await?;
        tracing::info!(webhook = %id, "webhook changed");
        self.edited_webhook(id, Edit::Changed).await;
        self.webhook(id).await
    }

    /// Removes a webhook, with what it was not told yet.
    ///
    /// # Errors
    /// `store::Error::NoWebhook`.
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<(), Error> {
        self.store.delete_webhook(id).await?;
        tracing::info!(webhook = %id, "webhook removed");
        self.edited_webhook(id, Edit::Removed).await;
        Ok(())
    }

    /// Gives a webhook another secret, which is shown this once. For a day, posts are signed with both.
    ///
    /// # Errors
    /// `store::Error::NoWebhook`.
    pub async fn rotate_webhook_secret(&self, id: WebhookId) -> Result<(Webhook, WebhookSecret), Error> {
        let secret = new_webhook_secret()?;
        self.store.replace_webhook_secret(id, &secret, OVERLAP_SECONDS).await?;
        tracing::info!(webhook = %id, "webhook secret replaced");
        self.edited_webhook(id, Edit::Changed).await;
        Ok((self.webhook(id).await?, secret))
    }

    /// Tells a webhook at once that this is a test, also one that is switched off; gives how that went.
    ///
    /// # Errors
    /// `store::Error::NoWebhook`.
    pub async fn test_webhook(&self, id: WebhookId) -> Result<Delivery, Error> {
        let all = self.store.wanted_webhooks().await?;
        let webhook = all.into_iter().find(|webhook| webhook.id == id).ok_or(store::Error::NoWebhook(id))?;
        let reason = "This is a test: messages get here.";
        let notice = Notice::new(WebhookKind::Test, About::Relay, "test", reason);
        let message = outgoing(&notice, &Names::default(), &webhook);
        let (_, delivery) = message.send(&webhook, self.webhooks.post.as_ref()).await;
        // It was sent, whether or not that can be written down.
        if let Err(error) = self.store.settle(id, None, Fate::Delivered, &delivery).await {
            tracing::warn!(%error, webhook = %id, "a test cannot be recorded");
        }
        Ok(delivery)
    }

    /// The last tries to tell a webhook something, newest first.
    ///
    /// # Errors
    /// `store::Error::NoWebhook`.
    pub async fn webhook_deliveries(&self, id: WebhookId) -> Result<Vec<Delivery>, Error> {
        Ok(self.store.deliveries(id).await?)
    }

    /// Tells that these webhooks were made, and lets them be told.
    pub(in super::super) async fn tell_of_webhooks(&self, made: &[WebhookId]) {
        for id in made {
            self.edited_webhook(*id, Edit::Created).await;
        }
    }

    async fn edited_webhook(&self, id: WebhookId, edit: Edit) {
        self.tell_of(Subject::Webhook(id), edit);
        if let Err(error) = self.load_webhooks().await {
            tracing::warn!(%error, "a change of a webhook is stored but not yet applied");
        }
    }
}

/// A secret that nobody can guess.
///
/// # Errors
/// [`Error::Random`].
pub fn new_webhook_secret() -> Result<WebhookSecret, Error> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|_| Error::Random)?;
    Ok(WebhookSecret::generate(random))
}

/// How long the secret before counts: time enough to bring the new one to the other side.
const OVERLAP_SECONDS: u32 = 24 * 3600;
