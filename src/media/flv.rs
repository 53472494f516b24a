//! Reads the first bytes of audio, video and data tags: classic FLV, and the FourCC tags of
//! Enhanced RTMP (v1 and v2).
//!
//! What cannot be understood is still relayed: the reading never fails, it only says less.

use super::frame::Kind;

/// One place in the set of headers that newcomers are given: a later header replaces the earlier
/// one of the same slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    kind: Kind,
    track: u8,
    packet_type: u8,
}

impl Slot {
    /// The slot a header belongs to.
    pub fn of(kind: Kind, payload: &[u8]) -> Self {
        let (track, packet_type) = match kind {
            Kind::VideoHeader => enhanced_video(payload).map_or((0, 0), |tag| (tag.track, tag.packet_type)),
            Kind::AudioHeader => enhanced_audio(payload).map_or((0, 0), |tag| (tag.track, tag.packet_type)),
            _ => (0, 0),
        };
        Self { kind, track, packet_type }
    }
}

/// Says what a video message holds.
pub fn video_kind(payload: &[u8]) -> Kind {
    let Some(first) = payload.first() else {
        return Kind::VideoInter;
    };
    if first & EX_HEADER != 0 {
        return enhanced_video(payload).map_or(Kind::VideoInter, EnhancedTag::video_kind);
    }
    let (frame_type, codec) = (first >> 4, first & 0x0f);
    let packet_type = match codec {
        // AVC, and HEVC and AV1 by the numbers that were in use before Enhanced RTMP.
        7 | 12 | 13 => payload.get(1).copied(),
        _ => Some(1),
    };
    match (packet_type, frame_type) {
        // A seek command: its second byte is no packet type.
        (_, FRAME_COMMAND) => Kind::VideoInter,
        (Some(0), _) => Kind::VideoHeader,
        (Some(2), _) => Kind::VideoEnd,
        (_, FRAME_KEY) => Kind::VideoKey,
        _ => Kind::VideoInter,
    }
}

/// Says what an audio message holds.
pub fn audio_kind(payload: &[u8]) -> Kind {
    match payload {
        [first, packet_type, ..] if first >> 4 == SOUND_AAC && *packet_type == 0 => Kind::AudioHeader,
        [first, ..] if first >> 4 == SOUND_EX_HEADER => {
            enhanced_audio(payload).map_or(Kind::Audio, EnhancedTag::audio_kind)
        }
        _ => Kind::Audio,
    }
}

/// Says what a data message (AMF0) holds: `onMetaData`, with or without `@setDataFrame` before it,
/// or something else.
pub fn data_kind(payload: &[u8]) -> Kind {
    let (name, rest) = amf0_string(payload);
    let name = if name == b"@setDataFrame" { amf0_string(rest).0 } else { name };
    if name == b"onMetaData" { Kind::Metadata } else { Kind::Data }
}

/// Whether a data message is `|RtmpSampleAccess`, which speaks to players and is not relayed.
pub fn is_sample_access(payload: &[u8]) -> bool {
    amf0_string(payload).0 == b"|RtmpSampleAccess"
}

/// The parts of an Enhanced RTMP tag header that matter here. Packet types differ between audio and
/// video but for 0, 1 and 2.
#[derive(Debug, Clone, Copy)]
struct EnhancedTag {
    frame_type: u8,
    packet_type: u8,
    track: u8,
}

impl EnhancedTag {
    fn video_kind(self) -> Kind {
        match self.packet_type {
            // Sequence start, colour metadata, MPEG-2 TS sequence start.
            0 | 4 | 5 => Kind::VideoHeader,
            2 => Kind::VideoEnd,
            // Other tracks follow the default track: their key frames are no place to start.
            1 | 3 if self.frame_type == FRAME_KEY && self.track == 0 => Kind::VideoKey,
            _ => Kind::VideoInter,
        }
    }

