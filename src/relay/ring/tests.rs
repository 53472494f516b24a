use bytes::Bytes;
use proptest::prelude::*;

use super::cursor::{JUMP_MS, SKIP_MS};
use super::recent::MAX_HEADERS;
use super::*;
use crate::media::{Frame, Kind};
use crate::rtmp::Packet;

fn frame(kind: Kind, time: i64, serial: u32) -> Frame {
    Frame { kind, time, payload: Bytes::copy_from_slice(&serial.to_be_bytes()) }
}

fn ring() -> Ring {
    Ring::new(Limits::default())
}

/// Adds a frame that arrives when its time says.
fn push(ring: &mut Ring, frame: &Frame) {
    ring.push(frame, frame.time);
}

fn serial(packet: &Packet) -> u32 {
    u32::from_be_bytes(packet.payload()[..4].try_into().unwrap())
}

fn read(cursor: &mut Cursor, ring: &Ring) -> Vec<(Kind, u32)> {
    std::iter::from_fn(|| cursor.next(ring).unwrap()).map(|frame| (frame.kind, serial(&frame))).collect()
}

use Kind::{Audio, AudioHeader, Metadata, VideoHeader, VideoInter, VideoKey};

/// Metadata, headers, then a group of pictures every second, 10 pictures each.
fn stream(ring: &mut Ring, seconds: i64) {
    for (kind, serial) in [(Metadata, 1), (VideoHeader, 2), (AudioHeader, 3)] {
        push(ring, &frame(kind, 0, serial));
    }
    for picture in 0..seconds * 10 {
        let kind = if picture % 10 == 0 { VideoKey } else { VideoInter };
        push(ring, &frame(kind, picture * 100, 1_000 + picture as u32));
    }
}

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

#[test]
fn the_newest_group_of_pictures_stays_even_if_it_is_long() {
    let mut ring = ring();
    push(&mut ring, &frame(VideoKey, 0, 1));
    for n in 1..200 {
        push(&mut ring, &frame(VideoInter, n * 100, 1 + n as u32));
    }
    assert_eq!(read(&mut Cursor::new(&ring), &ring)[0], (VideoKey, 1));
    for n in 200..400 {
        push(&mut ring, &frame(VideoInter, n * 100, 1 + n as u32));
    }
    assert_eq!(Cursor::new(&ring).next(&ring), Ok(None));
}

#[test]
fn bytes_are_bounded_even_for_one_group_of_pictures() {
    let mut ring = Ring::new(Limits { bytes: 2_000, ..Limits::default() });
    push(&mut ring, &frame(VideoKey, 0, 1));
    for n in 1..200 {
        push(&mut ring, &frame(VideoInter, n, n as u32));
        assert!(ring.bytes() <= 2_000);
    }
}

#[test]
fn empty_frames_and_endless_headers_are_bounded_too() {
    let mut ring = Ring::new(Limits { bytes: 2_000, ..Limits::default() });
    for _ in 0..1_000 {
        push(&mut ring, &Frame { kind: Audio, time: 0, payload: Bytes::new() });
    }
    assert!(ring.head() - ring.first < 50);
    for track in 0..=255 {
        let payload = Bytes::copy_from_slice(&[0x96, 0x00, b'h', b'v', b'c', b'1', track]);
        push(&mut ring, &Frame { kind: VideoHeader, time: 0, payload });
    }
    push(&mut ring, &Frame { kind: AudioHeader, time: 0, payload: Bytes::from(vec![0; 100_000]) });
    assert_eq!(ring.headers.len(), MAX_HEADERS);
    assert!(ring.headers.iter().all(|(_, header)| header.payload.len() < 100));
}

/// Goes on with `stream` from a picture to another, with sound between them.
fn go_on(ring: &mut Ring, pictures: std::ops::Range<i64>) {
    for picture in pictures {
        let kind = if picture % 10 == 0 { VideoKey } else { VideoInter };
        push(ring, &frame(kind, picture * 100, 1_000 + picture as u32));
        push(ring, &frame(Audio, picture * 100 + 50, 5_000 + picture as u32));
    }
}

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
        ring.push(&frame(kind, picture * 100, 1_000 + picture as u32), 30_000);
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
fn repeated_metadata_is_left_out() {
    let mut ring = ring();
    stream(&mut ring, 1);
    let head = ring.head();
    push(&mut ring, &frame(Metadata, 0, 1));
    assert_eq!(ring.head(), head);
    push(&mut ring, &frame(Metadata, 0, 2));
    assert_eq!(ring.head(), head + 1);
}

