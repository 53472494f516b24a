//! All that is wanted, taken out of one database and put into another.

use std::collections::HashMap;

use sqlx::{FromRow, SqliteConnection};

use super::error::Error;
use super::pool::Store;
use super::streams::{self, StreamRow};
use super::targets::{self, TargetRow, backup_key_at, key_at};
use super::webhooks;
use crate::model::{
    Configuration, ConfiguredStream, ConfiguredTarget, ConfiguredWebhook, Endpoint, NewStream, NewTarget,
    NewWebhook, Stream, StreamId, StreamSettings, Target, Webhook, WebhookId,
};

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
        let target_keys: Vec<TargetKeyRow> = sqlx::query_as(SELECT_TARGET_KEYS).fetch_all(&mut *tx).await?;
        let webhooks = webhooks::with_secrets(&mut tx, &self.sealer).await?;
        tx.commit().await?;

        let mut of_stream = HashMap::<StreamId, Vec<ConfiguredTarget>>::new();
        let mut target_keys: HashMap<i64, TargetKeyRow> =
            target_keys.into_iter().map(|keys| (keys.id, keys)).collect();
        for row in targets {
            let target = row.unseal(&self.sealer)?;
            let keys = target_keys.remove(&target.id.0).ok_or(Error::NoTarget(target.id))?;
            of_stream.entry(target.stream_id).or_default().push(self.with_keys(target, &keys)?);
        }
        let mut configuration = Configuration::default();
        let mut names = HashMap::new();
        for (row, StreamKeyRow { id, key }) in streams.into_iter().zip(stream_keys) {
            let Stream { name, app, allow_from, rules, notes, .. } = row.try_into()?;
            names.insert(StreamId(id), name.clone());
            let key = self.sealer.unseal_ingest_key(streams::key_at(id), &key)?;
            let targets = of_stream.remove(&StreamId(id)).unwrap_or_default();
            let settings = StreamSettings { app, allow_from, rules, notes };
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

    fn with_keys(&self, target: Target, keys: &TargetKeyRow) -> Result<ConfiguredTarget, Error> {
        let key = self.sealer.unseal_key(key_at(keys.id), &keys.key)?;
        let backup_key = keys.backup_key.as_ref();
        let backup_key = backup_key.map(|key| self.sealer.unseal_key(backup_key_at(keys.id), key));
        let backup = target.backup_url.zip(backup_key.transpose()?);
        let new = NewTarget {
            name: target.name,
            endpoint: Endpoint { url: target.url, key },
            backup: backup.map(|(url, key)| Endpoint { url, key }),
            backup_policy: target.backup_policy,
            enabled: target.enabled,
            start_mode: target.start_mode,
            coalesce: target.coalesce,
            takes: target.takes,
            notes: target.notes,
        };
        Ok(ConfiguredTarget { target: new, started: target.started })
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
}

#[derive(FromRow)]
struct TargetKeyRow {
    id: i64,
    key: Vec<u8>,
    backup_key: Option<Vec<u8>>,
}

const UNKNOWN: Error = Error::NoStream(StreamId(0));

const SELECT_STREAM_KEYS: &str = "select id, key from streams order by id";

const SELECT_TARGET_KEYS: &str = "select id, key, backup_key from targets";
