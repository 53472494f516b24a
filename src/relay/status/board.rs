//! All entries.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::counters::Counters;
use super::journal::Journal;
use super::recent::{Past, Received, Sent};
use super::refusals::Refusals;
use super::snapshot::{StreamSnapshot, TargetSnapshot};
use super::stream::StreamStatus;
use super::target::TargetStatus;
use crate::model::{EndpointRole, StreamId, TargetId, TargetState};

/// All entries. A task whose target was edited or removed keeps writing to an entry that nobody shows
/// any more.
#[derive(Debug, Default)]
pub struct Board {
    streams: Mutex<HashMap<StreamId, Arc<StreamStatus>>>,
    targets: Mutex<HashMap<Line, Arc<TargetStatus>>>,
    /// What is counted of targets, until they are forgotten.
    counters: Mutex<HashMap<Line, Arc<Counters>>>,
    /// What was last said of targets that do not run, and when.
    at_rest: Mutex<HashMap<TargetId, Rest>>,
    journal: Arc<Journal>,
    refusals: Arc<Refusals>,
}

/// One connection of a target.
type Line = (TargetId, EndpointRole);

/// Where a target was left, and since when it is there.
type Rest = (TargetState, Instant);

impl Board {
    /// What happened, for whoever keeps it.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Encoders that were not let in.
    pub fn refusals(&self) -> &Arc<Refusals> {
        &self.refusals
    }

    /// A stream's entry, made if there is none.
    pub fn open_stream(&self, id: StreamId) -> Arc<StreamStatus> {
        let mut streams = lock(&self.streams);
        Arc::clone(
            streams.entry(id).or_insert_with(|| Arc::new(StreamStatus::new(id, Arc::clone(&self.journal)))),
        )
    }

    /// A fresh entry for a connection of a target. An older one is shown no more, and what comes next is
    /// told as a change from what that one said, or from where the target was left. What was counted is
    /// counted on.
    pub fn open_target(&self, stream: StreamId, id: TargetId, endpoint: EndpointRole) -> Arc<TargetStatus> {
        let mut targets = lock(&self.targets);
        let older = targets.remove(&(id, endpoint));
        if let Some(older) = &older {
            older.replaced();
        }
        let at_rest = lock(&self.at_rest).remove(&id);
        let (state, step, since) = match (&older, at_rest) {
            (Some(older), _) => older.place(),
            (None, Some((state, since))) => (state, None, since),
            (None, None) => (TargetState::Stopped, None, Instant::now()),
        };
        let counters = Arc::clone(lock(&self.counters).entry((id, endpoint)).or_default());
        let (whose, journal) = ((stream, id, endpoint), Arc::clone(&self.journal));
        let status = TargetStatus::new(whose, counters, journal, (state, step, since));
        if let Some(older) = &older {
            status.inherit_warnings(older);
        }
        Arc::clone(targets.entry((id, endpoint)).or_insert_with(|| Arc::new(status)))
    }

    /// Takes a stream's entry down.
    pub fn close_stream(&self, id: StreamId) {
        lock(&self.streams).remove(&id);
    }

    /// Takes a target's entries down, with a last word on why.
    pub fn close_target(&self, id: TargetId, last: TargetState, reason: &str) {
        for endpoint in [EndpointRole::Primary, EndpointRole::Backup] {
            if let Some(status) = lock(&self.targets).remove(&(id, endpoint)) {
                status.close(last, reason);
                lock(&self.at_rest).insert(id, (last, Instant::now()));
            }
        }
    }

    /// Forgets a target that is no more.
    pub fn forget_target(&self, id: TargetId) {
        lock(&self.at_rest).remove(&id);
        lock(&self.counters).retain(|(other, _), _| *other != id);
    }

    /// The last word on all targets, when the relay stops.
    pub fn close_all(&self, reason: &str) {
        for status in lock(&self.targets).values() {
            status.close(TargetState::Stopped, reason);
        }
    }

    /// Takes the entry of a target's second connection down.
    pub fn close_backup(&self, id: TargetId) {
        if let Some(status) = lock(&self.targets).remove(&(id, EndpointRole::Backup)) {
            status.replaced();
        }
    }

    /// All streams that have an entry.
    pub fn stream_ids(&self) -> Vec<StreamId> {
        lock(&self.streams).keys().copied().collect()
    }

    /// All targets that run.
    pub fn target_ids(&self) -> BTreeSet<TargetId> {
        lock(&self.targets).keys().map(|(id, _)| *id).collect()
    }

    /// A stream's entry as it is now.
    pub fn stream(&self, id: StreamId) -> Option<StreamSnapshot> {
        lock(&self.streams).get(&id).map(|status| status.snapshot())
    }

    /// A target's entry as it is now, with that of its second connection; `None` when it does not run.
    pub fn target(&self, id: TargetId) -> Option<TargetSnapshot> {
        let targets = lock(&self.targets);
        let entry = |endpoint| targets.get(&(id, endpoint)).map(|status| status.snapshot());
        let backup = entry(EndpointRole::Backup).map(Box::new);
        entry(EndpointRole::Primary).map(|primary| TargetSnapshot { backup, ..primary })
    }

    /// What came in to a stream during the last minutes.
    pub fn past_of_stream(&self, id: StreamId) -> Option<Past<Received>> {
        lock(&self.streams).get(&id).map(|status| status.past())
    }

    /// What went out over a connection of a target during the last minutes; `None` if it never ran.
    pub fn past_of_target(&self, id: TargetId, endpoint: EndpointRole) -> Option<Past<Sent>> {
        let counters = lock(&self.counters).get(&(id, endpoint)).map(Arc::clone)?;
        let recent = lock(&counters.recent);
        Some(recent.at(Instant::now()))
    }

    /// All streams' entries as they are now, by their ids.
    pub fn all_streams(&self) -> Vec<(StreamId, StreamSnapshot)> {
        let entries: Vec<_> =
            lock(&self.streams).iter().map(|(id, status)| (*id, Arc::clone(status))).collect();
        let mut streams: Vec<_> = entries.iter().map(|(id, status)| (*id, status.snapshot())).collect();
        streams.sort_unstable_by_key(|(id, _)| *id);
        streams
    }

    /// The entries of all connections of targets that run, as they are now, by the targets' ids and, of
    /// those with two connections, by which one it is. None has a [`backup`](TargetSnapshot::backup).
    pub fn all_targets(&self) -> Vec<(TargetId, EndpointRole, TargetSnapshot)> {
        let entries: Vec<_> =
            lock(&self.targets).iter().map(|(line, status)| (*line, Arc::clone(status))).collect();
        let mut targets: Vec<_> =
            entries.iter().map(|((id, endpoint), status)| (*id, *endpoint, status.snapshot())).collect();
        targets.sort_unstable_by_key(|(id, endpoint, _)| (*id, *endpoint == EndpointRole::Backup));
        targets
    }
}

/// Entries stay readable even if a task panicked while it wrote one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
