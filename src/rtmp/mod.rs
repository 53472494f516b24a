//! The RTMP protocol as values: no I/O, no clock, no randomness.
//!
//! From the bottom up: [`handshake`], [`chunk`] streams, [`amf0`] values, [`command`]s,
//! [`message`]s, a [`connection`] that answers what the protocol itself asks, and a [`session`] with
//! one of two roles on it: [`server`], to which encoders publish, and [`client`], which publishes to
//! targets. Both sides tell their [`capabilities`], may have to do with [`auth`], user names and passwords, and a
//! server may send its client elsewhere by a [`redirect`]. What is relayed to many is a [`packet`], made once, and
//! waits in each connection's [`output`].

pub mod amf0;
pub mod amf3;
pub mod auth;
pub mod batch;
pub mod capabilities;
pub mod chunk;
pub mod client;
pub mod command;
pub mod connection;
pub mod handshake;
pub mod message;
pub mod output;
pub mod packet;
pub mod redirect;
pub mod server;
pub mod session;
pub mod url;

pub use batch::Batch;
pub use capabilities::{Capabilities, FourCc};
pub use client::Client;
pub use output::Output;
pub use packet::Packet;
pub use rejection::Rejection;
pub use server::Server;
pub use session::{Role, Session};
pub use url::{RtmpUrl, StreamKey};

mod rejection;

#[cfg(test)]
mod tests;
