//! Running equals wanted, whatever was wanted before.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use splitcast::model::TargetId;
use splitcast::relay::status::TargetState;
use splitcast::rtmp::StreamKey;
use tokio::time::sleep;

use super::world::{Encoder, World, target};

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
                    target.key = StreamKey::new(format!("key{version}"));
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
            world.targets().clear();
            world.apply();
            drop(encoder);
            world.tracker.close();
            sleep(Duration::from_secs(5)).await;
            assert!(world.tracker.is_empty(), "no task is left");
        }));
    }
}
