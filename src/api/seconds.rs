//! Lengths of time as the API tells them.

use std::time::Duration;

use serde::{Serialize, Serializer};

/// Seconds, to the millisecond.
pub(super) struct Seconds(pub(super) Duration);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64((self.0.as_secs_f64() * 1000.0).round() / 1000.0)
    }
}
