//! Another key file, whole and cut off.

use std::fs;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::rig::patience::Stopwatch;
use crate::rig::relay_process::Relay;
use crate::word::{relay, run, run_and_kill};

fn secrets(relay: &Relay) -> Vec<String> {
    let streams = relay.api().get("/streams");
    let streams = streams["streams"].as_array().unwrap();
    let key = |stream: &serde_json::Value| {
        let key = relay.api().get(&format!("/streams/{}/key", stream["id"]));
        key["key"].as_str().unwrap().to_owned()
    };
    streams.iter().map(key).collect()
}

#[test]
fn a_change_of_keys_changes_nothing_else() {
    let mut relay = relay();
    let data = relay.data_dir();
    let id = relay.api().create_stream("One", "key-one");
    let target = relay.api().add_target(id, "t", "rtmp://192.0.2.1/live?t=1", "target-key");
    let before = (secrets(&relay), relay.api().target(target)["url"].clone());
    let refused = run(&data, &["keys", "rotate"]).refused();
    assert!(refused.contains("stop it first"), "{refused}");
    relay.terminate();
    let old = fs::read_to_string(data.join("splitcast.key")).unwrap();
    let said = run(&data, &["keys", "rotate"]).done();
    assert!(said.contains("splitcast.key.before-"), "{said}");
    let new = fs::read_to_string(data.join("splitcast.key")).unwrap();
    assert_ne!(new, old);
    assert!(!said.contains(new.trim()) && !said.contains(old.trim()), "{said}");
    relay.restart();
    assert_eq!((secrets(&relay), relay.api().target(target)["url"].clone()), before);
}

/// A folder that was left at any moment opens, with all that was in it.
#[test]
fn a_change_of_keys_that_is_killed_leaves_a_folder_that_opens() {
    const ROUNDS: u64 = 20;
    const SEED: u64 = 20_260_727;
    let mut relay = relay();
    let data = relay.data_dir();
    for n in 0..30 {
        relay.api().create_stream(&format!("s{n}"), &format!("key-{n}"));
    }
    let before = secrets(&relay);
    relay.terminate();
    let whole = Stopwatch::start();
    run(&data, &["keys", "rotate"]).done();
    let whole = u64::try_from(whole.elapsed().as_millis()).unwrap();
    let mut random = StdRng::seed_from_u64(SEED);
    for round in 0..ROUNDS {
        let moment = Duration::from_millis(random.random_range(0..=whole));
        run_and_kill(&data, &["keys", "rotate"], moment);
        let said = run(&data, &["--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", "check"]);
        assert_eq!(said.code, 0, "round {round} of seed {SEED}: {said:?}");
    }
    relay.restart();
    assert_eq!(secrets(&relay), before);
}
