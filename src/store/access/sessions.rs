//! The table of sessions.

use sqlx::FromRow;

use super::super::error::Error;
use super::super::pool::Store;
use crate::model::{PassDigest, Session, SessionId, TokenId, UserId};

/// A session, and what its secret is looked up by.
#[derive(Debug, Clone)]
pub struct KeptSession {
    /// The session.
    pub session: Session,
    /// Its secret's fingerprint.
    pub digest: PassDigest,
}

impl Store {
    /// All sessions.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn sessions(&self) -> Result<Vec<KeptSession>, Error> {
        let rows: Vec<SessionRow> = sqlx::query_as(SELECT).fetch_all(&self.reads).await?;
        rows.into_iter().map(KeptSession::try_from).collect()
    }

    /// Starts a session at the moment `now`, in seconds since 1970. Of its user's sessions, the oldest end
    /// where there would be more than `most`.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn start_session(
        &self,
        user: UserId,
        digest: PassDigest,
        (address, agent): (&str, &str),
        now: i64,
        most: u32,
    ) -> Result<SessionId, Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let id: i64 = sqlx::query_scalar(
            "insert into sessions (user_id, digest, created_at, seen_at, address, agent)
             values (?1, ?2, ?3, ?3, ?4, ?5) returning id",
        )
        .bind(user.0)
        .bind(digest.0.as_slice())
        .bind(now)
        .bind(address)
        .bind(agent)
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query("update users set last_login_at = ? where id = ?")
            .bind(now)
            .bind(user.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "delete from sessions where user_id = ?1 and id not in
             (select id from sessions where user_id = ?1 order by id desc limit ?2)",
        )
        .bind(user.0)
        .bind(most)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(SessionId(id))
    }

    /// Ends a session. One that is gone has ended.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn end_session(&self, id: SessionId) -> Result<(), Error> {
        sqlx::query("delete from sessions where id = ?").bind(id.0).execute(&self.pool).await?;
        Ok(())
    }

    /// Writes down when sessions and tokens were last used, in seconds since 1970, and forgets sessions that
    /// have ended.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn keep_uses(
        &self,
        sessions: &[(SessionId, i64)],
        tokens: &[(TokenId, i64)],
        ended: &[SessionId],
    ) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        for (id, at) in sessions {
            let update = sqlx::query("update sessions set seen_at = ? where id = ?").bind(at).bind(id.0);
            update.execute(&mut *tx).await?;
        }
        for (id, at) in tokens {
            let update = sqlx::query("update tokens set last_used_at = ? where id = ?").bind(at).bind(id.0);
            update.execute(&mut *tx).await?;
        }
        for id in ended {
            sqlx::query("delete from sessions where id = ?").bind(id.0).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

#[derive(FromRow)]
struct SessionRow {
    id: i64,
    user_id: i64,
    digest: Vec<u8>,
    created_at: i64,
    seen_at: i64,
    address: String,
    agent: String,
}

impl TryFrom<SessionRow> for KeptSession {
    type Error = Error;

    fn try_from(row: SessionRow) -> Result<Self, Error> {
        let digest = row.digest.try_into().map_err(|_| Error::Row { table: "sessions", id: row.id })?;
        let session = Session {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            created_at: row.created_at,
            seen_at: row.seen_at,
            address: row.address,
            agent: row.agent,
        };
        Ok(Self { session, digest: PassDigest(digest) })
    }
}

const SELECT: &str =
    "select id, user_id, digest, created_at, seen_at, address, agent from sessions order by id";
