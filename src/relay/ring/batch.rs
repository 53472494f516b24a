//! What many readers can be given in one piece.

use super::counts::Counts;
use super::recent::Ring;
use crate::rtmp;

/// All that there is from a frame on, for readers who come to that frame.
#[derive(Debug)]
pub struct Batch {
    /// The number of its first frame.
    pub(super) from: u64,
    /// The number of the frame after it.
    pub(super) to: u64,
    pub(super) era: u64,
    pub(super) counts: Counts,
    /// What is sent.
    pub frames: rtmp::Batch,
}

impl Batch {
    /// Whether this is its first frame.
    pub fn starts_at(&self, position: u64) -> bool {
        self.from == position
    }
}

impl Ring {
    /// What there is from a frame on, in one piece, for readers who come to that frame; `None` if it
    /// cannot be sent in one, is more than `most` frames, or so long that joining would not pay.
    pub fn batch(&self, from: u64, most: u64) -> Option<Batch> {
        let is_whole = from >= self.first && from >= self.era_start;
        let frames = self.head().checked_sub(from)?;
        let is_joined_at_length = frames > 1 && self.bytes_from(from) > MOST_JOINED;
        if !is_whole || frames > most || is_joined_at_length {
            return None;
        }
        let packets = (from..self.head()).filter_map(|position| self.get(position));
        let counts = packets.clone().fold(Counts::default(), |sum, packet| sum + Counts::of(packet.kind));
        let frames = rtmp::Batch::new(packets)?;
        Some(Batch { from, to: self.head(), era: self.era, counts, frames })
    }
}

/// Bytes that are copied at most to be sent in one piece: writes of more cost little each.
const MOST_JOINED: u64 = 256 << 10;
