//! Bytes across the network, with timeouts, counters, guards and TLS.

pub mod acceptor;
pub mod acme;
pub mod certificates;
pub mod deadline;
pub mod dial;
pub mod door;
pub mod fetch;
pub mod guard;
pub mod link;
pub mod place;
pub mod post;
pub mod proxies;
pub mod publish;
pub mod sock_diag;
pub mod socket;
pub mod tls;
pub mod transport;
pub mod tries;

pub use acceptor::Acceptor;
pub use certificate::Shown;
pub use dial::{Dial, Dialer, Told};
pub use door::Door;
pub use error::Error;
pub use fetch::{Fetch, FetchError, Page};
pub use guard::{AllowTargets, Guard};
pub use link::{Link, Turn};
pub use place::Place;
pub use post::{Answer, Nowhere, Post, PostError, PostRequest};
pub use proxies::TrustedProxies;
pub use publish::{AskError, ask};
pub use sock_diag::{SockDiag, TcpStats};
pub use socket::Socket;
pub use step::Step;
pub use transport::Transport;
pub use tries::Tries;

mod certificate;
#[cfg(test)]
mod certified;
mod error;
mod noting;
mod race;
mod resolve;
mod step;
