//! Serves HTTP, each connection by a task of its own.

use std::time::Duration;

use axum::Router;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::api::{Listener, serve_connection};

/// Serves the page and the API until stopped.
pub(super) async fn serve_page(listener: Listener, router: Router, stop: CancellationToken) {
    // However it ends: the relay is of no use to anyone who cannot see or change it.
    let _ends = stop.clone().drop_guard();
    serve(listener, router, stop).await;
}

/// Serves HTTP until stopped. Requests under way then are finished, unless that takes too long: a client
/// that is slow to ask must not keep the relay from ending well.
pub(super) async fn serve(mut listener: Listener, router: Router, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => {
                connections.spawn(serve_connection(accepted, router.clone(), stop.clone()));
            }
            // A panic has been told of by then, and is one connection's matter.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let _ = timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
}

/// How long requests may take to end.
const GRACE: Duration = Duration::from_secs(2);
