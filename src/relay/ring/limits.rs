//! How much is kept.

/// Bounds of a ring. Time is that of arrival: what an encoder sends all at once, after its network
/// failed for a while, is no older than what it sends now.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Milliseconds kept.
    pub span_ms: i64,
    /// Milliseconds kept at most so that the newest key frame stays.
    pub gop_span_ms: i64,
    /// Bytes kept, of payload and for keeping it.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { span_ms: 8_000, gop_span_ms: 30_000, bytes: 64 << 20 }
    }
}
