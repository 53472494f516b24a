//! The table of webhooks.

use std::collections::BTreeSet;

use sqlx::{FromRow, SqliteConnection};

use super::error::Error;
use super::pool::Store;
use super::seal::{Place, Sealer};
use crate::model::{
    Name, NewWebhook, StreamId, WantedWebhook, Webhook, WebhookFormat, WebhookId, WebhookKind, WebhookPatch,
    WebhookSecret, WebhookUrl,
};

impl Store {
    /// How many webhooks there are.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn count_webhooks(&self) -> Result<usize, Error> {
        let count: i64 = sqlx::query_scalar("select count(*) from webhooks").fetch_one(&self.pool).await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// All webhooks in the order they were made.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        let rows: Vec<WebhookRow> = sqlx::query_as(SELECT_ALL).fetch_all(&self.pool).await?;
        rows.into_iter().map(|row| row.unseal(&self.sealer)).collect()
    }

    /// One webhook.
    ///
    /// # Errors
    /// [`Error::NoWebhook`].
    pub async fn webhook(&self, id: WebhookId) -> Result<Webhook, Error> {
        let row: Option<WebhookRow> =
            sqlx::query_as(SELECT_ONE).bind(id.0).fetch_optional(&self.pool).await?;
        row.ok_or(Error::NoWebhook(id))?.unseal(&self.sealer)
    }

    /// All webhooks, also those that are switched off, with what they post with.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn wanted_webhooks(&self) -> Result<Vec<WantedWebhook>, Error> {
        let rows: Vec<WantedRow> = sqlx::query_as(SELECT_WANTED).fetch_all(&self.pool).await?;
        rows.into_iter().map(|row| row.unseal(&self.sealer)).collect()
    }

    /// Makes a webhook.
    ///
    /// # Errors
    /// [`Error::Taken`] for a name that another one has, or [`Error::NoStream`].
    pub async fn create_webhook(&self, new: &NewWebhook, secret: &WebhookSecret) -> Result<WebhookId, Error> {
        if let Some(stream) = new.stream {
            self.stream(stream).await?;
        }
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let id = self.insert_webhook(&mut tx, new, secret).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Makes a webhook's row.
    pub(super) async fn insert_webhook(
        &self,
        db: &mut SqliteConnection,
        new: &NewWebhook,
        secret: &WebhookSecret,
    ) -> Result<WebhookId, Error> {
        // The row comes first: its number is part of the seal.
        let id: i64 = sqlx::query_scalar(
            "insert into webhooks (name, url, secret, format, kinds, stream_id, enabled)
             values (?, x'', x'', ?, ?, ?, ?) returning id",
        )
        .bind(new.name.as_str())
        .bind(new.format.as_str())
        .bind(words(&new.kinds))
        .bind(new.stream.map(|stream| stream.0))
        .bind(new.enabled)
        .fetch_one(&mut *db)
        .await?;
        sqlx::query("update webhooks set url = ?, secret = ? where id = ?")
            .bind(self.sealer.seal_secret(url_at(id), &new.url.whole())?)
            .bind(self.sealer.seal_secret(secret_at(id), secret.text())?)
            .bind(id)
            .execute(db)
            .await?;
        Ok(WebhookId(id))
    }

    /// Changes what the patch names. To switch one on forgets that its server called it gone; to switch
    /// one off forgets what waits for it.
    ///
    /// # Errors
    /// [`Error::NoWebhook`], [`Error::NoStream`], or [`Error::Taken`] for a name that another one has.
    pub async fn update_webhook(&self, id: WebhookId, patch: &WebhookPatch) -> Result<(), Error> {
        if let Some(Some(stream)) = patch.stream {
            self.stream(stream).await?;
        }
        let url = patch.url.as_ref().map(|url| self.sealer.seal_secret(url_at(id.0), &url.whole()));
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let done = sqlx::query(
            "update webhooks set name = coalesce(?, name), url = coalesce(?, url),
             format = coalesce(?, format), kinds = coalesce(?, kinds),
             stream_id = case when ? then ? else stream_id end, enabled = coalesce(?7, enabled),
             is_gone = is_gone and not coalesce(?7, 0), updated_at = unixepoch() where id = ?8",
        )
        .bind(patch.name.as_ref().map(Name::as_str))
        .bind(url.transpose()?)
        .bind(patch.format.map(WebhookFormat::as_str))
        .bind(patch.kinds.as_ref().map(words))
        .bind(patch.stream.is_some())
        .bind(patch.stream.flatten().map(|stream| stream.0))
        .bind(patch.enabled)
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
        found(done.rows_affected(), id)?;
        if patch.enabled == Some(false) {
            sqlx::query("delete from outbox where webhook_id = ?").bind(id.0).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Gives a webhook another secret; the one it had counts beside it for so many seconds.
    ///
    /// # Errors
    /// [`Error::NoWebhook`].
    pub async fn replace_webhook_secret(
        &self,
        id: WebhookId,
        new: &WebhookSecret,
        overlap_seconds: u32,
    ) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let sealed: Option<Vec<u8>> = sqlx::query_scalar("select secret from webhooks where id = ?")
            .bind(id.0)
            .fetch_optional(&mut *tx)
            .await?;
        // It is sealed for its place, so it cannot just be moved.
        let old = self.sealer.unseal_secret(secret_at(id.0), &sealed.ok_or(Error::NoWebhook(id))?)?;
        sqlx::query(
            "update webhooks set secret = ?, old_secret = ?, old_secret_until = unixepoch() + ?,
             updated_at = unixepoch() where id = ?",
        )
        .bind(self.sealer.seal_secret(secret_at(id.0), new.text())?)
        .bind(self.sealer.seal_secret(old_secret_at(id.0), &old)?)
        .bind(overlap_seconds)
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes a webhook with what waits for it.
    ///
    /// # Errors
    /// [`Error::NoWebhook`].
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<(), Error> {
        let done = sqlx::query("delete from webhooks where id = ?").bind(id.0).execute(&self.pool).await?;
        found(done.rows_affected(), id)
    }
}

/// All webhooks with their secrets.
pub(super) async fn with_secrets(
    db: &mut SqliteConnection,
    sealer: &Sealer,
) -> Result<Vec<(Webhook, WebhookSecret)>, Error> {
    let rows: Vec<WebhookRow> = sqlx::query_as(SELECT_ALL).fetch_all(&mut *db).await?;
    let secrets: Vec<WantedRow> = sqlx::query_as(SELECT_WANTED).fetch_all(db).await?;
    let both = rows.into_iter().zip(secrets);
    both.map(|(row, wanted)| Ok((row.unseal(sealer)?, wanted.unseal(sealer)?.secret))).collect()
}

#[derive(FromRow)]
struct WebhookRow {
    id: i64,
    name: String,
    url: Vec<u8>,
    format: String,
    kinds: String,
    stream_id: Option<i64>,
    enabled: bool,
    is_gone: bool,
    old_secret_until: Option<i64>,
    waiting: u32,
    given_up: i64,
    created_at: i64,
    updated_at: i64,
}

impl WebhookRow {
    fn unseal(self, sealer: &Sealer) -> Result<Webhook, Error> {
        Ok(Webhook {
            id: WebhookId(self.id),
            name: Name::parse(&self.name).map_err(|_| damaged(self.id))?,
            url: unseal_url(sealer, self.id, &self.url)?,
            format: self.format.parse().map_err(|_| damaged(self.id))?,
            kinds: parse_kinds(&self.kinds, self.id)?,
            stream: self.stream_id.map(StreamId),
            enabled: self.enabled,
            is_gone: self.is_gone,
            old_secret_until: self.old_secret_until,
            waiting: self.waiting,
            given_up: self.given_up,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

#[derive(FromRow)]
struct WantedRow {
    id: i64,
    url: Vec<u8>,
    secret: Vec<u8>,
    old_secret: Option<Vec<u8>>,
    old_secret_until: Option<i64>,
    format: String,
    kinds: String,
    stream_id: Option<i64>,
    enabled: bool,
}

impl WantedRow {
    fn unseal(self, sealer: &Sealer) -> Result<WantedWebhook, Error> {
        let old_secret = match (&self.old_secret, self.old_secret_until) {
            (Some(old), Some(until)) => Some((sealer.unseal_secret(old_secret_at(self.id), old)?, until)),
            _ => None,
        };
        Ok(WantedWebhook {
            id: WebhookId(self.id),
            url: unseal_url(sealer, self.id, &self.url)?,
            format: self.format.parse().map_err(|_| damaged(self.id))?,
            kinds: parse_kinds(&self.kinds, self.id)?,
            stream: self.stream_id.map(StreamId),
            enabled: self.enabled,
            secret: WebhookSecret::kept(sealer.unseal_secret(secret_at(self.id), &self.secret)?),
            old_secret: old_secret.map(|(old, until)| (WebhookSecret::kept(old), until)),
        })
    }
}

fn unseal_url(sealer: &Sealer, id: i64, sealed: &[u8]) -> Result<WebhookUrl, Error> {
    let whole = sealer.unseal_secret(url_at(id), sealed)?;
    WebhookUrl::parse(whole.expose()).map_err(|_| damaged(id))
}

fn words(kinds: &BTreeSet<WebhookKind>) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ")
}

fn parse_kinds(words: &str, id: i64) -> Result<BTreeSet<WebhookKind>, Error> {
    words.split_whitespace().map(|word| word.parse().map_err(|_| damaged(id))).collect()
}

fn found(rows: u64, id: WebhookId) -> Result<(), Error> {
    match rows {
        0 => Err(Error::NoWebhook(id)),
        _ => Ok(()),
    }
}

fn damaged(id: i64) -> Error {
    Error::Row { table: TABLE, id }
}

fn url_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "url" }
}

fn secret_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "secret" }
}

fn old_secret_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "old_secret" }
}

const TABLE: &str = "webhooks";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, name, url, format, kinds, stream_id, enabled, is_gone,
            iif(old_secret_until > unixepoch(), old_secret_until, null) as old_secret_until,
            (select count(*) from outbox where webhook_id = webhooks.id) as waiting,
            given_up, created_at, updated_at from webhooks ",
            $rest
        )
    };
}

const SELECT_ALL: &str = select!("order by id");

const SELECT_ONE: &str = select!("where id = ?");

const SELECT_WANTED: &str = "select id, url, secret, old_secret, old_secret_until, format, kinds, stream_id,
    enabled from webhooks order by id";

#[cfg(test)]
mod tests;
