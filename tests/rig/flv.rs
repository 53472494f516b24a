//! FLV files as the packets in them: what ffmpeg publishes from, and what recorders write.
//!
//! Reading stops quietly at a tag that is still being written, so a recording can be looked at while
//! it grows.

use std::fs;
use std::path::Path;

use super::enhanced::Enhanced;

/// One FLV tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) kind: Kind,
    /// Milliseconds; all 32 bits count.
    pub(crate) time: u32,
    /// The tag's body, from its codec byte on.
    pub(crate) payload: Vec<u8>,
}

/// The tag types of FLV, which are also RTMP's message types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio = 8,
    Video = 9,
    Data = 18,
}

impl Packet {
    /// Whether this configures a decoder and is no sound or picture itself.
    pub(crate) fn is_header(&self) -> bool {
        self.header_slot().is_some()
    }

    /// Of a header, its track and what it is of that track: it takes the place of the one before of the
    /// same slot.
    pub(crate) fn header_slot(&self) -> Option<(u8, u8)> {
        match self.enhanced() {
            Some(tag) => {
                let is_header = matches!((self.kind, tag.packet_type), (_, 0 | 4) | (Kind::Video, 5));
                is_header.then(|| (tag.track.unwrap_or_default(), tag.packet_type))
            }
            None => match (self.kind, self.payload.as_slice()) {
                (Kind::Video, [codec, 0, ..]) => codec & 0x0f == H264,
                (Kind::Audio, [format, 0, ..]) => format >> 4 == AAC,
                _ => false,
            }
            .then_some((0, 0)),
        }
    }

    /// Whether this is a picture of the first track that needs no other.
    pub(crate) fn is_key_frame(&self) -> bool {
        if self.kind != Kind::Video {
            return false;
        }
        match self.enhanced() {
            Some(tag) => {
                let is_first_track = tag.track.unwrap_or_default() == 0;
                tag.frame_type == KEY && matches!(tag.packet_type, 1 | 3) && is_first_track
            }
            None => matches!(self.payload.as_slice(), [KEY_H264, 1, ..]),
        }
    }

    /// Whether this is no sound or picture but says that a track of them ends.
    pub(crate) fn is_end_mark(&self) -> bool {
        match self.enhanced() {
            Some(tag) => tag.packet_type == 2,
            None => self.kind == Kind::Video && matches!(self.payload.as_slice(), [KEY_H264, 2, ..]),
        }
    }

    /// When a picture of the first track is shown, in milliseconds: its time and its composition
    /// offset, which may be negative.
    pub(crate) fn shown_at(&self) -> i64 {
        let offset = match self.enhanced() {
            Some(Enhanced { packet_type: 1, four_cc: H264_FOUR_CC | HEVC_FOUR_CC, body, .. }) => {
                self.payload.get(body..)
            }
            Some(_) => None,
            None => self.payload.get(2..),
        };
        let Some([high, middle, low, ..]) = offset else {
            return self.time.into();
        };
        let offset = i32::from_be_bytes([*high, *middle, *low, 0]) >> 8;
        i64::from(self.time) + i64::from(offset)
    }

    /// How it begins, if it is of Enhanced RTMP.
    pub(crate) fn enhanced(&self) -> Option<Enhanced> {
        match self.kind {
            Kind::Video => Enhanced::video(&self.payload),
            Kind::Audio => Enhanced::audio(&self.payload),
            Kind::Data => None,
        }
    }

    /// Whether this is sound or picture, or their end.
    pub(crate) fn is_media(&self) -> bool {
        self.kind != Kind::Data && !self.is_header()
    }
}

