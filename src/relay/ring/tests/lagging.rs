//! Those who do not keep up.

use super::super::cursor::{JUMP_MS, SKIP_MS};
use super::*;

const HEADERS: [(Kind, u32); 3] = [(Metadata, 1), (VideoHeader, 2), (AudioHeader, 3)];

#[test]
fn a_reader_that_lags_leaves_out_pictures_up_to_the_next_key_frame_and_keeps_the_sound() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut cursor, &ring);
    go_on(&mut ring, 10..15);
    cursor.next(&ring).unwrap();
    go_on(&mut ring, 15..45);
    assert!((SKIP_MS..JUMP_MS).contains(&cursor.lag_ms(&ring)));
    let got = read(&mut cursor, &ring);
    let sound: Vec<u32> = (10..20).map(|n| 5_000 + n).collect();
    let heard: Vec<u32> = got.iter().take(10).map(|(_, serial)| *serial).collect();
    assert_eq!(heard, sound);
    assert_eq!(got[10..13], HEADERS);
    assert_eq!(got[13..15], [(VideoKey, 1_020), (Audio, 5_020)]);
    // Where it still lagged, it went on to the next key frame again.
    let pictures: Vec<u32> =
        got.iter().filter(|(kind, _)| matches!(kind, VideoKey | VideoInter)).map(|(_, n)| *n).collect();
    assert_eq!(pictures[..3], [1_020, 1_030, 1_031]);
    assert_eq!(*pictures.last().unwrap(), 1_044);
    assert_eq!(cursor.skipped(), Counts { video: 18, audio: 0 });
    assert_eq!(cursor.lag_ms(&ring), 0);
}

#[test]
fn one_that_lags_far_is_taken_to_the_newest_key_frame_sound_and_all() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut cursor, &ring);
    go_on(&mut ring, 10..76);
    let got = read(&mut cursor, &ring);
    assert_eq!(got[..3], HEADERS);
    assert_eq!(got[3], (VideoKey, 1_070));
    assert_eq!(cursor.skipped(), Counts { video: 60, audio: 60 });
}

#[test]
fn one_that_fell_off_the_ring_is_told_exactly_what_it_missed() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut cursor, &ring);
    go_on(&mut ring, 10..305);
    assert!(ring.first > 100);
    assert!(cursor.lag_ms(&ring) >= 8_000, "what it was to read next is gone, and older");
    let got = read(&mut cursor, &ring);
    assert_eq!(got[3], (VideoKey, 1_300));
    assert_eq!(cursor.skipped(), Counts { video: 290, audio: 290 });
}

#[test]
fn what_an_encoder_sends_all_at_once_makes_nobody_late() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut cursor, &ring);
    for picture in 10..300 {
        let kind = if picture % 10 == 0 { VideoKey } else { VideoInter };
        ring.push(&frame(kind, picture * 100, 1_000 + picture as u32), 30_000, None);
    }
    assert_eq!(read(&mut cursor, &ring).len(), 290);
    assert_eq!(cursor.skipped(), Counts::default());
}

#[test]
fn a_group_of_pictures_without_end_is_not_skipped_into_nothing() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut cursor, &ring);
    for picture in 11..60 {
        push(&mut ring, &frame(VideoInter, picture * 100, 1_000 + picture as u32));
    }
    assert_eq!(read(&mut cursor, &ring).len(), 49);
}

#[test]
fn one_that_leaves_out_pictures_and_still_lags_is_given_headers_once() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut cursor, &ring);
    go_on(&mut ring, 11..45);
    assert_eq!(cursor.next(&ring).unwrap().unwrap().kind, Audio);
    go_on(&mut ring, 45..85);
    let got = read(&mut cursor, &ring);
    assert_eq!(got[..3], HEADERS);
    assert_eq!(got[3], (VideoKey, 1_080));
}
