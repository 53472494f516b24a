//! One reader goes on where another one ends.

use proptest::prelude::*;

use super::*;

/// Sound and pictures, as they were read.
fn media(read: &[(Kind, u32)]) -> Vec<u32> {
    read.iter().filter(|(kind, _)| kind.is_timed()).map(|(_, serial)| *serial).collect()
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![1 => Just(VideoKey), 8 => Just(VideoInter), 6 => Just(Audio), 1 => Just(VideoHeader)]
}

proptest! {
    #[test]
    fn each_frame_is_read_by_one_of_both(
        frames in proptest::collection::vec((any_kind(), any::<bool>(), any::<bool>()), 1..120),
        parting in 0usize..120,
        is_released: bool,
    ) {
        let mut ring = ring();
        let (mut old, mut control) = (Cursor::new(&ring), Cursor::new(&ring));
        push(&mut ring, &frame(VideoHeader, 0, 7));
        push(&mut ring, &frame(VideoKey, 0, 8));
        let mut heir = None;
        let (mut first, mut whole) = (read(&mut old, &ring), read(&mut control, &ring));
        let mut second = Vec::new();
        for (index, (kind, is_read, is_joined)) in frames.into_iter().enumerate() {
            if index == parting {
                old.end_at_start(ring.head());
                heir = Some(Cursor::heir(&ring, ring.head()));
            }
            let time = 10 * i64::try_from(index).unwrap();
            let start = ring.push(&frame(kind, time, 100 + u32::try_from(index).unwrap()), time, None);
            whole.extend(read(&mut control, &ring));
            // A key frame ends the round in which nobody reads.
            if is_read || start.is_some() {
                if is_joined {
                    let joined = read_joined(&mut old, &ring);
                    first.extend(joined.iter().map(|packet| (packet.kind, serial(packet))));
                }
                first.extend(read(&mut old, &ring));
                if let Some(heir) = heir.as_mut().filter(|_| old.is_over()) {
                    second.extend(read(heir, &ring));
                }
            }
            if let (Some(start), true) = (start, is_released) {
                ring.release(old.next_position().map_or(start, |position| position.min(start)));
            }
        }
        first.extend(read(&mut old, &ring));
        if let Some(heir) = &mut heir {
            second.extend(read(heir, &ring));
        }
        prop_assert_eq!([media(&first), media(&second)].concat(), media(&whole));
        prop_assert_eq!(old.is_over(), !second.is_empty());
        if old.is_over() {
            prop_assert_eq!((second[0].0, second[1].0), (VideoHeader, VideoKey));
        }
    }
}

#[test]
fn a_reader_without_an_heir_goes_on() {
    let mut ring = ring();
    let mut cursor = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut cursor, &ring);
    cursor.end_at_start(ring.head());
    go_on(&mut ring, 10..15);
    assert_eq!(read(&mut cursor, &ring), []);
    assert!(cursor.is_over());
    cursor.go_on();
    assert_eq!(read(&mut cursor, &ring).len(), 10);
    assert!(!cursor.is_over());
}

#[test]
fn an_heir_that_comes_late_begins_where_the_other_one_ended() {
    let mut ring = ring();
    let mut old = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut old, &ring);
    old.end_at_start(ring.head());
    let mut heir = Cursor::heir(&ring, ring.head());
    // Two key frames come before anybody reads.
    go_on(&mut ring, 5..25);
    assert_eq!(media(&read(&mut old, &ring)).last(), Some(&5_009));
    assert_eq!(media(&read(&mut heir, &ring)).first(), Some(&1_010));
}

#[test]
fn a_reader_who_leaps_over_the_end_is_over_and_the_heir_is_as_late() {
    let mut ring = ring();
    let mut old = Cursor::new(&ring);
    stream(&mut ring, 1);
    read(&mut old, &ring);
    old.end_at_start(ring.head());
    let mut heir = Cursor::heir(&ring, ring.head());
    go_on(&mut ring, 10..80);
    assert_eq!(read(&mut old, &ring), []);
    assert!(old.is_over());
    assert_eq!(media(&read(&mut heir, &ring)).first(), Some(&1_070), "more than six seconds are left out");
}

#[test]
fn who_goes_on_for_another_begins_before_its_place_or_counts_what_is_left_out() {
    let mut ring = ring();
    let mut old = Cursor::new(&ring);
    stream(&mut ring, 3);
    // One reads on from the newest key frame, and is left behind in the midst of what follows it.
    read(&mut old, &ring);
    go_on(&mut ring, 30..48);
    for _ in 0..10 {
        old.next(&ring).unwrap();
    }
    let place = old.spot().unwrap();
    let mut heir = Cursor::again(&ring, place);
    assert_eq!((heir.skipped(), media(&read(&mut heir, &ring))[0]), (Counts::default(), 1_030));
    // What comes before its place is let go, once nobody else needs it.
    ring.release(old.next_position().unwrap());
    let mut heir = Cursor::again(&ring, place);
    assert_eq!(media(&read(&mut heir, &ring))[0], 1_040);
    assert_eq!(heir.skipped(), Counts { video: 5, audio: 5 });
    // What is too old is of no use.
    go_on(&mut ring, 48..125);
    let mut heir = Cursor::again(&ring, place);
    assert_eq!(media(&read(&mut heir, &ring))[0], 1_120);
    assert_eq!(heir.skipped(), Counts { video: 85, audio: 85 });
    // Nothing comes after its place yet.
    read(&mut old, &ring);
    let mut heir = Cursor::again(&ring, old.spot().unwrap());
    assert_eq!((heir.skipped(), media(&read(&mut heir, &ring))[0]), (Counts::default(), 1_120));
}