    fn audio_kind(self) -> Kind {
        match self.packet_type {
            // Sequence start, multichannel configuration.
            0 | 4 => Kind::AudioHeader,
            2 => Kind::AudioEnd,
            _ => Kind::Audio,
        }
    }
}

fn enhanced_video(payload: &[u8]) -> Option<EnhancedTag> {
    let (first, rest) = payload.split_first()?;
    if first & EX_HEADER == 0 {
        return None;
    }
    let frame_type = first >> 4 & 0x07;
    let (packet_type, rest) = skip_mod_ex(first & 0x0f, rest)?;
    if packet_type == VIDEO_MULTITRACK {
        return multitrack(frame_type, rest);
    }
    // A seek command has no body; colour metadata carries frame type 5 too when ffmpeg writes it.
    let packet_type = if frame_type == FRAME_COMMAND && packet_type != 4 { RESERVED } else { packet_type };
    Some(EnhancedTag { frame_type, packet_type, track: 0 })
}

fn enhanced_audio(payload: &[u8]) -> Option<EnhancedTag> {
    let (first, rest) = payload.split_first()?;
    if first >> 4 != SOUND_EX_HEADER {
        return None;
    }
    let (packet_type, rest) = skip_mod_ex(first & 0x0f, rest)?;
    if packet_type == AUDIO_MULTITRACK {
        return multitrack(0, rest);
    }
    Some(EnhancedTag { frame_type: 0, packet_type, track: 0 })
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

/// Multitrack: a nibble of layout and one of packet type, the FourCC unless each track has its own,
/// then the first track's id (after its own FourCC, in that layout).
fn multitrack(frame_type: u8, rest: &[u8]) -> Option<EnhancedTag> {
    let (layout, rest) = rest.split_first()?;
    let track = rest.get(4).copied()?;
    Some(EnhancedTag { frame_type, packet_type: layout & 0x0f, track })
}

/// The AMF0 string at the start of `bytes`, empty if there is none, and what follows it.
fn amf0_string(bytes: &[u8]) -> (&[u8], &[u8]) {
    let string = || {
        let (header, rest) = bytes.split_first_chunk::<3>()?;
        let [2, high, low] = *header else {
            return None;
        };
        rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))
    };
    string().unwrap_or((&[], &[]))
}

