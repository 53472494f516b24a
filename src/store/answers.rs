//! The table of answers that are given again: to who asks with the same key again, because the first answer
//! was lost on the way.

use sqlx::FromRow;

use super::error::Error;
use super::pool::Store;
use super::seal::Place;
use crate::model::{GivenAnswer, KeyDigest};

impl Store {
    /// The answer that was given under a key, whatever the request was.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn given_answer(&self, key: KeyDigest) -> Result<Option<GivenAnswer>, Error> {
        let row: Option<AnswerRow> =
            sqlx::query_as(SELECT).bind(key.0.as_slice()).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let body = self.sealer.unseal_secret(body_at(row.id), &row.body)?;
        let request = row.request.try_into().map_err(|_| Error::Row { table: TABLE, id: row.id })?;
        Ok(Some(GivenAnswer { request: KeyDigest(request), status: row.status, body }))
    }

    /// Keeps an answer for a day. It may hold what is shown once, and so is sealed.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn keep_answer(&self, key: KeyDigest, answer: &GivenAnswer) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        sqlx::query(DROP_OLD).execute(&mut *tx).await?;
        // The row comes first: its number is part of the seal.
        let id: i64 = sqlx::query_scalar(INSERT)
            .bind(key.0.as_slice())
            .bind(answer.request.0.as_slice())
            .bind(answer.status)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query("update answers set body = ? where id = ?")
            .bind(self.sealer.seal_secret(body_at(id), &answer.body)?)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

#[derive(FromRow)]
struct AnswerRow {
    id: i64,
    request: Vec<u8>,
    status: u16,
    body: Vec<u8>,
}

fn body_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "body" }
}

const TABLE: &str = "answers";

const SELECT: &str =
    "select id, request, status, body from answers where digest = ? and at > unixepoch() - 24 * 3600";

/// What is older than a day, and what there is beyond a thousand.
const DROP_OLD: &str = "delete from answers where at <= unixepoch() - 24 * 3600
    or id <= (select max(id) from answers) - 1000";

const INSERT: &str = "insert into answers (digest, request, status, body) values (?, ?, ?, x'') returning id";
