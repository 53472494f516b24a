//! Bytes across the network, with timeouts, counters, guards and TLS.

pub mod dial;
pub mod guard;
pub mod link;
pub mod publish;
pub mod tls;
pub mod transport;

pub use dial::{Dial, Dialer};
pub use error::Error;
pub use guard::{AllowTargets, Guard};
pub use link::{Link, Turn};
pub use publish::{AskError, ask};
pub use step::Step;
pub use transport::Transport;

mod certificate;
mod error;
mod race;
mod resolve;
mod step;
