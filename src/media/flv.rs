//! Reads the first bytes of audio, video and data tags: classic FLV, and the FourCC tags of
//! Enhanced RTMP (v1 and v2); and [writes](mod@write) whole tags.
//!
//! What cannot be understood is still relayed: the reading never fails, it only says less.

use super::enhanced::{EX_HEADER, EnhancedTag, FRAME_COMMAND, SOUND_EX_HEADER};
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
            Kind::VideoHeader => {
                EnhancedTag::video(payload).map_or((0, 0), |tag| (tag.track, tag.packet_type))
            }
            Kind::AudioHeader => {
                EnhancedTag::audio(payload).map_or((0, 0), |tag| (tag.track, tag.packet_type))
            }
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
        return EnhancedTag::video(payload).map_or(Kind::VideoInter, EnhancedTag::video_kind);
    }
    let (frame_type, codec) = (first >> 4, first & 0x0f);
    let packet_type = match codec {
        CLASSIC_AVC | CLASSIC_HEVC | CLASSIC_AV1 => payload.get(1).copied(),
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
            EnhancedTag::audio(payload).map_or(Kind::Audio, EnhancedTag::audio_kind)
        }
        _ => Kind::Audio,
    }
}

/// How a track is coded and told so: classic AVC and the `avc1` of Enhanced RTMP are different, since
/// a receiver that was told of one need not understand the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Codec(Name);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Name {
    /// Classic FLV's number of a sound format.
    Sound(u8),
    /// Classic FLV's number of a video codec.
    Video(u8),
    FourCc([u8; 4]),
}

/// The codec of audio, of a picture or of their headers; of a message with many tracks, the first
/// one's. `None` for all else, commands, and what is too short to say.
pub fn codec(kind: Kind, payload: &[u8]) -> Option<Codec> {
    let first = *payload.first()?;
    let name = match kind {
        Kind::AudioHeader | Kind::Audio if first >> 4 == SOUND_EX_HEADER => {
            Name::FourCc(EnhancedTag::audio(payload)?.four_cc?)
        }
        Kind::AudioHeader | Kind::Audio => Name::Sound(first >> 4),
        Kind::VideoHeader | Kind::VideoKey | Kind::VideoInter if first & EX_HEADER != 0 => {
            Name::FourCc(EnhancedTag::video(payload)?.four_cc?)
        }
        Kind::VideoHeader | Kind::VideoKey | Kind::VideoInter if first >> 4 != FRAME_COMMAND => {
            Name::Video(first & 0x0f)
        }
        _ => return None,
    };
    Some(Codec(name))
}

