//! Running equals wanted, whatever was wanted before.

use std::collections::BTreeSet;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use proptest::prelude::*;
use splitcast::model::{TargetId, TargetState};
use splitcast::relay::hub::Source;
use splitcast::relay::registry::Refusal;
use splitcast::rtmp::StreamKey;
use tokio::time::{sleep, timeout};

use super::world::{Encoder, Script, World, target};

/// Which of six targets are wanted, and the version of each one's key.
type Wish = Vec<(i64, u8)>;

fn any_wish() -> impl Strategy<Value = Wish> {
    proptest::collection::btree_map(1i64..7, 0u8..2, 0..6).prop_map(|wish| wish.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_sequence_of_wishes_ends_in_the_last_one(wishes in proptest::collection::vec(any_wish(), 1..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(World::play(async {
            let mut world = World::running(0);
            let mut encoder = Encoder::new(world.publish(), 0);
            let mut before: Wish = Vec::new();
            let mut sessions = [0; 7];
            for wish in wishes {
                *world.targets() = wish.iter().map(|(id, version)| {
                    let mut target = target(*id);
                    target.endpoint.key = StreamKey::new(format!("key{version}"));
                    target
                }).collect();
                world.apply();
                encoder.run(1).await;
                for (id, version) in &wish {
                    if !before.contains(&(*id, *version)) {
                        sessions[usize::try_from(*id).unwrap()] += 1;
                    }
                }
                before = wish;
            }
            let wanted: BTreeSet<i64> = before.iter().map(|(id, _)| *id).collect();
            for id in 1..7 {
                let visits = world.visits(&format!("t{id}"));
                // Unchanged targets kept their session; the last session of each is as wanted.
                assert_eq!(visits.len(), sessions[usize::try_from(id).unwrap()]);
                let open = visits.iter().filter(|visit| !visit.is_over).count();
                assert_eq!(open, usize::from(wanted.contains(&id)));
                let state = world.board.target(TargetId(id)).map(|status| status.state);
                assert_eq!(state, wanted.contains(&id).then_some(TargetState::Live));
            }
            world.wanted.streams.clear();
            world.apply();
            drop(encoder);
            world.tracker.close();
            sleep(Duration::from_secs(5)).await;
            assert!(world.tracker.is_empty(), "no task is left");
        }));
    }
}

/// A target that takes three seconds to be left, since it takes no goodbye, with its encoder.
async fn stubborn() -> (World, Encoder) {
    let world = World::running(1);
    world.script("t1", [Script::Freeze]);
    let mut encoder = Encoder::new(world.publish(), 0);
    encoder.run(3).await;
    (world, encoder)
}

/// Two connections under one key at once would make a platform refuse the second.
async fn assert_is_awaited(world: &World, encoder: &mut Encoder) {
    encoder.run(2).await;
    assert_eq!(world.visits("t1").len(), 1, "the old connection is not over yet");
    assert!(world.status(1).reason.contains("old connection"), "{}", world.status(1).reason);
    encoder.run(2).await;
    assert_eq!(world.visits("t1").len(), 2);
    assert_eq!(world.status(1).state, TargetState::Live);
}

#[tokio::test(start_paused = true)]
async fn an_edited_target_is_dialled_once_the_old_connection_is_over() {
    World::play(async {
        let (mut world, mut encoder) = stubborn().await;
        world.targets()[0].endpoint.key = StreamKey::new("another");
        world.apply();
        assert_is_awaited(&world, &mut encoder).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_edit_is_told_as_a_change_from_what_was() {
    World::play(async {
        let mut world = World::running(1);
        let begun = world.events().swap_remove(0);
        assert_eq!((begun.from, begun.state), (TargetState::Stopped, TargetState::WaitingForSource));
        world.targets()[0].endpoint.key = StreamKey::new("another");
        world.apply();
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(2).await;
        let first = world.events().swap_remove(0);
        assert_eq!(first.state, TargetState::Resolving, "to one that waits nothing happens");
        world.targets()[0].endpoint.key = StreamKey::new("third");
        world.apply();
        assert_eq!(world.status(1).state, TargetState::Connecting, "whoever edits it sees it begin");
        let edit = world.events().swap_remove(0);
        assert_eq!((edit.from, edit.state), (TargetState::Live, TargetState::Connecting));
        assert!(edit.lasted.as_secs_f64() > 1.9, "{:?}", edit.lasted);
        let other = target(2);
        world.targets().push(other);
        world.apply();
        assert_eq!(world.status(2).state, TargetState::Resolving, "whoever adds it sees it begin");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_switched_off_and_on_is_dialled_once_the_old_connection_is_over() {
    World::play(async {
        let (mut world, mut encoder) = stubborn().await;
        world.targets().clear();
        world.apply();
        world.targets().push(target(1));
        world.apply();
        assert_is_awaited(&world, &mut encoder).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_change_that_comes_while_the_relay_leaves_begins_and_ends_nothing() {
    World::play(async {
        let mut world = World::running(1);
        let mut encoder = Encoder::new(world.publish(), 0);
        encoder.run(1).await;
        world.supervisor.leave(false);
        world.targets()[0].endpoint.key = StreamKey::new("another");
        world.targets().push(target(2));
        world.apply();
        world.tracker.close();
        timeout(Duration::from_secs(1), world.tracker.wait()).await.expect("no task is left");
        assert!(!world.visits("t1")[0].said_goodbye);
        assert!(world.visits("t2").is_empty());
    })
    .await;
}

#[test]
fn nobody_publishes_with_the_old_key_once_a_change_is_applied() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _inside = runtime.enter();
    for _ in 0..500 {
        let mut world = World::running(0);
        let (hub, registry) = (world.hub(), world.registry.clone());
        let publication = world.publish();
        let at_work = Arc::new(Barrier::new(2));
        let ready = at_work.clone();
        let intruder = std::thread::spawn(move || {
            let old = [StreamKey::new("ingest")];
            let peer = "127.0.0.1:6000".parse().unwrap();
            ready.wait();
            loop {
                match registry.publish("live", &old, peer) {
                    Ok((_, publication)) => return Some(publication),
                    Err(Refusal::UnknownKey | Refusal::Address | Refusal::Login) => return None,
                    Err(Refusal::Busy(_)) => {}
                }
            }
        });
        at_work.wait();
        world.change_key("another");
        let late = intruder.join().unwrap();
        assert_ne!(*hub.source().borrow(), Source::Live);
        drop((publication, late));
    }
}
