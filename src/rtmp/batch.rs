//! Frames that follow each other, made ready to be sent in one piece.

use bytes::{Bytes, BytesMut};

use super::message;
use super::packet::Packet;

/// Frames that follow each other, in one piece of memory. Whoever was sent all that came before can be
/// sent just these bytes: nothing is to be made for it, and one write does.
#[derive(Debug)]
pub struct Batch {
    wire: Bytes,
    /// Of each chunk stream in it, what its first frame follows, and its last one.
    spans: Vec<Span>,
}

/// The frames of a batch on one chunk stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) chunk_stream: u8,
    /// The time of the first frame, in milliseconds from the stream's start, and how long after the
    /// last one before the batch its header says that it comes.
    pub(super) first: i64,
    pub(super) delta: u32,
    /// The time of the last frame.
    pub(super) last: i64,
}

impl Batch {
    /// Joins frames that follow each other. `None` if one of them does not say how long after the last
    /// one of its kind it comes, or if there are none.
    pub fn new(packets: &[&Packet]) -> Option<Self> {
        let mut spans: Vec<Span> = Vec::with_capacity(2);
        for packet in packets {
            let ((chunk_stream, _), delta) = (message::channel(packet.kind), packet.delta()?);
            match spans.iter_mut().find(|span| span.chunk_stream == chunk_stream) {
                Some(span) => span.last = packet.time,
                None => spans.push(Span { chunk_stream, first: packet.time, delta, last: packet.time }),
            }
        }
        let wire = match packets {
            [] => return None,
            [only] => only.wire().clone(),
            packets => {
                let mut wire =
                    BytesMut::with_capacity(packets.iter().map(|packet| packet.wire().len()).sum());
                packets.iter().for_each(|packet| wire.extend_from_slice(packet.wire()));
                wire.freeze()
            }
        };
        Some(Self { wire, spans })
    }

    /// All that stands on the wire.
    pub fn wire(&self) -> &Bytes {
        &self.wire
    }

    pub(super) fn spans(&self) -> &[Span] {
        &self.spans
    }
}
