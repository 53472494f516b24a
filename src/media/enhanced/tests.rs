use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// What a tag is made from.
#[derive(Debug, Clone)]
struct Made {
    media: Media,
    frame_type: u8,
    /// Each a number of four bits and its data.
    extensions: Vec<(u8, Vec<u8>)>,
    packet: u8,
    layout: Layout,
    tracks: Vec<(u8, FourCc, Vec<u8>)>,
}

impl Made {
    /// The bytes as the specification has them.
    fn bytes(&self) -> Vec<u8> {
        let is_video = self.media == Media::Video;
        let upper = if is_video { 0x80 | self.frame_type << 4 } else { 0x90 };
        let multitrack = if is_video { 6 } else { 5 };
        let packet = if self.layout == Layout::Plain { self.packet } else { multitrack };
        let mut out = vec![upper | if self.extensions.is_empty() { packet } else { 7 }];
        for (index, (number, data)) in self.extensions.iter().enumerate() {
            match u8::try_from(data.len() - 1) {
                Ok(size) if size < 255 => out.push(size),
                _ => {
                    out.push(255);
                    out.extend(u16::try_from(data.len() - 1).unwrap().to_be_bytes());
                }
            }
            out.extend(data);
            let next = if index + 1 == self.extensions.len() { packet } else { 7 };
            out.push(number << 4 | next);
        }
        let number = match self.layout {
            Layout::Plain => None,
            Layout::OneTrack => Some(0),
            Layout::ManyTracks => Some(1),
            Layout::ManyTracksManyCodecs => Some(2),
        };
        if let Some(number) = number {
            out.push(number << 4 | self.packet);
        }
        for (index, (id, four_cc, body)) in self.tracks.iter().enumerate() {
            if index == 0 || self.layout == Layout::ManyTracksManyCodecs {
                out.extend(four_cc);
            }
            if self.layout != Layout::Plain {
                out.push(*id);
            }
            if matches!(self.layout, Layout::ManyTracks | Layout::ManyTracksManyCodecs) {
                out.extend(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
            }
            out.extend(body);
        }
        out
    }
}

fn any_four_cc() -> impl Strategy<Value = FourCc> {
    proptest::sample::select(vec![
        *b"avc1",
        *b"hvc1",
        *b"vvc1",
        *b"av01",
        *b"vp09",
        *b"vp08",
        *b"mp4a",
        *b"Opus",
        *b"fLaC",
        *b"ac-3",
        *b"ec-3",
        *b".mp3",
        *b"\0\xffzz",
    ])
}

fn any_extension() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let sizes = prop_oneof![1..8usize, 254..260usize, Just(65_536)];
    (0..16u8, sizes.prop_flat_map(|size| vec(any::<u8>(), size)))
}

fn any_made() -> impl Strategy<Value = Made> {
    let layout = proptest::sample::select(vec![
        Layout::Plain,
        Layout::OneTrack,
        Layout::ManyTracks,
        Layout::ManyTracksManyCodecs,
    ]);
    let media = proptest::sample::select(vec![Media::Audio, Media::Video]);
    let tracks = vec((any::<u8>(), any_four_cc(), vec(any::<u8>(), 0..40)), 1..5);
    (media, 1..5u8, vec(any_extension(), 0..3), 0..5u8, layout, tracks).prop_map(
        |(media, frame_type, extensions, packet, layout, mut tracks)| {
            if matches!(layout, Layout::Plain | Layout::OneTrack) {
                tracks.truncate(1);
            }
            let shared = tracks[0].1;
            for (id, four_cc, _) in &mut tracks {
                if layout == Layout::Plain {
                    *id = 0;
                }
                if layout != Layout::ManyTracksManyCodecs {
                    *four_cc = shared;
                }
            }
            Made { media, frame_type, extensions, packet, layout, tracks }
        },
    )
}

