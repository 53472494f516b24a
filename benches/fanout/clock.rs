//! One clock for source and sinks, which live in one process: nanoseconds of the system's monotonic clock
//! since the process first asked.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// The nanoseconds since this process first asked.
#[expect(clippy::disallowed_methods, reason = "a measurement lives in real time")]
pub(crate) fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_nanos() as u64
}

/// Blocks until [`now`] is at least `moment`; at once if it is already.
pub(crate) fn sleep_until(moment: u64) {
    sleep(Duration::from_nanos(moment.saturating_sub(now())));
}

#[expect(clippy::disallowed_methods, reason = "a measurement lives in real time")]
pub(crate) fn sleep(length: Duration) {
    if !length.is_zero() {
        std::thread::sleep(length);
    }
}

pub(crate) const MILLISECOND: u64 = 1_000_000;
pub(crate) const SECOND: u64 = 1_000 * MILLISECOND;
