//! All that is wanted at once: taken out of this relay, and taken over from another.

use std::collections::HashSet;

use super::desk::Control;
use super::error::Error;
use crate::model::{Configuration, Edit, MAX_STREAMS, MAX_TARGETS_PER_STREAM, MAX_WEBHOOKS, Name, Subject};
use crate::store::{self, Imported};

impl Control {
    /// All that is wanted, with its secrets: for who may see them, or to be shown without them.
    ///
    /// # Errors
    /// As the store's.
    pub async fn configuration(&self) -> Result<Configuration, Error> {
        Ok(self.store.configuration().await?)
    }

    /// Makes all that a configuration holds, or nothing of it. If it is only to be tried out, nothing,
    /// too, but after everything was found to be possible; the numbers mean nothing then.
    ///
    /// # Errors
    /// [`Error::NamesTaken`], [`Error::KeyTaken`], or one of the limits.
    pub async fn import(&self, configuration: &Configuration, is_trial: bool) -> Result<Imported, Error> {
        let change = self.change().await?;
        self.check_import(configuration).await?;
        let imported = self.store.import(configuration, is_trial).await.map_err(|error| match error {
            store::Error::Taken { field: "key" } => Error::KeyTaken,
            error => error.into(),
        })?;
        if is_trial {
            change.without_effect();
            return Ok(imported);
        }
        tracing::info!(
            streams = imported.streams.len(),
            webhooks = imported.webhooks.len(),
            "configuration imported"
        );
        for stream in &imported.streams {
            self.tell_of(Subject::Stream(*stream), Edit::Created);
        }
        change.finish().await;
        self.tell_of_webhooks(&imported.webhooks).await;
        Ok(imported)
    }

    async fn check_import(&self, configuration: &Configuration) -> Result<(), Error> {
        let Configuration { streams, webhooks } = configuration;
        let (known_streams, known_webhooks) = (self.store.streams().await?, self.store.webhooks().await?);
        if known_streams.len() + streams.len() > MAX_STREAMS {
            return Err(Error::TooManyStreams);
        }
        if known_webhooks.len() + webhooks.len() > MAX_WEBHOOKS {
            return Err(Error::TooManyWebhooks);
        }
        if streams.iter().any(|stream| stream.targets.len() > MAX_TARGETS_PER_STREAM) {
            return Err(Error::TooManyTargets);
        }
        let stream_names: HashSet<&Name> = known_streams.iter().map(|stream| &stream.name).collect();
        let webhook_names: HashSet<&Name> = known_webhooks.iter().map(|webhook| &webhook.name).collect();
        let streams = streams.iter().map(|new| &new.stream.name).filter(|name| stream_names.contains(name));
        let webhooks =
            webhooks.iter().map(|new| &new.webhook.name).filter(|name| webhook_names.contains(name));
        let mut names: Vec<String> = streams.chain(webhooks).map(|name| name.as_str().to_owned()).collect();
        if names.is_empty() {
            return Ok(());
        }
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        Err(Error::NamesTaken { names, more })
    }
}

/// Names told of those that are taken.
const NAMED: usize = 10;
