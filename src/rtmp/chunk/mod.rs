//! The chunk stream: messages cut into chunks, so that several can share one connection.
//! RTMP 1.0, section 5.3.

mod decode;
mod encode;
mod header;
mod limits;
mod payload;
mod stream;

pub use decode::{Decoder, Error};
pub use encode::{CHUNK_SIZE, Encoder};
pub use limits::Limits;
pub use payload::Payload;

#[cfg(test)]
mod tests;
