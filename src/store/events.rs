//! The table of events: what happened to each stream and each target.
//!
//! It is bounded: 500 of each target, 500 of each stream, and nothing older than 30 days. Configuration is
//! in the same file and is written by the same connection, so whoever writes here keeps batches small.

use std::collections::BTreeSet;

use sqlx::sqlite::SqliteConnection;

use super::error::Error;
use super::orders::note_live;
use super::pool::Store;
use crate::model::{
    EndpointRole, ErrorKind, Happening, Step, StreamEvent, TargetEvent, TargetState, Warning,
};

impl Store {
    /// Keeps events in the order given, and gives up what is too old or too much. Events of streams and
    /// targets that are gone are left out. Of who was live it is noted that their keys were used. All of it
    /// happens, or nothing.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn keep_events(&self, events: &[Happening]) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let mut touched = BTreeSet::new();
        for event in events {
            touched.insert(match event {
                Happening::Target(event) => {
                    if event.state == TargetState::Live {
                        note_live(&mut tx, event.target).await?;
                    }
                    insert_of_target(&mut tx, event).await?
                }
                Happening::Stream(event) => insert_of_stream(&mut tx, event).await?,
                Happening::Warning(warning) => insert_warning(&mut tx, warning).await?,
            });
        }
        for owner in touched {
            owner.drop_surplus(&mut tx).await?;
        }
        sqlx::query(DROP_OLD).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn insert_of_target(db: &mut SqliteConnection, event: &TargetEvent) -> Result<Owner, Error> {
    sqlx::query(INSERT_OF_TARGET)
        .bind(event.target.0)
        .bind(event.at_ms)
        .bind(event.endpoint.as_str())
        .bind(event.from.as_str())
        .bind(event.state.as_str())
        .bind(event.step.map(Step::as_str))
        .bind(event.kind.map(ErrorKind::as_str))
        .bind(&event.reason)
        .bind(event.attempts)
        .bind(i64::try_from(event.lasted.as_millis()).unwrap_or(i64::MAX))
        .bind(event.next_try_at_ms)
        .execute(db)
        .await?;
    Ok(Owner::Target(event.target.0))
}

async fn insert_of_stream(db: &mut SqliteConnection, event: &StreamEvent) -> Result<Owner, Error> {
    sqlx::query(INSERT_OF_STREAM)
        .bind(event.stream.0)
        .bind(event.at_ms)
        .bind(event.change.as_str())
        .bind(event.peer.map(|peer| peer.to_string()))
        .bind(event.replaced.map(|peer| peer.to_string()))
        .bind(event.until_ms)
        .execute(db)
        .await?;
    Ok(Owner::Stream(event.stream.0))
}

/// A warning is kept among its target's events, by whose columns it has a word for what happened and the kind of
/// what is minded. What the target was doing meanwhile is not part of it.
async fn insert_warning(db: &mut SqliteConnection, warning: &Warning) -> Result<Owner, Error> {
    sqlx::query(INSERT_OF_TARGET)
        .bind(warning.target.0)
        .bind(warning.at_ms)
        .bind(EndpointRole::Primary.as_str())
        .bind(TargetState::Live.as_str())
        .bind(warning.change.as_str())
        .bind(None::<&str>)
        .bind(warning.kind.as_str())
        .bind(&warning.reason)
        .bind(0)
        .bind(i64::try_from(warning.lasted.as_millis()).unwrap_or(i64::MAX))
        .bind(None::<i64>)
        .execute(&mut *db)
        .await?;
    sqlx::query(DROP_SURPLUS_OF_WARNINGS).bind(warning.target.0).bind(KEPT_OF_WARNINGS).execute(db).await?;
    Ok(Owner::Target(warning.target.0))
}

/// Whose events there may be too many of.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Stream(i64),
    Target(i64),
}

impl Owner {
    async fn drop_surplus(&self, db: &mut SqliteConnection) -> Result<(), Error> {
        let (sql, id, kept) = match self {
            Self::Stream(id) => (DROP_SURPLUS_OF_STREAM, id, KEPT_OF_STREAM.as_slice()),
            Self::Target(id) => (DROP_SURPLUS_OF_TARGET, id, KEPT_OF_TARGET.as_slice()),
        };
        for (class, kept) in kept {
            sqlx::query(sql).bind(id).bind(class).bind(kept).execute(&mut *db).await?;
        }
        Ok(())
    }
}

/// Events kept of one target, by class: steps of tries, tries that failed, and all that ended a state
/// which lasted. A server that is down for a night fills the first two and leaves the third, which says
/// how it began.
const KEPT_OF_TARGET: [(i64, i64); 3] = [(0, 100), (1, 200), (2, 200)];

/// Warnings kept of one target, so that an encoder at the edge of a limit leaves room for all else of their class.
const KEPT_OF_WARNINGS: i64 = 100;

/// Events kept of one stream, by class: encoders that were refused, which may come every few seconds, and
/// all else.
const KEPT_OF_STREAM: [(i64, i64); 2] = [(3, 100), (4, 400)];

const INSERT_OF_TARGET: &str = "insert into events (stream_id, target_id, at_ms, endpoint, from_state,
    state, step, kind, reason, attempt, lasted_ms, next_try_at_ms)
    select stream_id, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 from targets where id = ?1";

const INSERT_OF_STREAM: &str = "insert into events (stream_id, at_ms, state, peer, replaced, until_ms)
    select ?1, ?2, ?3, ?4, ?5, ?6 from streams where id = ?1";

const DROP_SURPLUS_OF_TARGET: &str = "delete from events where target_id = ?1 and class = ?2 and id <=
    (select id from events where target_id = ?1 and class = ?2 order by id desc limit 1 offset ?3)";

const DROP_SURPLUS_OF_WARNINGS: &str = "delete from events
    where target_id = ?1 and class = 2 and state in ('warned', 'cleared') and id <=
    (select id from events where target_id = ?1 and class = 2 and state in ('warned', 'cleared')
    order by id desc limit 1 offset ?2)";

const DROP_SURPLUS_OF_STREAM: &str = "delete from events
    where stream_id = ?1 and target_id is null and class = ?2 and id <=
    (select id from events where stream_id = ?1 and target_id is null and class = ?2
    order by id desc limit 1 offset ?3)";

const DROP_OLD: &str = "delete from events where at_ms < (unixepoch() - 30 * 24 * 3600) * 1000";

#[cfg(test)]
mod tests;