#[test]
fn after_a_restart_followers_read_on_and_newcomers_wait() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut follower, &ring);
    ring.restart();
    let mut newcomer = Cursor::new(&ring);
    push(&mut ring, &frame(VideoHeader, 1_000, 8));
    push(&mut ring, &frame(VideoInter, 1_000, 9));
    assert_eq!(newcomer.next(&ring), Ok(None));
    push(&mut ring, &frame(VideoKey, 1_100, 10));
    assert_eq!(read(&mut follower, &ring), [(VideoHeader, 8), (VideoKey, 10)]);
    assert_eq!(read(&mut newcomer, &ring), [(VideoHeader, 8), (VideoKey, 10)]);
}

#[test]
fn after_a_restart_headers_that_are_the_same_are_given_to_newcomers_only() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut follower, &ring);
    ring.restart();
    // One comes that shows nothing, and then the next.
    ring.restart();
    push(&mut ring, &frame(Metadata, 1_000, 1));
    push(&mut ring, &frame(VideoHeader, 1_000, 2));
    push(&mut ring, &frame(AudioHeader, 1_000, 7));
    push(&mut ring, &frame(VideoKey, 1_100, 10));
    assert_eq!(read(&mut follower, &ring), [(AudioHeader, 7), (VideoKey, 10)]);
    let newcomer = read(&mut Cursor::new(&ring), &ring);
    assert_eq!(newcomer, [(Metadata, 1), (VideoHeader, 2), (AudioHeader, 7), (VideoKey, 10)]);
    // Said again in mid-stream, it is passed on as it was sent.
    push(&mut ring, &frame(VideoHeader, 1_200, 2));
    assert_eq!(read(&mut follower, &ring), [(VideoHeader, 2)]);
}

#[test]
fn one_who_started_before_a_header_came_is_given_it_though_it_is_the_same_again() {
    let mut ring = ring();
    stream(&mut ring, 1);
    ring.restart();
    push(&mut ring, &frame(VideoHeader, 1_000, 2));
    push(&mut ring, &frame(VideoKey, 1_100, 10));
    let mut newcomer = Cursor::new(&ring);
    assert_eq!(read(&mut newcomer, &ring), [(VideoHeader, 2), (VideoKey, 10)]);
    push(&mut ring, &frame(AudioHeader, 1_100, 3));
    assert_eq!(read(&mut newcomer, &ring), [(AudioHeader, 3)]);

    // So it is where the sound comes long before the pictures.
    ring.restart();
    for n in 0..30 {
        push(&mut ring, &frame(Audio, 2_000 + n * 100, 100 + n as u32));
    }
    let mut newcomer = Cursor::new(&ring);
    push(&mut ring, &frame(Audio, 5_000, 200));
    assert_eq!(read(&mut newcomer, &ring), [(Audio, 200)]);
    push(&mut ring, &frame(VideoHeader, 5_000, 2));
    assert_eq!(read(&mut newcomer, &ring), [(VideoHeader, 2)]);
}

#[test]
fn after_a_restart_the_sound_of_the_publisher_before_starts_nobody() {
    let mut ring = ring();
    let mut early = Cursor::new(&ring);
    push(&mut ring, &frame(AudioHeader, 0, 1));
    for n in 0..15 {
        push(&mut ring, &frame(Audio, n * 100, 100 + n as u32));
    }
    ring.restart();
    push(&mut ring, &frame(AudioHeader, 1_500, 2));
    for n in 15..34 {
        push(&mut ring, &frame(Audio, n * 100, 100 + n as u32));
        assert_eq!(early.next(&ring), Ok(None), "pictures may come yet");
    }
    for n in 34..40 {
        push(&mut ring, &frame(Audio, n * 100, 100 + n as u32));
    }
    assert_eq!(read(&mut early, &ring)[..2], [(AudioHeader, 2), (Audio, 115)]);
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

#[test]
fn a_change_of_codecs_is_none_for_one_who_was_given_nothing_yet() {
    let mut ring = ring();
    stream(&mut ring, 1);
    ring.restart();
    let mut waiting = Cursor::new(&ring);
    assert_eq!(waiting.next(&ring), Ok(None));
    ring.begin_era();
    push(&mut ring, &frame(VideoHeader, 1_000, 8));
    push(&mut ring, &frame(VideoKey, 1_000, 9));
    assert_eq!(read(&mut waiting, &ring), [(VideoHeader, 8), (VideoKey, 9)]);
}

#[test]
fn a_change_of_codecs_ends_those_who_read_once_they_have_read_what_came_before() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    follower.next(&ring).unwrap();
    ring.restart();
    ring.begin_era();
    push(&mut ring, &frame(VideoHeader, 1_000, 8));
    push(&mut ring, &frame(VideoKey, 1_000, 9));
    for _ in 0..12 {
        assert!(follower.next(&ring).unwrap().is_some());
    }
    assert_eq!(follower.next(&ring), Err(Changed));
    assert_eq!(read(&mut Cursor::new(&ring), &ring), [(VideoHeader, 8), (VideoKey, 9)]);
}

