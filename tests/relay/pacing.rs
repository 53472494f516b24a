//! How long frames wait for each other on their way to targets.

use std::time::Duration;

use splitcast::model::{Coalesce, Rules, TargetState};
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
