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
        (tag(&[0x96, 0x11], b"hvc1\x00\x00\x00\x04\x00\x00\x50\x01"), 80),
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