#[test]
fn a_change_of_codecs_ends_one_who_was_to_read_what_is_gone() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut follower, &ring);
    go_on(&mut ring, 10..20);
    ring.restart();
    ring.begin_era();
    push(&mut ring, &frame(VideoHeader, 2_000, 8));
    go_on(&mut ring, 20..200);
    assert_eq!(follower.next(&ring), Err(Changed));
}

#[test]
fn a_change_of_codecs_ends_one_who_fell_behind_and_waits_for_a_key_frame() {
    let mut ring = ring();
    let mut follower = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut follower, &ring);
    go_on(&mut ring, 10..200);
    ring.restart();
    assert_eq!(follower.next(&ring), Ok(None));
    assert_eq!(follower.falls(), 1);
    ring.begin_era();
    push(&mut ring, &frame(VideoHeader, 20_000, 8));
    push(&mut ring, &frame(VideoKey, 20_000, 9));
    assert_eq!(follower.next(&ring), Err(Changed));
}

#[test]
fn what_nobody_needs_is_let_go_and_what_a_slow_reader_needs_is_kept() {
    let mut ring = ring();
    let (mut quick, mut slow) = (Cursor::new(&ring), Cursor::new(&ring));
    stream(&mut ring, 1);
    slow.next(&ring).unwrap();
    read(&mut quick, &ring);
    let start = ring.push(&frame(VideoKey, 1_000, 500), 1_000).unwrap();
    read(&mut quick, &ring);
    let oldest = [&quick, &slow].into_iter().filter_map(Cursor::next_position).fold(start, u64::min);
    ring.release(oldest);
    // All but the header it was given.
    assert_eq!(read(&mut slow, &ring).len(), 13);
    assert_eq!(slow.skipped(), Counts::default());
    ring.release(start);
    assert_eq!(ring.head() - ring.first, 1);
    assert_eq!(read(&mut Cursor::new(&ring), &ring).last(), Some(&(VideoKey, 500)));
    assert_eq!((quick.falls(), slow.falls()), (0, 0));
}

/// What comes next for a reader, all in one, if it may be given that.
fn read_joined(cursor: &mut Cursor, ring: &Ring) -> Vec<Packet> {
    let batch = cursor.next_position().and_then(|position| ring.batch(position, u64::MAX));
    let Some(batch) = batch.filter(|batch| cursor.is_at(batch)) else {
        return Vec::new();
    };
    cursor.pass_batch(&batch);
    (batch.from..batch.to).map(|position| ring.get(position).unwrap().clone()).collect()
}

#[test]
fn frames_are_not_joined_for_one_who_lacks_headers_or_leaves_out_pictures() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    stream(&mut ring, 1);
    cursor.next(&ring).unwrap();
    assert_eq!(read_joined(&mut cursor, &ring).len(), 0);
    read(&mut cursor, &ring);
    go_on(&mut ring, 11..45);
    assert_eq!(cursor.next(&ring).unwrap().unwrap().kind, Audio);
    assert_eq!(read_joined(&mut cursor, &ring).len(), 0);
    read(&mut cursor, &ring);
    go_on(&mut ring, 45..50);
    assert_eq!(read_joined(&mut cursor, &ring).len(), 10);
    assert_eq!(cursor.next(&ring), Ok(None));
}

#[test]
fn what_was_joined_is_not_counted_as_left_out() {
    let mut ring = ring();
    let (mut one, mut other) = (Cursor::new(&ring), Cursor::new(&ring));
    stream(&mut ring, 1);
    read(&mut one, &ring);
    read(&mut other, &ring);
    go_on(&mut ring, 10..20);
    assert_eq!(read_joined(&mut one, &ring).len(), read(&mut other, &ring).len());
    go_on(&mut ring, 20..200);
    assert_eq!(read_joined(&mut one, &ring).len(), 0, "it is gone");
    assert_eq!(read(&mut one, &ring), read(&mut other, &ring));
    assert_eq!(one.skipped(), other.skipped());
    assert!(one.skipped().video > 100);
}

