//! What is ordered by hand: that targets run or stop; and what ends with a broadcast.

use sqlx::SqliteConnection;

use super::error::Error;
use super::pool::Store;
use crate::model::{StreamId, TargetId};

/// What the end of a broadcast ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Targets that were started by hand for it.
    pub stopped: Vec<TargetId>,
    /// How many keys were used in it that had not been used up before.
    pub used_keys: u64,
}

impl Store {
    /// Orders a target to run, or to stop.
    ///
    /// # Errors
    /// [`Error::NoTarget`].
    pub async fn order_target(&self, id: TargetId, started: bool) -> Result<(), Error> {
        let done = sqlx::query("update targets set started = ? where id = ?")
            .bind(started)
            .bind(id.0)
            .execute(&self.pool)
            .await?;
        match done.rows_affected() {
            0 => Err(Error::NoTarget(id)),
            _ => Ok(()),
        }
    }

    /// Orders all targets of a stream that are switched on to run, or to stop; returns those for which
    /// that is new.
    ///
    /// # Errors
    /// [`Error::NoStream`].
    pub async fn order_targets(&self, stream: StreamId, started: bool) -> Result<Vec<TargetId>, Error> {
        let ids: Vec<i64> = sqlx::query_scalar(
            "update targets set started = ?1 where stream_id = ?2 and enabled and started <> ?1
             returning id",
        )
        .bind(started)
        .bind(stream.0)
        .fetch_all(&self.pool)
        .await?;
        if ids.is_empty() {
            self.stream(stream).await?;
        }
        Ok(ids.into_iter().map(TargetId).collect())
    }

    /// Ends what was started by hand for a stream's broadcast, now that it is over, and notes whose keys were
    /// used in it: those of targets that [were live](Store::keep_events), and of those named here. A stream that
    /// is gone has none.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn end_broadcast(&self, stream: StreamId, live: &[TargetId]) -> Result<Ended, Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        for target in live {
            note_live(&mut tx, *target).await?;
        }
        let used = sqlx::query(
            "update used_keys set is_over = 1
             where not is_over and target_id in (select id from targets where stream_id = ?)",
        )
        .bind(stream.0)
        .execute(&mut *tx)
        .await?;
        let ids: Vec<i64> = sqlx::query_scalar(
            "update targets set started = 0 where stream_id = ? and start_mode = 'manual' and started
             returning id",
        )
        .bind(stream.0)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let stopped = ids.into_iter().map(TargetId).collect();
        Ok(Ended { stopped, used_keys: used.rows_affected() })
    }

    /// Takes a target's key for one that was not used; of a target that is live, for one that is in use until the
    /// broadcast is over.
    ///
    /// # Errors
    /// [`Error::NoTarget`].
    pub async fn reuse_key(&self, id: TargetId, is_live: bool) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let is_there: bool = sqlx::query_scalar("select exists (select 1 from targets where id = ?)")
            .bind(id.0)
            .fetch_one(&mut *tx)
            .await?;
        if !is_there {
            return Err(Error::NoTarget(id));
        }
        forget_key_use(&mut tx, id).await?;
        if is_live {
            note_live(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Takes a copy's key for as used as the original's, which it is.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn copy_key_use(&self, original: TargetId, copy: TargetId) -> Result<(), Error> {
        // The copy may have gone live already.
        sqlx::query(
            "insert into used_keys select ?, is_over from used_keys where target_id = ?
             on conflict do update set is_over = max(is_over, excluded.is_over)",
        )
        .bind(copy.0)
        .bind(original.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// A target is live with its key. One that is gone has none.
pub(super) async fn note_live(db: &mut SqliteConnection, id: TargetId) -> Result<(), Error> {
    sqlx::query(
        "insert into used_keys (target_id) select id from targets where id = ? on conflict do nothing",
    )
    .bind(id.0)
    .execute(db)
    .await?;
    Ok(())
}

/// A target has another key, or its key is good once more.
pub(super) async fn forget_key_use(db: &mut SqliteConnection, id: TargetId) -> Result<(), Error> {
    sqlx::query("delete from used_keys where target_id = ?").bind(id.0).execute(db).await?;
    Ok(())
}
