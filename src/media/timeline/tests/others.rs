//! Tracks beside the default ones.

use super::*;

/// Sound of track 1.
fn other(timestamp: u32) -> Tag {
    Tag { kind: Audio, timestamp, payload: Bytes::from_static(b"\x95\x01mp4a\x01sound") }
}

/// A picture of track 1.
fn other_picture(timestamp: u32) -> Tag {
    Tag { kind: VideoInter, timestamp, payload: Bytes::from_static(b"\xa6\x03hvc1\x01picture") }
}

#[test]
fn a_track_behind_or_ahead_of_the_default_one_stays_so() {
    for apart in [-900, -200, -5, 0, 7, 900] {
        let mut timeline = Timeline::default();
        let at = |time: i64| u32::try_from(1_000_000 + time).unwrap();
        assert_eq!(timeline.map(tag(VideoKey, at(0)), 0).time, 0);
        for n in 1..200_i64 {
            let time = n * 33;
            assert_eq!(timeline.map(tag(VideoInter, at(time)), time).time, time, "{apart}");
            assert_eq!(timeline.map(other_picture(at(time + apart)), time).time, (time + apart).max(0));
            assert_eq!(timeline.map(tag(Audio, at(time + 2)), time).time, time + 2);
            assert_eq!(timeline.map(other(at(time + apart)), time).time, (time + apart).max(0));
        }
        assert_eq!(timeline.repairs(), 0);
    }
}

#[test]
fn a_track_goes_on_where_the_default_one_is_silent() {
    let mut timeline = Timeline::default();
    timeline.map(tag(Audio, 0), 0);
    for n in 1..1_000_u32 {
        assert_eq!(timeline.map(other(n * 21), i64::from(n) * 21).time, i64::from(n) * 21);
    }
}

#[test]
fn a_track_follows_the_default_one_when_the_clock_jumps() {
    let mut timeline = Timeline::default();
    let mut last = [0; 2];
    for n in 0..400_u32 {
        let raw = if n < 200 { n * 21 } else { 3_600_000 + n * 21 };
        let now = i64::from(n) * 21;
        // The other track is the first to jump, and waits for its clock.
        let times = [timeline.map(other(raw), now).time, timeline.map(tag(Audio, raw), now).time];
        assert!(times[0] >= last[0] && times[1] >= last[1], "{n}");
        assert!((times[0] - now).abs() < 50 && (times[1] - now).abs() < 50, "{n}: {times:?}");
        assert!(n % 200 == 0 || times[0] == times[1], "{n}: {times:?}");
        last = times;
    }
    assert_eq!(timeline.repairs(), 1);
}

#[test]
fn the_next_publishers_tracks_begin_behind_those_before() {
    let mut timeline = Timeline::default();
    for n in 0..100 {
        timeline.map(tag(VideoKey, n * 40), 0);
        timeline.map(other_picture(n * 40 + 100), 0);
    }
    timeline.restart();
    let first = timeline.map(tag(VideoKey, 0), 5_000).time;
    let second = timeline.map(other_picture(0), 5_000).time;
    assert!(first > 99 * 40 + 100 && second == first, "{first}, {second}");
}