#[test]
fn frames_are_not_joined_with_those_of_other_codecs() {
    let mut ring = ring();
    let (mut late, mut quick) = (Cursor::new(&ring), Cursor::new(&ring));
    stream(&mut ring, 1);
    for cursor in [&mut late, &mut quick] {
        read(cursor, &ring);
    }
    go_on(&mut ring, 10..12);
    read(&mut quick, &ring);
    ring.restart();
    ring.begin_era();
    push(&mut ring, &frame(VideoHeader, 2_000, 8));
    push(&mut ring, &frame(VideoKey, 2_000, 9));
    for cursor in [&mut late, &mut quick] {
        assert_eq!(read_joined(cursor, &ring).len(), 0);
    }
    assert_eq!(late.next(&ring).unwrap().map(|packet| packet.kind), Some(VideoKey));
    assert_eq!(quick.next(&ring), Err(Changed));
}

/// A step of a random play: frames come, or the reader reads a few, or a new publisher comes.
#[derive(Debug, Clone)]
enum Act {
    Push(Kind, i64),
    Read(usize),
    ReadJoined,
    Restart,
    Release,
}

fn any_act() -> impl Strategy<Value = Act> {
    let kind = prop_oneof![
        1 => Just(VideoKey),
        6 => Just(VideoInter),
        5 => Just(Audio),
        1 => Just(VideoHeader),
        1 => Just(AudioHeader),
    ];
    prop_oneof![
        20 => (kind, 0i64..700).prop_map(|(kind, step)| Act::Push(kind, step)),
        6 => (0usize..12).prop_map(Act::Read),
        4 => Just(Act::ReadJoined),
        1 => Just(Act::Restart),
        2 => Just(Act::Release),
    ]
}

proptest! {
    #[test]
    fn what_comes_out_can_always_be_decoded(acts in proptest::collection::vec(any_act(), 1..400)) {
        let limits = Limits { bytes: 5_000, ..Limits::default() };
        let mut ring = Ring::new(limits);
        let mut cursor = Cursor::new(&ring);
        let (mut time, mut next_serial) = (0, 0);
        // The header that each picture needs, whether its publisher had sent a key frame, and what the
        // reader was given.
        let mut header_of = std::collections::HashMap::new();
        let (mut current_header, mut given_header) = (None, None);
        let (mut last, mut last_picture): (Option<u32>, Option<u32>) = (None, None);
        let mut pictures = Vec::new();
        let mut keyed = false;
        let mut last_start: Option<u64> = None;
        for act in acts {
            match act {
                Act::Release => {
                    let start = last_start.unwrap_or(0);
                    ring.release(cursor.next_position().map_or(start, |position| position.min(start)));
                }
                Act::Restart => {
                    ring.restart();
                    (current_header, keyed) = (None, false);
                }
                Act::Push(kind, step) => {
                    time += step;
                    next_serial += 1;
                    if kind == VideoHeader {
                        current_header = Some(next_serial);
                    }
                    keyed |= kind == VideoKey;
                    let before = ring.head();
                    last_start = ring.push(&frame(kind, time, next_serial), time).or(last_start);
                    if ring.head() > before && matches!(kind, VideoKey | VideoInter) {
                        header_of.insert(next_serial, (current_header, keyed));
                        pictures.push(next_serial);
                    }
                    prop_assert!(ring.bytes() <= 5_000);
                }
                Act::Read(_) | Act::ReadJoined => for frame in match act {
                    Act::Read(count) => std::iter::from_fn(|| cursor.next(&ring).unwrap()).take(count).collect(),
                    _ => read_joined(&mut cursor, &ring),
                } {
                    let serial = serial(&frame);
                    match frame.kind {
                        VideoHeader => given_header = Some(serial),
                        VideoKey | VideoInter => {
                            prop_assert!(last_picture.is_none_or(|last| last < serial), "pictures rise");
                            let (needed, was_keyed) = header_of[&serial];
                            if frame.kind == VideoInter && was_keyed {
                                let index = pictures.binary_search(&serial).unwrap();
                                let before = index.checked_sub(1).map(|index| pictures[index]);
                                prop_assert!(before == last_picture || last_picture.is_none(), "no gap before an inter frame");
                            }
                            if let Some(needed) = needed {
                                prop_assert_eq!(given_header, Some(needed), "its header came before it");
                            }
                            last_picture = Some(serial);
                        }
                        Audio => {
                            prop_assert!(last.is_none_or(|last| last < serial), "audio rises");
                            last = Some(serial);
                        }
                        _ => {}
                    }
                },
            }
        }
    }
}
