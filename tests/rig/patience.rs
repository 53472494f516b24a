//! Waiting for what happens in other processes: asking again until it is so, and giving up with a
//! sentence that says what never came.
//!
//! Deadlines are generous, because a loaded machine is no reason to fail; a test that passes never
//! waits for them. This is the only file that looks at the wall clock.

use std::time::{Duration, Instant};

/// Asks `probe` until it gives a value; `None` when it has not done so within `limit`.
pub(crate) fn poll<T>(limit: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let watch = Stopwatch::start();
    loop {
        if let Some(found) = probe() {
            return Some(found);
        }
        if watch.elapsed() > limit {
            return None;
        }
        pause(PERIOD);
    }
}

/// Like [`poll`] with the usual limit; fails the test with `what` was awaited.
pub(crate) fn wait_for<T>(what: &str, probe: impl FnMut() -> Option<T>) -> T {
    poll(LIMIT, probe).unwrap_or_else(|| panic!("waited {} s for {what}", LIMIT.as_secs()))
}

/// Like [`wait_for`], for a condition.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    wait_for(what, || condition().then_some(()));
}

/// The real time since it was started, for sending at the speed of the media's own clock.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "other processes live in real time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Blocks until `elapsed` is at least `at`.
    pub(crate) fn sleep_until(&self, at: Duration) {
        pause(at.saturating_sub(self.elapsed()));
    }
}

#[expect(clippy::disallowed_methods, reason = "other processes live in real time")]
fn pause(length: Duration) {
    std::thread::sleep(length);
}

/// How long anything may take that normally takes a moment.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// How often is asked.
const PERIOD: Duration = Duration::from_millis(20);
