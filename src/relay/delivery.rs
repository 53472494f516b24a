//! Writes what a stream's publisher sends to all its targets, and lets viewers have it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::form::Form;
use super::hub::Hub;
use super::outlet::Outlet;
use super::pacing::{Fresh, Mark, Pacing};
use super::ring::Batch;
use super::viewer::Basket;
use crate::model::Coalesce;
use crate::net::{SockDiag, deadline};

/// The outlets of a stream, and one loop that writes to them what is new. The publisher only says
/// that there is something; it waits for nobody.
#[derive(Debug)]
pub(super) struct Delivery {
    desk: Mutex<Desk>,
    news: Notify,
}

/// Copied whole by who changes it while somebody works through it.
type List<T> = Arc<Vec<Arc<T>>>;

#[derive(Debug)]
struct Desk {
    outlets: List<Outlet>,
    viewers: List<Basket>,
    fresh: Fresh,
    coalesce: Option<Coalesce>,
}

impl Delivery {
    /// Delivers to nobody yet. `coalesce` is for outlets that have no wish of their own.
    pub(super) fn new(coalesce: Option<Coalesce>) -> Self {
        let desk =
            Desk { outlets: Arc::default(), viewers: Arc::default(), fresh: Fresh::default(), coalesce };
        Self { desk: Mutex::new(desk), news: Notify::new() }
    }

    /// How long frames may wait from now on.
    pub(super) fn set_coalesce(&self, coalesce: Option<Coalesce>) {
        self.lock().coalesce = coalesce;
    }

    /// There is something new.
    pub(super) fn announce(&self, fresh: Fresh) {
        self.lock().fresh.add(fresh);
        self.news.notify_one();
    }

    /// Delivers to an outlet from now on.
    pub(super) fn add(&self, outlet: Arc<Outlet>) {
        Arc::make_mut(&mut self.lock().outlets).push(outlet);
    }

    /// Delivers to an outlet no more.
    pub(super) fn remove(&self, outlet: &Arc<Outlet>) {
        Arc::make_mut(&mut self.lock().outlets).retain(|other| !Arc::ptr_eq(other, outlet));
    }

    /// Lets a viewer have what is new from now on.
    pub(super) fn add_viewer(&self, viewer: Arc<Basket>) {
        Arc::make_mut(&mut self.lock().viewers).push(viewer);
    }

    /// Lets a viewer have nothing more.
    pub(super) fn remove_viewer(&self, viewer: &Arc<Basket>) {
        Arc::make_mut(&mut self.lock().viewers).retain(|other| !Arc::ptr_eq(other, viewer));
    }

    /// Where each outlet stands, and in which form of the stream.
    pub(super) fn places(&self) -> Vec<Option<(Form, u64)>> {
        let outlets = Arc::clone(&self.lock().outlets);
        outlets.iter().map(|outlet| outlet.place()).collect()
    }

    /// Delivers until dropped.
    pub(super) async fn run(&self, hub: &Hub) -> Infallible {
        let mut pacing = Pacing::default();
        let (mut next, mut mark) = (None, None);
        loop {
            self.wait(next).await;
            let now = Instant::now();
            // Copies of the lists: outlets and viewers come and go while they are worked through.
            let (outlets, viewers, fresh, coalesce) = self.lock().take();
            pacing.arrived(fresh, now);
            // Sound may wait for a round that comes later.
            mark = fresh.mark.or(mark);
            let mut round = Round::new(hub, outlets.len(), mark);
            for outlet in outlets.iter() {
                if pacing.is_due(outlet.coalesce().or(coalesce), now) {
                    outlet.deliver(&mut round);
                }
            }
            // Before anything is let go: what is kept is kept for targets alone.
            viewers.iter().for_each(|viewer| viewer.fill());
            next = pacing.written(now);
            if fresh.is_start {
                // Newcomers start there at the earliest, and nobody else needs more than comes next.
                let readers: Vec<_> = outlets.iter().filter_map(|outlet| outlet.place()).collect();
                hub.lock().renditions.release(&readers);
            }
        }
    }

    /// Takes a sample of how each outlet does. Writing goes on in between.
    pub(super) async fn sample(&self) {
        let outlets = Arc::clone(&self.lock().outlets);
        if outlets.is_empty() {
            return;
        }
        let mut kernel = SockDiag::open().ok();
        for some in outlets.chunks(SAMPLED_AT_ONCE) {
            some.iter().for_each(|outlet| outlet.sample(kernel.as_mut()));
            yield_now().await;
        }
    }

    /// Waits for something new, or for the time to write what waits.
    async fn wait(&self, next: Option<Instant>) {
        tokio::select! {
            biased;
            () = self.news.notified() => {}
            () = deadline::reached(next) => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One round through the outlets, and what several of them can be sent just as it is.
pub(super) struct Round<'a> {
    hub: &'a Hub,
    /// Frames that are joined at most.
    most: u64,
    batches: Vec<(Form, Batch)>,
    /// The last frame whose way is timed.
    pub(super) mark: Option<Mark>,
}

impl<'a> Round<'a> {
    /// A round through so many outlets. Frames are joined only for several, since that copies them.
    pub(super) fn new(hub: &'a Hub, outlets: usize, mark: Option<Mark>) -> Self {
        Self { hub, most: if outlets < FEW { 1 } else { MAX_JOINED }, batches: Vec::new(), mark }
    }

    /// What there is from a frame on in a form, if it can be sent in one piece.
    pub(super) fn batch(&mut self, form: Form, from: u64) -> Option<&Batch> {
        let known = self.batches.iter().position(|(of, batch)| *of == form && batch.starts_at(from));
        if known.is_none() {
            let batch = self.hub.lock().renditions.of(form).batch(from, self.most)?;
            self.batches.push((form, batch));
        }
        let known = known.unwrap_or(self.batches.len() - 1);
        self.batches.get(known).map(|(_, batch)| batch)
    }
}

/// Outlets sampled before frames may be written again: some dozen microseconds.
const SAMPLED_AT_ONCE: usize = 16;

/// Fewer outlets than these are sent frames piece by piece.
const FEW: usize = 2;

/// Frames joined at most.
const MAX_JOINED: u64 = 32;

impl Desk {
    fn take(&mut self) -> (List<Outlet>, List<Basket>, Fresh, Option<Coalesce>) {
        let (outlets, viewers) = (Arc::clone(&self.outlets), Arc::clone(&self.viewers));
        (outlets, viewers, std::mem::take(&mut self.fresh), self.coalesce)
    }
}
