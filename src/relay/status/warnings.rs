//! What a target's platform would mind, once a second.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::clock::unix_ms;
use super::snapshot::WarningShown;
use super::target::TargetStatus;
use crate::model::{EndpointRole, Finding, Happening, Warning, WarningChange};
use crate::relay::lint::{Change, Judge, SourceFacts, Steady, lint};
use crate::relay::offer::Offer;

/// What is minded of a target, and by whom.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    steady: Steady,
    /// What is taken at each of its addresses.
    judges: Vec<(EndpointRole, Judge)>,
}

impl Warnings {
    /// What is told now.
    pub(super) fn shown(&self, now: Instant) -> Vec<WarningShown> {
        let shown = self.steady.raised().map(|raised| WarningShown {
            finding: raised.finding,
            lasts_for: now.saturating_duration_since(raised.since),
        });
        shown.collect()
    }
}

impl TargetStatus {
    /// This is taken at its addresses.
    pub fn set_judges(&self, judges: impl Iterator<Item = (EndpointRole, Judge)>) {
        lock(&self.warnings).judges = judges.collect();
    }

    /// Looks at what comes from the encoder; `false` if nobody shows this entry any more.
    pub fn examine(&self, facts: &SourceFacts, offer: &Offer, now: Instant) -> bool {
        let mut warnings = lock(&self.warnings);
        // While it is locked, so that nothing is told of an entry that is closed and has told its last.
        let Some(endpoint) = self.endpoint() else {
            return false;
        };
        let judge = warnings.judges.iter().find(|(role, _)| *role == endpoint);
        let found = judge.map(|(_, judge)| lint(facts, offer, judge)).unwrap_or_default();
        for change in warnings.steady.look(&found, now) {
            self.journal.record(Happening::Warning(self.happened(change)));
        }
        true
    }

    /// Nothing can be told of what comes from the encoder for a while.
    pub(super) fn pause_warnings(&self) {
        lock(&self.warnings).steady.pause();
    }

    /// Tells, with the reason, that all that is minded is so no longer: the entry is closed.
    pub(super) fn end_warnings(&self, reason: &str) {
        let now = Instant::now();
        for raised in lock(&self.warnings).steady.take().raised() {
            let lasted = now.saturating_duration_since(raised.since);
            let over = self.happened(Change::Cleared(raised.finding.kind, lasted));
            self.journal.record(Happening::Warning(Warning { reason: reason.to_owned(), ..over }));
        }
    }

    /// Goes on with what was minded before, of an entry that is closed.
    pub(super) fn inherit_warnings(&self, older: &Self) {
        let raised = lock(&older.warnings).steady.take();
        lock(&self.warnings).steady = raised;
    }

    /// The broadcast is over, and with it all that was minded.
    pub(super) fn forget_warnings(&self) {
        lock(&self.warnings).steady.clear();
    }

    fn happened(&self, change: Change) -> Warning {
        let (kind, change, lasted, reason) = match change {
            Change::Raised(finding) => {
                (finding.kind, WarningChange::Warned, Default::default(), finding.sentence())
            }
            Change::Cleared(kind, lasted) => {
                (kind, WarningChange::Cleared, lasted, Finding::sentence_when_over(kind).to_owned())
            }
        };
        Warning { target: self.id, stream: self.stream, at_ms: unix_ms(), kind, change, lasted, reason }
    }
}

/// What is told stays readable even if a task panicked while it wrote.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
