//! The relay is killed at random moments while it is told to change things: what it acknowledged is
//! there when it comes back, on a database that is sound.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use crate::rig::patience::Stopwatch;
use crate::rig::rest::Api;
use crate::word::{relay, run};

/// Enough for every day; `SPLITCAST_CRASH_ROUNDS=200` for a thorough look.
const ROUNDS: u64 = 15;

const SEED: u64 = 0x5ca7_7e8e_d000_0001;

/// What was answered with success, and what was only asked for.
#[derive(Default)]
struct Ledger {
    acknowledged: BTreeSet<String>,
    /// Removals that were acknowledged.
    removed: BTreeSet<String>,
    /// May or may not have happened.
    uncertain: BTreeSet<String>,
}

/// Makes and removes targets until the relay is gone.
fn write_until_it_ends(api: &Api, prefix: &str, seed: u64, ended: &AtomicBool) -> Ledger {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut ledger, mut made) = (Ledger::default(), Vec::<(String, i64)>::new());
    for n in 0.. {
        if ended.load(Ordering::Relaxed) {
            break;
        }
        if made.len() > 3 && random.random_bool(0.45) {
            let (name, id) = made.swap_remove(random.random_range(0..made.len()));
            let answer = api.try_call("DELETE", &format!("/targets/{id}"), None);
            ledger.acknowledged.remove(&name);
            match answer.map(|answer| answer.status) {
                Some(204) => ledger.removed.insert(name),
                _ => ledger.uncertain.insert(name),
            };
        } else {
            let name = format!("{prefix}-{n}");
            let body =
                json!({"name": name, "url": "rtmp://192.0.2.1/live", "key": "k", "start_mode": "manual"});
            match api.try_call("POST", "/streams/1/targets", Some(&body)) {
                Some(answer) if answer.status == 201 => {
                    made.push((name.clone(), answer.json()["id"].as_i64().unwrap()));
                    ledger.acknowledged.insert(name);
                }
                _ => {
                    ledger.uncertain.insert(name);
                }
            }
        }
    }
    ledger
}

#[test]
fn what_was_acknowledged_outlives_a_kill_at_any_moment() {
    let rounds = std::env::var("SPLITCAST_CRASH_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    println!("seed {SEED:#x}, {rounds} rounds");
    let mut random = StdRng::seed_from_u64(SEED);
    let (mut relay, mut kept, mut starts) = (relay(), BTreeSet::<String>::new(), Vec::new());
    let mut writes = 0;
    for round in 0..rounds {
        let (api, ended) = (relay.api(), AtomicBool::new(false));
        let moment = Duration::from_millis(random.random_range(1..400));
        let (prefix, seed) = (format!("r{round}"), random.random());
        let ledger = thread::scope(|scope| {
            let writer = scope.spawn(|| write_until_it_ends(&api, &prefix, seed, &ended));
            Stopwatch::start().sleep_until(moment);
            relay.kill();
            ended.store(true, Ordering::Relaxed);
            writer.join().unwrap()
        });
        let check = run(&relay.data_dir(), &["--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", "check"]);
        assert_eq!(check.code, 0, "round {round}: {check:?}");
        let watch = Stopwatch::start();
        relay.restart();
        starts.push(watch.elapsed());
        let found = targets(&relay.api());
        writes += ledger.acknowledged.len() + ledger.removed.len();
        kept.extend(ledger.acknowledged);
        let lost: Vec<_> = kept.difference(&found).collect();
        assert!(lost.is_empty(), "round {round} of seed {SEED:#x} lost {lost:?}");
        let back: Vec<_> = ledger.removed.intersection(&found).collect();
        assert!(back.is_empty(), "round {round} of seed {SEED:#x} brought back {back:?}");
        let strangers: Vec<_> =
            found.iter().filter(|name| !kept.contains(*name) && !ledger.uncertain.contains(*name)).collect();
        assert!(strangers.is_empty(), "round {round} of seed {SEED:#x} made up {strangers:?}");
        kept = tidied(&relay.api(), found);
    }
    starts.sort();
    println!(
        "{writes} acknowledged changes; starts took {:?} in the median, {:?} at most",
        starts[starts.len() / 2],
        starts[starts.len() - 1]
    );
    assert!(writes > 0, "nothing was ever acknowledged");
}

fn targets(api: &Api) -> BTreeSet<String> {
    let targets = api.get("/streams/1/targets");
    let targets = targets["targets"].as_array().unwrap();
    targets.iter().map(|target| target["name"].as_str().unwrap().to_owned()).collect()
}

/// Makes room for the next round: a stream takes only so many targets.
fn tidied(api: &Api, found: BTreeSet<String>) -> BTreeSet<String> {
    if found.len() < 300 {
        return found;
    }
    for target in api.get("/streams/1/targets")["targets"].as_array().unwrap() {
        assert_eq!(api.call("DELETE", &format!("/targets/{}", target["id"]), None).status, 204);
    }
    BTreeSet::new()
}
