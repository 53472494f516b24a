//! The desk: the store, what runs, and the order in which a change goes from one to the other.
//!
//! Changes take turns, each from before it is written until it is applied: were the turn taken only to
//! apply, a slow edit could apply what it read before a quicker one wrote, and undo it. What runs has a
//! lock of its own, never held while the store is waited for, so that a store that hangs keeps nobody
//! from stopping the relay.
//!
//! A change that is stored counts as done. If applying it fails, or its caller goes away in the
//! middle, [`Control::keep_applied`] makes up for it.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};
use tokio::time::timeout;

use super::access::Access;
use super::error::Error;
use super::health::Health;
use super::platforms::Lists;
use super::probe::Probes;
use super::readiness::Readiness;
use super::settings::Settings;
use super::streams::StreamReport;
use super::tallies::Tallies;
use super::targets::TargetReport;
use super::webhooks::Office;
use crate::model::{Edit, Name, News, StreamSettings, Subject, WantedStream};
use crate::net::certificates::Served;
use crate::net::{Nowhere, Post};
use crate::relay::{Board, Supervisor};
use crate::store::{self, Store};

/// The operator's desk.
pub struct Control {
    pub(super) store: Store,
    pub(super) board: Arc<Board>,
    supervisor: Mutex<Supervisor>,
    /// Whose turn it is to change what is wanted.
    turn: tokio::sync::Mutex<()>,
    pub(super) unapplied: Notify,
    pub(super) access: Access,
    pub(super) webhooks: Office,
    pub(super) lists: Lists,
    pub(super) health: Health,
    pub(super) readiness: Readiness,
    pub(super) tallies: Tallies,
    certificate: Option<Arc<Served>>,
    pub(super) settings: Settings,
    pub(super) probes: Probes,
}

impl Control {
    /// A desk over what is stored and what runs. `board` is the one the supervisor's tasks write to.
    pub fn new(store: Store, board: Arc<Board>, supervisor: Supervisor) -> Self {
        let supervisor = Mutex::new(supervisor);
        Self {
            store,
            board,
            supervisor,
            turn: tokio::sync::Mutex::default(),
            unapplied: Notify::new(),
            access: Access::default(),
            webhooks: Office::new(Arc::new(Nowhere)),
            lists: Lists::new(Arc::new(Nowhere)),
            health: Health::default(),
            readiness: Readiness::default(),
            tallies: Tallies::default(),
            certificate: None,
            settings: Settings::default(),
            probes: Probes::default(),
        }
    }

    /// Posts to webhooks by `post`.
    #[must_use]
    pub fn with_post(self, post: Arc<dyn Post>) -> Self {
        Self { webhooks: Office::new(post), ..self }
    }

    /// Knows of the certificate that TLS shows.
    #[must_use]
    pub fn with_certificate(self, certificate: Option<Arc<Served>>) -> Self {
        Self { certificate, ..self }
    }

    /// Starts what is wanted. The very first time, makes a stream to begin with.
    ///
    /// # Errors
    /// As the store's.
    pub async fn start(&self) -> Result<(), Error> {
        self.read_access().await?;
        self.prepare_set_up()?;
        if self.store.never_had_streams().await? {
            self.create_stream(Name::parse("Main")?, StreamSettings::default(), None).await?;
        }
        self.reconcile().await
    }

    /// Makes what runs equal to what is wanted.
    ///
    /// # Errors
    /// As the store's.
    pub async fn reconcile(&self) -> Result<(), Error> {
        Ok(self.change().await?.apply().await?)
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

    /// What happens and what is changed, from now on and as it is: told before it is kept, and also when
    /// it cannot be. Who does not take it soon enough is told how much it missed.
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.board.journal().listen()
    }

    /// Tells those who listen that what is wanted was changed.
    pub(super) fn tell_of(&self, subject: Subject, edit: Edit) {
        self.board.journal().tell(News::Edited(subject, edit));
    }

    /// Asks every target to stop: with a goodbye, or without one, as a relay does that is to come back.
    /// The tracker that the supervisor spawns on tells when all have.
    pub fn leave(&self, says_goodbye: bool) {
        self.readiness.leave();
        self.probes.leave();
        self.supervisor().leave(says_goodbye);
    }

    /// Closes the store. Requests that come later fail.
    pub async fn close(&self) {
        self.write_uses().await;
        self.store.close().await;
    }

    /// What is told of what runs.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// What is counted of those who ask and of those who are told.
    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Until when the TLS certificate is good, in seconds since 1970, if there is one.
    pub fn certificate_until(&self) -> Option<u64> {
        self.certificate.as_ref()?.expires_at()
    }

    /// The host names that the TLS certificate is made out to, if there is one.
    pub fn certificate_names(&self) -> Option<Vec<String>> {
        Some(self.certificate.as_ref()?.shown()?.names().to_vec())
    }

    /// Whether TLS is spoken without a certificate that is good.
    pub(super) fn lacks_certificate(&self) -> bool {
        let certificate = self.certificate.as_ref();
        certificate.is_some_and(|served| served.shown().is_none_or(|chain| chain.is_expired()))
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
    ///
    /// # Errors
    /// `store::Error::Busy` where that takes so long that they must be waiting for the store: one after
    /// the other would, and the last of many until nobody waits for its answer any more.
    pub(super) async fn change(&self) -> Result<Change<'_>, Error> {
        let turn = timeout(TURN, self.turn.lock()).await.map_err(|_| store::Error::Busy)?;
        Ok(Change { desk: self, _turn: turn, applied: false })
    }

    /// What runs, for a moment.
    pub(super) fn supervisor(&self) -> MutexGuard<'_, Supervisor> {
        // What a panic left half applied, the next change applies whole.
        self.supervisor.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to change what is wanted. However it ends, what it leaves is applied sooner or later.
pub(super) struct Change<'a> {
    desk: &'a Control,
    _turn: tokio::sync::MutexGuard<'a, ()>,
    applied: bool,
}

impl Change<'_> {
    async fn apply(mut self) -> Result<(), store::Error> {
        let wanted = self.desk.store.wanted().await?;
        self.desk.supervisor().apply(&wanted);
        let of_stream = |stream: &WantedStream| {
            let id = stream.id;
            stream.targets.iter().map(move |target| (target.id, id)).collect::<Vec<_>>()
        };
        self.desk.webhooks.note_streams(wanted.streams.iter().flat_map(of_stream).collect());
        self.applied = true;
        Ok(())
    }

    /// There is nothing new to apply.
    pub(super) fn without_effect(mut self) {
        self.applied = true;
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
            self.desk.unapplied.notify_one();
            self.desk.health.suspect();
        }
    }
}

fn warn_unapplied(error: &(dyn StdError + 'static)) {
    tracing::warn!(error, "a change is stored but not yet applied");
}

/// How long a change may wait for its turn.
pub(super) const TURN: Duration = Duration::from_secs(4);

/// How long to wait before what could not be applied is tried again.
const APPLY_AGAIN: Duration = Duration::from_secs(1);
