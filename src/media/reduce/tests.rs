use super::*;
use crate::media::flv::{audio_kind, video_kind};
use proptest::prelude::*;

fn video(payload: &[u8], kept: Kept<'_>) -> Option<Vec<u8>> {
    let payload = Bytes::copy_from_slice(payload);
    reduce(video_kind(&payload), &payload, kept).map(Vec::from)
}

fn audio(payload: &[u8], kept: Kept<'_>) -> Option<Vec<u8>> {
    let payload = Bytes::copy_from_slice(payload);
    reduce(audio_kind(&payload), &payload, kept).map(Vec::from)
}

const ALL: Kept<'static> = Kept { only: None, takes: &|_| true, is_common: false };
const FIRST: Kept<'static> = Kept { only: Some(0), ..ALL };
const SECOND: Kept<'static> = Kept { only: Some(1), ..ALL };
const COMMON: Kept<'static> = Kept { is_common: true, ..FIRST };

/// A tag, and what becomes of it.
type Change<const N: usize> = (&'static [u8], [Option<&'static [u8]>; N]);

#[test]
fn the_one_track_comes_without_its_framing_and_the_others_go() {
    let cases: &[Change<2>] = &[
        (b"\x17\x01\0\0\0pic", [Some(b"\x17\x01\0\0\0pic"), None]),
        (b"\x91hvc1\0\0\0pic", [Some(b"\x91hvc1\0\0\0pic"), None]),
        (b"\x96\x00hvc1\x01cfg", [None, Some(b"\x90hvc1cfg")]),
        (b"\xa6\x01av01\x00pic", [Some(b"\xa1av01pic"), None]),
        // Several in one message, of one codec and of many.
        (b"\x96\x11av01\x00\0\0\x02AA\x01\0\0\x03BBB", [Some(b"\x91av01AA"), Some(b"\x91av01BBB")]),
        (b"\x96\x21av01\x01\0\0\x02AAvp09\x00\0\0\x01B", [Some(b"\x91vp09B"), Some(b"\x91av01AA")]),
    ];
    for (tag, [first, second]) in cases {
        assert_eq!(video(tag, FIRST), first.map(Vec::from), "{tag:02x?}");
        assert_eq!(video(tag, SECOND), second.map(Vec::from), "{tag:02x?}");
        assert_eq!(video(tag, ALL).as_deref(), Some(*tag), "nothing changes");
    }
    let cases: &[Change<2>] = &[
        (b"\xaf\x01snd", [Some(b"\xaf\x01snd"), None]),
        (b"\x95\x01mp4a\x01snd", [None, Some(b"\x91mp4asnd")]),
        (b"\x95\x04Opus\x01\x01\x02", [None, Some(b"\x94Opus\x01\x02")]),
        (b"\x95\x11Opus\x00\0\0\x01A\x01\0\0\x01B", [Some(b"\x91OpusA"), Some(b"\x91OpusB")]),
    ];
    for (tag, [first, second]) in cases {
        assert_eq!(audio(tag, FIRST), first.map(Vec::from), "{tag:02x?}");
        assert_eq!(audio(tag, SECOND), second.map(Vec::from), "{tag:02x?}");
        assert_eq!(audio(tag, ALL).as_deref(), Some(*tag), "nothing changes");
    }
}

#[test]
fn a_key_frame_of_the_one_track_is_a_place_to_start() {
    let second = Bytes::from_static(b"\x96\x01hvc1\x01pic");
    assert_eq!(video_kind(&second), Kind::VideoInter);
    assert_eq!(video_kind(&reduce(Kind::VideoInter, &second, SECOND).unwrap()), Kind::VideoKey);
}

