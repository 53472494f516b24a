use super::*;
use bytes::Bytes;
use proptest::prelude::*;

fn map(timeline: &mut Timeline, kind: Kind, timestamp: u32) -> i64 {
    timeline.map(Tag { kind, timestamp, payload: Bytes::new() }).time
}

fn times(tags: &[(Kind, u32)]) -> Vec<i64> {
    let mut timeline = Timeline::default();
    tags.iter().map(|(kind, at)| map(&mut timeline, *kind, *at)).collect()
}

use Kind::{Audio, VideoEnd, VideoHeader, VideoInter, VideoKey};

#[test]
fn starts_at_zero_and_moves_all_by_one_constant() {
    // ffmpeg with an offset: headers at 0, then frames hours later, audio and video not in order.
    let got = times(&[
        (VideoHeader, 0),
        (VideoKey, 19_999_956),
        (Audio, 20_000_000),
        (VideoInter, 19_999_990),
        (Audio, 20_000_023),
    ]);
    assert_eq!(got, [0, 0, 44, 34, 67]);
}

#[test]
fn passes_the_wrap_of_the_wire() {
    let start = u32::MAX - 50;
    assert_eq!(
        times(&[
            (VideoKey, start),
            (VideoInter, start.wrapping_add(40)),
            // A step that no mended jump would have.
            (VideoInter, start.wrapping_add(240))
        ]),
        [0, 40, 240]
    );
}

#[test]
fn mends_ffmpegs_return_to_zero_after_31_bits() {
    let got = times(&[
        (VideoKey, 2_147_483_590),
        (Audio, 2_147_483_600),
        (VideoInter, 2_147_483_623),
        (VideoInter, 8),
        (Audio, 10),
        (VideoInter, 41),
    ]);
    assert_eq!(got, [0, 10, 33, 66, 68, 99]);
}

#[test]
fn a_restart_from_zero_within_the_connection_does_not_stand_still() {
    let mut timeline = Timeline::default();
    map(&mut timeline, VideoKey, 0);
    assert_eq!(map(&mut timeline, VideoInter, 4_960), 4_960);
    assert_eq!(map(&mut timeline, VideoKey, 0), 4_993);
    assert_eq!(map(&mut timeline, VideoInter, 40), 5_033);
    assert_eq!(timeline.jumps(), 1);
}

#[test]
fn both_tracks_land_together_after_a_jump() {
    let got = times(&[
        (VideoKey, 1_000),
        (Audio, 1_010),
        (VideoInter, 90_000),
        (Audio, 90_010),
        (VideoInter, 90_033),
    ]);
    assert_eq!(got[3] - got[2], 10);
    assert_eq!(got[4] - got[2], 33);
}

#[test]
fn the_end_at_time_zero_takes_the_newest_time() {
    assert_eq!(times(&[(VideoKey, 5_000), (VideoInter, 8_000), (VideoEnd, 0)]), [0, 3_000, 3_000]);
}

#[test]
fn a_header_in_mid_stream_keeps_its_distance_to_its_frames() {
    let got = times(&[
        (VideoKey, 9_000),
        (Audio, 9_010),
        (VideoHeader, 9_040),
        (VideoKey, 9_040),
        (Kind::Data, 9_020),
    ]);
    assert_eq!(got, [0, 10, 40, 40, 20]);
    let got = times(&[
        (VideoKey, 9_000),
        (Audio, 9_010),
        (Kind::AudioHeader, 9_033),
        // Not later than the picture that follows it, which is older than the newest sound.
        (VideoHeader, 0),
        (VideoInter, 9_005),
    ]);
    assert_eq!(got, [0, 10, 33, 0, 5]);
}

#[test]
fn a_new_publisher_goes_on_one_frame_later() {
    let mut timeline = Timeline::default();
    map(&mut timeline, VideoKey, 100);
    map(&mut timeline, VideoInter, 140);
    timeline.restart();
    assert_eq!(map(&mut timeline, Audio, 7_000), 73);
    assert_eq!(map(&mut timeline, VideoKey, 7_010), 83);
}

proptest! {
    #[test]
    fn never_runs_back_and_never_leaps(tags in proptest::collection::vec((any::<bool>(), any::<u32>(), 0u32..3), 1..200)) {
        let mut timeline = Timeline::default();
        let (mut at, mut last, mut newest) = (0u32, [None; 2], None);
        for (video, random, how) in tags {
            at = match how { 0 => random, 1 => at.wrapping_add(random % 50), _ => at.wrapping_sub(random % 20) };
            let time = map(&mut timeline, if video { VideoInter } else { Audio }, at);
            let track = &mut last[usize::from(video)];
            prop_assert!(track.is_none_or(|before| time >= before));
            if let Some(newest) = newest {
                prop_assert!(time <= newest + MAX_AHEAD_MS + 100, "leapt from {newest} to {time}");
            }
            *track = Some(time);
            newest = newest.max(Some(time));
        }
    }

    #[test]
    fn goes_on_after_any_jump(before in any::<u32>(), after in any::<u32>()) {
        let mut timeline = Timeline::default();
        map(&mut timeline, VideoKey, before);
        let landed = map(&mut timeline, VideoKey, after);
        prop_assert_eq!(map(&mut timeline, VideoInter, after.wrapping_add(1_000)), (landed + 1_000).max(landed));
    }
}
