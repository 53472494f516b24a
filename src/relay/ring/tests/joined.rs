//! Frames in one piece.

use super::*;

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
    ring.begin_era(&frame(VideoHeader, 0, 8));
    push(&mut ring, &frame(VideoHeader, 2_000, 8));
    push(&mut ring, &frame(VideoKey, 2_000, 9));
    for cursor in [&mut late, &mut quick] {
        assert_eq!(read_joined(cursor, &ring).len(), 0);
    }
    assert_eq!(late.next(&ring).unwrap().map(|packet| packet.kind), Some(VideoKey));
    assert_eq!(quick.next(&ring), Err(Changed));
}

#[test]
fn what_is_long_is_not_copied_to_be_joined() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut cursor, &ring);
    let long = Frame { payload: Bytes::from(vec![0; 1 << 20]), ..frame(VideoInter, 1_000, 0) };
    push(&mut ring, &long);
    // Alone it is sent as it is.
    assert_eq!(read_joined(&mut cursor, &ring).len(), 1);
    for _ in 0..2 {
        push(&mut ring, &long);
    }
    assert_eq!(read_joined(&mut cursor, &ring).len(), 0);
    assert_eq!(read(&mut cursor, &ring).len(), 2);
}
