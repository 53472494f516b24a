//! Reads the first bytes of audio, video and data tags: classic FLV, and the FourCC tags of
//! Enhanced RTMP (v1 and v2); and [writes](mod@write) whole tags.
//!
//! What cannot be understood is still relayed: the reading never fails, it only says less.

use super::enhanced::{ExTag, FRAME_COMMAND, Media, Packet, is_enhanced};
use super::frame::Kind;

mod codec;
pub mod write;

pub use codec::{Codec, codec, codec_of_colours, codecs};

/// One place in the set of headers that newcomers are given: a later header replaces the earlier
/// one of the same slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    kind: Kind,
    track: u8,
    packet: Option<Packet>,
}

impl Slot {
    /// The slot a header belongs to. Of several tracks in one message, the first counts.
    pub fn of(kind: Kind, payload: &[u8]) -> Self {
        let media = match kind {
            Kind::VideoHeader => Media::Video,
            Kind::AudioHeader => Media::Audio,
            _ => return Self { kind, track: 0, packet: None },
        };
        let tag = ExTag::read(media, payload);
        let track = tag.and_then(|tag| tag.tracks().next()).map_or(0, |track| track.id);
        // A classic header is a sequence start.
        Self { kind, track, packet: Some(tag.map_or(Packet::SequenceStart, |tag| tag.packet)) }
    }

    /// Whether both are about one track.
    pub fn is_of_same_track(&self, other: &Self) -> bool {
        (self.kind, self.track) == (other.kind, other.track)
    }
}

/// Says what a video message holds.
pub fn video_kind(payload: &[u8]) -> Kind {
    let Some(first) = payload.first() else {
        return Kind::VideoInter;
    };
    if is_enhanced(Media::Video, *first) {
        return ExTag::read(Media::Video, payload).map_or(Kind::VideoInter, |tag| enhanced_video_kind(&tag));
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

fn enhanced_video_kind(tag: &ExTag<'_>) -> Kind {
    match tag.packet {
        Packet::SequenceStart | Packet::Metadata | Packet::Mpeg2TsSequenceStart => Kind::VideoHeader,
        Packet::SequenceEnd => Kind::VideoEnd,
        // Other tracks follow the default track: their key frames are no place to start.
        Packet::CodedFrames | Packet::CodedFramesX
            if tag.frame_type == FRAME_KEY && tag.track(0).is_some() =>
        {
            Kind::VideoKey
        }
        _ => Kind::VideoInter,
    }
}

/// Says what an audio message holds.
pub fn audio_kind(payload: &[u8]) -> Kind {
    match payload {
        [first, packet_type, ..] if first >> 4 == SOUND_AAC && *packet_type == 0 => Kind::AudioHeader,
        _ => match ExTag::read(Media::Audio, payload).map(|tag| tag.packet) {
            Some(Packet::SequenceStart | Packet::MultichannelConfig) => Kind::AudioHeader,
            Some(Packet::SequenceEnd) => Kind::AudioEnd,
            _ => Kind::Audio,
        },
    }
}

/// How much later than its time a picture is shown, in milliseconds: 0 where the tag does not say.
/// Some encoders (Wirecast) say less than 0.
pub fn composition_ms(payload: &[u8]) -> i32 {
    let offset = match ExTag::read(Media::Video, payload) {
        Some(tag) if tag.packet == Packet::CodedFrames => tag
            .tracks()
            .next()
            .filter(|track| matches!(&track.four_cc, b"avc1" | b"hvc1" | b"vvc1"))
            .and_then(|track| track.body.first_chunk::<3>()),
        Some(_) => None,
        None => match payload {
            [first, 1, rest @ ..]
                if matches!(first & 0x0f, CLASSIC_AVC | CLASSIC_HEVC | CLASSIC_AV1)
                    && !is_enhanced(Media::Video, *first)
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

/// What configures a decoder: the codec and the record of a sequence start, of the default track or the first one
/// there is. `None` for all other tags.
pub fn configuration(kind: Kind, payload: &[u8]) -> Option<(Codec, &[u8])> {
    let media = match kind {
        Kind::VideoHeader => Media::Video,
        Kind::AudioHeader => Media::Audio,
        _ => return None,
    };
    match ExTag::read(media, payload) {
        Some(tag) if tag.packet == Packet::SequenceStart => {
            let track = tag.track(0).or_else(|| tag.tracks().next())?;
            Some((Codec::of(track.four_cc), track.body))
        }
        Some(_) => None,
        None => {
            let codec = codec(kind, payload)?;
            // Video has a composition time there, which means nothing.
            let record = payload.get(if media == Media::Video { 5 } else { 2 }..)?;
            Some((codec, record))
        }
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

/// Whether a data message belongs to the second track of sound that OBS sent to Twitch before version 30.2: it is
/// announced by one message, and each frame of it is another.
pub fn is_additional_media(payload: &[u8]) -> bool {
    let (name, rest) = amf0_string(payload);
    let name = if name == b"@setDataFrame" { amf0_string(rest).0 } else { name };
    name == b"additionalMedia" || name == b"onExpectAdditionalMedia"
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

/// The frame type of a picture that needs no other.
pub(super) const FRAME_KEY: u8 = 1;
pub(super) const CLASSIC_AVC: u8 = 7;
// The numbers that were in use before Enhanced RTMP.
pub(super) const CLASSIC_HEVC: u8 = 12;
const CLASSIC_AV1: u8 = 13;
pub(super) const SOUND_AAC: u8 = 10;

#[cfg(test)]
mod tests;
