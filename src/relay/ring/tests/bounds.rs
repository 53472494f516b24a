//! What is kept, and what is let go.

use super::super::headers::MAX_HEADERS;
use super::*;

#[test]
fn the_newest_group_of_pictures_stays_even_if_it_is_long() {
    let mut ring = ring();
    push(&mut ring, &frame(VideoKey, 0, 1));
    for n in 1..=300 {
        push(&mut ring, &frame(VideoInter, n * 100, 1 + n as u32));
    }
    assert_eq!(read(&mut Cursor::new(&ring), &ring)[0], (VideoKey, 1));
    for n in 301..303 {
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
    assert_eq!(ring.headers.newest.len(), MAX_HEADERS);
    assert!(ring.headers.newest.iter().all(|(_, header)| header.payload.len() < 100));
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
fn what_nobody_needs_is_let_go_and_what_a_slow_reader_needs_is_kept() {
    let mut ring = ring();
    let (mut quick, mut slow) = (Cursor::new(&ring), Cursor::new(&ring));
    stream(&mut ring, 1);
    slow.next(&ring).unwrap();
    read(&mut quick, &ring);
    let start = ring.push(&frame(VideoKey, 1_000, 500), 1_000, None).unwrap();
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

#[test]
fn how_much_is_before_a_reader_and_for_how_long_counts_what_is_kept_alone() {
    let mut ring = ring();
    stream(&mut ring, 2);
    // Four bytes each: three headers, and twenty pictures.
    assert_eq!([0, 1, 3, 22, 23].map(|at| ring.bytes_from(at)), [92, 88, 80, 4, 0]);
    assert_eq!([0, 3, 4, 22, 23].map(|at| ring.age_ms(at)), [1_900, 1_900, 1_800, 0, 0]);
    ring.release(13);
    assert_eq!([0, 12, 13, 14].map(|at| ring.bytes_from(at)), [40, 40, 40, 36]);
    assert_eq!([0, 12, 13, 14].map(|at| ring.age_ms(at)), [900, 900, 900, 800]);
}
