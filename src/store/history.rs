//! The table of events, read: the history of all, or of what a filter leaves of it.

use std::net::SocketAddr;
use std::time::Duration;

use sqlx::{FromRow, QueryBuilder, Sqlite};

use super::error::Error;
use super::pool::Store;
use crate::model::{
    ErrorKind, Happening, HappeningState, HistoryOf, StreamEvent, StreamId, TargetEvent, TargetId, Warning,
    WarningChange,
};

/// An event of a target with its number, which is higher than those of all earlier events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvent {
    /// Its number; never used again.
    pub id: i64,
    /// What happened.
    pub event: TargetEvent,
}

/// As [`KeptEvent`], of a stream or a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its number; never used again.
    pub id: i64,
    /// What happened.
    pub happening: Happening,
}

/// Which events are wanted; what is `None` leaves all.
#[derive(Debug, Clone, Default)]
pub struct HistoryFilter {
    /// Those of a stream and its targets.
    pub stream: Option<StreamId>,
    /// Those of a target.
    pub target: Option<TargetId>,
    /// Those of streams, or those of targets.
    pub of: Option<HistoryOf>,
    /// Those of failures of a kind.
    pub kind: Option<ErrorKind>,
    /// Those after which their subject was so.
    pub state: Option<HappeningState>,
    /// Those that are no warnings.
    pub no_warnings: bool,
    /// Those with lower numbers, from the highest down.
    pub before: Option<i64>,
    /// Those with higher numbers: without `before`, from the lowest up.
    pub after: Option<i64>,
    /// How many at most.
    pub limit: u16,
}

impl Store {
    /// What a target did lately, newest first, without warnings.
    ///
    /// # Errors
    /// [`Error::NoTarget`].
    pub async fn events(&self, target: TargetId, limit: u16) -> Result<Vec<KeptEvent>, Error> {
        let filter =
            HistoryFilter { target: Some(target), no_warnings: true, limit, ..HistoryFilter::default() };
        let of_target = |kept: Kept| match kept.happening {
            Happening::Target(event) => Some(KeptEvent { id: kept.id, event }),
            Happening::Stream(_) | Happening::Warning(_) => None,
        };
        Ok(self.history(&filter).await?.into_iter().filter_map(of_target).collect())
    }

    /// The events that a filter leaves, newest first; where there are more than it wants, those next to
    /// its `before` or `after`, or else the newest.
    ///
    /// # Errors
    /// [`Error::NoStream`] or [`Error::NoTarget`], where the filter names one that is not there.
    pub async fn history(&self, filter: &HistoryFilter) -> Result<Vec<Kept>, Error> {
        let from_lowest = filter.after.is_some() && filter.before.is_none();
        let mut rows: Vec<EventRow> =
            filter.query(from_lowest).build_query_as().fetch_all(&self.reads).await?;
        if rows.is_empty() {
            self.check_subjects(filter).await?;
        }
        if from_lowest {
            rows.reverse();
        }
        rows.into_iter().map(Kept::try_from).collect()
    }

    async fn check_subjects(&self, filter: &HistoryFilter) -> Result<(), Error> {
        if let Some(stream) = filter.stream {
            self.stream(stream).await?;
        }
        if let Some(target) = filter.target {
            self.target(target).await?;
        }
        Ok(())
    }
}

impl HistoryFilter {
    /// Only what is asked for is part of the query, so that SQLite finds the index for it.
    fn query(&self, from_lowest: bool) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new(SELECT);
        if let Some(target) = self.target {
            query.push(" and target_id = ").push_bind(target.0);
        }
        if let Some(stream) = self.stream {
            query.push(" and stream_id = ").push_bind(stream.0);
        }
        match self.of {
            Some(HistoryOf::Streams) => query.push(" and target_id is null"),
            Some(HistoryOf::Targets) => query.push(" and target_id is not null"),
            None => &mut query,
        };
        if let Some(kind) = self.kind {
            query.push(" and kind = ").push_bind(kind.as_str());
        }
        if let Some(state) = self.state {
            query.push(" and state = ").push_bind(state.as_str());
        }
        if self.no_warnings {
            query.push(" and state not in ('warned', 'cleared')");
        }
        if let Some(before) = self.before {
            query.push(" and id < ").push_bind(before);
        }
        if let Some(after) = self.after {
            query.push(" and id > ").push_bind(after);
        }
        query.push(if from_lowest { " order by id asc limit " } else { " order by id desc limit " });
        query.push_bind(self.limit);
        query
    }
}

