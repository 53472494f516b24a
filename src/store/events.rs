//! The table of events: each target's history.
//!
//! It is bounded: 500 of each target, and nothing older than 30 days. Configuration is in
//! the same file and uses the same connection, so whoever writes here keeps batches small.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::FromRow;

use super::error::Error;
use super::pool::Store;
use crate::model::{ErrorKind, Step, TargetEvent, TargetId};

/// An event with its number, which is higher than those of all earlier events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent {
    /// Its number; never used again.
    pub id: i64,
    /// What happened.
    pub event: TargetEvent,
}

impl Store {
    /// Keeps events in the order given, and gives up what is too old or too much. Events of targets
    /// that are gone are left out. All of it happens, or nothing.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn keep_events(&self, events: &[TargetEvent]) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        for event in events {
            sqlx::query(INSERT)
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
                .execute(&mut *tx)
                .await?;
        }
        let touched: BTreeSet<i64> = events.iter().map(|event| event.target.0).collect();
        for target in touched {
            for (class, kept) in KEPT {
                sqlx::query(DROP_SURPLUS).bind(target).bind(class).bind(kept).execute(&mut *tx).await?;
            }
        }
        sqlx::query(DROP_OLD).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A target's newest events, newest first.
    ///
    /// # Errors
    /// [`Error::NoTarget`].
    pub async fn events(&self, target: TargetId, limit: u16) -> Result<Vec<KeptEvent>, Error> {
        let rows: Vec<EventRow> =
            sqlx::query_as(SELECT).bind(target.0).bind(limit).fetch_all(&self.pool).await?;
        if rows.is_empty() {
            self.target(target).await?;
        }
        rows.into_iter().map(KeptEvent::try_from).collect()
    }
}

#[derive(FromRow)]
struct EventRow {
    id: i64,
    target_id: i64,
    at_ms: i64,
    endpoint: String,
    from_state: String,
    state: String,
    step: Option<String>,
    kind: Option<String>,
    reason: String,
    attempt: u32,
    lasted_ms: i64,
    next_try_at_ms: Option<i64>,
}

impl TryFrom<EventRow> for KeptEvent {
    type Error = Error;

    fn try_from(row: EventRow) -> Result<Self, Error> {
        let damaged = |_| Error::Row { table: "events", id: row.id };
        let event = TargetEvent {
            target: TargetId(row.target_id),
            at_ms: row.at_ms,
            endpoint: row.endpoint.parse().map_err(damaged)?,
            from: row.from_state.parse().map_err(damaged)?,
            lasted: Duration::from_millis(u64::try_from(row.lasted_ms).unwrap_or(0)),
            state: row.state.parse().map_err(damaged)?,
            step: row.step.map(|word| word.parse()).transpose().map_err(damaged)?,
            kind: row.kind.map(|word| word.parse()).transpose().map_err(damaged)?,
            reason: row.reason,
            attempts: row.attempt,
            next_try_at_ms: row.next_try_at_ms,
        };
        Ok(Self { id: row.id, event })
    }
}

/// Events kept of one target, by class: steps of tries, tries that failed, and all that ended a state
/// which lasted. A server that is down for a night fills the first two and leaves the third, which says
/// how it began.
const KEPT: [(i64, i64); 3] = [(0, 100), (1, 200), (2, 200)];

const INSERT: &str = "insert into events (target_id, at_ms, endpoint, from_state, state, step, kind,
    reason, attempt, lasted_ms, next_try_at_ms)
    select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
    where exists (select 1 from targets where id = ?1)";

const DROP_SURPLUS: &str = "delete from events where target_id = ?1 and class = ?2 and id <=
    (select id from events where target_id = ?1 and class = ?2 order by id desc limit 1 offset ?3)";

const DROP_OLD: &str = "delete from events where at_ms < (unixepoch() - 30 * 24 * 3600) * 1000";

