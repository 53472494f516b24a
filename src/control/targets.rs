//! What can be done with targets.

use super::desk::Control;
use super::error::Error;
use crate::model::{
    Edit, Expected, MAX_TARGETS_PER_STREAM, NewTarget, StreamId, Subject, Target, TargetId, TargetPatch,
    TargetState,
};
use crate::relay::status::TargetSnapshot;
use crate::store::{HistoryFilter, Kept, KeptEvent};

/// A target as wanted, and as its entry on the board says.
#[derive(Debug, Clone)]
pub struct TargetReport {
    /// What is wanted.
    pub target: Target,
    /// What is so; `None` when it is switched off or stopped, and in the moment before it runs.
    pub status: Option<TargetSnapshot>,
}

impl Control {
    /// A stream's targets.
    ///
    /// # Errors
    /// `store::Error::NoStream`.
    pub async fn targets(&self, stream: StreamId) -> Result<Vec<TargetReport>, Error> {
        Ok(self.on_targets(self.store.targets(stream).await?))
    }

    /// One target.
    ///
    /// # Errors
    /// `store::Error::NoTarget`.
    pub async fn target(&self, id: TargetId) -> Result<TargetReport, Error> {
        Ok(self.on_target(self.store.target(id).await?))
    }

    /// Makes a target and starts it, unless it is to be switched off or to wait for a hand.
    ///
    /// # Errors
    /// `store::Error::NoStream`, [`Error::TooManyTargets`], or `store::Error::Taken`.
    pub async fn create_target(&self, stream: StreamId, new: NewTarget) -> Result<TargetReport, Error> {
        let change = self.change().await?;
        let count = self.store.stream(stream).await?.target_count;
        if usize::try_from(count).is_ok_and(|count| count >= MAX_TARGETS_PER_STREAM) {
            return Err(Error::TooManyTargets);
        }
        let id = self.store.create_target(stream, &new).await?;
        tracing::info!(%stream, target = %id, "target created");
        self.tell_of(Subject::Target(id), Edit::Created);
        change.finish().await;
        self.target(id).await
    }

    /// Changes a target.
    ///
    /// # Errors
    /// `store::Error::NoTarget`, `store::Error::Taken`, [`Error::Overtaken`] where it is not as expected, or
    /// where a second address and its key do not come together, `store::Error::NoBackupKey` or
    /// `store::Error::NoBackupUrl`.
    pub async fn update_target(
        &self,
        id: TargetId,
        patch: TargetPatch,
        expected: Option<&Expected>,
    ) -> Result<TargetReport, Error> {
        let change = self.change().await?;
        self.check_target(id, expected).await?;
        self.store.update_target(id, &patch).await?;
        tracing::info!(target = %id, "target changed");
        self.tell_of(Subject::Target(id), Edit::Changed);
        if patch.enabled == Some(false) {
            self.close_targets([id], TargetState::Disabled, "Switched off.");
        }
        change.finish().await;
        self.target(id).await
    }

    /// Stops and removes a target.
    ///
    /// # Errors
    /// `store::Error::NoTarget`, or [`Error::Overtaken`] where it is not as expected.
    pub async fn delete_target(&self, id: TargetId, expected: Option<&Expected>) -> Result<(), Error> {
        let change = self.change().await?;
        self.check_target(id, expected).await?;
        self.store.delete_target(id).await?;
        tracing::info!(target = %id, "target removed");
        self.tell_of(Subject::Target(id), Edit::Removed);
        change.finish().await;
        self.board.forget_target(id);
        Ok(())
    }

    /// Orders a target to run: with every broadcast, or if it is `manual`, for one.
    ///
    /// # Errors
    /// `store::Error::NoTarget`, or [`Error::Disabled`].
    pub async fn start_target(&self, id: TargetId) -> Result<TargetReport, Error> {
        let target = self.store.target(id).await?;
        if !target.enabled {
            return Err(Error::Disabled);
        }
        if target.started {
            return Ok(self.on_target(target));
        }
        let change = self.change().await?;
        self.store.order_target(id, true).await?;
        tracing::info!(target = %id, "target started by hand");
        self.tell_of(Subject::Target(id), Edit::Changed);
        change.finish().await;
        self.target(id).await
    }

    /// Stops a target until it is started by hand.
    ///
    /// # Errors
    /// `store::Error::NoTarget`.
    pub async fn stop_target(&self, id: TargetId) -> Result<TargetReport, Error> {
        let change = self.change().await?;
        self.store.order_target(id, false).await?;
        tracing::info!(target = %id, "target stopped by hand");
        self.tell_of(Subject::Target(id), Edit::Changed);
        self.close_targets([id], TargetState::Stopped, STOPPED);
        change.finish().await;
        self.target(id).await
    }

    /// Lets a target that waits for its next try go ahead at once.
    ///
    /// # Errors
    /// `store::Error::NoTarget`, or [`Error::Disabled`].
    pub async fn retry_target(&self, id: TargetId) -> Result<TargetReport, Error> {
        if !self.store.target(id).await?.enabled {
            return Err(Error::Disabled);
        }
        self.supervisor().retry(id);
        self.target(id).await
    }

    /// Takes a target's key for good once more, though a broadcast with it is over.
    ///
    /// # Errors
    /// `store::Error::NoTarget`.
    pub async fn reuse_key(&self, id: TargetId) -> Result<TargetReport, Error> {
        let change = self.change().await?;
        let is_live = self
            .board
            .target(id)
            .is_some_and(|status| matches!(status.state, TargetState::Live | TargetState::Holding));
        self.store.reuse_key(id, is_live).await?;
        change.without_effect();
        self.tell_of(Subject::Target(id), Edit::Changed);
        self.target(id).await
    }

    /// What a target did lately, newest first.
    ///
    /// # Errors
    /// `store::Error::NoTarget`.
    pub async fn target_events(&self, id: TargetId, limit: u16) -> Result<Vec<KeptEvent>, Error> {
        Ok(self.store.events(id, limit).await?)
    }

    /// What happened lately, to all or as a filter asks.
    ///
    /// # Errors
    /// `store::Error::NoStream` or `store::Error::NoTarget`, where the filter names one that is not there.
    pub async fn history(&self, filter: &HistoryFilter) -> Result<Vec<Kept>, Error> {
        Ok(self.store.history(filter).await?)
    }

    /// Takes entries down, so that their last word says who wanted it; what ends the targets comes
    /// after it and would not know.
    pub(super) fn close_targets(
        &self,
        ids: impl IntoIterator<Item = TargetId>,
        last: TargetState,
        reason: &str,
    ) {
        for id in ids {
            self.board.close_target(id, last, reason);
        }
    }

    /// Whether a target is as somebody expects. To be asked by who has the turn to change it.
    async fn check_target(&self, id: TargetId, expected: Option<&Expected>) -> Result<(), Error> {
        match expected {
            Some(Expected(versions)) if !versions.contains(&self.store.target(id).await?.version) => {
                Err(Error::Overtaken)
            }
            _ => Ok(()),
        }
    }

    /// Adds what the board says.
    fn on_target(&self, target: Target) -> TargetReport {
        // The entry of a target that was stopped just now may still be up.
        let status = self.board.target(target.id).filter(|_| target.enabled && target.started);
        TargetReport { target, status }
    }

    /// As [`Control::on_target`], for many.
    pub(super) fn on_targets(&self, targets: Vec<Target>) -> Vec<TargetReport> {
        targets.into_iter().map(|t| self.on_target(t)).collect()
    }
}

/// The last word on a target that a person stopped.
pub(super) const STOPPED: &str = "Stopped by hand.";
