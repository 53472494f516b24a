//! From one publisher to many targets.
//!
//! [`ingest`] accepts a publisher, the [`registry`] knows its stream by its key, and in the stream's
//! [`hub`] it meets the targets, each of which is fed by a [`push`] of its own out of one [`ring`].
//! The [`supervisor`] makes what runs equal to what is wanted, and the [`status`] board says how it
//! goes.

pub mod backoff;
pub mod failure;
pub mod gate;
pub mod hub;
pub mod ingest;
pub mod push;
pub mod registry;
pub mod ring;
pub mod status;
pub mod supervisor;

pub use ingest::Ingest;
pub use registry::Registry;
pub use status::Board;
pub use supervisor::Supervisor;
