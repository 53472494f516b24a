//! One publisher after the other.

use super::*;

#[test]
fn a_new_publisher_goes_on_one_frame_later() {
    let mut timeline = Timeline::default();
    arriving(&mut timeline, &[(VideoKey, 100, 0), (VideoInter, 140, 40)]);
    timeline.restart();
    let tags = [
        // Headers come before it is known where the frames begin.
        (VideoHeader, 0, 8_990),
        (AudioHeader, 0, 8_990),
        (Audio, 7_000, 9_000),
        (VideoHeader, 7_010, 9_005),
        (VideoKey, 7_010, 9_010),
    ];
    assert_eq!(arriving(&mut timeline, &tags), [40, 40, 73, 83, 83]);
    assert_eq!(timeline.repairs(), 0);
}

#[test]
fn a_new_publisher_begins_after_the_last_picture_is_shown() {
    let mut timeline = Timeline::default();
    timeline.map(picture(VideoKey, 0, 80), 0);
    timeline.map(picture(VideoInter, 40, 160), 40);
    timeline.map(picture(VideoInter, 80, 0), 80);
    timeline.map(tag(Audio, 90), 90);
    timeline.restart();
    assert_eq!(timeline.map(picture(VideoKey, 500, 80), 5_000).time, 233);
    // Sound that begins before its picture, but after the sound that was.
    assert_eq!(timeline.map(tag(Audio, 440), 5_000).time, 173);
    assert_eq!(timeline.map(tag(Audio, 463), 5_020).time, 196);
}

#[test]
fn a_new_publishers_second_track_begins_behind_nothing_that_was() {
    let mut timeline = Timeline::default();
    for at in [0, 40, 80] {
        timeline.map(picture(VideoInter, at, 0), i64::from(at));
        timeline.map(tag(Audio, at + 20), i64::from(at));
    }
    timeline.restart();
    // Video begins 140 ms before the sound that came first.
    assert_eq!(timeline.map(tag(Audio, 5_140), 9_000).time, 133);
    assert_eq!(timeline.map(picture(VideoKey, 5_000, 0), 9_000).time, 101);
    assert_eq!(timeline.map(picture(VideoInter, 5_040, 0), 9_040).time, 141);
    assert_eq!(timeline.map(tag(Audio, 5_161), 9_045).time, 262);
    assert_eq!(timeline.map(picture(VideoInter, 5_080, 0), 9_080).time, 181);
    assert_eq!(timeline.map(tag(Audio, 5_180), 9_080).time, 281);
    timeline.restart();
    // Sound that would begin with the last of the sound that was.
    assert_eq!(timeline.map(picture(VideoKey, 133, 0), 9_090).time, 314);
    assert_eq!(timeline.map(tag(Audio, 100), 9_090).time, 282);
    timeline.restart();
    // A picture that is shown before its time, as Wirecast has it.
    assert_eq!(timeline.map(picture(VideoKey, 0, -100), 9_200).time, 415);
}

#[test]
fn composition_times_that_make_no_sense_push_nothing_ahead() {
    for nonsense in [8_000_000, 5_001, -8_000_000, -5_001] {
        let mut timeline = Timeline::default();
        assert_eq!(timeline.map(picture(VideoKey, 0, nonsense), 0).time, 0);
        timeline.restart();
        assert_eq!(timeline.map(picture(VideoKey, 0, nonsense), 0).time, NOMINAL_STEP_MS);
    }
}
