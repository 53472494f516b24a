//! The table of what was asked for.
//!
//! A request stands in it before anything is done: one that a power cut ends in the middle is not lost, but
//! stays as asked for with an outcome that nobody knows.

use sqlx::FromRow;

use super::error::Error;
use super::pool::Store;
use crate::model::{Actor, ActorKind, Asked, AuditEntry, Outcome, SubjectKind};

impl Store {
    /// Writes down a request at a moment, in milliseconds since 1970; returns its number.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn record_request(&self, asked: &Asked, at_ms: i64) -> Result<i64, Error> {
        let (kind, id, name) = match &asked.by {
            Some(Actor::User { id, name, .. }) => (ActorKind::User, Some(id.0), Some(name.as_str())),
            Some(Actor::Token { id, name }) => (ActorKind::Token, Some(id.0), Some(name.as_str())),
            Some(Actor::Operator) => (ActorKind::Operator, None, None),
            None => (ActorKind::Nobody, None, None),
        };
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let number: i64 = sqlx::query_scalar(INSERT)
            .bind(at_ms)
            .bind(kind.as_str())
            .bind(id)
            .bind(name)
            .bind(asked.address.to_string())
            .bind(&asked.action)
            .bind(asked.subject.map(|(kind, _)| kind.as_str()))
            .bind(asked.subject.map(|(_, id)| id))
            .bind(asked.name.as_deref())
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query("delete from audit where id <= ?").bind(number - MOST).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(number)
    }

    /// Writes down what became of a request, and what came to be known of it.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn record_outcome(
        &self,
        number: i64,
        outcome: Outcome,
        fields: &[String],
        made: Option<(SubjectKind, i64, Option<String>)>,
    ) -> Result<(), Error> {
        let is_made = made.is_some();
        let (kind, id, name) =
            made.map_or((None, None, None), |(kind, id, name)| (Some(kind), Some(id), name));
        sqlx::query(UPDATE)
            .bind(number)
            .bind(outcome.as_str())
            .bind(fields.join(","))
            .bind(is_made)
            .bind(kind.map(SubjectKind::as_str))
            .bind(id)
            .bind(name)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// What was asked for, newest first: at most so many, with numbers below `before`.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn audit(&self, before: Option<i64>, limit: u16) -> Result<Vec<AuditEntry>, Error> {
        let rows: Vec<AuditRow> =
            sqlx::query_as(SELECT).bind(before).bind(limit).fetch_all(&self.reads).await?;
        rows.into_iter().map(AuditEntry::try_from).collect()
    }
}

#[derive(FromRow)]
struct AuditRow {
    id: i64,
    at_ms: i64,
    actor: String,
    actor_id: Option<i64>,
    actor_name: Option<String>,
    address: String,
    action: String,
    subject: Option<String>,
    subject_id: Option<i64>,
    subject_name: Option<String>,
    fields: String,
    outcome: String,
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = Error;

    fn try_from(row: AuditRow) -> Result<Self, Error> {
        let damaged = |_| Error::Row { table: "audit", id: row.id };
        let fields = row.fields.split(',').filter(|field| !field.is_empty());
        Ok(Self {
            id: row.id,
            at_ms: row.at_ms,
            actor: row.actor.parse().map_err(damaged)?,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            address: row.address,
            action: row.action,
            subject: row.subject.map(|word| word.parse()).transpose().map_err(damaged)?,
            subject_id: row.subject_id,
            subject_name: row.subject_name,
            fields: fields.map(str::to_owned).collect(),
            outcome: row.outcome.parse().map_err(damaged)?,
        })
    }
}

/// Requests that are kept.
const MOST: i64 = 10_000;

const INSERT: &str = "insert into audit (at_ms, actor, actor_id, actor_name, address, action, subject,
    subject_id, subject_name) values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning id";

const UPDATE: &str = "update audit set outcome = ?2, fields = ?3,
    subject = case when ?4 then ?5 else subject end,
    subject_id = case when ?4 then ?6 else subject_id end,
    subject_name = case when ?4 then ?7 else subject_name end where id = ?1";

const SELECT: &str = "select id, at_ms, actor, actor_id, actor_name, address, action, subject, subject_id,
    subject_name, fields, outcome from audit where ?1 is null or id < ?1 order by id desc limit ?2";
