//! What targets do, and what becomes of them and of each other.

use std::time::Duration;

use splitcast::model::{TargetId, TargetState};
use tokio::time::{Instant, sleep, timeout};

use super::world::{Encoder, Script, World, assert_whole, pictures};

#[tokio::test(start_paused = true)]
async fn every_target_gets_every_frame() {
    World::play(async {
        let world = World::running(3);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(5).await;
        for host in ["t1", "t2", "t3"] {
            let visits = world.visits(host);
            assert_eq!(visits.len(), 1);
            assert_whole(&visits[0]);
            assert_eq!(pictures(&visits[0]), (0..125).collect::<Vec<_>>());
            assert_eq!(visits[0].tags[0].1, 100);
        }
        assert_eq!(world.visits("t2")[0].key, "key2");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_added_in_mid_stream_starts_at_the_cached_key_frame() {
    World::play(async {
        let mut world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(3).await;
        for _ in 0..10 {
            encoder.picture();
        }
        world.targets().push(super::world::target(2));
        world.apply();
        world
            .until_true(|world| world.visits("t2").first().is_some_and(|visit| visit.tags.len() >= 12))
            .await;
        let visit = &world.visits("t2")[0];
        assert_whole(visit);
        // The key frame of the group that was under way, and not one picture sent since it was added.
        assert_eq!(pictures(visit), (75..85).collect::<Vec<_>>());
        encoder.run(1).await;
        assert_eq!(world.visits("t1").len(), 1);
        assert_whole(&world.visits("t1")[0]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_is_tried_until_it_takes_the_stream() {
    World::play(async {
        let world = World::running(1);
        world.script(
            "t1",
            [Script::Refuse, Script::Reject, Script::Mute, Script::AcceptAndClose, Script::Freeze],
        );
        let mut encoder = Encoder::new(world.publish(), 0);
        let run = encoder.run(300);
        let watch = world
            .until_true(|world| world.visits("t1").len() == 6 && world.status(1).state == TargetState::Live);
        tokio::select! {
            () = run => panic!("it did not come back in 300 s"),
            () = watch => {}
        }
        encoder.run(3).await;
        assert_whole(&world.visits("t1")[5]);
        assert_eq!(world.status(1).reconnects, 2);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_board_says_what_went_wrong() {
    World::play(async {
        for (script, words) in [
            (Script::Refuse, "was not accepted"),
            (Script::Reject, "Another encoder is already publishing"),
            (Script::AcceptAndClose, "stream key may be wrong"),
            (Script::Mute, "No answer within 5 s while agreeing on RTMP"),
            (Script::Freeze, "took no data for 10 s"),
            (Script::RejectAfter(3), "says that the stream key is in use"),
        ] {
            let world = World::running(1);
            world.script("t1", vec![script; 50]);
            let mut encoder = Encoder::new(world.publish(), 0);
            tokio::select! {
                () = encoder.run(120) => panic!("{script:?}"),
                () = world.until(1, TargetState::BackingOff) => {}
            }
            let status = world.status(1);
            assert!(status.reason.contains(words), "{script:?}: {}", status.reason);
            assert!(status.next_try_in.is_some());
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_bad_target_disturbs_no_other() {
    World::play(async {
        let world = World::running(6);
        for (host, script) in [
            ("t1", Script::Refuse),
            ("t2", Script::Reject),
            ("t3", Script::AcceptAndClose),
            ("t4", Script::Freeze),
            ("t5", Script::Panic),
        ] {
            world.script(host, vec![script; 1_000]);
        }
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(60).await;
        let visits = world.visits("t6");
        assert_eq!(visits.len(), 1);
        assert_whole(&visits[0]);
        assert_eq!(pictures(&visits[0]).len(), 60 * 25);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_that_accepts_and_closes_is_not_tried_hot() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", vec![Script::AcceptAndClose; 10_000]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(600).await;
        let visits = world.visits("t1").len();
        assert!((5..10).contains(&visits), "{visits} connections in ten minutes");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_begins_again() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Panic]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(15).await;
        assert_eq!(world.status(1).state, TargetState::Live);
        assert_whole(&world.visits("t1")[1]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn retry_now_ends_the_wait() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", vec![Script::Refuse; 8]);
        let mut encoder = Encoder::new(world.publish(), 0);
        let impatient = async {
            for tries in 1..=8 {
                world.until_true(|world| world.visits("t1").len() >= tries).await;
                world.until(1, TargetState::BackingOff).await;
                assert!(world.supervisor.retry(TargetId(1)));
            }
            world.until(1, TargetState::Live).await;
        };
        let began = Instant::now();
        tokio::select! {
            () = encoder.run(600) => panic!("it did not come back"),
            () = impatient => {}
        }
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        assert!(!world.supervisor.retry(TargetId(99)));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_edited_target_says_goodbye_before_it_is_dialled_again() {
    World::play(async {
        let mut world = World::running(2);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        world.targets()[0].endpoint.key = splitcast::rtmp::StreamKey::new("another");
        world.targets()[1].name = "renamed".to_owned();
        world.apply();
        encoder.run(2).await;
        let edited = world.visits("t1");
        assert_eq!(edited.len(), 2);
        assert!(edited[0].said_goodbye && edited[0].is_over);
        assert_eq!(edited[1].key, "another");
        assert_whole(&edited[1]);
        // A new name is no reason to reconnect.
        assert_eq!(world.visits("t2").len(), 1);
        assert_eq!(pictures(&world.visits("t2")[0]).len(), 100);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_removed_target_says_goodbye_and_leaves_nothing() {
    World::play(async {
        let mut world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        world.targets().clear();
        world.apply();
        encoder.run(1).await;
        assert!(world.visits("t1")[0].said_goodbye);
        assert!(world.board.target(TargetId(1)).is_none());
        drop(encoder);
        world.supervisor.leave(false);
        world.tracker.close();
        timeout(Duration::from_secs(1), world.tracker.wait()).await.expect("no task is left");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn leaving_says_no_goodbye() {
    World::play(async {
        let mut world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        world.supervisor.leave(false);
        sleep(Duration::from_secs(1)).await;
        let visit = &world.visits("t1")[0];
        assert!(visit.is_over && !visit.said_goodbye);
        assert_whole(visit);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_is_cut_off_says_no_goodbye() {
    World::play(async {
        let mut world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        // Nobody was told to leave.
        world.supervisor = World::new(0).supervisor;
        sleep(Duration::from_secs(1)).await;
        let visit = &world.visits("t1")[0];
        assert!(visit.is_over && !visit.said_goodbye);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn retry_now_during_a_session_does_not_shorten_a_later_wait() {
    World::play(async {
        let world = World::running(10);
        for id in 1..=10 {
            world.script(&format!("t{id}"), [Script::RejectAfter(30)]);
        }
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        for id in 1..=10 {
            assert!(world.supervisor.retry(TargetId(id)));
        }
        let all_failed = |world: &World| (1..=10).all(|id| world.visits(&format!("t{id}"))[0].is_over);
        tokio::select! {
            () = encoder.run(10) => panic!("they did not fail"),
            () = world.until_true(all_failed) => {}
        }
        // All waits are random parts of a second.
        let again = (1..=10).filter(|id| world.visits(&format!("t{id}")).len() > 1).count();
        assert!(again < 10, "none of them waited");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn retry_now_for_all_who_wait_for_their_turn_blocks_nobody() {
    World::play(async {
        let world = World::running(200);
        let mut encoder = Encoder::new(world.publish(), 0);
        // Fifty were dialled at once, and then one after the other.
        encoder.run(1).await;
        for id in 1..=200 {
            assert!(world.supervisor.retry(TargetId(id)));
        }
        encoder.run(5).await;
        for id in 1..=200 {
            assert_eq!(world.status(id).state, TargetState::Live, "{id}");
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn retry_now_ends_the_wait_after_a_panic_too() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Panic]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        assert_eq!(world.status(1).state, TargetState::BackingOff);
        assert!(world.supervisor.retry(TargetId(1)));
        encoder.run(1).await;
        assert_eq!(world.status(1).state, TargetState::Live);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stalled_target_shows_how_late_it_is_until_it_is_given_up() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", [Script::Freeze]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(9).await;
        let lag = world.status(1).lag_ms;
        assert!((5_000..9_000).contains(&lag), "{lag}");
        tokio::select! {
            () = encoder.run(10) => panic!("it is not given up"),
            () = world.until(1, TargetState::BackingOff) => {}
        }
        assert_eq!(world.status(1).lag_ms, 0);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_without_failure_begins_the_ladder_anew() {
    World::play(async {
        let world = World::running(1);
        world.script("t1", vec![Script::Refuse; 8]);
        let mut encoder = Encoder::new(world.publish(), 0);
        tokio::select! {
            () = encoder.run(300) => panic!("it did not come back"),
            () = world.until(1, TargetState::Live) => {}
        }
        encoder.run(1).await;
        encoder.end();
        sleep(Duration::from_secs(1)).await;
        world.script("t1", [Script::Refuse]);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        assert_eq!(world.status(1).state, TargetState::Live);
    })
    .await;
}
