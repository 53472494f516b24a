//! Running := wanted.

use crate::model::{TargetId, Wanted};

/// Stub, replaced when the relay lands.
#[derive(Debug, Default)]
pub struct Supervisor {}

impl Supervisor {
    /// Makes what runs equal to `wanted`.
    pub fn apply(&mut self, _wanted: &Wanted) {}

    /// Ends a target's wait; `false` if it does not run.
    pub fn retry(&self, _id: TargetId) -> bool {
        true
    }
}
