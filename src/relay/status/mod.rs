//! What the outside may know of what runs.
//!
//! Tasks write their own entry on the [`Board`]; nobody sends statistics through a channel. Numbers
//! are atomics, so that counting never waits; words sit behind a lock that is held for a moment. What
//! happens next to a stream or a target is also written in the [`Journal`], for whoever keeps the
//! history, and told to whoever listens there.

mod board;
mod clock;
mod journal;
mod stream;
mod target;

pub use board::Board;
pub use clock::unix_ms;
pub use journal::{Batch, Journal};
pub use stream::{SourceState, StreamSnapshot, StreamStatus};
pub use target::{Setback, TargetSnapshot, TargetStatus};
