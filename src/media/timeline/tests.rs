use super::*;
use bytes::Bytes;
use proptest::prelude::*;

use Kind::{Audio, AudioHeader, VideoEnd, VideoHeader, VideoInter, VideoKey};

fn tag(kind: Kind, timestamp: u32) -> Tag {
    Tag { kind, timestamp, payload: Bytes::new() }
}

/// A picture of classic AVC that is shown later than its time.
fn picture(kind: Kind, timestamp: u32, composition: i32) -> Tag {
    let [_, high, middle, low] = composition.to_be_bytes();
    let first = if kind == VideoKey { 0x17 } else { 0x27 };
    Tag { kind, timestamp, payload: Bytes::copy_from_slice(&[first, 1, high, middle, low]) }
}

/// Maps tags that arrive as their timestamps say.
fn times(tags: &[(Kind, u32)]) -> Vec<i64> {
    let mut timeline = Timeline::default();
    tags.iter().map(|(kind, at)| timeline.map(tag(*kind, *at), i64::from(*at)).time).collect()
}

/// Maps tags that arrive when the third number says.
fn arriving(timeline: &mut Timeline, tags: &[(Kind, u32, i64)]) -> Vec<i64> {
    tags.iter().map(|(kind, at, now)| timeline.map(tag(*kind, *at), *now).time).collect()
}

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
fn a_gap_as_long_as_the_silence_is_passed_on() {
    let mut timeline = Timeline::default();
    let tags =
        [(VideoKey, 0, 0), (VideoKey, 9_000, 8_000), (VideoKey, 13_900, 8_001), (Audio, 13_910, 8_002)];
    assert_eq!(arriving(&mut timeline, &tags), [0, 9_000, 13_900, 13_910]);
    assert_eq!(timeline.repairs(), 0);
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

/// What an encoder may send: the track, what its timestamp does, a number for it, and how long after
/// the frame before it arrives.
type Frames = Vec<(bool, u8, u32, i64)>;

fn any_frames(gap: impl Strategy<Value = i64> + Clone) -> impl Strategy<Value = Frames> {
    // In runs, so that clocks stop for longer than a few frames.
    let run = (any::<bool>(), 0..6u8, any::<u32>(), 1..40usize, proptest::collection::vec(gap, 40));
    proptest::collection::vec(run, 1..12).prop_map(|runs| {
        let frames = runs.into_iter().flat_map(|(video, how, number, length, gaps)| {
            gaps.into_iter().take(length).map(move |gap| (video, how, number, gap))
        });
        frames.collect()
    })
}

fn next(at: u32, how: u8, number: u32) -> u32 {
    match how {
        0 => at,
        1 => at.wrapping_mul(2_654_435_761).wrapping_add(number),
        2 => at.wrapping_sub(number % 600),
        3 => at.wrapping_add(number % 6_000),
        _ => at.wrapping_add(number % 50),
    }
}

/// An encoder that keeps time, but whose clock jumps, pauses and all: pictures each 40 ms, sound each
/// 21 ms, and a little delay. Gives the true time, whether it is a picture, its timestamp and arrival.
fn honest(jumps: &[(i64, i64)], delays: &[i64], start: u32) -> Vec<(i64, bool, u32, i64)> {
    let (mut begin, mut clock, mut frames) = (0, i64::from(start), Vec::new());
    for (jump, pause) in jumps.iter().chain([&(0, 0)]) {
        let pictures = (0..50).map(|n| (n * 40, true));
        let mut part: Vec<(i64, bool)> = pictures.chain((0..95).map(|n| (n * 21 + 4, false))).collect();
        part.sort_unstable();
        for (at, video) in part {
            let delay = delays.get(frames.len() % delays.len()).copied().unwrap_or(0);
            let raw = u32::try_from((clock + at).rem_euclid(1 << 32)).unwrap();
            frames.push((begin + at, video, raw, begin + at + delay));
        }
        begin += 2_000 + pause;
        clock += 2_000 + pause + jump;
    }
    frames
}

proptest! {
    #[test]
    fn never_runs_back_and_never_leaps(frames in any_frames(prop_oneof![3 => 0..60i64, 1 => 0..20_000i64])) {
        let mut timeline = Timeline::default();
        let (mut at, mut now) = ([0u32; 2], 0);
        // The last time of each track, and when it last rose by more than a step aside.
        let mut last: [Option<(i64, i64)>; 2] = [None; 2];
        let mut newest = 0;
        for (video, how, number, gap) in frames {
            now += gap;
            let raw = next(at[usize::from(video)], how, number);
            at[usize::from(video)] = raw;
            let kind = if video { VideoInter } else { Audio };
            let header = timeline.map(tag(if video { VideoHeader } else { AudioHeader }, raw), now).time;
            let time = timeline.map(tag(kind, raw), now).time;
            if let Some((before, since)) = last[usize::from(video)] {
                prop_assert!(time >= before && header >= before, "ran back from {before} to {time}");
                let limit = 5_000.max(now - since + 2_000) + 1_000;
                prop_assert!(time - before <= limit, "leapt from {before} to {time}");
                if time > before + 1 {
                    last[usize::from(video)] = Some((time, now));
                } else {
                    last[usize::from(video)] = Some((time, since));
                }
            } else {
                prop_assert!((0..=newest + 2_000).contains(&time), "began at {time} beside {newest}");
                last[usize::from(video)] = Some((time, now));
            }
            newest = newest.max(time);
        }
    }

    #[test]
    fn never_stands_still_while_time_goes_on(frames in any_frames(1..60i64)) {
        let mut timeline = Timeline::default();
        let (mut at, mut now) = (0, 0);
        let (mut last, mut held, mut since) = (-1, 0, 0);
        for (_, how, number, gap) in frames {
            now += gap;
            at = next(at, how, number);
            let time = timeline.map(tag(VideoInter, at), now).time;
            if time > last {
                (held, since) = (0, now);
            }
            held += 1;
            prop_assert!(held <= 9 || now - since < 1_000, "stood at {time} for {} ms", now - since);
            last = time;
        }
    }

    #[test]
    fn sound_and_picture_stay_together_and_no_time_is_lost(
        jumps in proptest::collection::vec((prop_oneof![-100_000_000..-3_000i64, 6_000..100_000_000i64], 0..1_500i64), 0..5),
        delays in proptest::collection::vec(0..20i64, 1..60),
        start in any::<u32>(),
    ) {
        let mut timeline = Timeline::default();
        let mut apart = [0; 2];
        let mut last = 0;
        let frames = honest(&jumps, &delays, start);
        let began = frames[0].0;
        for (n, (truth, video, raw, now)) in frames.iter().enumerate() {
            let time = timeline.map(tag(if *video { VideoInter } else { Audio }, *raw), *now).time;
            apart[usize::from(*video)] = time - (truth - began);
            last = time - (truth - began);
            // A cut's first frames of both tracks are needed to compare them.
            if n % 145 > 4 {
                prop_assert!((apart[0] - apart[1]).abs() <= 40, "{apart:?} at {truth}");
            }
        }
        let allowed = i64::try_from(jumps.len()).unwrap() * 40;
        prop_assert!(last.abs() <= allowed, "{last} ms after {} jumps", jumps.len());
        prop_assert!(timeline.repairs() <= 2 * u64::try_from(jumps.len()).unwrap());
    }

    #[test]
    fn what_is_sane_passes_unchanged(delays in proptest::collection::vec(0..400i64, 1..60), start in any::<u32>()) {
        let mut timeline = Timeline::default();
        for (truth, video, raw, now) in honest(&[], &delays, start) {
            prop_assert_eq!(timeline.map(tag(if video { VideoInter } else { Audio }, raw), now).time, truth);
        }
        prop_assert_eq!(timeline.repairs(), 0);
    }

    #[test]
    fn pictures_of_one_publisher_are_shown_after_those_of_the_one_before(
        sessions in proptest::collection::vec((any::<u32>(), proptest::collection::vec((any::<bool>(), 0..50u32, -5_000..5_000i32), 1..20)), 2..6),
    ) {
        let mut timeline = Timeline::default();
        let (mut shown, mut last) = (-6_000, [-1; 2]);
        for (start, frames) in sessions {
            let (mut at, mut begun) = (start, [false; 2]);
            let mut session_shown = shown;
            for (n, (video, step, composition)) in frames.into_iter().enumerate() {
                at = at.wrapping_add(step);
                let tag = if video { picture(VideoInter, at, composition) } else { tag(Audio, at) };
                let time = timeline.map(tag, 0).time;
                let composition = if video { i64::from(composition) } else { 0 };
                if n == 0 {
                    prop_assert!(time > shown && time <= shown.max(0) + NOMINAL_STEP_MS + MAX_COMPOSITION_MS);
                }
                if !begun[usize::from(video)] {
                    prop_assert!(time > last[usize::from(video)]);
                    prop_assert!(!video || time + composition > shown, "{time} {composition} {shown}");
                }
                begun[usize::from(video)] = true;
                last[usize::from(video)] = time;
                session_shown = session_shown.max(time.max(time + composition));
            }
            shown = session_shown;
            timeline.restart();
        }
    }
}
