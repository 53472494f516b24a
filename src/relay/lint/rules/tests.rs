use std::time::Duration;

use super::super::facts::KeyFrames;
use super::*;
use crate::media::{Picture, Sound};

/// What a good encoder sends: 1080p60 in H.264 at 4.5 Mbit/s, a key frame every two seconds, AAC.
fn good() -> SourceFacts {
    SourceFacts {
        video_codec: Some("avc"),
        audio_codec: Some("aac"),
        size: Some((1_920, 1_080)),
        picture: Picture {
            profile: Some("High"),
            bit_depth: Some(8),
            chroma: Some("4:2:0"),
            is_interlaced: Some(false),
            ..Picture::default()
        },
        sound: Sound { profile: Some("LC"), sample_rate: Some(48_000), channels: Some(2) },
        frame_rate: Some(60.0),
        video_bits_per_second: Some(4_500_000.0),
        audio_bits_per_second: Some(128_000.0),
        key_frames: every(2_000),
        has_b_frames: Some(false),
        video: Presence::Here,
        audio: Presence::Here,
        silent_for: None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is a field's value")]
fn every(ms: u64) -> Option<KeyFrames> {
    Some(KeyFrames { gap: Duration::from_millis(ms), are_uneven: false })
}

fn platform(id: &str) -> &'static Platform {
    Platform::all().iter().find(|platform| platform.id == id).unwrap()
}

fn of(platform: &'static Platform) -> Judge {
    Judge { platform: Some(platform), intake: platform.intake() }
}

/// What is minded: of which kind, how bad, and how it should be.
fn minded(facts: SourceFacts, id: &str) -> Vec<(&'static str, Severity, Option<f64>)> {
    let judge = if id.is_empty() { Judge::at("relay.example", &Takes::default()) } else { of(platform(id)) };
    let found = lint(&facts, &judge);
    found.iter().map(|finding| (finding.kind.as_str(), finding.severity, finding.limit)).collect()
}

fn kinds(facts: SourceFacts, id: &str) -> Vec<&'static str> {
    minded(facts, id).into_iter().map(|(kind, ..)| kind).collect()
}

#[test]
fn nobody_minds_a_good_encoder_and_nothing_is_minded_that_is_not_known() {
    for platform in Platform::all().iter().filter(|platform| !platform.domains.is_empty()) {
        let facts = SourceFacts {
            // Each takes this.
            size: Some(if platform.limits.portrait { (720, 1_280) } else { (1_280, 720) }),
            frame_rate: Some(30.0),
            video_bits_per_second: Some(2_400_000.0),
            key_frames: every(1_000),
            ..good()
        };
        assert_eq!(lint(&facts, &of(platform)), [], "{}", platform.name);
        assert_eq!(lint(&SourceFacts::default(), &of(platform)), [], "{}", platform.name);
    }
    assert_eq!(minded(good(), ""), []);
    assert_eq!(minded(good(), "twitch"), []);
}

#[test]
fn bitrates_are_held_against_the_platforms_limits_with_some_room() {
    let at = |kbps: f64| SourceFacts { video_bits_per_second: Some(kbps * 1_000.0), ..good() };
    assert_eq!(minded(at(6_200.0), "twitch"), []);
    assert_eq!(minded(at(6_400.0), "twitch"), [("bitrate_high", Severity::Bad, Some(6_000.0))]);
    // Nobody but others says so of Kick.
    assert_eq!(minded(at(9_000.0), "kick"), [("bitrate_high", Severity::Warning, Some(8_000.0))]);
    assert_eq!(minded(at(9_000.0), "youtube"), []);
    assert_eq!(minded(at(90_000.0), ""), []);
    let loud = SourceFacts { audio_bits_per_second: Some(320_000.0), ..good() };
    assert_eq!(minded(loud, "x"), [("audio_bitrate_high", Severity::Warning, Some(128.0))]);
    assert_eq!(minded(loud, "twitch"), []);
}

#[test]
fn key_frames_are_too_far_apart_for_a_platform_or_for_anybody() {
    let at = |ms| SourceFacts { key_frames: every(ms), ..good() };
    for (ms, id, expected) in [
        (4_000, "youtube", None),
        (4_400, "youtube", Some(("gop_size_over", Severity::Bad, Some(4.0)))),
        (3_000, "twitch", None),
        (4_000, "twitch", Some(("gop_size_long", Severity::Warning, Some(2.0)))),
        (10_000, "twitch", Some(("gop_size_over", Severity::Bad, Some(2.0)))),
        (2_000, "chzzk", Some(("gop_size_long", Severity::Warning, Some(1.0)))),
        (5_000, "", None),
        (6_000, "", Some(("gop_size_long", Severity::Warning, Some(4.0)))),
        (10_000, "", Some(("gop_size_over", Severity::Bad, Some(4.0)))),
        (10_000, "odysee", Some(("gop_size_over", Severity::Bad, Some(4.0)))),
    ] {
        assert_eq!(minded(at(ms), id), expected.into_iter().collect::<Vec<_>>(), "{ms} to {id}");
    }
    let key_frames = Some(KeyFrames { are_uneven: true, gap: Duration::from_secs(2) });
    let uneven = SourceFacts { key_frames, ..good() };
    assert_eq!((kinds(uneven, "twitch"), kinds(uneven, "")), (vec!["gop_size_uneven"], vec![]));
}

