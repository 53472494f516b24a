//! What the outside may know of what runs.
//!
//! Tasks write their own entry on the [`Board`]; nobody sends statistics through a channel. Numbers
//! are atomics, so that counting never waits; words sit behind a lock that is held for a moment. What
//! a target does next is also written in the [`Journal`], for whoever keeps the history.

mod board;
mod journal;
mod stream;
mod target;

pub use board::Board;
pub use journal::{Batch, Journal};
pub use stream::{SourceState, StreamSnapshot, StreamStatus};
pub use target::{Setback, TargetSnapshot, TargetStatus};