/// Top bit of a video tag's first byte: the FourCC form follows.
const EX_HEADER: u8 = 0x80;
const FRAME_KEY: u8 = 1;
const FRAME_COMMAND: u8 = 5;
const VIDEO_MULTITRACK: u8 = 6;
const AUDIO_MULTITRACK: u8 = 5;
const MOD_EX: u8 = 7;
/// A packet type with no meaning, for tags that are neither header nor picture.
const RESERVED: u8 = 15;
const SOUND_AAC: u8 = 10;
const SOUND_EX_HEADER: u8 = 9;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tag(prefix: &[u8], four_cc: &[u8]) -> Vec<u8> {
        [prefix, four_cc].concat()
    }

    #[test]
    fn classic_video_tags() {
        for (bytes, kind) in [
            (&[0x17, 0, 0, 0, 0, 1][..], Kind::VideoHeader),
            (&[0x17, 1, 0, 0, 0], Kind::VideoKey),
            (&[0x27, 1, 0, 0, 0], Kind::VideoInter),
            // ffmpeg's end of sequence carries the key frame flag, but is no picture.
            (&[0x17, 2, 0, 0, 0], Kind::VideoEnd),
            (&[0x1c, 0], Kind::VideoHeader),
            // A seek command, whose second byte is no packet type.
            (&[0x57, 0], Kind::VideoInter),
            (&[0x57, 2], Kind::VideoInter),
            (&[0x12, 0, 0], Kind::VideoKey),
            (&[0x22], Kind::VideoInter),
            (&[0x17], Kind::VideoKey),
            (&[], Kind::VideoInter),
        ] {
            assert_eq!(video_kind(bytes), kind, "{bytes:02x?}");
        }
    }

    #[test]
    fn enhanced_video_tags() {
        for (bytes, kind) in [
            (tag(&[0x90], b"hvc1"), Kind::VideoHeader),
            (tag(&[0x91], b"hvc1"), Kind::VideoKey),
            (tag(&[0x93], b"av01"), Kind::VideoKey),
            (tag(&[0xa1], b"hvc1"), Kind::VideoInter),
            (tag(&[0x92], b"hvc1"), Kind::VideoEnd),
            // Colour metadata as ffmpeg writes it: frame type 5, which would be a seek command.
            (tag(&[0xd4], b"hvc1"), Kind::VideoHeader),
            (vec![0xd1, 0], Kind::VideoInter),
            // One track by its id: only track 0 is a place to start.
            (tag(&[0x96, 0x00], b"hvc1\x01"), Kind::VideoHeader),
            (tag(&[0x96, 0x01], b"hvc1\x01"), Kind::VideoInter),
            (tag(&[0x96, 0x01], b"hvc1\x00"), Kind::VideoKey),
            // ModEx with three bytes of nanoseconds before a key frame.
            (tag(&[0x97, 2, 0, 0, 9, 0x01], b"av01"), Kind::VideoKey),
            (vec![0x97, 255, 0xff, 0xff], Kind::VideoInter),
        ] {
            assert_eq!(video_kind(&bytes), kind, "{bytes:02x?}");
        }
    }

    #[test]
    fn audio_tags() {
        for (bytes, kind) in [
            (vec![0xaf, 0, 0x12, 0x10], Kind::AudioHeader),
            (vec![0xaf, 1, 0x21], Kind::Audio),
            (vec![0x2f, 0, 1], Kind::Audio),
            (vec![], Kind::Audio),
            (tag(&[0x90], b"Opus"), Kind::AudioHeader),
            (tag(&[0x94], b"Opus"), Kind::AudioHeader),
            (tag(&[0x91], b"Opus"), Kind::Audio),
            (tag(&[0x92], b"Opus"), Kind::AudioEnd),
            (tag(&[0x95, 0x00], b"Opus\x01"), Kind::AudioHeader),
        ] {
            assert_eq!(audio_kind(&bytes), kind, "{bytes:02x?}");
        }
    }

    #[test]
    fn data_tags() {
        let set = b"\x02\x00\x0d@setDataFrame\x02\x00\x0aonMetaData\x08";
        assert_eq!(data_kind(set), Kind::Metadata);
        assert_eq!(data_kind(b"\x02\x00\x0aonMetaData\x08"), Kind::Metadata);
        assert_eq!(data_kind(b"\x02\x00\x0aonTextData"), Kind::Data);
        assert_eq!(data_kind(b"\x02\x00\xffcut"), Kind::Data);
        assert!(is_sample_access(b"\x02\x00\x11|RtmpSampleAccess\x01\x01"));
    }

    #[test]
    fn headers_of_other_tracks_and_colour_metadata_have_their_own_slots() {
        let slot = |bytes: &[u8]| Slot::of(video_kind(bytes), bytes);
        let plain = tag(&[0x90], b"hvc1");
        assert_eq!(slot(&plain), slot(&[0x17, 0, 0, 0, 0]));
        assert_ne!(slot(&plain), slot(&tag(&[0x96, 0x00], b"hvc1\x01")));
        assert_ne!(slot(&plain), slot(&tag(&[0xd4], b"hvc1")));
        assert_ne!(Slot::of(Kind::Metadata, &[]), Slot::of(Kind::AudioHeader, &[]));
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_kind(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let kind = video_kind(&bytes);
            prop_assert!(kind.is_video());
            Slot::of(kind, &bytes);
            let kind = audio_kind(&bytes);
            prop_assert!(kind.is_audio());
            Slot::of(kind, &bytes);
            data_kind(&bytes);
        }
    }
}
