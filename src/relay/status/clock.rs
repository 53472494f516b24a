//! The wall clock, which is only written down, never waited by.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "an event happens a while before the database could stamp it")]
pub fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// What [`unix_ms`] will be at a moment to come, when it is `now_ms` now.
pub(super) fn unix_ms_at(at: Instant, now_ms: i64) -> i64 {
    let ahead = at.saturating_duration_since(Instant::now()).as_millis();
    now_ms.saturating_add(i64::try_from(ahead).unwrap_or(0))
}
