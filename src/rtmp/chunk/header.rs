//! The headers in front of a chunk. RTMP 1.0, sections 5.3.1.1 to 5.3.1.3.

/// Format, chunk stream and bytes used.
pub(super) fn basic_header(input: &[u8]) -> Option<(u8, u32, usize)> {
    let (first, rest) = input.split_first()?;
    let format = first >> 6;
    match first & 0x3f {
        0 => Some((format, 64 + u32::from(*rest.first()?), 2)),
        1 => Some((format, 64 + u32::from(u16::from_le_bytes(*rest.first_chunk()?)), 3)),
        id => Some((format, u32::from(id), 1)),
    }
}

/// What a header of type 0, 1 or 2 says.
pub(super) struct Fields {
    /// Whether the time is one (type 0) or is added to the last one.
    pub(super) absolute: bool,
    /// Milliseconds.
    pub(super) time: u32,
    /// Whether the time took 32 bits.
    pub(super) extended: bool,
    /// Types 0 and 1.
    pub(super) length_and_type: Option<(usize, u8)>,
    /// Type 0.
    pub(super) stream: Option<u32>,
}

impl Fields {
    /// Reads a header of type 0, 1 or 2 and its extended timestamp; returns the bytes they take, too.
    /// `None` when some are missing.
    pub(super) fn decode(format: u8, bytes: &[u8]) -> Option<(Self, usize)> {
        let (len, length_and_type, stream) = match format {
            0 => {
                (11, Some(length_and_type(bytes)?), Some(u32::from_le_bytes(*bytes.get(7..)?.first_chunk()?)))
            }
            1 => (7, Some(length_and_type(bytes)?), None),
            _ => (3, None, None),
        };
        let short = u24(bytes)?;
        let extended = short == EXTENDED;
        let time = if extended { u32::from_be_bytes(*bytes.get(len..)?.first_chunk()?) } else { short };
        let fields = Self { absolute: format == 0, time, extended, length_and_type, stream };
        Some((fields, len + if extended { 4 } else { 0 }))
    }
}

fn length_and_type(bytes: &[u8]) -> Option<(usize, u8)> {
    let length = usize::try_from(u24(bytes.get(3..)?)?).ok()?;
    Some((length, *bytes.get(6)?))
}

fn u24(bytes: &[u8]) -> Option<u32> {
    let [high, middle, low] = *bytes.first_chunk()?;
    Some(u32::from_be_bytes([0, high, middle, low]))
}

/// A 24-bit time of this value says that 32 bits follow.
const EXTENDED: u32 = 0x00ff_ffff;
