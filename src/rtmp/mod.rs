//! The RTMP protocol as values: no I/O, no clock, no randomness.

pub mod amf0;
pub mod amf3;
pub mod chunk;
pub mod handshake;
pub mod url;
