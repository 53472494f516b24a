//! What platforms would mind in what an encoder sends, from its first frame to what is told.

use std::time::Duration;

use futures_util::FutureExt;
use splitcast::media::Kind;
use splitcast::model::{
    Backup, BackupPolicy, FindingKind, Happening, Severity, Takes, TargetState, Warning, WarningChange,
};
use tokio::time::sleep;

use super::manners::Manners;
use super::world::{Codec, Encoder, STREAM, Script, World, endpoint};

/// A stream whose first target is on Twitch, the second nowhere in particular, and the third on CHZZK.
fn world() -> World {
    let mut world = World::new(3);
    world.targets()[0].endpoint = endpoint("live.twitch.tv", "key1");
    world.targets()[2].endpoint = endpoint("global-rtmp.lip2.navercorp.com", "key3");
    world.apply();
    world
}

/// What is minded for a target now.
fn minded(world: &World, id: i64) -> Vec<&'static str> {
    world.status(id).warnings.iter().map(|shown| shown.finding.kind.as_str()).collect()
}

/// What warnings happened since this was last asked, by target.
fn happened(world: &World) -> Vec<(i64, FindingKind, WarningChange)> {
    warnings(world).into_iter().map(|warning| (warning.target.0, warning.kind, warning.change)).collect()
}

fn warnings(world: &World) -> Vec<Warning> {
    let batch = world.board.journal().take().now_or_never().unwrap_or_default();
    let of_warnings = |happening| match happening {
        Happening::Warning(warning) => Some(warning),
        Happening::Stream(_) | Happening::Target(_) => None,
    };
    batch.events.into_iter().filter_map(of_warnings).collect()
}

/// Runs a bad encoder for a while, and then one that was corrected; what is minded of the first for each target.
async fn corrected(world: &World, bad: Manners) -> [Vec<&'static str>; 3] {
    happened(world);
    let mut encoder = bad.publish(world);
    encoder.run(40).await;
    let found = [1, 2, 3].map(|id| minded(world, id));
    let begun = happened(world);
    assert!(begun.iter().all(|(.., change)| *change == WarningChange::Warned), "{begun:?}");
    for (id, found) in (1..).zip(&found) {
        let told = begun.iter().rfind(|(target, ..)| *target == id).map(|(_, kind, _)| kind.as_str());
        assert_eq!(told, found.first().copied(), "{begun:?}");
    }
    drop(encoder);
    sleep(Duration::from_secs(5)).await;
    assert_eq!([1, 2, 3].map(|id| minded(world, id)), found, "what is held is not corrected by that");
    let mut encoder = Manners::good().publish(world);
    encoder.run(10).await;
    assert_eq!(happened(world), [], "it is not over at once");
    encoder.run(10).await;
    assert_eq!([1, 2, 3].map(|id| minded(world, id)), NOTHING);
    let over = happened(world);
    assert_eq!(over.len(), found.concat().len(), "{over:?}");
    assert!(over.iter().all(|(.., change)| *change == WarningChange::Cleared), "{over:?}");
    encoder.end();
    found
}

const NOTHING: [Vec<&str>; 3] = [const { Vec::new() }; 3];

