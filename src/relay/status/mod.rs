//! What the outside may know of what runs.
//!
//! Tasks write their own entry on the [`Board`]; nobody sends statistics through a channel. Numbers
//! are atomics, so that counting never waits; words sit behind a lock that is held for a moment. Rates
//! are made of samples that a stream's own task takes each second (see [`Hub::measure`]), of which those of
//! the last minutes are kept for whoever begins to look. What an encoder says of itself are [`Facts`]. What
//! happens next to a stream or a target is also written in the [`Journal`], for whoever keeps the history, and
//! told to whoever listens there. What platforms would mind in what an encoder sends is looked at with each sample
//! (see [`lint`](super::lint)).
//!
//! [`Hub::measure`]: super::hub::Hub::measure

mod board;
mod clock;
mod counters;
mod facts;
mod gauge;
mod histogram;
mod journal;
mod media;
mod rate;
mod recent;
mod refusals;
mod sampled;
mod signs;
mod snapshot;
mod stream;
mod target;
mod warnings;

pub use board::Board;
pub use clock::unix_ms;
pub use counters::Counters;
pub use facts::Facts;
pub use histogram::{Histogram, HistogramSnapshot};
pub use journal::{Batch, Journal};
pub use recent::{EVERY, Past, Rate, Received, Sent};
pub use refusals::{Refusals, Refused};
pub use snapshot::{StreamSnapshot, TargetSnapshot, Totals, WarningShown};
pub use stream::{SourceState, StreamStatus};
pub use target::{Setback, TargetStatus};