proptest! {
    #[test]
    fn every_form_comes_out_as_it_went_in(made in any_made()) {
        let bytes = made.bytes();
        let tag = ExTag::read(made.media, &bytes).expect("it is whole");
        prop_assert_eq!((tag.media, tag.layout, tag.packet.number()), (made.media, made.layout, made.packet));
        if made.media == Media::Video {
            prop_assert_eq!(tag.frame_type, made.frame_type);
        }
        let tracks: Vec<_> = tag.tracks().map(|track| (track.id, track.four_cc, track.body.to_vec())).collect();
        prop_assert_eq!(&tracks, &made.tracks);
        let first = tag.tracks().next().unwrap();
        let written = match made.layout {
            Layout::Plain => write::plain(&tag, tag.extensions, first),
            _ => write::framed(&tag, tag.extensions, tag.tracks()),
        };
        prop_assert_eq!(written, Bytes::from(bytes));
    }

    #[test]
    fn a_tag_loses_its_extensions_and_its_framing_and_nothing_else(made in any_made()) {
        let bytes = made.bytes();
        let tag = ExTag::read(made.media, &bytes).unwrap();
        let track = tag.tracks().last().unwrap();
        let alone = Made {
            extensions: Vec::new(),
            layout: Layout::Plain,
            tracks: vec![(0, track.four_cc, track.body.to_vec())],
            ..made
        };
        prop_assert_eq!(write::plain(&tag, &[], track), Bytes::from(alone.bytes()));
    }

    #[test]
    fn what_is_cut_short_or_made_up_is_read_in_bounds(made in any_made(), cut in any::<prop::sample::Index>()) {
        let bytes = made.bytes();
        let bytes = &bytes[..cut.index(bytes.len())];
        if let Some(tag) = ExTag::read(made.media, bytes) {
            prop_assert!(tag.tracks().count() <= made.tracks.len());
        }
    }

    #[test]
    fn nothing_is_too_strange(bytes in vec(any::<u8>(), 0..60)) {
        for media in [Media::Audio, Media::Video] {
            if let Some(tag) = ExTag::read(media, &bytes) {
                prop_assert!(tag.tracks().count() <= bytes.len());
            }
        }
    }
}

#[test]
fn the_tags_of_real_encoders_are_read() {
    use Packet::{CodedFrames, CodedFramesX, Metadata, MultichannelConfig, SequenceStart};
    for (media, bytes, packet, layout, id) in [
        (Media::Video, &b"\x90hvc1\x01"[..], SequenceStart, Layout::Plain, 0),
        (Media::Video, b"\xa3hvc1\x00", CodedFramesX, Layout::Plain, 0),
        // Colour metadata as ffmpeg writes it, and as OBS does.
        (Media::Video, b"\xd4hvc1\x02\x00\x09colorInfo", Metadata, Layout::Plain, 0),
        (Media::Video, b"\x84hvc1\x02\x00\x09colorInfo", Metadata, Layout::Plain, 0),
        // ffmpeg's and OBS's second tracks.
        (Media::Video, b"\x96\x00hvc1\x01\x01", SequenceStart, Layout::OneTrack, 1),
        (Media::Audio, b"\x95\x01mp4a\x01\x21", CodedFrames, Layout::OneTrack, 1),
        (Media::Audio, b"\x94Opus\x01\x01\x00\x00\x00\x04", MultichannelConfig, Layout::Plain, 0),
    ] {
        let tag = ExTag::read(media, bytes).unwrap();
        assert_eq!((tag.packet, tag.layout, tag.tracks().next().unwrap().id), (packet, layout, id));
    }
}

#[test]
fn nanoseconds_and_extensions_of_256_bytes_are_stepped_over() {
    // 1..=255 bytes have one byte of size, 256 and more have three.
    let long = [&[0x97, 255, 0, 255][..], &[9; 256], &[0x11], b"av01data"].concat();
    for bytes in [&b"\x97\x02\x07\xa1\x20\x01av01data"[..], &long] {
        let tag = ExTag::read(Media::Video, bytes).unwrap();
        assert_eq!(tag.packet, Packet::CodedFrames);
        assert_eq!(tag.tracks().next().unwrap().body, b"data");
    }
}

#[test]
fn what_is_no_tag_of_a_track_is_none() {
    for bytes in [
        &b""[..],
        b"\x17\x01\0\0\0",
        b"\x91hvc",
        // A seek command.
        b"\xd1\x00",
        // Multitrack in multitrack, extensions in multitrack, a layout that is reserved.
        b"\x96\x06hvc1\x01",
        b"\x96\x07hvc1\x01",
        b"\x96\x31hvc1\x01",
        // No track in it.
        b"\x96\x01hvc1",
        b"\x96\x11hvc1\x01\0\0\x09short",
    ] {
        assert_eq!(ExTag::read(Media::Video, bytes), None, "{bytes:02x?}");
    }
}