#[tokio::test(start_paused = true)]
async fn nobody_minds_a_good_encoder() {
    World::play(async {
        let world = world();
        let mut encoder = Manners::good().publish(&world);
        encoder.run(60).await;
        assert_eq!(happened(&world), []);
        let known = world.board.stream(STREAM).unwrap().known.unwrap();
        assert_eq!(known.has_b_frames, Some(false));
        let kbps = known.video_bits_per_second.unwrap() / 1_000.0;
        assert!((395.0..405.0).contains(&kbps), "{kbps}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_long_key_frame_interval_is_minded_until_it_is_corrected() {
    World::play(async {
        let world = world();
        let found = corrected(&world, Manners { key_every: 250, ..Manners::good() }).await;
        assert_eq!(found, NOTHING.map(|_| vec!["gop_size_over"]));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_long_key_frame_interval_is_seen_before_the_second_key_frame() {
    World::play(async {
        let world = world();
        let mut encoder = Manners { key_every: 100_000, ..Manners::good() }.publish(&world);
        encoder.run(7).await;
        assert_eq!([1, 2, 3].map(|id| minded(&world, id)), NOTHING.map(|_| vec!["gop_size_long"]));
        encoder.run(4).await;
        let status = world.status(1);
        let [shown] = status.warnings[..] else { panic!("{status:?}") };
        assert_eq!((shown.finding.kind, shown.finding.severity), (FindingKind::GopSizeOver, Severity::Bad));
        assert_eq!(
            (shown.finding.platform, world.status(2).warnings[0].finding.platform),
            (Some("Twitch"), None)
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_bitrate_over_twitchs_is_minded_there_until_it_is_corrected() {
    World::play(async {
        let world = world();
        // 25 pictures of 40 kB are 8 Mbit/s, which is just what CHZZK takes.
        let found = corrected(&world, Manners { picture_bytes: 40_000, ..Manners::good() }).await;
        assert_eq!(found, [vec!["bitrate_high"], vec![], vec![]]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn b_frames_are_minded_where_none_are_wanted_until_they_are_gone() {
    World::play(async {
        let world = world();
        let found = corrected(&world, Manners { has_b_frames: true, ..Manners::good() }).await;
        assert_eq!(found, [vec![], vec![], vec!["b_frames"]]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn silence_and_no_sound_at_all_are_minded_until_there_is_some() {
    World::play(async {
        let world = world();
        for (sound, kind) in [(None, "no_audio_stream"), (Some(&Manners::SILENCE[..]), "audio_silent")] {
            let found = corrected(&world, Manners { sound, ..Manners::good() }).await;
            assert_eq!(found, NOTHING.map(|_| vec![kind]));
            sleep(Duration::from_secs(1)).await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sound_that_stops_in_mid_stream_is_missed_and_back_without_another_encoder() {
    World::play(async {
        let world = world();
        let mut encoder = Manners::good().publish(&world);
        encoder.run(20).await;
        encoder.set_sound(None);
        encoder.run(7).await;
        assert_eq!(minded(&world, 2), ["no_audio_stream"]);
        let warning = warnings(&world).into_iter().find(|warning| warning.target.0 == 2).unwrap();
        assert!(warning.reason.starts_with("The sound stopped"), "{}", warning.reason);
        encoder.set_sound(Some(&Manners::SOUND));
        encoder.run(15).await;
        assert_eq!(minded(&world, 2), [""; 0]);
        let over = warnings(&world).into_iter().find(|warning| warning.target.0 == 2).unwrap();
        assert_eq!((over.change, over.reason.as_str()), (WarningChange::Cleared, "Sound comes again."));
        assert!((2..8).contains(&over.lasted.as_secs()), "{:?}", over.lasted);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_that_cannot_be_reached_is_told_too_and_the_end_of_a_broadcast_ends_it() {
    World::play(async {
        let world = world();
        world.script("live.twitch.tv", [Script::Refuse; 100]);
        let mut encoder = Manners { key_every: 250, ..Manners::good() }.publish(&world);
        encoder.run(20).await;
        assert_eq!(minded(&world, 1), ["gop_size_over"]);
        happened(&world);
        encoder.end();
        assert_eq!([1, 2, 3].map(|id| minded(&world, id).len()), [0; 3]);
        assert_eq!(happened(&world), []);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn another_address_is_held_against_its_own_platform() {
    World::play(async {
        let mut world = world();
        let mut encoder = Manners { picture_bytes: 40_000, ..Manners::good() }.publish(&world);
        encoder.run(20).await;
        assert_eq!(minded(&world, 1), ["bitrate_high"]);
        world.targets()[0].endpoint = endpoint("a.rtmp.youtube.com", "key1");
        world.apply();
        encoder.run(20).await;
        assert_eq!(minded(&world, 1), [""; 0]);
    })
    .await;
}

/// What happened to warnings of a target, and why.
fn reasons(world: &World, id: i64) -> Vec<(FindingKind, WarningChange, String, u64)> {
    let of_it = warnings(world).into_iter().filter(|warning| warning.target.0 == id);
    of_it.map(|warning| (warning.kind, warning.change, warning.reason, warning.lasted.as_secs())).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_minded_goes_on_through_an_edit_and_is_over_for_a_target_that_is_stopped() {
    World::play(async {
        let mut world = world();
        let mut encoder = Manners { picture_bytes: 40_000, ..Manners::good() }.publish(&world);
        encoder.run(20).await;
        assert_eq!(reasons(&world, 1).len(), 1);
        for key in ["key4", "key5"] {
            world.targets()[0].endpoint = endpoint("live.twitch.tv", key);
            world.apply();
            assert_eq!(minded(&world, 1), ["bitrate_high"]);
            encoder.run(15).await;
        }
        assert_eq!(minded(&world, 1), ["bitrate_high"]);
        assert!(world.status(1).warnings[0].lasts_for.as_secs() > 35, "{:?}", world.status(1).warnings);
        assert_eq!(reasons(&world, 1), []);
        world.targets()[0].endpoint = endpoint("a.rtmp.youtube.com", "key1");
        world.apply();
        encoder.run(15).await;
        let [(_, change, reason, _)] = &reasons(&world, 1)[..] else { panic!() };
        let over = "The video bitrate is within the limit again.";
        assert_eq!((*change, reason.as_str()), (WarningChange::Cleared, over));
        world.targets()[0].endpoint = endpoint("live.twitch.tv", "key1");
        world.apply();
        encoder.run(15).await;
        assert_eq!(reasons(&world, 1).len(), 1);
        world.targets().remove(0);
        world.apply();
        let over = (FindingKind::BitrateHigh, WarningChange::Cleared, "Stopped.".to_owned());
        let [(kind, change, reason, seconds)] = &reasons(&world, 1)[..] else { panic!() };
        assert_eq!((*kind, *change, reason.clone()), over);
        assert!((9..16).contains(seconds), "{seconds}");
        encoder.run(15).await;
        assert_eq!(reasons(&world, 1), []);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_did_not_last_before_a_gap_is_not_told_right_after_it() {
    World::play(async {
        let world = world();
        let bad = Manners { picture_bytes: 40_000, ..Manners::good() };
        let mut encoder = bad.publish(&world);
        // It is known for three seconds.
        encoder.run(8).await;
        drop(encoder);
        sleep(Duration::from_secs(20)).await;
        let mut encoder = bad.publish(&world);
        encoder.run(9).await;
        assert_eq!(happened(&world), []);
        encoder.run(4).await;
        assert_eq!(minded(&world, 1), ["bitrate_high"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_an_encoder_sends_late_and_all_at_once_is_not_minded() {
    World::play(async {
        let world = world();
        // 5.4 Mbit/s.
        let mut encoder = Manners { picture_bytes: 27_000, ..Manners::good() }.publish(&world);
        encoder.run(20).await;
        sleep(Duration::from_secs(9)).await;
        encoder.catch_up(9 * 25);
        encoder.run(15).await;
        assert_eq!(happened(&world), []);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_codec_that_is_not_taken_is_minded_and_one_of_another_track_is_not() {
    World::play(async {
        let mut world = world();
        world.targets()[1].endpoint = endpoint("live.twitch.tv", "key2");
        world.targets()[1].takes = Takes { video_track: Some(1), ..Takes::default() };
        world.apply();
        let mut encoder = Encoder::of(Codec::Hevc, world.publish());
        encoder.header(Kind::VideoHeader, b"\x96\0avc1\x01\x01");
        for _ in 0..250 {
            encoder.picture();
            encoder.header(Kind::VideoKey, b"\x96\x01avc1\x01\0\0\0\x09");
            sleep(Duration::from_millis(40)).await;
        }
        assert_eq!([1, 2, 3].map(|id| minded(&world, id)), [vec!["video_codec"], vec![], vec![]]);
        let [shown] = world.status(1).warnings[..] else { panic!() };
        assert_eq!((shown.finding.found, shown.finding.severity), (Some("HEVC"), Severity::Bad));
        assert_eq!(world.status(2).state, TargetState::Live);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_with_two_connections_is_told_once() {
    World::play(async {
        let mut world = World::new(1);
        let endpoint = endpoint("second", "key");
        world.targets()[0].backup = Some(Backup { endpoint, policy: BackupPolicy::Both });
        world.apply();
        let mut encoder = Manners { key_every: 250, ..Manners::good() }.publish(&world);
        encoder.run(20).await;
        let all = happened(&world);
        assert!(
            all.iter().all(|(id, kind, _)| *id == 1 && kind.as_str().starts_with("gop_size"))
                && all.len() == 2
        );
        let shown: Vec<_> = world.board.all_targets().iter().map(|(.., at)| at.warnings.len()).collect();
        assert_eq!(shown, [1, 0]);
    })
    .await;
}
