//! The tag headers of Enhanced RTMP (v1 and v2): a FourCC instead of a codec number, extensions
//! before it, and several tracks in one message.

/// The parts of a tag header that matter here. Packet types differ between audio and video but for
/// 0, 1 and 2. Of a message with many tracks this is the first one.
#[derive(Debug, Clone, Copy)]
pub(super) struct EnhancedTag<'a> {
    /// Of video only: 1 is a key frame, 5 a command.
    pub(super) frame_type: u8,
    pub(super) packet_type: u8,
    /// Missing in commands and in what is cut short.
    pub(super) four_cc: Option<[u8; 4]>,
    pub(super) track: u8,
    /// What follows the header.
    pub(super) body: &'a [u8],
}

impl<'a> EnhancedTag<'a> {
    /// Reads a video tag; `None` if it is a classic one or makes no sense.
    pub(super) fn video(payload: &'a [u8]) -> Option<Self> {
        let (first, rest) = payload.split_first()?;
        if first & EX_HEADER == 0 {
            return None;
        }
        let frame_type = first >> 4 & 0x07;
        let (packet_type, rest) = skip_mod_ex(first & 0x0f, rest)?;
        // A seek command has no body; colour metadata carries frame type 5 too when ffmpeg writes it.
        if frame_type == FRAME_COMMAND && !matches!(packet_type, VIDEO_COLOUR | VIDEO_MULTITRACK) {
            return Some(Self { frame_type, packet_type: RESERVED, four_cc: None, track: 0, body: &[] });
        }
        if packet_type == VIDEO_MULTITRACK {
            return multitrack(frame_type, rest);
        }
        Some(one_track(frame_type, packet_type, rest))
    }

    /// Reads an audio tag; `None` if it is a classic one or makes no sense.
    pub(super) fn audio(payload: &'a [u8]) -> Option<Self> {
        let (first, rest) = payload.split_first()?;
        if first >> 4 != SOUND_EX_HEADER {
            return None;
        }
        let (packet_type, rest) = skip_mod_ex(first & 0x0f, rest)?;
        if packet_type == AUDIO_MULTITRACK {
            return multitrack(0, rest);
        }
        Some(one_track(0, packet_type, rest))
    }
}

fn one_track(frame_type: u8, packet_type: u8, rest: &[u8]) -> EnhancedTag<'_> {
    let (four_cc, body) = match rest.split_first_chunk::<4>() {
        Some((four_cc, body)) => (Some(*four_cc), body),
        None => (None, &[][..]),
    };
    EnhancedTag { frame_type, packet_type, four_cc, track: 0, body }
}

/// Steps over ModEx prefixes: a size byte (256 means that a 16-bit size follows), that many bytes,
/// then a nibble of type and the next packet type.
fn skip_mod_ex(mut packet_type: u8, mut rest: &[u8]) -> Option<(u8, &[u8])> {
    while packet_type == MOD_EX {
        let (size, after) = rest.split_first()?;
        let mut size = usize::from(*size) + 1;
        rest = after;
        if size == 256 {
            let (long, after) = rest.split_first_chunk::<2>()?;
            size = usize::from(u16::from_be_bytes(*long)) + 1;
            rest = after;
        }
        let (next, after) = rest.get(size..)?.split_first()?;
        packet_type = next & 0x0f;
        rest = after;
    }
    Some((packet_type, rest))
}

/// Multitrack: a nibble of layout and one of packet type, the FourCC (the first track's own, if each
/// has its own), the first track's id, and its size unless it is alone.
fn multitrack(frame_type: u8, rest: &[u8]) -> Option<EnhancedTag<'_>> {
    let (layout, rest) = rest.split_first()?;
    let (four_cc, rest) = rest.split_first_chunk::<4>()?;
    let (track, rest) = rest.split_first()?;
    let body = if layout >> 4 == ONE_TRACK { rest } else { rest.get(3..).unwrap_or_default() };
    Some(EnhancedTag { frame_type, packet_type: layout & 0x0f, four_cc: Some(*four_cc), track: *track, body })
}

/// Top bit of a video tag's first byte: the FourCC form follows.
pub(super) const EX_HEADER: u8 = 0x80;
/// The sound format that stands for the FourCC form.
pub(super) const SOUND_EX_HEADER: u8 = 9;
pub(super) const FRAME_COMMAND: u8 = 5;
const VIDEO_COLOUR: u8 = 4;
const VIDEO_MULTITRACK: u8 = 6;
const AUDIO_MULTITRACK: u8 = 5;
const ONE_TRACK: u8 = 0;
const MOD_EX: u8 = 7;
/// A packet type with no meaning, for tags that are neither header nor picture.
const RESERVED: u8 = 15;
