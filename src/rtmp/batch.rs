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
    spans: [Option<Span>; CHANNELS],
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
    pub fn new<'a>(packets: impl Iterator<Item = &'a Packet> + Clone) -> Option<Self> {
        let mut spans = [None; CHANNELS];
        for packet in packets.clone() {
            let ((chunk_stream, _), delta) = (message::channel(packet.kind), packet.delta()?);
            let is_its = |span: &&mut Option<Span>| span.is_none_or(|span| span.chunk_stream == chunk_stream);
            let span = spans.iter_mut().find(is_its)?;
            let begun = Span { chunk_stream, first: packet.time, delta, last: packet.time };
            span.get_or_insert(begun).last = packet.time;
        }
        let mut each = packets.clone();
        let wire = match (each.next()?, each.next()) {
            (only, None) => only.wire().clone(),
            _ => {
                let len = packets.clone().map(|packet| packet.wire().len()).sum();
                let mut wire = BytesMut::with_capacity(len);
                packets.for_each(|packet| wire.extend_from_slice(packet.wire()));
                wire.freeze()
            }
        };
        Some(Self { wire, spans })
    }

    /// All that stands on the wire.
    pub fn wire(&self) -> &Bytes {
        &self.wire
    }

    pub(super) fn spans(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter().flatten()
    }
}

/// Sound, pictures and data each have a chunk stream.
const CHANNELS: usize = 3;
