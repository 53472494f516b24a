//! Work that a stream cannot do without.

use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::sleep;

/// Does work that never ends, and begins it again if it panics. What it works on must be whole between
/// any two steps.
pub(super) async fn unfailing<F>(work: &'static str, mut begin: impl FnMut() -> F) -> Infallible
where
    F: Future<Output = Infallible>,
{
    loop {
        // The panic hook has said where it was.
        let Err(_) = AssertUnwindSafe(begin()).catch_unwind().await;
        tracing::error!(work, "a part of the relay failed; it begins again");
        sleep(PAUSE).await;
    }
}

/// So that what always fails does not take all of a thread.
const PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_panics_is_begun_again() {
        let begun = Cell::new(0);
        let work = unfailing("test", || async {
            begun.set(begun.get() + 1);
            assert!(begun.get() > 2, "on purpose");
            std::future::pending().await
        });
        assert!(timeout(Duration::from_secs(60), work).await.is_err());
        assert_eq!(begun.get(), 3);
    }
}
