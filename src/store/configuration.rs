//! All that is wanted, taken out of one database and put into another.

use std::collections::HashMap;

use sqlx::{FromRow, SqliteConnection};

use super::error::Error;
use super::pool::Store;
use super::streams::{self, StreamRow};
use super::targets::secrets::{self, SecretsRow};
use super::targets::{self, TargetRow};
use super::webhooks;
use crate::model::{
    Configuration, ConfiguredStream, ConfiguredTarget, ConfiguredWebhook, NewStream, NewWebhook, Stream,
    StreamId, StreamSettings, Webhook, WebhookId,
};
use crate::rtmp::auth::User;

/// What was made of a configuration, in its order.
#[derive(Debug, Default)]
pub struct Imported {
    /// The numbers of its streams.
    pub streams: Vec<StreamId>,
    /// The numbers of its webhooks.
    pub webhooks: Vec<WebhookId>,
}

impl Store {
    /// All that is wanted, with its secrets, read in one transaction.
    ///
    /// # Errors
    /// [`Error::Row`] where something cannot be unsealed, or as the database fails.
    pub async fn configuration(&self) -> Result<Configuration, Error> {
        let mut tx = self.reads.begin().await?;
        let streams: Vec<StreamRow> = sqlx::query_as(streams::SELECT_ALL).fetch_all(&mut *tx).await?;
        let stream_keys: Vec<StreamKeyRow> = sqlx::query_as(SELECT_STREAM_KEYS).fetch_all(&mut *tx).await?;
        let targets: Vec<TargetRow> = sqlx::query_as(targets::SELECT_ALL).fetch_all(&mut *tx).await?;
        let target_secrets: Vec<SecretsRow> = sqlx::query_as(secrets::SELECT).fetch_all(&mut *tx).await?;
        let webhooks = webhooks::with_secrets(&mut tx, &self.sealer).await?;
        tx.commit().await?;

        let mut of_stream = HashMap::<StreamId, Vec<ConfiguredTarget>>::new();
        let target_secrets: HashMap<i64, SecretsRow> =
            target_secrets.into_iter().map(|row| (row.id, row)).collect();
        for row in targets {
            let target = row.unseal(&self.sealer)?;
            let (stream, started) = (target.stream_id, target.started);
            let row = target_secrets.get(&target.id.0).ok_or(Error::NoTarget(target.id))?;
            let target = row.with(target, &self.sealer)?;
            of_stream.entry(stream).or_default().push(ConfiguredTarget { target, started });
        }
        let mut configuration = Configuration::default();
        let mut names = HashMap::new();
        for (row, StreamKeyRow { id, key, ingest_password }) in streams.into_iter().zip(stream_keys) {
            let Stream { name, app, allow_from, ingest_user, rules, notes, .. } = row.try_into()?;
            let user = ingest_user.as_ref().map(User::as_str);
            let ingest_login =
                self.sealer.unseal_login(streams::password_at(id), user, ingest_password.as_deref())?;
            names.insert(StreamId(id), name.clone());
            let key = self.sealer.unseal_ingest_key(streams::key_at(id), &key)?;
            let targets = of_stream.remove(&StreamId(id)).unwrap_or_default();
            let settings = StreamSettings { app, allow_from, ingest_login, rules, notes };
            let stream = NewStream { name, settings, key };
            configuration.streams.push(ConfiguredStream { stream, targets });
        }
        for (webhook, secret) in webhooks {
            let stream = webhook.stream.and_then(|id| names.get(&id).cloned());
            configuration.webhooks.push(ConfiguredWebhook { webhook: to_be_made(webhook), stream, secret });
        }
        Ok(configuration)
    }

    /// Makes all that a configuration holds, or nothing of it. If it is only to be tried out, nothing,
    /// too, but after everything was found to be possible.
    ///
    /// # Errors
    /// [`Error::Taken`] for a name or key that something else has.
    pub async fn import(&self, configuration: &Configuration, is_trial: bool) -> Result<Imported, Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let mut imported = Imported::default();
        let mut numbers = HashMap::new();
        for ConfiguredStream { stream, targets } in &configuration.streams {
            let id = self.insert_stream(&mut tx, stream).await?;
            for target in targets {
                self.import_target(&mut tx, id, target).await?;
            }
            numbers.insert(stream.name.clone(), id);
            imported.streams.push(id);
        }
        for ConfiguredWebhook { webhook, stream, secret } in &configuration.webhooks {
            // Never all streams in place of one.
            let stream = stream.as_ref().map(|name| numbers.get(name).copied().ok_or(UNKNOWN)).transpose()?;
            let webhook = NewWebhook { stream, ..webhook.clone() };
            imported.webhooks.push(self.insert_webhook(&mut tx, &webhook, secret).await?);
        }
        match is_trial {
            true => tx.rollback().await?,
            false => tx.commit().await?,
        }
        Ok(imported)
    }

    async fn import_target(
        &self,
        db: &mut SqliteConnection,
        stream: StreamId,
        ConfiguredTarget { target, started }: &ConfiguredTarget,
    ) -> Result<(), Error> {
        let id = self.insert_target(db, stream, target).await?;
        sqlx::query("update targets set started = ? where id = ?")
            .bind(started)
            .bind(id.0)
            .execute(db)
            .await?;
        Ok(())
    }
}

fn to_be_made(webhook: Webhook) -> NewWebhook {
    let Webhook { name, url, format, kinds, enabled, .. } = webhook;
    NewWebhook { name, url, format, kinds, stream: None, enabled }
}

#[derive(FromRow)]
struct StreamKeyRow {
    id: i64,
    key: Vec<u8>,
    ingest_password: Option<Vec<u8>>,
}

const UNKNOWN: Error = Error::NoStream(StreamId(0));

const SELECT_STREAM_KEYS: &str = "select id, key, ingest_password from streams order by id";
