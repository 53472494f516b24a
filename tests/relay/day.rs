//! A day in the life of a relay: random faults everywhere, and nothing is left over in the evening.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use splitcast::model::{Backup, BackupPolicy, Rules, Takeover, TargetId, TargetState, WantedTarget};
use splitcast::net;
use tokio::time::{Instant, sleep, timeout};

use super::world::{Encoder, Script, World, endpoint, target};

const TARGETS: i64 = 50;
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn no_name() -> net::Error {
    net::Error::Timeout { step: net::Step::Resolving, limit: Duration::from_secs(5) }
}

/// Any fault a target can have; most connections go well.
fn any_script(random: &mut StdRng) -> Script {
    match random.random_range(0..40) {
        0..14 => Script::Accept,
        14..24 => Script::CloseAfter(random.random_range(0..60_000)),
        24 => Script::Refuse,
        25 => Script::Fail(no_name),
        26 => Script::Hang,
        27 => Script::Babble,
        28 => Script::Mute,
        29 => Script::Reject,
        30 => Script::RejectWith("NetStream.Publish.Denied", "not today"),
        31 => Script::CloseAtPublish,
        32 => Script::AcceptAndClose,
        33 => Script::Freeze,
        34 => Script::RejectAfter(random.random_range(1..1_000)),
        35 => Script::Panic,
        36 => Script::ReadSlowly(random.random_range(100..20_000)),
        _ => Script::CloseAfter(random.random_range(60_000..3_600_000)),
    }
}

/// A target on a server of its own or shared with nine others, some with a second address.
fn any_target(id: i64, random: &mut StdRng) -> WantedTarget {
    let version = random.random_range(0..3);
    let host = if id % 5 == 0 { "shared".to_owned() } else { format!("t{id}") };
    let policy = match id % 7 {
        0 => Some(BackupPolicy::Failover),
        1 => Some(BackupPolicy::Both),
        _ => None,
    };
    let backup = policy.map(|policy| Backup { endpoint: endpoint(&format!("b{id}"), "second"), policy });
    WantedTarget { endpoint: endpoint(&host, &format!("key{version}")), backup, ..target(id) }
}

/// Lets an encoder send a little every half a minute for a while, and go in some way; returns the
/// number of its next picture.
async fn broadcast(world: &World, serial: u32, random: &mut StdRng, until: Instant) -> u32 {
    let Ok(publication) = world.hub().publish("127.0.0.1:5000".parse().unwrap()) else {
        return serial;
    };
    let mut encoder = Encoder::numbered(publication, serial);
    let ends = Instant::now() + Duration::from_secs(random.random_range(30..7_200));
    while Instant::now() < ends.min(until) {
        for _ in 0..random.random_range(1..8) {
            encoder.picture();
        }
        sleep(Duration::from_secs(30)).await;
    }
    // It begins anew with a key frame, whose number is a multiple of the length of a group.
    let next = encoder.serial().next_multiple_of(25);
    match random.random_range(0..3) {
        0 => encoder.end(),
        _ => drop(encoder),
    }
    let away = [1, 20, 55, 90, 600][random.random_range(0..5)];
    sleep(Duration::from_secs(away)).await;
    next
}

async fn live_through(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::new(0);
    let mut dice = StdRng::seed_from_u64(seed + 1);
    world.roll(Box::new(move || any_script(&mut dice)));
    *world.targets() = (1..=TARGETS).map(|id| any_target(id, &mut random)).collect();
    world.apply();
    let evening = Instant::now() + DAY;
    let mut serial = 0;
    while Instant::now() < evening {
        serial = broadcast(&world, serial, &mut random, evening).await;
        // Meanwhile its owner changes something, switches something off, or asks for a try.
        let id = random.random_range(1..=TARGETS);
        match random.random_range(0..4) {
            0 => world.targets().retain(|target| target.id != TargetId(id)),
            1 => drop(world.supervisor.retry(TargetId(id))),
            _ => {
                world.targets().retain(|target| target.id != TargetId(id));
                let target = any_target(id, &mut random);
                world.targets().push(target);
            }
        }
        let takeover = [Takeover::NewestIfSilent, Takeover::NewestWins][random.random_range(0..2)];
        world.set_rules(Rules { takeover, ..Rules::default() });
        let (_, _, fault) = world.audit();
        assert_eq!(fault, None, "what a target got cannot be decoded");
        assert!(world.events().len() <= 10_000);
    }

    // In the evening all faults are over: whoever is wanted is live within the longest wait.
    world.calm();
    let mut encoder = Encoder::numbered(world.publish(), serial);
    let wanted: Vec<i64> = world.targets().iter().map(|target| target.id.0).collect();
    let all_live = |world: &World| wanted.iter().all(|id| world.status(*id).state == TargetState::Live);
    tokio::select! {
        () = encoder.run(1_200) => {
            let late = wanted.iter().filter(|id| world.status(**id).state != TargetState::Live);
            panic!("{:?}", late.map(|id| world.status(*id)).collect::<Vec<_>>());
        }
        () = world.until_true(all_live) => {}
    }
    encoder.end();
    let (visits, pictures, fault) = world.audit();
    assert_eq!(fault, None);
    assert!(visits > 1_000 && pictures > 10_000, "{visits} connections, {pictures} pictures");

    // And nothing is left: no task, no connection, no byte of the stream.
    let hub = Arc::downgrade(&world.hub());
    world.wanted.streams.clear();
    world.apply();
    world.tracker.close();
    timeout(Duration::from_secs(700), world.tracker.wait()).await.expect("no task is left");
    assert!(hub.upgrade().is_none(), "somebody keeps the stream's past");
    let hosts = (1..=TARGETS).flat_map(|id| [format!("t{id}"), format!("b{id}")]);
    assert_eq!(hosts.chain(["shared".to_owned()]).map(|host| world.open(&host)).sum::<usize>(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_day_of_random_faults_leaves_nothing_over() {
    World::play_for(DAY * 2, live_through(20_261_122)).await;
}
