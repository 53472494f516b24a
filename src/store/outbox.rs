//! Messages to webhooks until they are delivered, and the tries to deliver them.
//!
//! Both are bounded: what is too much goes, the oldest first, and messages that go like that are counted.

use sqlx::FromRow;
use sqlx::sqlite::SqliteConnection;

use super::error::Error;
use super::pool::Store;
use crate::model::{Delivery, WebhookId, WebhookKind};

/// A message to be kept until it is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// To whom.
    pub webhook: WebhookId,
    /// By this its receiver knows it again.
    pub event_id: String,
    /// What it tells.
    pub kind: WebhookKind,
    /// What is posted.
    pub body: String,
    /// When it happened, in milliseconds since 1970.
    pub created_at_ms: i64,
}

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number.
    pub id: i64,
    /// As in [`NewMessage`].
    pub event_id: String,
    /// As in [`NewMessage`].
    pub kind: WebhookKind,
    /// As in [`NewMessage`].
    pub body: String,
    /// As in [`NewMessage`].
    pub created_at_ms: i64,
    /// Tries so far.
    pub attempts: u32,
    /// When it may be tried, in milliseconds since 1970.
    pub due_at_ms: i64,
}

/// What becomes of a message after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was delivered.
    Delivered,
    /// It is tried again at this time, in milliseconds since 1970.
    Again(i64),
    /// It never will be.
    GivenUp,
    /// Nor will any other: the server called the webhook gone.
    Gone,
}

impl Store {
    /// Keeps messages in the order given, and gives up the oldest of all where there are too many. Those
    /// to webhooks that are gone or switched off are left out.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn keep_messages(&self, messages: &[NewMessage]) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        for message in messages {
            sqlx::query(INSERT)
                .bind(message.webhook.0)
                .bind(&message.event_id)
                .bind(message.kind.as_str())
                .bind(&message.body)
                .bind(message.created_at_ms)
                .execute(&mut *tx)
                .await?;
        }
        let surplus: Option<i64> =
            sqlx::query_scalar("select id from outbox order by id desc limit 1 offset ?")
                .bind(MOST_WAITING)
                .fetch_optional(&mut *tx)
                .await?;
        if let Some(last) = surplus {
            sqlx::query(COUNT_SURPLUS).bind(last).execute(&mut *tx).await?;
            sqlx::query("delete from outbox where id <= ?").bind(last).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The message to a webhook that comes next: of those that may be tried at `now_ms` the oldest, or
    /// else the one that may be first.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn next_message(&self, webhook: WebhookId, now_ms: i64) -> Result<Option<Message>, Error> {
        let row: Option<MessageRow> = sqlx::query_as(SELECT_NEXT)
            .bind(webhook.0)
            .bind(now_ms)
            .bind(now_ms.saturating_add(TOO_FAR_MS))
            .fetch_optional(&self.pool)
            .await?;
        row.map(Message::try_from).transpose()
    }

    /// Writes down a try, and what becomes of the message. A message that is not kept here only leaves the
    /// try.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn settle(
        &self,
        webhook: WebhookId,
        message: Option<i64>,
        fate: Fate,
        delivery: &Delivery,
    ) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        insert_delivery(&mut tx, webhook, delivery).await?;
        match fate {
            Fate::Again(due_at_ms) => {
                sqlx::query("update outbox set attempts = attempts + 1, due_at_ms = ? where id = ?")
                    .bind(due_at_ms)
                    .bind(message)
                    .execute(&mut *tx)
                    .await?;
            }
            Fate::Delivered | Fate::GivenUp => {
                sqlx::query("delete from outbox where id = ?").bind(message).execute(&mut *tx).await?;
            }
            Fate::Gone => {
                sqlx::query(GIVE_UP_ALL).bind(webhook.0).execute(&mut *tx).await?;
                sqlx::query("delete from outbox where webhook_id = ?")
                    .bind(webhook.0)
                    .execute(&mut *tx)
                    .await?;
            }
        }
        if fate == Fate::GivenUp {
            sqlx::query("update webhooks set given_up = given_up + 1 where id = ?")
                .bind(webhook.0)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The last tries to deliver something to a webhook, newest first.
    ///
    /// # Errors
    /// [`Error::NoWebhook`].
    pub async fn deliveries(&self, webhook: WebhookId) -> Result<Vec<Delivery>, Error> {
        let rows: Vec<DeliveryRow> =
            sqlx::query_as(SELECT_DELIVERIES).bind(webhook.0).fetch_all(&self.pool).await?;
        if rows.is_empty() {
            self.webhook(webhook).await?;
        }
        rows.into_iter().map(Delivery::try_from).collect()
    }
}

