//! What every frame carries: whose it is, its number, when it was sent, and checksums that tell whether all
//! of it arrived.
//!
//! It is written in half bytes with the high bit set, so that it has neither zeros nor start codes.

use crc32fast::Hasher;

/// The stamp of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) stream: u16,
    /// Counts the pictures, or the sounds, of a stream from zero.
    pub(crate) serial: u32,
    /// On the clock of [`crate::clock::now`].
    pub(crate) sent: u64,
}

impl Stamp {
    /// Its length in a frame with both checksums.
    pub(crate) const LENGTH: usize = 2 * (2 + 4 + 8 + 4 + 4);
    const CHECKSUMS: usize = 2 * (4 + 4);

    /// Writes the stamp at `at` into the beginning of a frame, which `head` is; `tail` has hashed the rest
    /// of the frame.
    pub(crate) fn write(self, head: &mut [u8], at: usize, tail: &Hasher) {
        let (checksums, end) = (at + Self::LENGTH - Self::CHECKSUMS, at + Self::LENGTH);
        put(&mut head[at..], &self.stream.to_be_bytes());
        put(&mut head[at + 4..], &self.serial.to_be_bytes());
        put(&mut head[at + 12..], &self.sent.to_be_bytes());
        let mut whole = Hasher::new();
        whole.update(&head[..checksums]);
        whole.update(&head[end..]);
        whole.combine(tail);
        put(&mut head[checksums..], &whole.finalize().to_be_bytes());
        let start = crc32fast::hash(&head[..checksums + 8]);
        put(&mut head[checksums + 8..], &start.to_be_bytes());
    }

    /// Reads the stamp at `at` in the beginning of a frame, with the checksum of the whole frame; `None` if
    /// there is none or it is damaged.
    pub(crate) fn read(head: &[u8], at: usize) -> Option<(Self, u32)> {
        let checksums = at + Self::LENGTH - Self::CHECKSUMS;
        let field = head.get(at..at + Self::LENGTH)?;
        let start = u32::from_be_bytes(get(&field[36..]));
        let stamp = Self {
            stream: u16::from_be_bytes(get(field)),
            serial: u32::from_be_bytes(get(&field[4..])),
            sent: u64::from_be_bytes(get(&field[12..])),
        };
        let whole = u32::from_be_bytes(get(&field[28..]));
        (crc32fast::hash(&head[..checksums + 8]) == start).then_some((stamp, whole))
    }

    /// Begins to compute the checksum of a frame whose beginning is `head`. The rest of it is to be added.
    pub(crate) fn hash(head: &[u8], at: usize) -> Hasher {
        let end = at + Self::LENGTH;
        let mut whole = Hasher::new();
        whole.update(&head[..end - Self::CHECKSUMS]);
        whole.update(&head[end..]);
        whole
    }
}

fn put(into: &mut [u8], bytes: &[u8]) {
    for (pair, byte) in into.chunks_exact_mut(2).zip(bytes) {
        pair[0] = MARK | byte >> 4;
        pair[1] = MARK | byte & 15;
    }
}

fn get<const N: usize>(from: &[u8]) -> [u8; N] {
    std::array::from_fn(|at| from[2 * at] << 4 | from[2 * at + 1] & 15)
}

const MARK: u8 = 0x80;
