//! Whatever an encoder sends.

use proptest::prelude::*;

use super::*;

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