#[test]
fn what_classic_tags_can_say_is_said_in_them() {
    let cases: &[Change<1>] = &[
        (b"\x90avc1cfg", [Some(b"\x17\x00\0\0\0cfg")]),
        (b"\x91avc1\0\0\x50pic", [Some(b"\x17\x01\0\0\x50pic")]),
        (b"\xa3avc1pic", [Some(b"\x27\x01\0\0\0pic")]),
        (b"\xb1avc1\xff\xff\xd8pic", [Some(b"\x37\x01\xff\xff\xd8pic")]),
        (b"\x92avc1", [Some(b"\x17\x02\0\0\0")]),
        // Colour metadata has no classic form.
        (b"\xd4avc1meta", [None]),
        // Nor has any other codec; but extensions go, which few can step over.
        (b"\x91hvc1\0\0\0pic", [Some(b"\x91hvc1\0\0\0pic")]),
        (b"\x97\x02\0\0\x09\x01hvc1\0\0\0pic", [Some(b"\x91hvc1\0\0\0pic")]),
        (b"\x97\x02\0\0\x09\x06\x01hvc1\x00\0\0\0pic", [Some(b"\x91hvc1\0\0\0pic")]),
        (b"\x97\x02\0\0\x09\x03avc1pic", [Some(b"\x17\x01\0\0\0pic")]),
        // HEVC from before there was a FourCC.
        (b"\x1c\x00\0\0\0cfg", [Some(b"\x90hvc1cfg")]),
        (b"\x2c\x01\0\0\x21pic", [Some(b"\xa1hvc1\0\0\x21pic")]),
        (b"\x1c\x02\0\0\0", [Some(b"\x92hvc1")]),
        (b"\x17\x01\0\0\0pic", [Some(b"\x17\x01\0\0\0pic")]),
    ];
    for (tag, [common]) in cases {
        assert_eq!(video(tag, COMMON), common.map(Vec::from), "{tag:02x?}");
    }
    let cases: &[Change<1>] = &[
        (b"\x90mp4a\x12\x10", [Some(b"\xaf\x00\x12\x10")]),
        (b"\x91mp4asnd", [Some(b"\xaf\x01snd")]),
        (b"\x94mp4a\x01\x06\0\0\0\x3f", [None]),
        (b"\x92mp4a", [None]),
        (b"\x91.mp3snd", [Some(b"\x2fsnd")]),
        (b"\x91Opussnd", [Some(b"\x91Opussnd")]),
        (b"\xaf\x01snd", [Some(b"\xaf\x01snd")]),
    ];
    for (tag, [common]) in cases {
        assert_eq!(audio(tag, COMMON), common.map(Vec::from), "{tag:02x?}");
    }
}

#[test]
fn tracks_of_other_codecs_are_left_out() {
    let takes = |codec: Codec| codec.name() == "avc" || codec.name() == "opus";
    let kept = Kept { takes: &takes, ..ALL };
    assert_eq!(video(b"\x17\x01\0\0\0pic", kept).as_deref(), Some(&b"\x17\x01\0\0\0pic"[..]));
    assert_eq!(video(b"\x96\x01hvc1\x01pic", kept), None);
    let both = b"\x96\x21avc1\x01\0\0\x02AAvp09\x00\0\0\x01B";
    assert_eq!(video(both, kept).as_deref(), Some(&b"\x96\x21avc1\x01\0\0\x02AA"[..]));
    assert_eq!(audio(b"\xaf\x01snd", kept), None);
    assert_eq!(audio(b"\x95\x01Opus\x03snd", kept).as_deref(), Some(&b"\x95\x01Opus\x03snd"[..]));
}

#[test]
fn what_nobody_can_read_goes_with_the_default_track() {
    for tag in [&b"\xd1\x00"[..], b"\x91hv", b"\x57\x00", b"\x96\x31hvc1\x01"] {
        assert_eq!(video(tag, COMMON).as_deref(), Some(tag));
        assert_eq!(video(tag, SECOND), None);
    }
    assert_eq!(audio(b"", COMMON).as_deref(), Some(&b""[..]), "silence");
}

proptest! {
    #[test]
    fn to_keep_all_changes_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        let payload = Bytes::from(bytes);
        for kind in [video_kind(&payload), audio_kind(&payload)] {
            prop_assert_eq!(reduce(kind, &payload, ALL), Some(payload.clone()));
        }
    }

    #[test]
    fn to_reduce_twice_is_to_reduce_once(
        first in prop_oneof![Just(0x90_u8), Just(0x96), Just(0x97), Just(0xa1), Just(0x95), any::<u8>()],
        bytes in proptest::collection::vec(prop_oneof![0..3u8, any::<u8>()], 0..40),
    ) {
        let payload: Bytes = [first].into_iter().chain(bytes).collect();
        for (kind_of, kind) in [
            (video_kind as fn(&[u8]) -> Kind, video_kind(&payload)),
            (audio_kind as fn(&[u8]) -> Kind, audio_kind(&payload)),
        ] {
            if let Some(once) = reduce(kind, &payload, COMMON) {
                prop_assert_eq!(reduce(kind_of(&once), &once, COMMON), Some(once));
            }
        }
    }
}
