//! The desk: the store, what runs, and the order in which a change goes from one to the other.
//!
//! One lock is held from before a change is written until it is applied: were it taken only to apply,
//! a slow edit could apply what it read before a quicker one wrote, and undo it.
//!
//! A change that is stored counts as done. If applying it fails, or its caller goes away in the
//! middle, [`Control::keep_applied`] makes up for it.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, Notify};

use super::error::Error;
use super::streams::StreamReport;
use super::targets::TargetReport;
use crate::model::Name;
use crate::relay::{Board, Supervisor};
use crate::store::{self, Store};

/// The operator's desk.
pub struct Control {
    pub(super) store: Store,
    pub(super) board: Arc<Board>,
    pub(super) supervisor: Mutex<Supervisor>,
    unapplied: Notify,
}

impl Control {
    /// A desk over what is stored and what runs. `board` is the one the supervisor's tasks write to.
    pub fn new(store: Store, board: Arc<Board>, supervisor: Supervisor) -> Self {
        Self { store, board, supervisor: Mutex::new(supervisor), unapplied: Notify::new() }
    }

    /// Starts what is wanted. The very first time, makes a stream to begin with.
    ///
    /// # Errors
    /// As the store's.
    pub async fn start(&self) -> Result<(), Error> {
        if self.store.never_had_streams().await? {
            self.create_stream(Name::parse("Main")?, None, None).await?;
        }
        self.reconcile().await
    }

    /// Makes what runs equal to what is wanted.
    ///
    /// # Errors
    /// As the store's.
    pub async fn reconcile(&self) -> Result<(), Error> {
        Ok(self.change().await.apply().await?)
    }

    /// Applies what a failed or abandoned request stored but did not apply. Runs until dropped.
    pub async fn keep_applied(&self) {
        loop {
            self.unapplied.notified().await;
            if let Err(error) = self.reconcile().await {
                warn_unapplied(&error);
                tokio::time::sleep(APPLY_AGAIN).await;
            }
        }
    }

    /// Asks every target to stop without ending its broadcast, as a relay does that is to come back.
    /// The tracker that the supervisor spawns on tells when all have.
    pub async fn leave(&self) {
        self.supervisor.lock().await.leave(false);
    }

    /// Closes the store. Requests that come later fail.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// All streams with all their targets.
    ///
    /// # Errors
    /// As the store's.
    pub async fn inventory(&self) -> Result<Vec<(StreamReport, Vec<TargetReport>)>, Error> {
        let all = self.store.inventory().await?;
        let report = |(stream, targets)| (self.on_stream(stream), self.on_targets(targets));
        Ok(all.into_iter().map(report).collect())
    }

    /// Waits for earlier changes to be applied.
    pub(super) async fn change(&self) -> Change<'_> {
        Change {
            store: &self.store,
            supervisor: self.supervisor.lock().await,
            applied: false,
            unapplied: &self.unapplied,
        }
    }
}

/// The right to change what is wanted. However it ends, what it leaves is applied sooner or later.
pub(super) struct Change<'a> {
    store: &'a Store,
    supervisor: MutexGuard<'a, Supervisor>,
    applied: bool,
    unapplied: &'a Notify,
}

impl Change<'_> {
    async fn apply(mut self) -> Result<(), store::Error> {
        let wanted = self.store.wanted().await?;
        self.supervisor.apply(&wanted);
        self.applied = true;
        Ok(())
    }

    /// Applies what was stored.
    pub(super) async fn finish(self) {
        if let Err(error) = self.apply().await {
            warn_unapplied(&error);
        }
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if !self.applied {
            self.unapplied.notify_one();
        }
    }
}