#[test]
fn b_frames_are_minded_where_none_are_wanted() {
    let facts = SourceFacts { has_b_frames: Some(true), key_frames: every(1_000), ..good() };
    assert_eq!(minded(facts, "chzzk"), [("b_frames", Severity::Warning, None)]);
    assert_eq!((kinds(facts, "twitch"), kinds(facts, "")), (vec![], vec![]));
}

#[test]
fn what_does_not_come_is_missed() {
    let silent = |audio| SourceFacts { audio, ..good() };
    for id in ["twitch", ""] {
        assert_eq!(kinds(silent(Presence::Never), id), ["no_audio_stream"]);
        assert_eq!(kinds(silent(Presence::Stopped(Duration::from_secs(4))), id), ["no_audio_stream"]);
        let zeros = |secs| SourceFacts { silent_for: Some(Duration::from_secs(secs)), ..good() };
        assert_eq!((kinds(zeros(9), id), kinds(zeros(10), id)), (vec![], vec!["audio_silent"]));
        let frozen = SourceFacts { video: Presence::Stopped(Duration::from_secs(4)), ..good() };
        assert_eq!(kinds(frozen, id), ["video_ingestion_starved"]);
    }
    let blind = SourceFacts { video: Presence::Never, ..SourceFacts::default() };
    assert_eq!((kinds(blind, "ivs"), kinds(blind, "")), (vec!["no_video_stream"], vec![]));
}

#[test]
fn codecs_and_profiles_are_minded_that_a_platform_does_not_take() {
    let hevc = SourceFacts { video_codec: Some("hevc"), ..good() };
    assert_eq!(kinds(hevc, "twitch"), ["video_codec"]);
    assert_eq!((kinds(hevc, "youtube"), kinds(hevc, "")), (vec![], vec![]));
    assert_eq!(lint(&hevc, &of(platform("twitch")))[0].found, Some("HEVC"));
    // Somebody said that this one does.
    let takes = Takes { video_codecs: Some(vec![VideoCodec::Hevc]), ..Takes::default() };
    assert_eq!(lint(&hevc, &Judge::at("live.twitch.tv", &takes)), []);
    let only_av1 = Takes { video_codecs: Some(vec![VideoCodec::Av1]), ..Takes::default() };
    assert_eq!(lint(&hevc, &Judge::at("relay.example", &only_av1))[0].kind, FindingKind::VideoCodec);
    let opus = SourceFacts { audio_codec: Some("opus"), ..good() };
    assert_eq!((kinds(opus, "twitch"), kinds(opus, "")), (vec!["audio_codec"], vec![]));
    let picture = Picture { profile: Some("High 10"), bit_depth: Some(10), ..good().picture };
    let deep = SourceFacts { picture, ..good() };
    assert_eq!((kinds(deep, "twitch"), kinds(deep, "")), (vec!["video_profile"], vec![]));
    // Ten bits are what HEVC is chosen for.
    assert_eq!(kinds(SourceFacts { video_codec: Some("hevc"), ..deep }, "youtube"), Vec::<&str>::new());
    let fields = SourceFacts { picture: Picture { is_interlaced: Some(true), ..good().picture }, ..good() };
    assert_eq!(kinds(fields, "twitch"), ["interlaced_video"]);
    let sound = Sound { sample_rate: Some(22_050), ..good().sound };
    assert_eq!(kinds(SourceFacts { sound, ..good() }, "twitch"), ["audio_sample_rate"]);
    assert_eq!(kinds(SourceFacts { sound, ..fields }, "twitch"), ["interlaced_video", "audio_sample_rate"]);
}

#[test]
fn pictures_are_too_large_too_many_or_lie() {
    let rate = |frame_rate| SourceFacts { frame_rate: Some(frame_rate), ..good() };
    assert_eq!(
        (kinds(rate(60.5), "facebook"), kinds(rate(120.0), "facebook")),
        (vec![], vec!["frame_rate_high"])
    );
    let size = |size| SourceFacts { size: Some(size), frame_rate: Some(30.0), ..good() };
    assert_eq!(kinds(size((1_920, 1_080)), "mixcloud"), ["video_resolution_unsupported"]);
    assert_eq!(kinds(size((1_080, 1_920)), "mixcloud"), ["video_resolution_unsupported"]);
    assert_eq!(kinds(size((1_280, 720)), "mixcloud"), Vec::<&str>::new());
    let slow = SourceFacts { video_bits_per_second: Some(2e6), ..size((1_280, 720)) };
    assert_eq!(kinds(slow, "tiktok"), ["video_resolution_suboptimal"]);
}
