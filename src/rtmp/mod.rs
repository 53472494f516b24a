//! The RTMP protocol as values: no I/O, no clock, no randomness.

pub mod url;
