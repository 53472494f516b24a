//! What is counted and measured of streams and targets.

use std::time::Duration;

use splitcast::media::Kind;
use splitcast::model::{BackupPolicy, EndpointRole, ErrorKind, TargetId, TargetState};
use splitcast::relay::status::{SourceState, StreamSnapshot};
use tokio::time::sleep;

use super::world::{Encoder, STREAM, Script, World, assert_whole};

fn stream(world: &World) -> StreamSnapshot {
    world.board.stream(STREAM).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream_tells_what_comes_in() {
    World::play(async {
        let world = World::running(0);
        let before = stream(&world);
        assert_eq!((before.video_frames, before.key_frame_interval, before.publications), (0, None, 0));
        let mut encoder = Encoder::loud(world.publish(), 0);
        encoder.run(5).await;
        let seen = stream(&world);
        assert_eq!((seen.video_frames, seen.key_frames, seen.publications), (125, 5, 1));
        assert!(seen.audio_frames >= 125, "{}", seen.audio_frames);
        assert!((24.0..26.0).contains(&seen.frame_rate), "{}", seen.frame_rate);
        assert_eq!(seen.key_frame_interval, Some(Duration::from_secs(1)));
        assert!(seen.since_key_frame.unwrap() <= Duration::from_secs(1), "{:?}", seen.since_key_frame);
        assert_eq!((seen.facts.video_codec, seen.facts.audio_codec), (Some("avc"), Some("aac")));
        assert!(seen.kept_bytes > 0);
        drop(encoder);
        sleep(Duration::from_secs(5)).await;
        let held = stream(&world);
        assert_eq!((held.state, held.since_key_frame), (SourceState::Held, None));
        assert!(held.frame_rate < 0.1, "{}", held.frame_rate);
        let mut other = Encoder::hevc(world.publish());
        other.run(1).await;
        let seen = stream(&world);
        assert_eq!((seen.publications, seen.takeovers, seen.video_frames), (2, 0, 150));
        // Nothing of the encoder before is said of this one.
        assert_eq!((seen.facts.video_codec, seen.facts.audio_codec), (Some("hevc"), None));
        assert_eq!(seen.key_frame_interval, None);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_takeover_is_counted_and_a_return_is_none() {
    World::play(async {
        let world = World::running(0);
        let mut first = Encoder::new(world.publish(), 0);
        first.run(1).await;
        sleep(Duration::from_secs(3)).await;
        let _second = world.publish();
        assert_eq!((stream(&world).publications, stream(&world).takeovers), (2, 1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn rates_are_the_same_however_often_they_are_asked_for() {
    World::play(async {
        let world = World::running(2);
        let mut encoder = Encoder::new(world.publish(), 0);
        for _ in 0..10 {
            encoder.run(1).await;
            for _ in 0..7 {
                world.status(1);
            }
        }
        let (asked, never) = (world.status(1), world.status(2));
        assert_eq!(asked.bits_per_second, never.bits_per_second);
        let on_average = asked.bytes_sent * 8 / 10;
        let is_near = on_average * 9 / 10..on_average * 11 / 10;
        assert!(is_near.contains(&asked.bits_per_second), "{} not in {is_near:?}", asked.bits_per_second);
        drop(encoder);
        sleep(Duration::from_secs(5)).await;
        assert_eq!(world.status(1).bits_per_second, 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn each_frame_that_a_target_gets_is_counted() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::CloseAfter(20_000)]);
        let mut encoder = Encoder::loud(world.publish(), 0);
        encoder.run(30).await;
        let (status, visits) = (world.status(1), world.visits("t1"));
        assert_eq!(visits.len(), 2);
        let got = |wanted: &[Kind]| {
            let tags = visits.iter().flat_map(|visit| &visit.tags);
            u64::try_from(tags.filter(|(kind, ..)| wanted.contains(kind)).count()).unwrap()
        };
        // What is told is up to a second old, and what was on its way when the target closed was not got.
        let is_near = |told: u64, got: u64| told.abs_diff(got) <= 26;
        assert!(is_near(status.sent_video, got(&[Kind::VideoKey, Kind::VideoInter])), "{status:?}");
        assert!(is_near(status.sent_audio, got(&[Kind::Audio])), "{status:?}");
        assert_eq!((status.totals.sessions, status.totals.attempts), (2, 2));
        assert_eq!(status.totals.failures, [(ErrorKind::ClosedMidstream, 1)]);
        assert_eq!(status.totals.failed_attempts, 0, "it was lost, and reached each time");
        assert_eq!(status.totals.connecting.count(), 2);
        assert!(status.totals.live > Duration::from_secs(28), "{:?}", status.totals.live);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_frames_way_is_timed_for_those_who_keep_up_and_for_those_who_do_not() {
    World::play(async {
        let world = World::running(2);
        world.script("t2", [Script::Trickle(4_000)]);
        let mut encoder = Encoder::loud(world.publish(), 0);
        encoder.run(20).await;
        let [quick, slow] = [1, 2].map(|id| world.status(id).totals.delay);
        assert!((18..=20).contains(&quick.count()), "{quick:?}");
        assert!(quick.sum < Duration::from_millis(20), "{quick:?}");
        assert!(slow.count() > 0 && slow.sum > Duration::from_secs(1), "{slow:?}");
        let behind = world.status(2);
        assert!(behind.queue_bytes > 1_000 && behind.lag_ms > 500, "{behind:?}");
        // A frame may just have come.
        assert!(world.status(1).queue_bytes < 5_000 && world.status(1).lag_ms <= 40);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_counted_outlives_edits_and_stops_but_not_the_target() {
    World::play(async {
        let mut world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(3).await;
        let before = world.status(1);
        world.targets()[0].endpoint = super::world::endpoint("elsewhere", "key");
        world.apply();
        encoder.run(3).await;
        let edited = world.status(1);
        assert_eq!((edited.totals.sessions, edited.reconnects), (2, 0));
        assert!(edited.sent_video >= before.sent_video + 70 && edited.bytes_sent > before.bytes_sent);
        assert!(edited.totals.live >= before.totals.live + Duration::from_secs(2));

        let target = world.targets().pop().unwrap();
        world.apply();
        assert!(world.board.target(TargetId(1)).is_none() && world.board.all_targets().is_empty());
        encoder.run(1).await;
        world.targets().push(target.clone());
        world.apply();
        encoder.run(1).await;
        assert!(world.status(1).sent_video > edited.sent_video);

        world.targets().clear();
        world.apply();
        world.board.forget_target(TargetId(1));
        world.targets().push(target);
        world.apply();
        assert_eq!(world.status(1).totals.sessions, 0);
        encoder.run(1).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn both_connections_of_a_target_are_told_apart() {
    World::play(async {
        let mut world = World::new(1);
        let endpoint = super::world::endpoint("second", "key");
        world.targets()[0].backup = Some(splitcast::model::Backup { endpoint, policy: BackupPolicy::Both });
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        assert_whole(&world.visits("second")[0]);
        let all = world.board.all_targets();
        let lines: Vec<_> = all.iter().map(|(id, endpoint, at)| (*id, *endpoint, at.state)).collect();
        assert_eq!(
            lines,
            [
                (TargetId(1), EndpointRole::Primary, TargetState::Live),
                (TargetId(1), EndpointRole::Backup, TargetState::Live)
            ]
        );
        assert!(all.iter().all(|(.., at)| at.sent_video >= 25 && at.stream == STREAM));
    })
    .await;
}
