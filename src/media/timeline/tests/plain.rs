//! Time that makes sense passes as it is.

use super::*;

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
fn a_track_that_begins_before_the_other_does_not_begin_before_zero() {
    for before in [44, 1_500] {
        let start = 9_000 - before;
        let tags = [
            (Audio, 9_000, 0),
            (VideoKey, start, 0),
            (VideoInter, start + 40, 40),
            (Audio, 9_021, 40),
            (VideoInter, start + 80, 80),
        ];
        let (sound, mut timeline) = (i64::from(before) + 21, Timeline::default());
        assert_eq!(arriving(&mut timeline, &tags), [0, 0, 40, sound, 80]);
        assert_eq!(timeline.repairs(), 0);
    }
}

#[test]
fn passes_the_wrap_of_the_wire() {
    let start = u32::MAX - 50;
    let tags = [
        (VideoKey, start, 7),
        (VideoInter, start.wrapping_add(40), 7),
        // A step that no repair would make.
        (VideoInter, start.wrapping_add(240), 7),
    ];
    let mut timeline = Timeline::default();
    assert_eq!(arriving(&mut timeline, &tags), [0, 40, 240]);
    assert_eq!(timeline.repairs(), 0);
}

#[test]
fn a_gap_as_long_as_the_silence_is_passed_on() {
    let mut timeline = Timeline::default();
    let tags =
        [(VideoKey, 0, 0), (VideoKey, 9_000, 8_000), (VideoKey, 13_900, 8_001), (Audio, 13_910, 8_002)];
    assert_eq!(arriving(&mut timeline, &tags), [0, 9_000, 13_900, 13_910]);
    assert_eq!(timeline.repairs(), 0);
}

#[test]
fn parallel_tracks_share_their_times_even_if_the_network_stalls() {
    let mut timeline = Timeline::default();
    for n in 0..50_u32 {
        for track in 0..6 {
            let late = if track > 0 { 900 } else { 0 };
            let frame = timeline.map(tag(Audio, n * 21), i64::from(n) * 1_000 + late);
            assert_eq!(frame.time, i64::from(n) * 21);
        }
    }
    assert_eq!(timeline.repairs(), 0);
}

#[test]
fn the_end_at_time_zero_takes_the_tracks_last_time() {
    let tags = [(VideoKey, 5_000), (VideoInter, 8_000), (Audio, 8_020), (VideoEnd, 0), (VideoInter, 8_010)];
    assert_eq!(times(&tags), [0, 3_000, 3_020, 3_000, 3_010]);
    assert_eq!(times(&[(Audio, 5_000), (Audio, 5_020), (VideoEnd, 0)]), [0, 20, 20]);
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
        (AudioHeader, 9_033),
        // Not later than the picture that follows it, which is older than the newest sound.
        (VideoHeader, 0),
        (VideoInter, 9_005),
    ]);
    assert_eq!(got, [0, 10, 33, 0, 5]);
}