#[derive(FromRow)]
struct EventRow {
    id: i64,
    stream_id: i64,
    target_id: Option<i64>,
    at_ms: i64,
    state: String,
    endpoint: Option<String>,
    from_state: Option<String>,
    step: Option<String>,
    kind: Option<String>,
    reason: Option<String>,
    attempt: Option<u32>,
    lasted_ms: Option<i64>,
    next_try_at_ms: Option<i64>,
    peer: Option<String>,
    replaced: Option<String>,
    until_ms: Option<i64>,
}

impl EventRow {
    fn of_target(self, target: i64) -> Result<TargetEvent, Error> {
        let lasted_ms = self.lasted_ms.and_then(|ms| u64::try_from(ms).ok());
        let id = self.id;
        Ok(TargetEvent {
            target: TargetId(target),
            stream: StreamId(self.stream_id),
            at_ms: self.at_ms,
            endpoint: parsed(self.endpoint, id)?.unwrap_or_default(),
            from: parsed(self.from_state, id)?.ok_or_else(|| damaged(id))?,
            lasted: Duration::from_millis(lasted_ms.unwrap_or(0)),
            state: parsed(Some(self.state), id)?.ok_or_else(|| damaged(id))?,
            step: parsed(self.step, id)?,
            kind: parsed(self.kind, id)?,
            reason: self.reason.unwrap_or_default(),
            attempts: self.attempt.unwrap_or(0),
            next_try_at_ms: self.next_try_at_ms,
        })
    }

    fn of_warning(self, target: i64, change: WarningChange) -> Result<Warning, Error> {
        let lasted_ms = self.lasted_ms.and_then(|ms| u64::try_from(ms).ok());
        Ok(Warning {
            target: TargetId(target),
            stream: StreamId(self.stream_id),
            at_ms: self.at_ms,
            kind: parsed(self.kind, self.id)?.ok_or_else(|| damaged(self.id))?,
            change,
            lasted: Duration::from_millis(lasted_ms.unwrap_or(0)),
            reason: self.reason.unwrap_or_default(),
        })
    }

    fn of_stream(self) -> Result<StreamEvent, Error> {
        let id = self.id;
        Ok(StreamEvent {
            stream: StreamId(self.stream_id),
            at_ms: self.at_ms,
            change: parsed(Some(self.state), id)?.ok_or_else(|| damaged(id))?,
            peer: parsed::<SocketAddr>(self.peer, id)?,
            replaced: parsed::<SocketAddr>(self.replaced, id)?,
            until_ms: self.until_ms,
        })
    }
}

impl TryFrom<EventRow> for Kept {
    type Error = Error;

    fn try_from(row: EventRow) -> Result<Self, Error> {
        let id = row.id;
        let happening = match (row.target_id, row.state.parse()) {
            (Some(target), Ok(change)) => Happening::Warning(row.of_warning(target, change)?),
            (Some(target), Err(_)) => Happening::Target(row.of_target(target)?),
            (None, _) => Happening::Stream(row.of_stream()?),
        };
        Ok(Self { id, happening })
    }
}

/// What a column of the given row says, if anything.
fn parsed<T: std::str::FromStr>(text: Option<String>, id: i64) -> Result<Option<T>, Error> {
    text.map(|text| text.parse().map_err(|_| damaged(id))).transpose()
}

fn damaged(id: i64) -> Error {
    Error::Row { table: "events", id }
}

const SELECT: &str = "select id, stream_id, target_id, at_ms, state, endpoint, from_state, step, kind,
    reason, attempt, lasted_ms, next_try_at_ms, peer, replaced, until_ms from events
    where at_ms >= (unixepoch() - 30 * 24 * 3600) * 1000";

#[cfg(test)]
mod tests;