const SELECT: &str = "select id, target_id, at_ms, endpoint, from_state, state, step, kind, reason,
    attempt, lasted_ms, next_try_at_ms from events
    where target_id = ? and at_ms >= (unixepoch() - 30 * 24 * 3600) * 1000 order by id desc limit ?";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        BackupPolicy, Endpoint, EndpointRole, IngestKey, Name, NewStream, NewTarget, Rules, StartMode,
        TargetState,
    };
    use crate::rtmp::url::{RtmpUrl, StreamKey};

    async fn with_targets(dir: &tempfile::TempDir) -> (Store, TargetId, TargetId) {
        let store = Store::open(dir.path()).await.unwrap();
        let stream = NewStream {
            name: Name::parse("Main").unwrap(),
            app: None,
            rules: Rules::default(),
            key: IngestKey::parse("k").unwrap(),
        };
        let stream = store.create_stream(&stream).await.unwrap();
        let new = |name| NewTarget {
            name: Name::parse(name).unwrap(),
            endpoint: Endpoint { url: RtmpUrl::parse("rtmp://h/live").unwrap(), key: StreamKey::new("k") },
            backup: None,
            backup_policy: BackupPolicy::Failover,
            enabled: true,
            start_mode: StartMode::WithSource,
            coalesce: None,
        };
        let one = store.create_target(stream, &new("one")).await.unwrap();
        let two = store.create_target(stream, &new("two")).await.unwrap();
        (store, one, two)
    }

    async fn now_ms(store: &Store) -> i64 {
        sqlx::query_scalar("select unixepoch() * 1000").fetch_one(&store.pool).await.unwrap()
    }

    fn failure(target: TargetId, at_ms: i64, reason: &str) -> TargetEvent {
        TargetEvent {
            target,
            at_ms,
            endpoint: EndpointRole::Backup,
            from: TargetState::Publishing,
            lasted: Duration::from_millis(1234),
            state: TargetState::BackingOff,
            step: Some(Step::Publish),
            kind: Some(ErrorKind::PublishBusy),
            reason: reason.to_owned(),
            attempts: 3,
            next_try_at_ms: Some(at_ms + 5000),
        }
    }

    async fn reasons(store: &Store, target: TargetId, limit: u16) -> Vec<String> {
        let events = store.events(target, limit).await.unwrap();
        events.into_iter().map(|kept| kept.event.reason).collect()
    }

    async fn count(store: &Store) -> i64 {
        sqlx::query_scalar("select count(*) from events").fetch_one(&store.pool).await.unwrap()
    }

    #[tokio::test]
    async fn an_event_comes_back_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let (store, one, two) = with_targets(&dir).await;
        let now = now_ms(&store).await;
        let plain = TargetEvent {
            endpoint: EndpointRole::Primary,
            step: None,
            kind: None,
            next_try_at_ms: None,
            ..failure(one, now, "plain")
        };
        let events = [failure(one, now, "failed"), plain];
        store.keep_events(&events).await.unwrap();
        store.close().await;
        drop(store);

        let store = Store::open(dir.path()).await.unwrap();
        let kept = store.events(one, 10).await.unwrap();
        assert!(kept[0].id > kept[1].id);
        let [failed, plain] = events;
        assert_eq!(kept.into_iter().map(|kept| kept.event).collect::<Vec<_>>(), [plain, failed]);
        assert!(store.events(two, 10).await.unwrap().is_empty());
        assert!(matches!(store.events(TargetId(99), 10).await, Err(Error::NoTarget(_))));
    }

    #[tokio::test]
    async fn a_night_of_failing_leaves_how_it_began() {
        let dir = tempfile::tempdir().unwrap();
        let (store, one, two) = with_targets(&dir).await;
        let now = now_ms(&store).await;
        store.keep_events(&[failure(two, now, "other")]).await.unwrap();
        let lost = TargetEvent { from: TargetState::Live, ..failure(one, now, "lost") };
        store.keep_events(&[lost]).await.unwrap();
        let step =
            |n: u32| TargetEvent { state: TargetState::Resolving, ..failure(one, now, &format!("step {n}")) };
        for n in 0..300 {
            store.keep_events(&[step(n), failure(one, now, &n.to_string())]).await.unwrap();
        }
        let left = reasons(&store, one, 500).await;
        assert_eq!((left.len(), left[0].as_str(), left[300].as_str()), (301, "299", "lost"));
        assert_eq!(left.iter().filter(|reason| reason.starts_with("step")).count(), 100);
        assert!(left.contains(&"100".to_owned()) && !left.contains(&"99".to_owned()));
        assert_eq!(reasons(&store, one, 2).await, ["299", "step 299"]);
        assert_eq!(reasons(&store, two, 500).await, ["other"]);
        for n in 0..300 {
            let event = TargetEvent { from: TargetState::Live, ..failure(one, now, &n.to_string()) };
            store.keep_events(&[event]).await.unwrap();
        }
        assert_eq!(reasons(&store, one, 500).await.len(), 500);
    }

    #[tokio::test]
    async fn events_of_a_month_ago_are_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let (store, one, two) = with_targets(&dir).await;
        let now = now_ms(&store).await;
        let month = 30 * 24 * 3600 * 1000;
        let events = [failure(one, now - month - 60_000, "old"), failure(one, now - month + 60_000, "new")];
        store.keep_events(&events).await.unwrap();
        assert_eq!(reasons(&store, one, 500).await, ["new"]);
        sqlx::query("update events set at_ms = at_ms - 120000").execute(&store.pool).await.unwrap();
        assert!(reasons(&store, one, 500).await.is_empty());
        store.keep_events(&[failure(two, now, "other")]).await.unwrap();
        assert_eq!(count(&store).await, 1);
    }

    #[tokio::test]
    async fn events_go_with_their_target_and_are_not_kept_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let (store, one, two) = with_targets(&dir).await;
        let now = now_ms(&store).await;
        store.keep_events(&[failure(one, now, "before")]).await.unwrap();
        store.delete_target(one).await.unwrap();
        assert_eq!(count(&store).await, 0);
        let late = [failure(one, now, "late"), failure(two, now, "other")];
        store.keep_events(&late).await.unwrap();
        assert_eq!(count(&store).await, 1);
        assert_eq!(reasons(&store, two, 500).await, ["other"]);
    }
}
