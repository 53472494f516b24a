//! The certificates that this relay shows to those who connect to it.
//!
//! Every listener that speaks TLS shares one [`Served`]; who renews the certificate puts the new one
//! there, and the next handshake shows it. Connections that are open go on as they are.

pub mod answers;
pub mod chain;
pub mod files;
pub mod served;

pub use chain::{Chain, Flaw};
pub use files::Files;
pub use served::Served;

mod names;
pub(super) mod validity;
