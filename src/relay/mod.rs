//! From one publisher to many targets.
//!
//! The [`gate`] bounds how many strangers are connected. [`ingest`] bounds how many keys they may try, and
//! accepts a publisher; the [`registry`] knows its stream by its key, and in the stream's [`hub`] it meets
//! the targets. One loop of the stream writes what is new to all of them; a [`push`] of its own connects
//! each, and feeds it out of the [`ring`] while it is behind. All of that is done by one of the [`workers`].
//!
//! What a target does after a failure is decided by a [`course`], a [`diagnosis`] and a [`backoff`], what its
//! platform would mind in the stream by [`lint`]; all are plain values. The [`limiter`] keeps many targets
//! from connecting all at once. Whether an address and its key would do is asked by a [`probe`]. Who watches
//! the stream over HTTP is a [`viewer`], for whom nobody waits and nothing is kept.
//!
//! The [`supervisor`] makes what runs equal to what is wanted, and the [`status`] board says how it goes.

pub mod backoff;
pub mod course;
pub mod diagnosis;
pub mod failure;
pub mod feed;
pub mod footprint;
pub mod gate;
pub mod hub;
pub mod ingest;
pub mod limiter;
pub mod lint;
pub mod probe;
pub mod publication;
pub mod push;
pub mod registry;
pub mod ring;
pub mod status;
pub mod supervisor;
pub mod takeover;
pub mod viewer;
pub mod workers;

pub use ingest::Ingest;
pub use offer::Offer;
pub use registry::Registry;
pub use status::Board;
pub use supervisor::Supervisor;
pub use viewer::Viewer;
pub use workers::Workers;

mod attempt;
mod authentication;
mod delivery;
mod farewell;
mod form;
mod offer;
mod outlet;
mod pacing;
mod reach;
mod renditions;
mod session;
mod slowness;
mod stopwatch;
mod successor;
mod tracks;
mod unfailing;
