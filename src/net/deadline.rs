//! Time that may or may not be limited.

use tokio::time::{Instant, sleep_until};

/// Waits for a deadline: for ever if there is none. Cancel-safe.
pub async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
