//! Moments as they are told.

use tokio::time::Instant;

use crate::machine;

/// Milliseconds since 1970.
pub fn unix_ms() -> i64 {
    i64::try_from(machine::since_1970().as_millis()).unwrap_or(i64::MAX)
}

/// What [`unix_ms`] will be at a moment to come, when it is `now_ms` now.
pub(super) fn unix_ms_at(at: Instant, now_ms: i64) -> i64 {
    let ahead = at.saturating_duration_since(Instant::now()).as_millis();
    now_ms.saturating_add(i64::try_from(ahead).unwrap_or(0))
}
