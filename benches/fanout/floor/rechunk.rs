//! Joining messages and cutting them into chunks anew, once for all targets.

use crate::chunks::{Message, Receiver};
use crate::footage::{AUDIO, CHUNK, CONTINUED, STREAM};

/// Messages on their way.
#[derive(Default)]
pub(crate) struct Rechunker {
    /// Those that are not complete, as chunks, by slot.
    begun: Vec<Vec<u8>>,
    /// Those that are.
    complete: Vec<u8>,
}

impl Rechunker {
    /// The chunks of all messages that are complete. Whoever sends them empties it.
    pub(crate) fn complete(&mut self) -> &mut Vec<u8> {
        &mut self.complete
    }
}

impl Receiver for Rechunker {
    fn piece(&mut self, message: &Message, at: usize, mut bytes: &[u8]) {
        if self.begun.len() <= message.slot {
            self.begun.resize_with(message.slot + 1, Vec::new);
        }
        let begun = &mut self.begun[message.slot];
        let channel = if message.kind == AUDIO { 4 } else { 6 };
        if at == 0 {
            begun.clear();
            begun.push(channel);
            begun.extend(&message.time.to_be_bytes()[1..]);
            begun.extend(&(message.length as u32).to_be_bytes()[1..]);
            begun.push(message.kind);
            begun.extend(STREAM.to_le_bytes());
        }
        let (mut at, end) = (at, at + bytes.len());
        while !bytes.is_empty() {
            if at > 0 && at.is_multiple_of(CHUNK) {
                begun.push(CONTINUED | channel);
            }
            let (piece, rest) = bytes.split_at(bytes.len().min(CHUNK - at % CHUNK));
            begun.extend(piece);
            at += piece.len();
            bytes = rest;
        }
        if end == message.length {
            if self.complete.is_empty() {
                std::mem::swap(&mut self.complete, begun);
            } else {
                self.complete.extend(&*begun);
            }
        }
    }
}
