//! Random plays.

use proptest::prelude::*;

use super::*;

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
                    last_start = ring.push(&frame(kind, time, next_serial), time, None).or(last_start);
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
