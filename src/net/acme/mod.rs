//! Certificates from an authority that speaks ACME (RFC 8555), such as Let's Encrypt.
//!
//! The authority wants to see that each name leads to this relay. It is shown that at port 443, in
//! the listener for HTTPS itself (TLS-ALPN-01), or at port 80 (HTTP-01); where both are served they
//! take turns, for a network may let only one of them through. What was got is kept in the data
//! folder, so that a relay that is started again asks for nothing that it has.

pub mod keeper;
pub mod settings;

pub use keeper::Keeper;
pub use settings::{Directory, Domain, Settings};

mod error;
mod folder;
mod http;
mod order;
