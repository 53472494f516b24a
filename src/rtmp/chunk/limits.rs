//! Bounds on what a peer may make us keep, by how far it is trusted.

/// Bounds on what a peer may make us keep.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest video message, in bytes.
    pub video: usize,
    /// Longest audio message, in bytes.
    pub audio: usize,
    /// Longest message of any other type, in bytes.
    pub other: usize,
    /// Chunk streams that may be open.
    pub chunk_streams: usize,
    /// Messages that may be in parts at once.
    pub partials: usize,
    /// Bytes of messages in parts, in all.
    pub partial_bytes: usize,
}

impl Limits {
    /// Before a peer has shown a good key, and for what a target may say to us.
    pub const STRANGER: Self = Self {
        video: 64 << 10,
        audio: 64 << 10,
        other: 64 << 10,
        chunk_streams: 8,
        partials: 2,
        partial_bytes: 64 << 10,
    };

    /// For a publisher whose key is good. A key frame of 4K video can pass 1 MiB.
    pub const PUBLISHER: Self = Self {
        video: 8 << 20,
        audio: 1 << 20,
        other: 1 << 20,
        chunk_streams: 64,
        partials: 8,
        partial_bytes: 16 << 20,
    };

    /// Longest message of a type, in bytes.
    pub(super) fn message(&self, type_id: u8) -> usize {
        match type_id {
            8 => self.audio,
            9 | 22 => self.video,
            _ => self.other,
        }
    }
}
