//! `/events`: what happens, as it happens, and how it goes each second (server-sent events).

mod body;
mod follower;
mod routes;

pub(super) use routes::routes;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::body::Pulse;

/// What those who follow share.
#[derive(Clone)]
pub(super) struct Live {
    places: Arc<Semaphore>,
    pulse: Arc<Pulse>,
    /// Ends all of it.
    stop: CancellationToken,
}

impl Live {
    /// Lets a bounded number follow, until `stop`.
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(MOST)), pulse: Arc::default(), stop }
    }
}

/// Who may follow at once: of 256 connections, most must be left for questions.
const MOST: usize = 64;
