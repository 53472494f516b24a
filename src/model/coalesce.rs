//! What delay buys in work.

use std::time::Duration;

use super::name::Invalid;

/// How long a frame may wait for those that follow, so that they share one write: whole milliseconds,
/// at most 100. With none, each frame is sent as soon as it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coalesce(u8);

impl Coalesce {
    /// # Errors
    /// [`Invalid::Coalesce`] for more than 100 ms.
    pub fn from_ms(ms: u64) -> Result<Self, Invalid> {
        match u8::try_from(ms) {
            Ok(ms) if ms <= 100 => Ok(Self(ms)),
            _ => Err(Invalid::Coalesce),
        }
    }

    /// Whole milliseconds.
    pub fn as_ms(self) -> u8 {
        self.0
    }

    /// The same as a length of time.
    pub fn as_duration(self) -> Duration {
        Duration::from_millis(self.0.into())
    }
}
