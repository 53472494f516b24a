//! A stream's targets in another order, and another target like one of them.

use super::desk::Control;
use super::error::Error;
use super::targets::TargetReport;
use crate::model::{Edit, Name, NewTarget, StreamId, Subject, TargetId};

/// What is to be other in a copy of a target.
#[derive(Debug, Clone, Default)]
pub struct TargetCopy {
    /// Its name; a number after the other's unless given.
    pub name: Option<Name>,
    /// Its stream; the other's unless given.
    pub stream: Option<StreamId>,
    /// Whether it may run. A copy has the other's key, and two connections with one key cut each other off,
    /// so that it may not unless somebody says so.
    pub enabled: bool,
}

impl Control {
    /// Puts a stream's targets in another order. What runs does not notice.
    ///
    /// # Errors
    /// `store::Error::NoStream`, or `store::Error::NotAnOrder`.
    pub async fn arrange_targets(
        &self,
        stream: StreamId,
        order: &[TargetId],
    ) -> Result<Vec<TargetReport>, Error> {
        let change = self.change().await?;
        self.store.arrange_targets(stream, order).await?;
        tracing::info!(%stream, "targets put in another order");
        self.tell_of(Subject::Stream(stream), Edit::Changed);
        change.finish().await;
        self.targets(stream).await
    }

    /// Makes another target with the addresses, keys and rules of one.
    ///
    /// # Errors
    /// `store::Error::NoTarget`, and those of [`Control::create_target`].
    pub async fn duplicate_target(&self, id: TargetId, copy: TargetCopy) -> Result<TargetReport, Error> {
        let (home, original) = self.store.target_to_copy(id).await?;
        let stream = copy.stream.unwrap_or(home);
        let name = match copy.name {
            Some(name) => name,
            None => self.name_of_copy(stream, &original.name).await?,
        };
        let new = NewTarget { name, enabled: copy.enabled, ..original };
        let made = self.create_target(stream, new).await?;
        self.store.copy_key_use(id, made.target.id).await?;
        self.target(made.target.id).await
    }

    /// The first name that none of the stream's targets has: in another stream, it may be the same.
    async fn name_of_copy(&self, stream: StreamId, original: &Name) -> Result<Name, Error> {
        let targets = self.store.targets(stream).await?;
        let is_free = |name: &Name| targets.iter().all(|target| target.name != *name);
        let mut names = [original.clone()].into_iter().chain(original.of_copies());
        Ok(names.find(is_free).unwrap_or_else(|| original.clone()))
    }
}
