//! How long frames wait for each other on their way to targets.

use std::time::Duration;

use bytes::Bytes;
use splitcast::media::{Kind, Tag};
use splitcast::model::{Coalesce, Rules, TargetState};
use splitcast::relay::publication::Publication;
use tokio::time::sleep;

use super::world::{Encoder, World, pictures};

/// Pictures that have arrived at a target.
fn arrived(world: &World, host: &str) -> usize {
    world.visits(host).iter().map(|visit| pictures(visit).len()).sum()
}

/// Sends two pictures; whether the second reaches each of two targets at once, and whether it does a
/// while later. The first may find wishes that are new, and be sent because of that.
async fn one_more(world: &World, encoder: &mut Encoder) -> [usize; 4] {
    encoder.picture();
    sleep(Duration::from_millis(200)).await;
    let before = [arrived(world, "t1"), arrived(world, "t2")];
    encoder.picture();
    sleep(Duration::from_millis(5)).await;
    let at_once = [arrived(world, "t1") - before[0], arrived(world, "t2") - before[1]];
    sleep(Duration::from_millis(200)).await;
    let later = [arrived(world, "t1") - before[0], arrived(world, "t2") - before[1]];
    [at_once[0], at_once[1], later[0], later[1]]
}

#[tokio::test(start_paused = true)]
async fn frames_wait_as_long_as_stream_and_target_say_and_a_change_breaks_nothing() {
    World::play(async {
        let wait = |ms| Some(Coalesce::from_ms(ms).unwrap());
        let mut world = World::running(2);
        let mut encoder = Encoder::new(world.publish(), 0);
        for id in [1, 2] {
            world.until(id, TargetState::Live).await;
        }
        assert_eq!(one_more(&world, &mut encoder).await, [1, 1, 1, 1]);
        world.set_rules(Rules { coalesce: wait(100), ..Rules::default() });
        assert_eq!(one_more(&world, &mut encoder).await, [0, 0, 1, 1]);
        world.targets()[1].coalesce = wait(0);
        world.apply();
        assert_eq!(one_more(&world, &mut encoder).await, [0, 1, 1, 1]);
        world.set_rules(Rules { coalesce: wait(0), ..Rules::default() });
        world.targets()[1].coalesce = wait(50);
        world.apply();
        assert_eq!(one_more(&world, &mut encoder).await, [1, 0, 1, 1]);
        world.targets()[1].coalesce = None;
        world.apply();
        assert_eq!(one_more(&world, &mut encoder).await, [1, 1, 1, 1]);
        assert_eq!([world.visits("t1").len(), world.visits("t2").len()], [1, 1]);
        encoder.end();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_when_the_stream_is_to_wait_less_is_sent_at_once() {
    World::play(async {
        let wait = |ms| Some(Coalesce::from_ms(ms).unwrap());
        let mut world = World::new(3);
        world.targets()[1].coalesce = wait(0);
        world.targets()[2].coalesce = wait(100);
        world.set_rules(Rules { coalesce: wait(100), ..Rules::default() });
        let mut encoder = Encoder::new(world.publish(), 0);
        for id in [1, 2, 3] {
            world.until(id, TargetState::Live).await;
        }
        assert_eq!(one_more(&world, &mut encoder).await, [0, 1, 1, 1]);
        let before = arrived(&world, "t1");
        encoder.picture();
        sleep(Duration::from_millis(5)).await;
        assert_eq!(arrived(&world, "t1"), before);
        world.set_rules(Rules { coalesce: wait(0), ..Rules::default() });
        sleep(Duration::from_millis(5)).await;
        assert_eq!(arrived(&world, "t1"), before + 1);
        encoder.end();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_when_the_encoder_ends_is_sent_before_the_goodbye() {
    World::play(async {
        let mut world = World::running(1);
        world.set_rules(Rules { coalesce: Some(Coalesce::from_ms(100).unwrap()), ..Rules::default() });
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        encoder.picture();
        let sent = encoder.serial();
        encoder.end();
        world.until(1, TargetState::WaitingForSource).await;
        assert_eq!(arrived(&world, "t1"), sent as usize);
        assert!(world.visits("t1")[0].said_goodbye);
    })
    .await;
}

fn send(publication: &Publication, kind: Kind, len: usize, timestamp: u32) {
    let first = match kind {
        Kind::VideoKey => 0x17,
        Kind::VideoInter => 0x27,
        _ => 0xaf,
    };
    let payload = Bytes::from(vec![first; len]);
    assert!(publication.send(Tag { kind, timestamp, payload }));
}

/// Lets a few milliseconds pass; what has arrived at a target then, of any kind.
async fn after(world: &World, ms: u64) -> usize {
    sleep(Duration::from_millis(ms)).await;
    world.visits("t1")[0].tags.len()
}

#[tokio::test(start_paused = true)]
async fn sound_waits_for_the_picture_that_is_about_to_come_and_for_none_that_is_not() {
    World::play(async {
        let world = World::running(1);
        let publication = world.publish();
        world.until(1, TargetState::Live).await;
        send(&publication, Kind::VideoKey, 1_000, 0);
        for picture in 1..20 {
            sleep(Duration::from_millis(20)).await;
            send(&publication, Kind::VideoInter, 1_000, picture * 20);
        }
        let before = after(&world, 5).await;
        assert_eq!(before, 20);
        send(&publication, Kind::Audio, 300, 385);
        assert_eq!(after(&world, 8).await, before + 1, "the next picture is too far");
        send(&publication, Kind::Audio, 300, 393);
        assert_eq!(after(&world, 6).await, before + 1, "it is about to come");
        sleep(Duration::from_millis(1)).await;
        send(&publication, Kind::VideoInter, 1_000, 400);
        assert_eq!(after(&world, 1).await, before + 3);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sound_alone_is_sent_at_once() {
    World::play(async {
        let world = World::running(1);
        let publication = world.publish();
        world.until(1, TargetState::Live).await;
        send(&publication, Kind::AudioHeader, 4, 0);
        for frame in 0..200 {
            send(&publication, Kind::Audio, 300, frame * 20);
            let arrived = after(&world, 1).await;
            // For two seconds pictures may yet come.
            assert!(frame <= 100 || arrived == frame as usize + 2, "{arrived} of {frame}");
            sleep(Duration::from_millis(19)).await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_may_wait_is_sent_at_once_when_it_is_much() {
    World::play(async {
        let mut world = World::running(1);
        world.set_rules(Rules { coalesce: Some(Coalesce::from_ms(100).unwrap()), ..Rules::default() });
        let publication = world.publish();
        world.until(1, TargetState::Live).await;
        send(&publication, Kind::VideoKey, 1_000, 0);
        let before = after(&world, 200).await;
        send(&publication, Kind::VideoInter, 40_000, 200);
        assert_eq!(after(&world, 5).await, before);
        send(&publication, Kind::VideoInter, 40_000, 205);
        assert_eq!(after(&world, 5).await, before + 2);
        send(&publication, Kind::VideoInter, 40_000, 210);
        assert_eq!(after(&world, 5).await, before + 2, "what was sent counts no more");
        assert_eq!(after(&world, 100).await, before + 3);
        for frame in 0..4 {
            send(&publication, Kind::VideoInter, 20_000, 310 + frame);
        }
        assert_eq!(after(&world, 5).await, before + 7, "nor does it matter that all came at once");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn targets_that_wait_shorter_do_not_wait_for_those_that_wait_longer() {
    World::play(async {
        let mut world = World::new(2);
        for (target, ms) in world.targets().iter_mut().zip([20, 100]) {
            target.coalesce = Some(Coalesce::from_ms(ms).unwrap());
        }
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        for id in [1, 2] {
            world.until(id, TargetState::Live).await;
        }
        assert_eq!(one_more(&world, &mut encoder).await, [0, 0, 1, 1]);
        let before = arrived(&world, "t1");
        encoder.picture();
        sleep(Duration::from_millis(25)).await;
        assert_eq!([arrived(&world, "t1"), arrived(&world, "t2")], [before + 1, before]);
        encoder.end();
    })
    .await;
}
