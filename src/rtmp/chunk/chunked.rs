//! A message's body, cut into chunks once for any number of connections.

use std::fmt;

use bytes::{Bytes, BytesMut};

/// A message's body as it stands on the wire behind its header: with the one-byte headers of its
/// later chunks in it. It is the same for every connection that has the same chunk size and writes
/// no extended timestamp, so that many can share it.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunked {
    wire: Bytes,
    len: usize,
    chunk_stream: u8,
}

/// Bytes of a chunk's body. OBS's, and so the size that every server has seen most of.
pub const CHUNK_SIZE: u32 = 4_096;

/// The same, as a length.
const CHUNK: usize = CHUNK_SIZE as usize;

impl Chunked {
    /// Cuts a body for a chunk stream from 2 to 63. One that fits into a single chunk is not copied.
    pub fn new(chunk_stream: u8, body: Bytes) -> Self {
        let len = body.len();
        let Some((first, rest)) = body.split_at_checked(CHUNK).filter(|(_, rest)| !rest.is_empty()) else {
            return Self { wire: body, len, chunk_stream };
        };
        let later = rest.chunks(CHUNK);
        let mut wire = BytesMut::with_capacity(len + later.len());
        wire.extend_from_slice(first);
        for chunk in later {
            wire.extend_from_slice(&[continuation(chunk_stream)]);
            wire.extend_from_slice(chunk);
        }
        Self { wire: wire.freeze(), len, chunk_stream }
    }

    /// The chunk stream it is cut for.
    pub fn chunk_stream(&self) -> u8 {
        self.chunk_stream
    }

    /// Bytes of the body itself.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the body is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What stands on the wire.
    pub fn wire(&self) -> &Bytes {
        &self.wire
    }

    /// The body itself, put together again.
    pub fn to_body(&self) -> Bytes {
        if self.wire.len() == self.len {
            return self.wire.clone();
        }
        let mut body = BytesMut::with_capacity(self.len);
        // A chunk and the header of the next one.
        for piece in self.wire.chunks(CHUNK + 1) {
            body.extend_from_slice(piece.get(..CHUNK).unwrap_or(piece));
        }
        body.freeze()
    }
}

/// What is relayed is nobody's business, and long.
impl fmt::Debug for Chunked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunked").field("chunk_stream", &self.chunk_stream).field("len", &self.len).finish()
    }
}

/// The one-byte header of a message's later chunks: type 3.
fn continuation(chunk_stream: u8) -> u8 {
    0xc0 | chunk_stream
}
