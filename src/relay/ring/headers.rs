//! What a decoder needs to be told before it can begin.

use std::sync::Arc;

use crate::media::Frame;
use crate::media::flv::Slot;
use crate::rtmp::Packet;

/// The headers of a publisher, metadata among them, and those of the one before.
#[derive(Debug, Default)]
pub(super) struct Headers {
    /// The newest header of each slot, in the order in which the slots first came.
    pub(super) newest: Vec<(Slot, Frame)>,
    /// The same, as the publisher before left them.
    inherited: Vec<(Slot, Frame)>,
}

impl Headers {
    /// Keeps a header for newcomers.
    pub(super) fn remember(&mut self, frame: &Frame) {
        if frame.payload.len() > MAX_HEADER_BYTES {
            return;
        }
        let slot = Slot::of(frame.kind, &frame.payload);
        if let Some((_, header)) = self.newest.iter_mut().find(|(known, _)| *known == slot) {
            *header = frame.clone();
        } else if self.newest.len() < MAX_HEADERS {
            self.newest.push((slot, frame.clone()));
        }
    }

    /// Whether this is said again.
    pub(super) fn knows(&self, frame: &Frame) -> bool {
        self.newest.iter().any(|(_, known)| known.kind == frame.kind && known.payload == frame.payload)
    }

    /// Whether a header is as the publisher before left it. Asked once for each slot: one that changes
    /// and changes back is passed on.
    pub(super) fn is_inherited(&mut self, frame: &Frame) -> bool {
        let slot = Slot::of(frame.kind, &frame.payload);
        let Some(index) = self.inherited.iter().position(|(known, _)| *known == slot) else {
            return false;
        };
        self.inherited.swap_remove(index).1.payload == frame.payload
    }

    /// Another publisher follows, who may have shown none.
    pub(super) fn restart(&mut self) {
        if !self.newest.is_empty() {
            self.inherited = std::mem::take(&mut self.newest);
        }
    }

    /// Those of the publisher before are worth nothing to anybody.
    pub(super) fn disinherit(&mut self) {
        self.inherited.clear();
    }

    /// A track goes on in another codec: what was said of it before is worth nothing.
    pub(super) fn forget_track_of(&mut self, frame: &Frame) {
        let slot = Slot::of(frame.kind, &frame.payload);
        self.newest.retain(|(known, _)| !known.is_of_same_track(&slot));
    }

    /// As they stand now, for one who begins.
    pub(super) fn packets(&self) -> Arc<[Packet]> {
        self.newest.iter().map(|(_, header)| Packet::new(header, None)).collect()
    }
}

/// Headers kept for newcomers: eight tracks of audio and video, with room to spare.
pub(super) const MAX_HEADERS: usize = 32;

/// Longest header kept for newcomers; real ones have some dozen bytes, metadata a few thousand.
const MAX_HEADER_BYTES: usize = 64 << 10;