async fn insert_delivery(
    db: &mut SqliteConnection,
    webhook: WebhookId,
    delivery: &Delivery,
) -> Result<(), Error> {
    sqlx::query(INSERT_DELIVERY)
        .bind(webhook.0)
        .bind(&delivery.event_id)
        .bind(delivery.kind.as_str())
        .bind(delivery.at_ms)
        .bind(delivery.attempt)
        .bind(delivery.status)
        .bind(delivery.took_ms)
        .bind(&delivery.error)
        .execute(&mut *db)
        .await?;
    sqlx::query(DROP_DELIVERIES).bind(webhook.0).bind(DELIVERIES).execute(db).await?;
    Ok(())
}

#[derive(FromRow)]
struct MessageRow {
    id: i64,
    event_id: String,
    kind: String,
    body: String,
    created_at_ms: i64,
    attempts: u32,
    due_at_ms: i64,
}

impl TryFrom<MessageRow> for Message {
    type Error = Error;

    fn try_from(row: MessageRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            event_id: row.event_id,
            kind: row.kind.parse().map_err(|_| Error::Row { table: "outbox", id: row.id })?,
            body: row.body,
            created_at_ms: row.created_at_ms,
            attempts: row.attempts,
            due_at_ms: row.due_at_ms,
        })
    }
}

#[derive(FromRow)]
struct DeliveryRow {
    id: i64,
    event_id: String,
    kind: String,
    at_ms: i64,
    attempt: u32,
    status: Option<u16>,
    took_ms: u32,
    error: Option<String>,
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = Error;

    fn try_from(row: DeliveryRow) -> Result<Self, Error> {
        Ok(Self {
            event_id: row.event_id,
            kind: row.kind.parse().map_err(|_| Error::Row { table: "deliveries", id: row.id })?,
            at_ms: row.at_ms,
            attempt: row.attempt,
            status: row.status,
            took_ms: row.took_ms,
            error: row.error,
        })
    }
}

/// Messages that wait, at most, all webhooks together.
const MOST_WAITING: i64 = 10_000;

/// Tries that are kept of each webhook.
const DELIVERIES: i64 = 50;

/// No message is put off for so long: where one seems to be, the machine's clock was set back.
const TOO_FAR_MS: i64 = 15 * 60 * 1000;

const INSERT: &str = "insert into outbox (webhook_id, event_id, kind, body, created_at_ms, due_at_ms)
    select ?1, ?2, ?3, ?4, ?5, ?5 from webhooks where id = ?1 and enabled";

const COUNT_SURPLUS: &str = "update webhooks set given_up = given_up +
    (select count(*) from outbox where webhook_id = webhooks.id and id <= ?)";

const GIVE_UP_ALL: &str = "update webhooks set enabled = 0, is_gone = 1, updated_at = unixepoch(),
    given_up = given_up + (select count(*) from outbox where webhook_id = ?1) where id = ?1";

const SELECT_NEXT: &str = "select id, event_id, kind, body, created_at_ms, attempts, due_at_ms from
    (select *, due_at_ms <= ?2 or due_at_ms > ?3 as is_due from outbox where webhook_id = ?1)
    order by is_due desc, case when is_due then id else due_at_ms end limit 1";

const INSERT_DELIVERY: &str = "insert into deliveries
    (webhook_id, event_id, kind, at_ms, attempt, status, took_ms, error)
    select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 from webhooks where id = ?1";

const DROP_DELIVERIES: &str = "delete from deliveries where webhook_id = ?1 and id <=
    (select id from deliveries where webhook_id = ?1 order by id desc limit 1 offset ?2)";

const SELECT_DELIVERIES: &str = "select id, event_id, kind, at_ms, attempt, status, took_ms, error
    from deliveries where webhook_id = ? order by id desc";

#[cfg(test)]
mod tests;
