//! Time that jumps, runs back or stands.

use super::*;

#[test]
fn mends_ffmpegs_return_to_zero_after_31_bits() {
    let tags = [
        (VideoKey, 2_147_483_590, 0),
        (Audio, 2_147_483_600, 10),
        (VideoInter, 2_147_483_623, 33),
        (VideoInter, 8, 66),
        (Audio, 10, 68),
        (VideoInter, 41, 99),
    ];
    assert_eq!(arriving(&mut Timeline::default(), &tags), [0, 10, 33, 66, 68, 99]);
    // The same if all of it comes at once: nobody knows better than one frame.
    let at_once = tags.map(|(kind, at, _)| (kind, at, 0));
    assert_eq!(arriving(&mut Timeline::default(), &at_once), [0, 10, 33, 66, 68, 99]);
}

#[test]
fn a_restart_from_zero_within_the_connection_does_not_stand_still() {
    let mut timeline = Timeline::default();
    let tags = [(VideoKey, 0, 0), (VideoInter, 4_960, 4_960), (VideoKey, 0, 4_980), (VideoInter, 40, 5_030)];
    assert_eq!(arriving(&mut timeline, &tags), [0, 4_960, 4_993, 5_033]);
    assert_eq!(timeline.repairs(), 1);
}

#[test]
fn a_jump_takes_as_long_as_the_encoder_was_silent() {
    for after in [90_000, 2_000_000_000, 3_000_000_000, 0] {
        let tags = [
            (VideoKey, 10_000, 0),
            (Audio, 10_010, 10),
            (VideoInter, 10_040, 40),
            (VideoKey, after, 1_440),
            (Audio, after + 10, 1_450),
            (VideoInter, after + 40, 1_480),
        ];
        assert_eq!(arriving(&mut Timeline::default(), &tags), [0, 10, 40, 1_440, 1_450, 1_480]);
    }
}

#[test]
fn a_broken_clock_does_not_take_a_repair_far_ahead() {
    let mut timeline = Timeline::default();
    let tags =
        [(VideoKey, 10_000, 0), (VideoKey, 0, i64::MAX), (VideoKey, 40, i64::MIN), (VideoInter, 80, 0)];
    assert_eq!(arriving(&mut timeline, &tags), [0, 10_000, 10_040, 10_080]);
}

#[test]
fn both_tracks_land_together_after_a_jump() {
    // The sound of a cut comes late, and begins a little before its picture.
    let tags = [
        (VideoKey, 1_000, 0),
        (Audio, 1_010, 10),
        (VideoInter, 90_000, 40),
        (VideoInter, 90_033, 73),
        (Audio, 89_995, 150),
        (Audio, 90_018, 160),
    ];
    assert_eq!(arriving(&mut Timeline::default(), &tags), [0, 10, 40, 73, 35, 58]);
}

#[test]
fn a_track_that_jumps_alone_stays_beside_the_other() {
    let mut timeline = Timeline::default();
    let mut got = Vec::new();
    for n in 0..200_u32 {
        let now = i64::from(n) * 40;
        // Sound is an hour ahead, then a minute behind, then right again.
        let jump = if n < 50 {
            0
        } else if n < 100 {
            3_600_000
        } else if n < 150 {
            0_u32.wrapping_sub(60_000)
        } else {
            0
        };
        let sound = timeline.map(tag(Audio, (n * 40 + 5).wrapping_add(jump)), now + 5).time;
        let video = timeline.map(tag(VideoInter, n * 40), now).time;
        got.push((sound - video - 5).abs());
        assert!(timeline.repairs() <= 3);
    }
    // The first picture is older than the sound that came first, and cannot be before zero.
    assert_eq!(got.iter().skip(1).max(), Some(&0));
}

#[test]
fn a_small_step_back_goes_on_slowly_until_it_has_caught_up() {
    let mut timeline = Timeline::default();
    let tags = [(Audio, 1_000, 0), (Audio, 900, 20), (Audio, 950, 40), (Audio, 950, 60), (Audio, 1_020, 80)];
    assert_eq!(arriving(&mut timeline, &tags), [0, 1, 2, 2, 20]);
    let long: Vec<_> = (1..20_u32).map(|n| (Audio, 520 + n * 40, 80 + i64::from(n) * 40)).collect();
    assert_eq!(arriving(&mut timeline, &long).last(), Some(&280));
    assert_eq!(timeline.repairs(), 0);
}

#[test]
fn timestamps_that_stand_are_replaced_by_arrivals() {
    let mut timeline = Timeline::default();
    let mut pairs = Vec::new();
    for n in 0..250_u32 {
        let now = 7_000 + i64::from(n) * 40;
        let video = timeline.map(tag(VideoInter, 0), now).time;
        pairs.push((video, timeline.map(tag(Audio, 0), now + 3).time));
    }
    assert_eq!(timeline.repairs(), 2);
    assert_eq!(pairs[12], (0, 0));
    assert_eq!(pairs[13], (520, 520));
    assert_eq!(pairs[249], (9_960, 9_960));
}

#[test]
fn arrivals_in_bursts_do_not_drive_a_track_ahead_whose_timestamps_stand() {
    let mut timeline = Timeline::default();
    let arrivals = (0..1_000).map(|n| n / 25 * 1_000);
    let last = arrivals.map(|now| timeline.map(tag(Audio, 0), now).time).last();
    assert_eq!(last, Some(39_024));
}

#[test]
fn timestamps_that_move_again_are_followed_without_standing_or_leaping() {
    for after in [0_u32, 4_000, 4_900, 1_000_000, 0_u32.wrapping_sub(3_000)] {
        let mut timeline = Timeline::default();
        let mut last = 0;
        for n in 0..200_u32 {
            let sound = timeline.map(tag(Audio, n * 40), i64::from(n) * 40).time;
            // Pictures stand at 2 s for 2 s, and go on from anywhere.
            let at = match n {
                0..50 => n * 40,
                50..100 => 2_000,
                _ => ((n - 100) * 40 + 40).wrapping_add(after),
            };
            let video = timeline.map(tag(VideoInter, at), i64::from(n) * 40 + 9).time;
            if n > 70 {
                assert!((1..=100).contains(&(video - last)), "{last} -> {video}");
                assert!((video - sound).abs() <= 40, "{sound} {video}");
            }
            last = video;
        }
        assert_eq!(timeline.repairs(), 1);
    }
}

#[test]
fn timestamps_that_tread_on_the_spot_are_mended_too() {
    let mut timeline = Timeline::default();
    let time =
        (0..100_u32).map(|n| timeline.map(tag(Audio, 500 - n % 2 * 10), i64::from(n) * 40).time).last();
    assert!((3_000..=4_000).contains(&time.unwrap()), "{time:?}");
}

#[test]
fn two_clocks_in_one_track_do_not_drive_it_ahead() {
    for apart in [600, 3_000, 90_000] {
        let mut timeline = Timeline::default();
        let mut time = 0;
        for n in 0..500_u32 {
            time = timeline.map(tag(VideoInter, n * 20 + n % 2 * apart), i64::from(n) * 20).time;
        }
        let most = 9_980 + i64::from(apart).min(500) + 3_000;
        assert!((9_900..=most).contains(&time), "{apart}: {time}");
    }
}