/// The whole tags of the FLV file at `path`.
pub(crate) fn read(path: &Path) -> Vec<Packet> {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The whole tags in `bytes`, of which the last may be cut short.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Packet>, String> {
    let mut packets = Vec::new();
    if bytes.len() < FILE_HEADER.len() {
        return Ok(packets);
    }
    if !bytes.starts_with(b"FLV") {
        return Err("this is not an FLV file".to_owned());
    }
    let mut rest = &bytes[FILE_HEADER.len()..];
    while let Some((packet, tail)) = split_tag(rest)? {
        packets.push(packet);
        rest = tail;
    }
    Ok(packets)
}

/// An FLV file that holds `packets`.
pub(crate) fn build(packets: &[Packet]) -> Vec<u8> {
    let mut bytes = FILE_HEADER.to_vec();
    for packet in packets {
        let size = u32::try_from(packet.payload.len()).unwrap();
        let [high, time @ ..] = packet.time.to_be_bytes();
        bytes.push(packet.kind as u8);
        bytes.extend(&size.to_be_bytes()[1..]);
        bytes.extend(time);
        bytes.extend([high, 0, 0, 0]);
        bytes.extend(&packet.payload);
        bytes.extend((size + TAG_HEADER as u32).to_be_bytes());
    }
    bytes
}

/// The first tag of `bytes` and what follows it; `None` when the tag is not whole.
fn split_tag(bytes: &[u8]) -> Result<Option<(Packet, &[u8])>, String> {
    let [kind, s2, s1, s0, t2, t1, t0, t3, _, _, _, body @ ..] = bytes else {
        return Ok(None);
    };
    let size = u32::from_be_bytes([0, *s2, *s1, *s0]) as usize;
    if body.len() < size + BACK_POINTER {
        return Ok(None);
    }
    let packet = Packet {
        kind: kind_of(*kind)?,
        time: u32::from_be_bytes([*t3, *t2, *t1, *t0]),
        payload: body[..size].to_vec(),
    };
    Ok(Some((packet, &body[size + BACK_POINTER..])))
}

fn kind_of(tag_type: u8) -> Result<Kind, String> {
    [Kind::Audio, Kind::Video, Kind::Data]
        .into_iter()
        .find(|kind| *kind as u8 == tag_type)
        .ok_or_else(|| format!("there is no tag type {tag_type}"))
}

/// Signature, version 1, audio and video, a header of 9 bytes, and the back pointer of nothing.
const FILE_HEADER: [u8; 13] = *b"FLV\x01\x05\0\0\0\x09\0\0\0\0";
const TAG_HEADER: usize = 11;
const BACK_POINTER: usize = 4;
const H264: u8 = 7;
const AAC: u8 = 10;
const KEY_H264: u8 = 0x17;
const KEY: u8 = 1;
const H264_FOUR_CC: [u8; 4] = *b"avc1";
const HEVC_FOUR_CC: [u8; 4] = *b"hvc1";

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(kind: Kind, time: u32, payload: &[u8]) -> Packet {
        Packet { kind, time, payload: payload.to_vec() }
    }

    #[test]
    fn what_is_built_is_read_back() {
        let packets = [
            packet(Kind::Data, 0, b"\x02\0\x0aonMetaData"),
            packet(Kind::Video, 0x00ff_ffff, &[0x17, 1, 0, 0, 0, 9]),
            packet(Kind::Audio, 0xffff_fffe, &[0xaf, 1, 7]),
            packet(Kind::Audio, 3, &[]),
        ];
        assert_eq!(parse(&build(&packets)).unwrap(), packets);
    }

    #[test]
    fn a_tag_that_is_still_being_written_is_left_out() {
        let bytes = build(&[packet(Kind::Audio, 1, &[0xaf, 1, 7]), packet(Kind::Audio, 2, &[0xaf, 1, 8])]);
        for cut in 1..18 {
            assert_eq!(parse(&bytes[..bytes.len() - cut]).unwrap().len(), 1, "{cut} bytes cut off");
        }
        assert_eq!(parse(&bytes[..5]).unwrap(), []);
    }

    #[test]
    fn other_files_and_unknown_tags_are_refused() {
        assert!(parse(b"RIFF, and enough of it").is_err());
        let mut bytes = build(&[packet(Kind::Audio, 1, &[0xaf, 1, 7])]);
        bytes[13] = 11;
        assert!(parse(&bytes).is_err());
    }

    #[test]
    fn headers_key_frames_and_end_marks_are_told_apart() {
        let cases: [(Kind, &[u8], [bool; 3]); 15] = [
            (Kind::Video, &[0x17, 0, 0, 0, 0], [true, false, false]),
            (Kind::Video, &[0x17, 1, 0, 0, 0], [false, true, false]),
            (Kind::Video, &[0x27, 1, 0, 0, 0], [false, false, false]),
            (Kind::Video, &[0x17, 2, 0, 0, 0], [false, false, true]),
            (Kind::Audio, &[0xaf, 0, 0x12], [true, false, false]),
            (Kind::Audio, &[0xaf, 1, 0x12], [false, false, false]),
            (Kind::Audio, &[0x2f, 0, 0x12], [false, false, false]),
            (Kind::Video, b"\x90hvc1\x01", [true, false, false]),
            (Kind::Video, b"\xd4hvc1\x02", [true, false, false]),
            (Kind::Video, b"\x93hvc1\x00", [false, true, false]),
            (Kind::Video, b"\xa1av01\x00", [false, false, false]),
            (Kind::Video, b"\x96\x01av01\x01\x00", [false, false, false]),
            (Kind::Video, b"\x96\x00av01\x01\x00", [true, false, false]),
            (Kind::Video, b"\x92hvc1", [false, false, true]),
            (Kind::Audio, b"\x94Opus\x01", [true, false, false]),
        ];
        for (kind, payload, expected) in cases {
            let packet = packet(kind, 0, payload);
            let told = [packet.is_header(), packet.is_key_frame(), packet.is_end_mark()];
            assert_eq!(told, expected, "{packet:?}");
        }
    }

    #[test]
    fn pictures_are_shown_at_their_time_and_an_offset() {
        for (payload, at) in [
            (&[0x27, 1, 0, 0, 80][..], 1_080),
            (&[0x27, 1, 0xff, 0xff, 0xd8], 960),
            (b"\xa1hvc1\x00\x00\x50", 1_080),
            (b"\xa3hvc1\x00\x00\x50", 1_000),
            (b"\xa1av01\x00\x00\x50", 1_000),
        ] {
            assert_eq!(packet(Kind::Video, 1_000, payload).shown_at(), at, "{payload:02x?}");
        }
    }
}
