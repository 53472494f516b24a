//! Servers that say which codecs they take.

use std::time::Duration;

use splitcast::model::{ErrorKind, TargetState};
use tokio::time::sleep;

use super::world::{Encoder, Script, World};

#[tokio::test(start_paused = true)]
async fn what_a_server_has_no_place_for_is_not_published() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::TakeOnly("av01")]);
        let mut encoder = Encoder::hevc(world.publish());
        tokio::select! {
            () = encoder.run(60) => panic!("it does not fail"),
            () = world.until(1, TargetState::BackingOff) => {}
        }
        let status = world.status(1);
        assert_eq!(status.kind, Some(ErrorKind::PublishRejected));
        assert_eq!(status.reason, "The server does not accept HEVC, so nothing was sent.");
        assert_eq!(world.visits("t1")[0].began, None, "it was asked to take the stream");
        // It may have learnt.
        encoder.run(5).await;
        assert_eq!(world.status(1).state, TargetState::Live);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_begins_to_send_after_the_server_was_reached_is_waited_for() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::TakeOnly("av01")]);
        let mut encoder = Encoder::hevc(world.publish());
        sleep(Duration::from_millis(50)).await;
        tokio::select! {
            () = encoder.run(60) => panic!("it does not fail"),
            () = world.until(1, TargetState::BackingOff) => {}
        }
        assert_eq!(world.visits("t1")[0].began, None, "it was asked to take the stream");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_classic_rtmp_has_is_published_whatever_a_server_lists() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::TakeOnly("av01")]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(5).await;
        assert!(world.visits("t1")[0].began.is_some(), "it was not asked");
    })
    .await;
}