fn warn_unapplied(error: &(dyn StdError + 'static)) {
    tracing::warn!(error, "a change is stored but not yet applied");
}

/// How long to wait before what could not be applied is tried again.
const APPLY_AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IngestKey, MAX_STREAMS, NewStream, Rules, StreamPatch};
    use crate::net::{self, Dial, Step, Transport};
    use crate::relay::Registry;
    use crate::rtmp::url::RtmpUrl;
    use futures_util::future::{self, BoxFuture, FutureExt};
    use tokio_util::task::TaskTracker;

    struct Nowhere;

    impl Dial for Nowhere {
        fn dial<'a>(
            &'a self,
            _: &'a RtmpUrl,
            _: &'a (dyn Fn(Step) + Send + Sync),
        ) -> BoxFuture<'a, Result<Transport, net::Error>> {
            future::pending().boxed()
        }
    }

    async fn desk(dir: &tempfile::TempDir) -> (Control, Arc<Registry>) {
        let store = Store::open(dir.path()).await.unwrap();
        let board = Arc::new(Board::default());
        let registry = Registry::new(store.key_hasher());
        let tracker = TaskTracker::new();
        let supervisor =
            Supervisor::new(Arc::clone(&board), Arc::clone(&registry), Arc::new(Nowhere), tracker);
        (Control::new(store, board, supervisor), registry)
    }

    async fn names(control: &Control) -> Vec<String> {
        let streams = control.streams().await.unwrap();
        let name = |report: StreamReport| report.stream.name.as_str().to_owned();
        streams.into_iter().map(name).collect()
    }

    fn is_unapplied(control: &Control) -> bool {
        control.unapplied.notified().now_or_never().is_some()
    }

    #[tokio::test]
    async fn only_the_very_first_start_makes_a_stream() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        control.start().await.unwrap();
        let main = &control.streams().await.unwrap()[0].stream;
        assert_eq!(names(&control).await, ["Main"]);
        assert!(!main.key_is_weak);
        control.delete_stream(main.id).await.unwrap();
        control.close().await;
        drop(control);

        let (control, _) = desk(&dir).await;
        control.start().await.unwrap();
        assert!(names(&control).await.is_empty());
    }

    #[tokio::test]
    async fn every_change_reaches_what_runs() {
        let dir = tempfile::tempdir().unwrap();
        let (control, registry) = desk(&dir).await;
        let key = |text: &str| IngestKey::parse(text).unwrap();
        let runs = |text: &str| registry.find("live", &[key(text).as_stream_key().clone()]);
        let name = Name::parse("s").unwrap();
        let made = control.create_stream(name, None, Some(key("one"))).await.unwrap();
        let id = made.stream.id;
        assert_eq!(runs("one").unwrap().name, "s");

        control.rotate_stream_key(id, Some(key("two"))).await.unwrap();
        assert!(runs("one").is_none());
        let patch = StreamPatch { name: Some(Name::parse("renamed").unwrap()), ..StreamPatch::default() };
        control.update_stream(id, patch).await.unwrap();
        assert_eq!(runs("two").unwrap().name, "renamed");

        control.delete_stream(id).await.unwrap();
        assert!(runs("two").is_none());
    }

    #[tokio::test]
    async fn an_abandoned_change_is_applied_later() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        control.start().await.unwrap();
        assert!(!is_unapplied(&control));
        drop(control.change().await);
        assert!(is_unapplied(&control));
        drop(control.change().await);
        tokio::select! {
            biased;
            () = control.keep_applied() => unreachable!("it goes on"),
            turn = control.reconcile() => turn.unwrap(),
        }
        assert!(!is_unapplied(&control));
    }

    #[tokio::test]
    async fn a_change_that_is_stored_is_done_even_if_applying_fails() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        let change = control.change().await;
        control.close().await;
        change.finish().await;
        assert!(is_unapplied(&control));
        assert!(control.reconcile().await.is_err());
    }

    #[tokio::test]
    async fn streams_are_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        for n in 0..MAX_STREAMS {
            let new = NewStream {
                name: Name::parse(&format!("stream {n}")).unwrap(),
                app: None,
                rules: Rules::default(),
                key: IngestKey::parse(&format!("key{n}")).unwrap(),
            };
            control.store.create_stream(&new).await.unwrap();
        }
        let name = Name::parse("one more").unwrap();
        let refused = control.create_stream(name, None, None).await;
        assert!(matches!(refused, Err(Error::TooManyStreams)));
    }
}
