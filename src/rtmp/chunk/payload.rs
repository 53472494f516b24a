//! What the chunk stream carries.

use bytes::Bytes;

/// A whole message as the chunk stream knows it: a header and opaque bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// The chunk stream it came on or goes out on, 2 to 65599.
    pub chunk_stream: u32,
    /// Milliseconds, modulo 2^32.
    pub timestamp: u32,
    /// The message's type.
    pub type_id: u8,
    /// The message stream, 0 for the connection itself.
    pub stream: u32,
    /// The message's body.
    pub body: Bytes,
}

/// Bodies can hold keys and are never shown.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload")
            .field("chunk_stream", &self.chunk_stream)
            .field("timestamp", &self.timestamp)
            .field("type_id", &self.type_id)
            .field("stream", &self.stream)
            .field("len", &self.body.len())
            .finish()
    }
}
