//! What a decoder knows of one chunk stream.

use std::fmt;

use bytes::BytesMut;

use super::header::Fields;

/// One chunk stream, and what came of its next message.
#[derive(Default)]
pub(super) struct ChunkStream {
    pub(super) id: u32,
    pub(super) timestamp: u32,
    /// What a type 3 header adds to the timestamp when it begins a message.
    delta: u32,
    pub(super) length: usize,
    pub(super) type_id: u8,
    pub(super) stream: u32,
    /// The 32-bit time of the last header that had one.
    pub(super) extended: Option<u32>,
    /// Whether the last header that began a message was a full one.
    was_full: bool,
    pub(super) partial: Option<BytesMut>,
}

/// What the header of a chunk says.
pub(super) enum Says {
    /// Types 0, 1 and 2.
    New(Fields),
    /// Type 3: the same as before; the extended timestamp, if it was repeated.
    Same(Option<u32>),
}

impl ChunkStream {
    /// One of which nothing came yet.
    pub(super) fn new(id: u32) -> Self {
        Self { id, ..Self::default() }
    }

    /// Takes in a header.
    pub(super) fn apply(&mut self, says: Says) {
        match says {
            Says::New(fields) => self.apply_fields(&fields),
            Says::Same(_) if self.partial.is_some() => {}
            Says::Same(Some(absolute)) if self.was_full => self.timestamp = absolute,
            // Adobe's rule, which FMLE relies on: after a full header its time is the delta.
            Says::Same(_) => self.timestamp = self.timestamp.wrapping_add(self.delta),
        }
    }

    fn apply_fields(&mut self, fields: &Fields) {
        // Some old encoders repeat a header of the same length within a message; any other header
        // there means that the rest of the message never comes.
        let continues = self.partial.is_some()
            && !fields.absolute
            && fields.length_and_type.is_none_or(|(length, _)| length == self.length);
        if continues {
            return;
        }
        self.partial = None;
        self.timestamp = if fields.absolute { fields.time } else { self.timestamp.wrapping_add(fields.time) };
        self.delta = fields.time;
        self.was_full = fields.absolute;
        self.extended = fields.extended.then_some(fields.time);
        if let Some((length, type_id)) = fields.length_and_type {
            (self.length, self.type_id) = (length, type_id);
        }
        if let Some(stream) = fields.stream {
            self.stream = stream;
        }
    }

    /// Whether the four bytes after a type 3 header are the extended timestamp, or the body of a
    /// writer that leaves it out (OBS up to 30.0). Within a message it is the same as in the message's
    /// header; at the start of one it may be an absolute time a little later.
    pub(super) fn repeats_extended(&self, value: u32, expected: u32) -> bool {
        let step = value.wrapping_sub(self.timestamp).cast_signed();
        value == expected || (self.partial.is_none() && (0..10_000).contains(&step))
    }

    /// Adds to the message's part, which grows towards the message's length, so that a finished message
    /// holds no spare memory.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        let partial = self.partial.get_or_insert_default();
        let needed = partial.len() + bytes.len();
        if needed > partial.capacity() {
            let goal = (needed * 2).max(1024).min(self.length).max(needed);
            partial.reserve(goal - partial.len());
        }
        partial.extend_from_slice(bytes);
    }

    /// Bytes of the message that came.
    pub(super) fn held(&self) -> usize {
        self.partial.as_ref().map_or(0, BytesMut::len)
    }
}

/// Bodies can hold keys and are never shown.
impl fmt::Debug for ChunkStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkStream")
            .field("id", &self.id)
            .field("timestamp", &self.timestamp)
            .field("type_id", &self.type_id)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
