//! The chunk stream: messages cut into chunks, so that several can share one connection.
//! RTMP 1.0, section 5.3.

mod decode;
mod encode;

pub use decode::{Decoder, Error, Limits};
pub use encode::Encoder;
pub use payload::Payload;

mod payload;

#[cfg(test)]
mod tests;
