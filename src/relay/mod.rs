//! From one publisher to many targets.

pub mod backoff;
pub mod ring;
pub mod status;
pub mod supervisor;

pub use status::Board;
pub use supervisor::Supervisor;
