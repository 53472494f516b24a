//! A frame, made ready to be sent to many.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use super::chunk::CHUNK_SIZE;
use super::message;
use crate::media::{Frame, Kind};

/// A frame as it stands on the wire, made once for all the connections that it goes to: a header that
/// says how long after the last frame of its kind it comes, and its body, cut into chunks. All who
/// were sent that last frame can be sent the same bytes; for others, only the header is made anew. A
/// clone shares the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Packet {
    /// What it is.
    pub kind: Kind,
    /// Milliseconds from the stream's start.
    pub time: i64,
    /// How many milliseconds after the last one the header says that it comes, if it says anything.
    delta: Option<u32>,
    /// Bytes of the body, before it was cut.
    len: usize,
    wire: Bytes,
}

/// Bytes of the header in front: type 1, on a chunk stream below 64. RTMP 1.0, section 5.3.1.2.2.
const HEADER: usize = 8;

/// [`CHUNK_SIZE`], as a length.
const CHUNK: usize = CHUNK_SIZE as usize;

impl Packet {
    /// Makes a frame ready that comes after another one on the same chunk stream, if there was one at
    /// the time `previous`, in milliseconds from the stream's start.
    pub fn new(frame: &Frame, previous: Option<i64>) -> Self {
        let Frame { kind, time, payload } = frame;
        let (chunk_stream, type_id) = message::channel(*kind);
        let delta = delta(*time, previous);
        let chunks = payload.chunks(CHUNK);
        let mut wire = BytesMut::with_capacity(HEADER + payload.len() + chunks.len());
        wire.put_u8(0x40 | chunk_stream);
        wire.put_uint(delta.unwrap_or(0).into(), 3);
        wire.put_uint(payload.len().try_into().unwrap_or(u64::MAX), 3);
        wire.put_u8(type_id);
        for (index, chunk) in chunks.enumerate() {
            if index > 0 {
                wire.put_u8(0xc0 | chunk_stream);
            }
            wire.put_slice(chunk);
        }
        Self { kind: *kind, time: *time, delta, len: payload.len(), wire: wire.freeze() }
    }

    /// The same at another time, which its header does not know.
    pub fn at(&self, time: i64) -> Self {
        Self { time, delta: None, ..self.clone() }
    }

    /// The same after another frame, at the time `previous`; `None` if its header says something else.
    pub fn after(&self, previous: Option<i64>) -> Option<Self> {
        (self.delta == delta(self.time, previous)).then(|| self.clone())
    }

    /// What it was made of.
    pub fn frame(&self) -> Frame {
        Frame { kind: self.kind, time: self.time, payload: self.payload() }
    }

    /// Bytes of the payload.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the payload is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What the header says, if it may be used: milliseconds since the last frame of its kind.
    pub(super) fn delta(&self) -> Option<u32> {
        self.delta
    }

    /// All that stands on the wire.
    pub(super) fn wire(&self) -> &Bytes {
        &self.wire
    }

    /// What stands on the wire behind the header.
    pub(super) fn body(&self) -> Bytes {
        self.wire.slice(HEADER..)
    }

    /// The frame's payload, put together again.
    pub fn payload(&self) -> Bytes {
        let body = self.body();
        if body.len() == self.len {
            return body;
        }
        let mut payload = BytesMut::with_capacity(self.len);
        self.pieces().for_each(|piece| payload.put_slice(piece));
        payload.freeze()
    }

    /// The frame's payload in the pieces that it was cut into.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        // A chunk and the header of the next one.
        let body = self.wire.get(HEADER..).unwrap_or_default();
        body.chunks(CHUNK + 1).map(|piece| piece.get(..CHUNK).unwrap_or(piece))
    }
}

/// How long after another frame one comes, if a header can say it.
fn delta(time: i64, previous: Option<i64>) -> Option<u32> {
    previous.and_then(|previous| u32::try_from(time - previous).ok()).filter(|delta| *delta < U24)
}

/// What is relayed is nobody's business, and long.
impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet")
            .field("kind", &self.kind)
            .field("time", &self.time)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

/// The most that a header's time can say without being extended, and one more.
const U24: u32 = 0x00ff_ffff;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_payload_of_any_length_comes_out_as_it_went_in(len in prop_oneof![0..64usize, CHUNK - 2..CHUNK + 3, 2 * CHUNK - 2..2 * CHUNK + 3, Just(100_000)]) {
            let payload: Bytes = (0..len).map(|n| n.to_le_bytes()[0]).collect();
            let frame = Frame { kind: Kind::VideoKey, time: 5, payload: payload.clone() };
            prop_assert_eq!(Packet::new(&frame, None).payload(), payload);
        }
    }
}
