//! Targets that do not take all that the encoder sends.

use std::time::Duration;

use splitcast::media::Kind;
use splitcast::model::{ErrorKind, Takes, TargetState, Tracks, VideoCodec, WantedTarget};
use tokio::time::sleep;

use super::world::{Encoder, World, assert_whole, target};

fn only(codecs: &[VideoCodec]) -> Takes {
    Takes { video_codecs: Some(codecs.to_vec()), ..Takes::default() }
}

/// Target 1 takes all, target 2 some.
fn world(takes: Takes) -> World {
    let mut world = World::running(1);
    world.targets().push(WantedTarget { takes, ..target(2) });
    world.apply();
    world
}

#[tokio::test(start_paused = true)]
async fn a_codec_that_is_not_taken_is_told_and_not_sent_until_there_is_another() {
    World::play(async {
        let world = world(only(&[VideoCodec::H264]));
        let mut encoder = Encoder::hevc(world.publish());
        encoder.run(3).await;
        assert_eq!(world.status(1).state, TargetState::Live);
        let refused = world.status(2);
        assert_eq!((refused.state, refused.kind), (TargetState::Blocked, Some(ErrorKind::Codec)));
        assert_eq!(
            refused.reason,
            "This target does not take HEVC video, only H.264: set the encoder to H.264, or change what this \
             target takes."
        );
        assert!(world.visits("t2").is_empty(), "it was not even asked");
        // It is no matter of time.
        encoder.run(600).await;
        assert!(world.visits("t2").is_empty());
        drop(encoder);
        sleep(Duration::from_secs(5)).await;
        let mut encoder = Encoder::loud(world.publish(), 0);
        encoder.run(3).await;
        assert_eq!(world.status(2).state, TargetState::Live);
        assert_whole(&world.visits("t2")[0]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_codec_that_changes_in_the_midst_ends_the_session_that_cannot_go_on() {
    World::play(async {
        let world = world(only(&[VideoCodec::H264]));
        let mut encoder = Encoder::loud(world.publish(), 0);
        encoder.run(2).await;
        assert_eq!(world.status(2).state, TargetState::Live);
        encoder.header(Kind::VideoHeader, b"\x90hvc1\x01");
        encoder.header(Kind::VideoKey, b"\x91hvc1\0\0\0\0\0\0\0");
        world.until(2, TargetState::Blocked).await;
        let fed = &world.visits("t2")[0].tags;
        assert!(fed.iter().all(|(_, _, payload)| payload[0] & 0x80 == 0 || payload[0] >> 4 == 0xa));
        // Who takes all begins a session anew with it.
        world.until_true(|world| world.visits("t1").len() == 2).await;
        sleep(Duration::from_secs(1)).await;
        let first = world.visits("t1")[1].tags.iter().find(|(kind, ..)| kind.is_video()).cloned();
        assert_eq!(first.unwrap().2[..5], *b"\x90hvc1");
        // And back.
        encoder.header(Kind::VideoHeader, &[0x17, 0, 0, 0, 0, 1]);
        encoder.run(2).await;
        assert_eq!(world.status(2).state, TargetState::Live);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_who_takes_one_track_is_sent_the_one_that_was_chosen() {
    World::play(async {
        let chosen = Takes { tracks: Some(Tracks::One), audio_track: Some(1), ..Takes::default() };
        let mut world = world(chosen);
        world.targets().push(WantedTarget {
            takes: Takes { tracks: Some(Tracks::One), ..Takes::default() },
            ..target(3)
        });
        world.apply();
        let mut encoder = Encoder::loud(world.publish(), 0);
        encoder.header(Kind::AudioHeader, b"\x95\0mp4a\x01\x12\x10");
        for _ in 0..50 {
            encoder.picture();
            encoder.header(Kind::Audio, b"\x95\x01mp4a\x01second");
            sleep(Duration::from_millis(40)).await;
        }
        let sound = |host: &str| -> Vec<Vec<u8>> {
            let visit = &world.visits(host)[0];
            let sound = visit.tags.iter().filter(|(kind, ..)| kind.is_audio());
            sound.map(|(_, _, payload)| payload.to_vec()).collect()
        };
        assert!(sound("t2").iter().skip(1).all(|tag| tag == b"\x91mp4asecond"));
        assert_eq!(sound("t2")[0], b"\x90mp4a\x12\x10");
        assert!(sound("t3").iter().all(|tag| tag[0] == 0xaf));
        let counts = ["t1", "t2", "t3"].map(|host| sound(host).len());
        assert_eq!(counts, [102, 51, 51]);
        for host in ["t2", "t3"] {
            assert_eq!(world.visits(host)[0].watch.fault, None);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_track_that_is_not_there_is_missed_in_words_and_sent_once_it_is() {
    World::play(async {
        let chosen = Takes { tracks: Some(Tracks::One), audio_track: Some(1), ..Takes::default() };
        let world = world(chosen);
        let mut encoder = Encoder::loud(world.publish(), 0);
        encoder.run(3).await;
        let missing = world.status(2);
        assert_eq!((missing.state, missing.kind), (TargetState::Blocked, Some(ErrorKind::Codec)));
        assert!(
            missing.reason.contains("audio track 1, which the encoder does not send"),
            "{}",
            missing.reason
        );
        encoder.header(Kind::AudioHeader, b"\x95\0mp4a\x01\x12\x10");
        encoder.run(3).await;
        assert_eq!(world.status(2).state, TargetState::Live);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_sends_nothing_keeps_nobody_from_being_connected() {
    World::play(async {
        let world = world(only(&[VideoCodec::H264]));
        let publication = world.publish();
        world.until(2, TargetState::Live).await;
        let mut encoder = Encoder::hevc(publication);
        encoder.run(1).await;
        assert_eq!(world.status(2).state, TargetState::Blocked);
        assert!(world.visits("t2")[0].tags.is_empty());
    })
    .await;
}