/// How much later than its time a picture is shown, in milliseconds: 0 where the tag does not say.
/// Some encoders (Wirecast) say less than 0.
pub fn composition_ms(payload: &[u8]) -> i32 {
    let offset = match EnhancedTag::video(payload) {
        Some(EnhancedTag { packet_type: 1, four_cc: Some(four_cc), body, .. })
            if matches!(&four_cc, b"avc1" | b"hvc1" | b"vvc1") =>
        {
            body.first_chunk::<3>()
        }
        Some(_) => None,
        None => match payload {
            [first, 1, rest @ ..]
                if matches!(first & 0x0f, CLASSIC_AVC | CLASSIC_HEVC | CLASSIC_AV1)
                    && first & EX_HEADER == 0
                    && first >> 4 != FRAME_COMMAND =>
            {
                rest.first_chunk::<3>()
            }
            _ => None,
        },
    };
    // A signed number of 24 bits: read into the upper ones, so that the sign comes along.
    offset.map_or(0, |[high, middle, low]| i32::from_be_bytes([*high, *middle, *low, 0]) >> 8)
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

impl EnhancedTag<'_> {
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

const FRAME_KEY: u8 = 1;
const CLASSIC_AVC: u8 = 7;
// The numbers that were in use before Enhanced RTMP.
const CLASSIC_HEVC: u8 = 12;
const CLASSIC_AV1: u8 = 13;
const SOUND_AAC: u8 = 10;

mod codec_name;
pub mod write;

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

    #[test]
    fn a_codec_is_told_by_its_number_or_its_four_cc() {
        let of = |kind, bytes: &[u8]| codec(kind, bytes).map(|codec| codec.0);
        let four_cc = |name: &[u8; 4]| Some(Name::FourCc(*name));
        use Kind::{Audio, AudioHeader, VideoHeader, VideoInter, VideoKey};
        for (kind, bytes, name) in [
            (VideoHeader, vec![0x17, 0, 0, 0, 0], Some(Name::Video(7))),
            (VideoInter, vec![0x2c], Some(Name::Video(12))),
            (AudioHeader, vec![0xaf, 0], Some(Name::Sound(10))),
            (Audio, vec![0x2f], Some(Name::Sound(2))),
            (VideoHeader, tag(&[0x90], b"avc1"), four_cc(b"avc1")),
            (VideoKey, tag(&[0x97, 2, 0, 0, 9, 0x01], b"av01"), four_cc(b"av01")),
            (VideoHeader, tag(&[0xd4], b"hvc1"), four_cc(b"hvc1")),
            (VideoKey, tag(&[0x96, 0x01], b"hvc1\x00"), four_cc(b"hvc1")),
            // Each track with its own codec: the first one's.
            (VideoKey, tag(&[0x96, 0x21], b"vp09\x00\x00\x00\x01?av01\x01"), four_cc(b"vp09")),
            (AudioHeader, tag(&[0x90], b"Opus"), four_cc(b"Opus")),
            (Audio, tag(&[0x95, 0x01], b"ac-3\x01"), four_cc(b"ac-3")),
            // Seek commands, and what is cut short.
            (VideoInter, vec![0x57, 0], None),
            (VideoInter, tag(&[0xd1, 0], b"hvc1"), None),
            (VideoKey, tag(&[0x91], b"hvc"), None),
            (VideoInter, vec![], None),
            // What has no codec, or needs none.
            (Kind::Metadata, vec![0x17, 0], None),
            (Kind::VideoEnd, vec![0x17, 2], None),
        ] {
            assert_eq!(of(kind, &bytes), name, "{bytes:02x?}");
        }
    }

    #[test]
    fn a_picture_tells_how_much_later_it_is_shown() {
        for (bytes, expected) in [
            (vec![0x17, 1, 0, 0, 80, 9], 80),
            (vec![0x2c, 1, 0, 1, 0], 256),
            (vec![0x27, 1, 0xff, 0xff, 0xd8], -40),
            (vec![0x27, 1, 0x80, 0, 0], -8_388_608),
            // A header's bytes mean nothing, nor do a command's or another codec's.
            (vec![0x17, 0, 0, 0, 80], 0),
            (vec![0x57, 1, 0, 0, 80], 0),
            (vec![0x12, 1, 0, 0, 80], 0),
            (vec![0x17, 1, 0, 80], 0),
            (tag(&[0x91], b"hvc1\x00\x00\x50"), 80),
            (tag(&[0xa1], b"avc1\xff\xff\xd8"), -40),
            (tag(&[0xa1], b"vvc1\x00\x00\x21"), 33),
            (tag(&[0xa7, 2, 0, 0, 9, 0x01], b"hvc1\x00\x00\x50"), 80),
            // Without reordering there is no such field.
            (tag(&[0x93], b"hvc1\x00\x00\x50"), 0),
            (tag(&[0x91], b"av01\x00\x00\x50"), 0),
            (tag(&[0x96, 0x01], b"hvc1\x00\x00\x00\x50"), 80),
            (tag(&[0x96, 0x11], b"hvc1\x00\x00\x00\x04\x00\x00\x50"), 80),
            (vec![], 0),
        ] {
            assert_eq!(composition_ms(&bytes), expected, "{bytes:02x?}");
        }
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
            composition_ms(&bytes);
            for kind in [Kind::Audio, Kind::VideoKey, Kind::Data] {
                codec(kind, &bytes);
            }
        }
    }
}
