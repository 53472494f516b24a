use super::*;
use crate::model::{Intake, Takes, Tracks as Take};
use crate::relay::ring::Cursor;

fn frame(kind: Kind, time: i64, payload: &[u8]) -> Frame {
    Frame { kind, time, payload: Bytes::copy_from_slice(payload) }
}

/// Two tracks of pictures, of which the second has its key frames elsewhere, and two of sound.
fn second(n: i64) -> [Frame; 6] {
    let time = n * 1_000;
    let inter: &[u8] = if n % 2 == 0 { b"\xa6\x01hvc1\x01" } else { b"\x96\x01hvc1\x01" };
    [
        frame(Kind::VideoKey, time, b"\x17\x01\0\0\0first"),
        frame(Kind::VideoInter, time, &[inter, b"second"].concat()),
        frame(Kind::Audio, time, b"\xaf\x01first"),
        frame(Kind::Audio, time, b"\x95\x01mp4a\x01second"),
        frame(Kind::VideoInter, time + 500, b"\x27\x01\0\0\0first"),
        frame(Kind::VideoInter, time + 500, b"\xa6\x01hvc1\x01second"),
    ]
}

fn headers() -> [Frame; 4] {
    [
        frame(Kind::VideoHeader, 0, b"\x17\0\0\0\0first"),
        frame(Kind::VideoHeader, 0, b"\x96\x00hvc1\x01second"),
        frame(Kind::AudioHeader, 0, b"\xaf\0\x12\x10"),
        frame(Kind::AudioHeader, 0, b"\x95\0mp4a\x01\x12\x10"),
    ]
}

fn form(takes: &Takes) -> Form {
    Form::of(&Intake::at("10.0.0.1", takes))
}

fn one() -> Form {
    form(&Takes { tracks: Some(Take::One), ..Takes::default() })
}

fn other() -> Form {
    form(&Takes { tracks: Some(Take::One), video_track: Some(1), audio_track: Some(1), ..Takes::default() })
}

fn read(renditions: &Renditions, form: Form, cursor: &mut Cursor) -> Vec<(Kind, i64, Vec<u8>)> {
    let ring = renditions.of(form);
    std::iter::from_fn(|| cursor.next(ring).unwrap())
        .map(|packet| (packet.kind, packet.time, packet.payload().to_vec()))
        .collect()
}

fn of_track(name: &str, kinds: &[(Kind, i64, Vec<u8>)]) -> bool {
    kinds
        .iter()
        .filter(|(kind, ..)| !kind.is_header())
        .all(|(_, _, payload)| payload.ends_with(name.as_bytes()))
}

#[test]
fn a_form_that_is_taken_up_late_is_what_it_would_be_had_it_been_taken_from_the_start() {
    for form in [one(), other()] {
        let (mut early, mut late) = (Renditions::new(Limits::default()), Renditions::new(Limits::default()));
        early.take_up(form);
        for (at, frame) in
            headers().iter().chain((0..4).flat_map(second).collect::<Vec<_>>().iter()).enumerate()
        {
            for renditions in [&mut early, &mut late] {
                renditions.push(frame, i64::try_from(at).unwrap());
            }
        }
        late.take_up(form);
        let mut read_both =
            [&early, &late].map(|renditions| read(renditions, form, &mut Cursor::new(renditions.of(form))));
        assert_eq!(read_both[0], read_both[1]);
        let read = std::mem::take(&mut read_both[0]);
        assert_eq!(read[0].0, Kind::VideoHeader);
        assert!(read.iter().any(|(kind, ..)| *kind == Kind::VideoKey) && read.len() > 4);
        assert!(of_track(if form == one() { "first" } else { "second" }, &read));
    }
}

#[test]
fn the_chosen_track_begins_at_its_own_key_frames() {
    let mut renditions = Renditions::new(Limits::default());
    renditions.take_up(other());
    let mut cursor = Cursor::new(renditions.of(other()));
    for frame in headers().iter().chain(&second(0)) {
        renditions.push(frame, 0);
    }
    assert_eq!(read(&renditions, other(), &mut cursor), [], "no key frame of it came yet");
    for frame in second(1) {
        renditions.push(&frame, 1);
    }
    let got = read(&renditions, other(), &mut cursor);
    let expected = [
        (Kind::VideoHeader, 1_000, b"\x90hvc1second".to_vec()),
        (Kind::AudioHeader, 1_000, b"\x90mp4a\x12\x10".to_vec()),
        (Kind::VideoKey, 1_000, b"\x91hvc1second".to_vec()),
        (Kind::Audio, 1_000, b"\x91mp4asecond".to_vec()),
        (Kind::VideoInter, 1_500, b"\xa1hvc1second".to_vec()),
    ];
    assert_eq!(got, expected);
}

#[test]
fn what_is_the_same_in_two_forms_is_kept_once() {
    let mut renditions = Renditions::new(Limits::default());
    renditions.take_up(one());
    let tags =
        (0..3).flat_map(second).filter(|frame| frame.payload[0] & 0x80 == 0 || frame.payload[0] == 0xaf);
    for frame in tags {
        renditions.push(&frame, frame.time);
    }
    let (original, reduced) = (renditions.original(), renditions.of(one()));
    assert_eq!(original.newest(), reduced.newest());
    let memory = |ring: &Ring| ring.newest().unwrap().pieces().next().unwrap().as_ptr();
    assert_eq!(memory(original), memory(reduced));
}

#[test]
fn a_form_is_kept_for_as_long_as_somebody_takes_it() {
    let mut renditions = Renditions::new(Limits::default());
    renditions.take_up(one());
    renditions.take_up(one());
    renditions.take_up(Form::ORIGINAL);
    renditions.leave(Form::ORIGINAL);
    renditions.leave(one());
    assert_eq!(renditions.others.len(), 1);
    renditions.leave(one());
    assert_eq!(renditions.others.len(), 0);
}

#[test]
fn a_second_track_in_another_codec_is_of_no_matter_to_who_takes_one() {
    let mut renditions = Renditions::new(Limits::default());
    renditions.take_up(one());
    let [video, other_video, ..] = headers();
    let mut readers = [Form::ORIGINAL, one()].map(|form| (form, Cursor::new(renditions.of(form))));
    for (n, frame) in [video.clone(), other_video.clone()].iter().chain(&second(0)).enumerate() {
        renditions.push(frame, i64::try_from(n).unwrap());
    }
    for (form, cursor) in &mut readers {
        read(&renditions, *form, cursor);
    }
    renditions.restart();
    renditions.push(&video, 0);
    assert!(renditions.push(&frame(Kind::VideoHeader, 2_000, b"\x96\x00av01\x01second"), 0).differs);
    let changed = readers.map(|(form, mut cursor)| {
        let ring = renditions.of(form);
        std::iter::from_fn(|| cursor.next(ring).transpose()).any(|next| next.is_err())
    });
    assert_eq!(changed, [true, false]);
}
