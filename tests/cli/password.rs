//! An owner who is locked out gets in again.

use serde_json::json;

use crate::rig::relay_process::Relay;
use crate::word::{relay, run, run_with_input};

const FIRST: &str = "the first password";
const SECOND: &str = "CANARY the second password";

fn add(relay: &Relay, name: &str, role: &str) {
    let user = json!({"name": name, "role": role, "password": FIRST});
    assert_eq!(relay.api().call("POST", "/users", Some(&user)).status, 201);
}

/// The status that somebody gets who logs in.
fn log_in(relay: &Relay, name: &str, password: &str) -> u16 {
    relay.api().call("POST", "/session", Some(&json!({"name": name, "password": password}))).status
}

#[test]
fn the_only_owner_needs_no_name() {
    let mut relay = relay();
    let data = relay.data_dir();
    add(&relay, "Ada", "owner");
    add(&relay, "Bob", "viewer");
    assert_eq!(log_in(&relay, "Ada", FIRST), 200);
    let refused = run_with_input(&data, &["reset-password"], SECOND).refused();
    assert!(refused.contains("stop it first"), "{refused}");
    relay.terminate();
    let said = run_with_input(&data, &["reset-password"], &format!("{SECOND}\n")).done();
    assert!(said.starts_with("Ada has a new password") && !said.contains("CANARY"), "{said}");
    relay.restart();
    assert_eq!((log_in(&relay, "Ada", FIRST), log_in(&relay, "Ada", SECOND)), (401, 200));
    assert_eq!(log_in(&relay, "Bob", FIRST), 200);
    relay.terminate();
    let said = run_with_input(&data, &["reset-password", "bob"], SECOND).done();
    assert!(said.starts_with("Bob has"), "{said}");
    relay.restart();
    assert_eq!(log_in(&relay, "Bob", SECOND), 200);
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let mut relay = relay();
    let data = relay.data_dir();
    relay.terminate();
    let refused = run_with_input(&data, &["reset-password"], SECOND).refused();
    assert!(refused.contains("set-up link"), "{refused}");
    relay.restart();
    add(&relay, "Ada", "owner");
    add(&relay, "Cyd", "owner");
    relay.terminate();
    let refused = run_with_input(&data, &["reset-password"], SECOND).refused();
    assert!(refused.contains("Ada, Cyd"), "{refused}");
    let refused = run_with_input(&data, &["reset-password", "Eve"], SECOND).refused();
    assert!(refused.contains("nobody has this name"), "{refused}");
    for bad in ["", "short\n", &"x".repeat(5000)] {
        let refused = run_with_input(&data, &["reset-password", "Ada"], bad).refused();
        assert!(refused.contains("nothing was changed"), "{refused}");
    }
    relay.restart();
    assert_eq!(log_in(&relay, "Ada", FIRST), 200);
    let nowhere = relay.folder().join("nowhere");
    let refused = run(&nowhere, &["reset-password"]).refused();
    assert!(refused.contains("--data-dir") && !nowhere.exists(), "{refused}");
}
