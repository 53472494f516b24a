//! Writes what a stream's publisher sends to all its targets.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::outlet::Outlet;
use super::pacing::{Fresh, Pacing};
use crate::model::Coalesce;

/// The outlets of a stream, and one loop that writes to them what is new. The publisher only says
/// that there is something; it waits for nobody.
#[derive(Debug)]
pub(super) struct Delivery {
    desk: Mutex<Desk>,
    news: Notify,
}

#[derive(Debug)]
struct Desk {
    outlets: Arc<Vec<Arc<Outlet>>>,
    fresh: Fresh,
    coalesce: Option<Coalesce>,
}

impl Delivery {
    /// Delivers to nobody yet. `coalesce` is for outlets that have no wish of their own.
    pub(super) fn new(coalesce: Option<Coalesce>) -> Self {
        let desk = Desk { outlets: Arc::default(), fresh: Fresh::default(), coalesce };
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

    /// Delivers until dropped. Tells, after a frame that newcomers may start at, the number of the
    /// first frame that somebody may still want.
    pub(super) async fn run(&self, mut release: impl FnMut(u64)) {
        let mut pacing = Pacing::default();
        let mut next = None;
        loop {
            self.wait(next).await;
            let now = Instant::now();
            // A copy of the list: outlets come and go while it is worked through.
            let (outlets, fresh, coalesce) = self.lock().take();
            pacing.arrived(fresh, now);
            for outlet in outlets.iter() {
                if pacing.is_due(outlet.coalesce().or(coalesce), now) {
                    outlet.deliver();
                }
            }
            next = pacing.written(now);
            if let Some(start) = fresh.start {
                release(outlets.iter().filter_map(|outlet| outlet.next_position()).fold(start, u64::min));
            }
        }
    }

    /// Waits for something new, or for the time to write what waits.
    async fn wait(&self, next: Option<Instant>) {
        let news = self.news.notified();
        match next {
            None => news.await,
            Some(next) => tokio::select! {
                biased;
                () = news => {}
                () = sleep_until(next) => {}
            },
        }
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn take(&mut self) -> (Arc<Vec<Arc<Outlet>>>, Fresh, Option<Coalesce>) {
        (Arc::clone(&self.outlets), std::mem::take(&mut self.fresh), self.coalesce)
    }
}
