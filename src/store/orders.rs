//! What is ordered by hand: that targets run or stop.

use super::error::Error;
use super::pool::Store;
use crate::model::{StreamId, TargetId};

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

    /// Ends what was started by hand for a stream's broadcast, now that it is over; returns the targets
    /// that were. A stream that is gone has none.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn end_broadcast(&self, stream: StreamId) -> Result<Vec<TargetId>, Error> {
        let ids: Vec<i64> = sqlx::query_scalar(
            "update targets set started = 0 where stream_id = ? and start_mode = 'manual' and started
             returning id",
        )
        .bind(stream.0)
        .fetch_all(&self.pool)
        .await?;
        Ok(ids.into_iter().map(TargetId).collect())
    }
}
