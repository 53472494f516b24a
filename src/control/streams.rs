//! What can be done with streams.

use super::desk::Control;
use super::error::Error;
use super::targets::STOPPED;
use crate::model::{
    Edit, Expected, IngestKey, MAX_STREAMS, Name, NewStream, Stream, StreamId, StreamPatch, StreamSettings,
    Subject, TargetState,
};
use crate::relay::Viewer;
use crate::relay::status::StreamSnapshot;

/// A stream as wanted, and as its entry on the board says.
#[derive(Debug, Clone)]
pub struct StreamReport {
    /// What is wanted.
    pub stream: Stream,
    /// What is so; `None` in the moment before it runs.
    pub status: Option<StreamSnapshot>,
}

impl Control {
    /// All streams.
    ///
    /// # Errors
    /// As the store's.
    pub async fn streams(&self) -> Result<Vec<StreamReport>, Error> {
        let streams = self.store.streams().await?;
        Ok(streams.into_iter().map(|s| self.on_stream(s)).collect())
    }

    /// One stream.
    ///
    /// # Errors
    /// `store::Error::NoStream`.
    pub async fn stream(&self, id: StreamId) -> Result<StreamReport, Error> {
        Ok(self.on_stream(self.store.stream(id).await?))
    }

    /// Makes a stream, with a key of its own unless one is given.
    ///
    /// # Errors
    /// [`Error::TooManyStreams`], or `store::Error::Taken`.
    pub async fn create_stream(
        &self,
        name: Name,
        settings: StreamSettings,
        key: Option<IngestKey>,
    ) -> Result<StreamReport, Error> {
        let key = key.map_or_else(new_key, Ok)?;
        let change = self.change().await?;
        if self.store.count_streams().await? >= MAX_STREAMS {
            return Err(Error::TooManyStreams);
        }
        let new = NewStream { name, settings, key };
        let id = self.store.create_stream(&new).await?;
        tracing::info!(stream = %id, "stream created");
        self.tell_of(Subject::Stream(id), Edit::Created);
        change.finish().await;
        self.stream(id).await
    }

    /// Changes a stream.
    ///
    /// # Errors
    /// `store::Error::NoStream`, `store::Error::Taken`, or [`Error::Overtaken`] where it is not as expected.
    pub async fn update_stream(
        &self,
        id: StreamId,
        patch: StreamPatch,
        expected: Option<&Expected>,
    ) -> Result<StreamReport, Error> {
        let change = self.change().await?;
        self.check_stream(id, expected).await?;
        self.store.update_stream(id, &patch).await?;
        tracing::info!(stream = %id, "stream changed");
        self.tell_of(Subject::Stream(id), Edit::Changed);
        change.finish().await;
        self.stream(id).await
    }

    /// Removes a stream with its targets.
    ///
    /// # Errors
    /// `store::Error::NoStream`, or [`Error::Overtaken`] where it is not as expected.
    pub async fn delete_stream(&self, id: StreamId, expected: Option<&Expected>) -> Result<(), Error> {
        let change = self.change().await?;
        self.check_stream(id, expected).await?;
        let targets = self.store.targets(id).await?;
        self.store.delete_stream(id).await?;
        tracing::info!(stream = %id, "stream removed");
        self.tell_of(Subject::Stream(id), Edit::Removed);
        change.finish().await;
        for target in targets {
            self.board.forget_target(target.id);
        }
        Ok(())
    }

    /// Orders all its targets to run that are switched on.
    ///
    /// # Errors
    /// `store::Error::NoStream`.
    pub async fn start_stream(&self, id: StreamId) -> Result<StreamReport, Error> {
        let change = self.change().await?;
        let started = self.store.order_targets(id, true).await?;
        tracing::info!(stream = %id, targets = started.len(), "targets started by hand");
        self.tell_of(Subject::Stream(id), Edit::Changed);
        change.finish().await;
        self.stream(id).await
    }

    /// Stops all its targets that are switched on, until they are started by hand.
    ///
    /// # Errors
    /// `store::Error::NoStream`.
    pub async fn stop_stream(&self, id: StreamId) -> Result<StreamReport, Error> {
        let change = self.change().await?;
        let stopped = self.store.order_targets(id, false).await?;
        tracing::info!(stream = %id, targets = stopped.len(), "targets stopped by hand");
        self.tell_of(Subject::Stream(id), Edit::Changed);
        self.close_targets(stopped, TargetState::Stopped, STOPPED);
        change.finish().await;
        self.stream(id).await
    }

    /// Somebody who watches what a stream's encoder sends.
    ///
    /// # Errors
    /// `store::Error::NoStream`, or [`Error::NotSending`].
    pub async fn watch_stream(&self, id: StreamId) -> Result<Viewer, Error> {
        let viewer = self.supervisor().watch(id);
        match viewer {
            Some(viewer) => Ok(viewer),
            None => {
                self.store.stream(id).await?;
                Err(Error::NotSending)
            }
        }
    }

    /// A stream's key, for its owner.
    ///
    /// # Errors
    /// `store::Error::NoStream`.
    pub async fn stream_key(&self, id: StreamId) -> Result<IngestKey, Error> {
        Ok(self.store.stream_key(id).await?)
    }

    /// Gives a stream another key: the given one, or one of its own.
    ///
    /// # Errors
    /// `store::Error::NoStream`, or `store::Error::Taken`.
    pub async fn rotate_stream_key(
        &self,
        id: StreamId,
        key: Option<IngestKey>,
    ) -> Result<StreamReport, Error> {
        let key = key.map_or_else(new_key, Ok)?;
        let change = self.change().await?;
        self.store.replace_stream_key(id, &key).await?;
        tracing::info!(stream = %id, "stream key replaced");
        self.tell_of(Subject::Stream(id), Edit::Changed);
        change.finish().await;
        self.stream(id).await
    }

    /// Whether a stream is as somebody expects. To be asked by who has the turn to change it.
    async fn check_stream(&self, id: StreamId, expected: Option<&Expected>) -> Result<(), Error> {
        match expected {
            Some(Expected(versions)) if !versions.contains(&self.store.stream(id).await?.version) => {
                Err(Error::Overtaken)
            }
            _ => Ok(()),
        }
    }

    /// Adds what the board says.
    pub(super) fn on_stream(&self, stream: Stream) -> StreamReport {
        let status = self.board.stream(stream.id);
        StreamReport { stream, status }
    }
}

/// A key that nobody can guess.
///
/// # Errors
/// [`Error::Random`].
pub fn new_key() -> Result<IngestKey, Error> {
    let mut random = [0; 17];
    getrandom::fill(&mut random).map_err(|_| Error::Random)?;
    Ok(IngestKey::generate(random))
}
