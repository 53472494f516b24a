//! Targets with a second address.

use std::time::Duration;

use splitcast::model::{Backup, BackupPolicy, EndpointRole, TargetId, TargetState};
use tokio::time::sleep;

use super::world::{Encoder, Script, World, assert_whole, endpoint, target};

fn with_backup(policy: BackupPolicy) -> World {
    let mut world = World::new(0);
    let backup = Backup { endpoint: endpoint("b1", "second"), policy };
    world.targets().push(splitcast::model::WantedTarget { backup: Some(backup), ..target(1) });
    world
}

#[tokio::test(start_paused = true)]
async fn the_second_address_takes_over_and_is_kept() {
    World::play(async {
        let mut world = with_backup(BackupPolicy::Failover);
        world.script("t1", [Script::CloseAfter(20_000), Script::Refuse, Script::Refuse, Script::Refuse]);
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(60).await;
        assert_eq!(world.status(1).endpoint, EndpointRole::Backup);
        assert_eq!(world.status(1).state, TargetState::Live);
        assert_eq!(world.visits("b1")[0].key, "second");
        assert_whole(&world.visits("b1")[0]);
        let tried = world.visits("t1").len();
        encoder.run(120).await;
        assert_eq!(world.visits("t1").len(), tried, "the first is left alone while the second works");
        // Started anew by hand, it begins with the first again.
        let wanted = world.targets().pop().unwrap();
        world.apply();
        world.targets().push(wanted);
        world.apply();
        encoder.run(2).await;
        assert_eq!(world.status(1).endpoint, EndpointRole::Primary);
        assert!(world.visits("b1")[0].said_goodbye);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_address_that_takes_the_stream_and_nothing_of_it_gives_way_to_the_other() {
    World::play(async {
        let mut world = with_backup(BackupPolicy::Failover);
        world.script("t1", [Script::Freeze; 100]);
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(60).await;
        assert_eq!(world.status(1).endpoint, EndpointRole::Backup);
        assert_eq!(world.status(1).state, TargetState::Live);
        assert!(world.visits("t1").len() <= 3);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn another_broadcast_begins_with_the_first_address_however_the_last_one_ended() {
    World::play(async {
        let mut world = with_backup(BackupPolicy::Failover);
        world.script("t1", [Script::Refuse; 3]);
        world.script("b1", [Script::CloseAfter(40_000)]);
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(30).await;
        assert_eq!(world.status(1).endpoint, EndpointRole::Backup);
        // The target closes while the encoder is away, and that does not come back in time.
        drop(encoder);
        sleep(Duration::from_secs(90)).await;
        assert!(world.visits("b1")[0].is_over);
        assert!(world.status(1).reason.contains("Waiting for the encoder"), "{}", world.status(1).reason);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        assert_eq!(world.status(1).endpoint, EndpointRole::Primary);
        assert_eq!(world.visits("b1").len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn both_addresses_are_fed_at_once_and_fail_for_themselves() {
    World::play(async {
        let mut world = with_backup(BackupPolicy::Both);
        world.script("b1", [Script::CloseAfter(20_000), Script::Refuse]);
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(60).await;
        assert_eq!(world.visits("t1").len(), 1);
        assert_eq!(world.visits("b1").len(), 3);
        let status = world.status(1);
        let second = status.backup.unwrap();
        assert_eq!((status.state, second.state), (TargetState::Live, TargetState::Live));
        assert_eq!((status.endpoint, second.endpoint), (EndpointRole::Primary, EndpointRole::Backup));
        assert_eq!((status.reconnects, second.reconnects), (0, 1));
        for visit in [&world.visits("t1")[0], &world.visits("b1")[2]] {
            assert_whole(visit);
        }
        world.targets().clear();
        world.apply();
        sleep(Duration::from_secs(1)).await;
        assert!(world.visits("t1")[0].said_goodbye && world.visits("b1")[2].said_goodbye);
        assert!(world.board.target(TargetId(1)).is_none());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn another_second_address_waits_for_the_old_connections_to_end() {
    World::play(async {
        let mut world = with_backup(BackupPolicy::Both);
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        // The two change places: each key is in use at the other's new place until it is left.
        let target = &mut world.targets()[0];
        let first = std::mem::replace(&mut target.endpoint, target.backup.clone().unwrap().endpoint);
        target.backup = Some(Backup { endpoint: first, policy: BackupPolicy::Both });
        world.apply();
        encoder.run(3).await;
        for host in ["t1", "b1"] {
            let visits = world.visits(host);
            assert_eq!(visits.len(), 2, "{host}");
            assert!(visits[0].said_goodbye);
        }
        world.targets()[0].backup = None;
        world.apply();
        encoder.run(3).await;
        assert_eq!(world.open("t1"), 0);
        assert!(world.status(1).backup.is_none());
    })
    .await;
}
