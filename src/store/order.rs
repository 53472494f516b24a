//! In which order a stream's targets stand, and another one made like one of them.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use super::error::Error;
use super::pool::Store;
use super::targets::secrets::{self, SecretsRow};
use super::targets::{SELECT_ONE, TargetRow};
use crate::model::{NewTarget, StreamId, TargetId};

impl Store {
    /// Puts a stream's targets in another order.
    ///
    /// # Errors
    /// [`Error::NoStream`], or [`Error::NotAnOrder`] unless each of them is named once.
    pub async fn arrange_targets(&self, stream: StreamId, order: &[TargetId]) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let ids: Vec<i64> = sqlx::query_scalar("select id from targets where stream_id = ?")
            .bind(stream.0)
            .fetch_all(&mut *tx)
            .await?;
        if ids.is_empty() {
            self.stream(stream).await?;
        }
        let named: BTreeSet<i64> = order.iter().map(|id| id.0).collect();
        if named.len() != order.len() || named != BTreeSet::from_iter(ids) {
            return Err(Error::NotAnOrder);
        }
        for (position, id) in (1_u32..).zip(order) {
            // One that stays where it is was not changed, and keeps its version.
            sqlx::query("update targets set position = ?1 where id = ?2 and position <> ?1")
                .bind(position)
                .bind(id.0)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What would make another target like this one, keys and all, and the stream that it is of.
    ///
    /// # Errors
    /// [`Error::NoTarget`].
    pub async fn target_to_copy(&self, id: TargetId) -> Result<(StreamId, NewTarget), Error> {
        let mut tx = self.reads.begin().await?;
        let row: Option<TargetRow> = sqlx::query_as(SELECT_ONE).bind(id.0).fetch_optional(&mut *tx).await?;
        let row_of_secrets: Option<SecretsRow> =
            sqlx::query_as(AssertSqlSafe(format!("{} where id = ?", secrets::SELECT)))
                .bind(id.0)
                .fetch_optional(&mut *tx)
                .await?;
        tx.commit().await?;
        let target = row.ok_or(Error::NoTarget(id))?.unseal(&self.sealer)?;
        let stream = target.stream_id;
        Ok((stream, row_of_secrets.ok_or(Error::NoTarget(id))?.with(target, &self.sealer)?))
    }
}

#[cfg(test)]
mod tests;
