//! A frame, made ready to be sent to many.

use bytes::Bytes;

use super::chunk::Chunked;
use super::message;
use crate::media::{Frame, Kind};

/// A frame whose body was cut into chunks, once for all the connections that it goes to. Only a
/// header of some bytes is made for each of them. A clone shares the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// What it is.
    pub kind: Kind,
    /// Milliseconds from the stream's start.
    pub time: i64,
    /// The message's body.
    pub body: Chunked,
}

impl From<Frame> for Packet {
    fn from(frame: Frame) -> Self {
        let Frame { kind, time, payload } = frame;
        let (chunk_stream, _) = message::channel(kind);
        Self { kind, time, body: Chunked::new(chunk_stream, payload) }
    }
}

impl From<Packet> for Frame {
    fn from(packet: Packet) -> Self {
        Self { kind: packet.kind, time: packet.time, payload: packet.payload() }
    }
}

impl Packet {
    /// The frame's payload, put together again.
    pub fn payload(&self) -> Bytes {
        self.body.to_body()
    }
}
