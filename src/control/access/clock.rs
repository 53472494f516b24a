//! The time that sessions and tokens go by: they outlive the process.

use crate::machine;

/// Seconds since 1970.
pub(in super::super) fn now() -> i64 {
    i64::try_from(machine::since_1970().as_secs()).unwrap_or(i64::MAX)
}
