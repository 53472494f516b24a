//! Which codec a tag has, and what codecs are called.

use super::{ExTag, FRAME_COMMAND, Kind, Media, Packet, is_enhanced};
use crate::media::enhanced::{FourCc, Layout};

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
    FourCc(FourCc),
}

/// The codec of audio, of a picture or of their headers; of a message with many tracks, the first
/// one's. `None` for all else, commands, and what is too short to say.
pub fn codec(kind: Kind, payload: &[u8]) -> Option<Codec> {
    let first = *payload.first()?;
    let media = media(kind)?;
    if is_enhanced(media, first) {
        let track = ExTag::read(media, payload)?.tracks().next()?;
        return Some(Codec::of(track.four_cc));
    }
    classic(media, first)
}

/// The tracks of such a message by their numbers, each with its codec. None of what pictures' colours mean: ffmpeg
/// says that of each track without the track's number.
pub fn codecs(kind: Kind, payload: &[u8]) -> impl Iterator<Item = (u8, Codec)> {
    let media = media(kind);
    let tag = media.and_then(|media| ExTag::read(media, payload));
    let tag = tag.filter(|tag| tag.packet != Packet::Metadata);
    let classic = match (media, payload.first()) {
        (Some(media), Some(first)) if !is_enhanced(media, *first) => classic(media, *first),
        _ => None,
    };
    let tracks = tag.into_iter().flat_map(|tag| tag.tracks());
    let tracks = tracks.map(|track| (track.id, Codec::of(track.four_cc)));
    classic.map(|codec| (0, codec)).into_iter().chain(tracks)
}

/// The codec of the pictures whose colours a message tells the meaning of, if it is such a message and has no
/// number of a track.
pub fn codec_of_colours(kind: Kind, payload: &[u8]) -> Option<Codec> {
    let tag = (kind == Kind::VideoHeader).then(|| ExTag::read(Media::Video, payload)).flatten()?;
    let is_it = tag.packet == Packet::Metadata && tag.layout == Layout::Plain;
    is_it.then(|| tag.tracks().next()).flatten().map(|track| Codec::of(track.four_cc))
}

fn media(kind: Kind) -> Option<Media> {
    match kind {
        Kind::AudioHeader | Kind::Audio => Some(Media::Audio),
        Kind::VideoHeader | Kind::VideoKey | Kind::VideoInter => Some(Media::Video),
        _ => None,
    }
}

fn classic(media: Media, first: u8) -> Option<Codec> {
    match media {
        Media::Audio => Some(Codec(Name::Sound(first >> 4))),
        Media::Video if first >> 4 != FRAME_COMMAND => Some(Codec(Name::Video(first & 0x0f))),
        Media::Video => None,
    }
}

impl Codec {
    /// The codec of that FourCC.
    pub fn of(four_cc: FourCc) -> Self {
        Self(Name::FourCc(four_cc))
    }

    /// Its FourCC, unless it is told by a classic number.
    pub fn four_cc(self) -> Option<FourCc> {
        match self.0 {
            Name::FourCc(four_cc) => Some(four_cc),
            Name::Video(_) | Name::Sound(_) => None,
        }
    }

    /// What people call it, the same for a classic number and a FourCC; `other` for what is in no list. A
    /// publisher cannot make up names: they become labels of metrics.
    pub fn name(self) -> &'static str {
        match self.0 {
            Name::Video(number) => video(number),
            Name::Sound(number) => sound(number),
            Name::FourCc(four_cc) => four_cc_name(&four_cc),
        }
    }
}

fn video(number: u8) -> &'static str {
    match number {
        2 => "h263",
        3 | 6 => "screen",
        4 | 5 => "vp6",
        7 => "avc",
        12 => "hevc",
        13 => "av1",
        _ => "other",
    }
}

fn sound(number: u8) -> &'static str {
    match number {
        0 | 3 => "pcm",
        1 => "adpcm",
        2 | 14 => "mp3",
        4..=6 => "nellymoser",
        7 => "g711a",
        8 => "g711u",
        10 => "aac",
        11 => "speex",
        _ => "other",
    }
}

fn four_cc_name(four_cc: &[u8; 4]) -> &'static str {
    match four_cc {
        b"avc1" => "avc",
        b"hvc1" => "hevc",
        b"vvc1" => "vvc",
        b"av01" => "av1",
        b"vp08" => "vp8",
        b"vp09" => "vp9",
        b"mp4a" => "aac",
        b"Opus" => "opus",
        b"fLaC" => "flac",
        b"ac-3" => "ac3",
        b"ec-3" => "eac3",
        b".mp3" => "mp3",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(prefix: &[u8], four_cc: &[u8]) -> Vec<u8> {
        [prefix, four_cc].concat()
    }

    #[test]
    fn both_forms_of_a_codec_have_one_name_and_no_name_is_a_publishers() {
        for (kind, payload, name) in [
            (Kind::VideoHeader, &b"\x17\x00"[..], "avc"),
            (Kind::VideoHeader, b"\x90avc1", "avc"),
            (Kind::VideoKey, b"\x1c\x01", "hevc"),
            (Kind::VideoKey, b"\x91hvc1", "hevc"),
            (Kind::VideoKey, b"\x91EVIL", "other"),
            (Kind::VideoKey, b"\x1f", "other"),
            (Kind::AudioHeader, b"\xaf\x00", "aac"),
            (Kind::AudioHeader, b"\x90mp4a", "aac"),
            (Kind::Audio, b"\x2f", "mp3"),
            (Kind::Audio, b"\x91Opus", "opus"),
        ] {
            assert_eq!(codec(kind, payload).unwrap().name(), name, "{payload:02x?}");
        }
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
}
