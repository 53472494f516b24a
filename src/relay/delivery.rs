//! Writes what a stream's publisher sends to all its targets.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::outlet::Outlet;

/// The outlets of a stream, and one loop that writes to them what is new. The publisher only says
/// that there is something; it waits for nobody.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    outlets: Mutex<Arc<Vec<Arc<Outlet>>>>,
    news: Notify,
}

impl Delivery {
    /// There is something new.
    pub(super) fn announce(&self) {
        self.news.notify_one();
    }

    /// Delivers to an outlet from now on.
    pub(super) fn add(&self, outlet: Arc<Outlet>) {
        Arc::make_mut(&mut self.lock()).push(outlet);
    }

    /// Delivers to an outlet no more.
    pub(super) fn remove(&self, outlet: &Arc<Outlet>) {
        Arc::make_mut(&mut self.lock()).retain(|other| !Arc::ptr_eq(other, outlet));
    }

    /// Delivers until dropped.
    pub(super) async fn run(&self) {
        loop {
            self.news.notified().await;
            // A copy of the list: outlets come and go while it is worked through.
            let outlets = Arc::clone(&self.lock());
            for outlet in outlets.iter() {
                outlet.deliver();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Vec<Arc<Outlet>>>> {
        self.outlets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
