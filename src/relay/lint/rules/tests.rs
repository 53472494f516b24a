use std::time::Duration;

use super::super::facts::KeyFrames;
use super::*;
use crate::media::flv::codec;
use crate::media::{Kind, Picture, Sound};
use crate::model::{AudioCodec, Tracks, VideoCodec};
use crate::relay::offer::Offered;

/// What a good encoder sends: 1080p60 in H.264 at 4.5 Mbit/s, a key frame every two seconds, AAC.
fn good() -> SourceFacts {
    SourceFacts {
        video_codec: Some("avc"),
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

/// Whether it is of pictures, its number and a header.
type Track = (bool, u8, &'static [u8]);

const AVC: Track = (true, 0, b"\x17\0");
const HEVC: Track = (true, 0, b"\x90hvc1");
const AAC: Track = (false, 0, b"\xaf\0");
const OPUS: Track = (false, 0, b"\x90Opus");

fn offer(tracks: &[Track]) -> Offer {
    let offered = |(is_video, track, tag): &Track| {
        let kind = if *is_video { Kind::VideoHeader } else { Kind::AudioHeader };
        Offered { is_video: *is_video, track: *track, codec: codec(kind, tag).unwrap() }
    };
    Offer { tracks: tracks.iter().map(offered).collect(), is_settled: true }
}

#[expect(clippy::unnecessary_wraps, reason = "it is a field's value")]
fn every(ms: u64) -> Option<KeyFrames> {
    Some(KeyFrames { gap: Duration::from_millis(ms), are_uneven: false })
}

fn platform(id: &str) -> &'static Platform {
    Platform::all().iter().find(|platform| platform.id == id).unwrap()
}

fn of(platform: &'static Platform) -> Judge {
    Judge { platform: Some(platform), intake: platform.intake(), said: platform.said_intake() }
}

/// What is minded: of which kind, how bad, and how it should be.
fn minded(facts: SourceFacts, id: &str) -> Vec<(&'static str, Severity, Option<f64>)> {
    let judge = if id.is_empty() { Judge::at("relay.example", &Takes::default()) } else { of(platform(id)) };
    let found = lint(&facts, &Offer::default(), &judge);
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
        assert_eq!(lint(&facts, &offer(&[AVC, AAC]), &of(platform)), [], "{}", platform.name);
        assert_eq!(lint(&SourceFacts::default(), &Offer::default(), &of(platform)), [], "{}", platform.name);
    }
    assert_eq!(minded(good(), ""), []);
    assert_eq!(minded(good(), "twitch"), []);
}

#[test]
fn bitrates_are_held_against_the_platforms_limits_with_some_room() {
    let at = |kbps: f64| SourceFacts { video_bits_per_second: Some(kbps * 1_000.0), ..good() };
    assert_eq!(minded(at(6_200.0), "twitch"), []);
    assert_eq!(minded(at(40_000.0), "rumble"), [("bitrate_high", Severity::Bad, Some(30_000.0))]);
    // Nobody but others says so of Kick, and of Twitch some of it is theirs.
    assert_eq!(minded(at(9_000.0), "kick"), [("bitrate_high", Severity::Warning, Some(8_000.0))]);
    assert_eq!(minded(at(6_400.0), "twitch"), [("bitrate_high", Severity::Warning, Some(6_000.0))]);
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
        (4_400, "youtube", Some(("gop_size_over", Severity::Warning, Some(4.0)))),
        (10_000, "youtube", Some(("gop_size_over", Severity::Bad, Some(4.0)))),
        (4_400, "facebook", Some(("gop_size_over", Severity::Bad, Some(4.0)))),
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
fn codecs_are_minded_that_a_target_does_not_take() {
    let of_twitch = |takes| Judge::at("live.twitch.tv", &takes);
    let codecs = |tracks: &[Track], judge: &Judge| -> Vec<_> {
        let found = lint(&good(), &offer(tracks), judge);
        found.iter().map(|finding| (finding.kind.as_str(), finding.found)).collect()
    };
    let only_hevc = Takes { video_codecs: Some(vec![VideoCodec::Hevc]), ..Takes::default() };
    for (tracks, judge, expected) in [
        ([HEVC, AAC], of(platform("twitch")), Some(("video_codec", "HEVC"))),
        ([HEVC, AAC], of(platform("youtube")), None),
        ([HEVC, AAC], Judge::at("relay.example", &Takes::default()), None),
        // Somebody said that this one does.
        ([HEVC, AAC], of_twitch(only_hevc.clone()), None),
        ([AVC, AAC], Judge::at("relay.example", &only_hevc), Some(("video_codec", "H.264"))),
        ([(true, 0, b"\x22"), AAC], of(platform("twitch")), Some(("video_codec", "something unusual"))),
        ([AVC, OPUS], of(platform("twitch")), Some(("audio_codec", "Opus"))),
        ([AVC, OPUS], Judge::at("relay.example", &Takes::default()), None),
    ] {
        let expected: Vec<_> = expected.map(|(kind, found)| (kind, Some(found))).into_iter().collect();
        assert_eq!(codecs(&tracks, &judge), expected, "{tracks:?}");
    }
    assert_eq!(codecs(&[], &of(platform("twitch"))), [], "nothing is known yet");
}

#[test]
fn what_only_others_say_of_codecs_is_minded_less() {
    let minded = |tracks: &[Track], takes: &Takes| -> Vec<_> {
        let judge = Judge::at("fa723fc1b171.global-contribute.live-video.net", takes);
        let found = lint(&good(), &offer(tracks), &judge);
        found.iter().map(|finding| (finding.kind.as_str(), finding.severity, finding.sentence())).collect()
    };
    let [(kind, severity, sentence)] = &minded(&[HEVC, AAC], &Takes::default())[..] else { panic!() };
    assert_eq!((*kind, *severity), ("video_codec", Severity::Warning));
    assert!(sentence.contains("HEVC, which Kick is said not to take."), "{sentence}");
    let [(kind, severity, _)] = &minded(&[AVC, OPUS], &Takes::default())[..] else { panic!() };
    assert_eq!((*kind, *severity), ("audio_codec", Severity::Warning));
    assert_eq!(minded(&[AVC, AAC], &Takes::default()), []);
    let knows_better = Takes { video_codecs: Some(vec![VideoCodec::Hevc]), ..Takes::default() };
    assert_eq!(minded(&[HEVC, AAC], &knows_better), []);
}

/// What would be minded by all who mind anything.
fn bad() -> SourceFacts {
    SourceFacts {
        size: Some((7_680, 4_320)),
        picture: Picture { is_interlaced: Some(true), bit_depth: Some(10), ..good().picture },
        sound: Sound { sample_rate: Some(22_050), ..good().sound },
        frame_rate: Some(240.0),
        video_bits_per_second: Some(90_000_000.0),
        audio_bits_per_second: Some(900_000.0),
        key_frames: Some(KeyFrames { gap: Duration::from_secs(20), are_uneven: true }),
        has_b_frames: Some(true),
        video: Presence::Stopped(Duration::from_secs(4)),
        audio: Presence::Stopped(Duration::from_secs(4)),
        silent_for: Some(Duration::from_secs(60)),
        ..good()
    }
}

/// What is minded of [`bad`] sound and pictures, of a target that takes one codec of each.
fn minded_of_bad(takes: Takes, tracks: &[Track]) -> Vec<&'static str> {
    let takes = Takes {
        video_codecs: takes.video_codecs.or_else(|| Some(vec![VideoCodec::H264])),
        audio_codecs: takes.audio_codecs.or_else(|| Some(vec![AudioCodec::Aac])),
        ..takes
    };
    let judge = Judge::at("global-rtmp.lip2.navercorp.com", &takes);
    lint(&bad(), &offer(tracks), &judge).iter().map(|finding| finding.kind.as_str()).collect()
}

const OF_VIDEO: [&str; 10] = [
    "video_ingestion_starved",
    "video_codec",
    "video_profile",
    "bitrate_high",
    "gop_size_over",
    "gop_size_uneven",
    "b_frames",
    "frame_rate_high",
    "video_resolution_unsupported",
    "interlaced_video",
];
const OF_AUDIO: [&str; 5] =
    ["no_audio_stream", "audio_silent", "audio_codec", "audio_bitrate_high", "audio_sample_rate"];

fn sorted(mut kinds: Vec<&'static str>) -> Vec<&'static str> {
    kinds.sort_unstable();
    kinds
}

#[test]
fn what_is_not_sent_is_not_minded() {
    let tracks = [HEVC, OPUS];
    let all = [&OF_VIDEO[..], &OF_AUDIO].concat();
    assert_eq!(sorted(minded_of_bad(Takes::default(), &tracks)), sorted(all));
    let silent = Takes { audio_codecs: Some(Vec::new()), ..Takes::default() };
    assert_eq!(sorted(minded_of_bad(silent, &tracks)), sorted(OF_VIDEO.into()));
    let blind = Takes { video_codecs: Some(Vec::new()), ..Takes::default() };
    assert_eq!(sorted(minded_of_bad(blind, &tracks)), sorted(OF_AUDIO.into()));
}

#[test]
fn of_another_track_only_the_codec_is_known() {
    let second_video = Takes { video_track: Some(1), ..Takes::default() };
    let tracks = [HEVC, (true, 1, &b"\x90avc1"[..]), OPUS];
    assert_eq!(sorted(minded_of_bad(second_video.clone(), &tracks)), sorted(OF_AUDIO.into()));
    let swapped = [AVC, (true, 1, &b"\x90hvc1"[..]), OPUS];
    let expected = [&["video_codec"][..], &OF_AUDIO].concat();
    assert_eq!(sorted(minded_of_bad(second_video.clone(), &swapped)), sorted(expected));
    // It is not there: what is said of that is said by the target's state.
    assert_eq!(sorted(minded_of_bad(second_video, &[HEVC, OPUS])), sorted(OF_AUDIO.into()));
    let second_sound = Takes { audio_track: Some(1), ..Takes::default() };
    let tracks = [HEVC, OPUS, (false, 1, &b"\x90mp4a"[..])];
    assert_eq!(sorted(minded_of_bad(second_sound.clone(), &tracks)), sorted(OF_VIDEO.into()));
    // Who takes all tracks takes the default ones.
    let every = Takes { tracks: Some(Tracks::All), video_track: Some(1), ..second_sound };
    assert_eq!(minded_of_bad(every, &tracks).len(), OF_VIDEO.len() + OF_AUDIO.len());
}

#[test]
fn profiles_fields_and_rates_are_minded_that_few_can_play() {
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
