//! A stream's recent past, and where one reader stands in it.
//!
//! The ring is two things at once: the start for newcomers, since the newest key frame is in it, and
//! the backlog of the slow, since their cursor lags. So a target costs a cursor, and one that has
//! stopped reading costs nothing more. What nobody needs for either is let go. Ring and cursor are plain
//! values: no lock, no clock, no waiting.

mod batch;
mod counts;
mod cursor;
mod headers;
mod limits;
mod recent;
mod reduced;
mod starts;

pub use batch::Batch;
pub use counts::Counts;
pub use cursor::{Changed, Cursor, Spot};
pub use limits::Limits;
pub use recent::Ring;

#[cfg(test)]
mod tests;
