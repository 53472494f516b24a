//! Where one who comes begins.

use super::*;

#[test]
fn a_newcomer_gets_headers_and_the_newest_key_frame() {
    let mut ring = ring();
    stream(&mut ring, 3);
    let mut cursor = Cursor::new(&ring);
    let first = cursor.next(&ring).unwrap().unwrap();
    assert_eq!((first.kind, first.time), (Metadata, 2_000));
    let rest = read(&mut cursor, &ring);
    assert_eq!(rest[..3], [(VideoHeader, 2), (AudioHeader, 3), (VideoKey, 1_020)]);
    assert_eq!(rest.len(), 12);
    assert_eq!(cursor.skipped(), Counts::default());
}

#[test]
fn headers_are_given_as_they_stood_at_the_key_frame() {
    let mut ring = ring();
    stream(&mut ring, 1);
    push(&mut ring, &frame(VideoHeader, 1_000, 9));
    let mut cursor = Cursor::new(&ring);
    let got = read(&mut cursor, &ring);
    assert_eq!(got[1], (VideoHeader, 2));
    assert_eq!(got.last(), Some(&(VideoHeader, 9)));
}

#[test]
fn one_who_waits_from_the_beginning_misses_nothing() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    assert_eq!(cursor.next(&ring), Ok(None));
    stream(&mut ring, 1);
    assert_eq!(read(&mut cursor, &ring).len(), 13);
}

#[test]
fn pictures_before_the_first_key_frame_are_left_out() {
    let mut ring = ring();
    push(&mut ring, &frame(VideoHeader, 0, 1));
    push(&mut ring, &frame(VideoInter, 10, 2));
    push(&mut ring, &frame(VideoKey, 20, 3));
    assert_eq!(read(&mut Cursor::new(&ring), &ring), [(VideoHeader, 1), (VideoKey, 3)]);
}

#[test]
fn an_encoder_that_marks_no_key_frames_is_relayed_after_a_while() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    for picture in 0..120 {
        push(&mut ring, &frame(VideoInter, picture * 100, 100 + picture as u32));
    }
    let got = read(&mut cursor, &ring);
    assert_eq!(got.last(), Some(&(VideoInter, 219)));
}

#[test]
fn audio_alone_starts_without_a_key_frame() {
    let mut ring = ring();
    let mut early = Cursor::new(&ring);
    push(&mut ring, &frame(AudioHeader, 0, 1));
    for n in 0..30 {
        push(&mut ring, &frame(Audio, n * 100, 100 + n as u32));
    }
    let got = read(&mut early, &ring);
    assert_eq!(got[..2], [(AudioHeader, 1), (Audio, 100)]);
    assert_eq!(got.len(), 31);
    let mut late = Cursor::new(&ring);
    assert_eq!(late.next(&ring), Ok(None));
    push(&mut ring, &frame(Audio, 3_000, 999));
    assert_eq!(read(&mut late, &ring), [(AudioHeader, 1), (Audio, 999)]);
}

#[test]
fn audio_before_the_first_picture_does_not_start_a_newcomer() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    for n in 0..10 {
        push(&mut ring, &frame(Audio, n * 100, 100 + n as u32));
    }
    assert_eq!(cursor.next(&ring), Ok(None));
    push(&mut ring, &frame(VideoHeader, 1_000, 1));
    push(&mut ring, &frame(VideoKey, 1_000, 2));
    assert_eq!(read(&mut cursor, &ring), [(VideoHeader, 1), (VideoKey, 2)]);
}
