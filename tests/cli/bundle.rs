//! The support bundle says what helps, and nothing that names or opens anything.

use std::fs;

use serde_json::json;

use crate::rig::patience;
use crate::rig::relay_process::{self, Options, Relay};
use crate::word::run;

/// Whatever could be told of a person or a place; each holds this word or this number.
const CANARY: &str = "canary";
const ADDRESS: &str = "203.0.113";
const TOKEN: &str = "canary-token-0123456789-77aa";

fn full_relay() -> Relay {
    let relay = Relay::start_with(Options { api_token: Some(TOKEN), ..Options::default() });
    let api = relay.api();
    let stream = json!({"name": "canary stream", "key": "canary-ingest", "app": "canaryapp"});
    assert_eq!(api.call("POST", "/streams", Some(&stream)).status, 201);
    for (name, url) in [
        ("canary one", "rtmp://studio.canary.example/canary?auth=canary"),
        ("canary two", "rtmps://a.rtmps.youtube.com/live2"),
        ("canary three", "rtmp://203.0.113.9:7777/live"),
    ] {
        let target = json!({"name": name, "url": url, "key": "canary-key", "backup_url": url, "backup_key": "canary-2"});
        assert_eq!(api.call("POST", "/streams/2/targets", Some(&target)).status, 201);
    }
    patience::wait_until("an event to be kept", || {
        let events = api.get("/targets/1/events");
        events["events"].as_array().is_some_and(|events| !events.is_empty())
    });
    relay
}

#[test]
fn no_secret_name_path_or_address_is_in_it() {
    let mut relay = full_relay();
    let file = relay.folder().join("bundle.txt");
    let mut command = relay_process::binary();
    command
        .env("SPLITCAST_API_TOKEN", TOKEN)
        .arg("--data-dir")
        .arg(relay.data_dir())
        .args(["--http", "203.0.113.5:8080", "--allow-targets", "203.0.113.0/24", "--log", "canary=debug"])
        .args(["--hosts", "canary.example"])
        .args(["--target-ca", "/home/canary/ca.pem", "support-bundle"])
        .arg(&file);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&file).unwrap();
    assert_clean(&relay, &text);
    for fact in [
        "a relay runs: yes",
        "streams: 2",
        "targets: 3",
        "rtmps to YouTube",
        "rtmp to another host",
        "rtmp to a public address, another port",
        "waiting_for_source",
        "sound: yes",
        "SPLITCAST_API_TOKEN: given",
        "--allow-targets: 1 network",
        "--hosts: 1 name",
    ] {
        assert!(text.contains(fact), "no {fact:?} in\n{text}");
    }

    relay.terminate();
    let again = run(&relay.data_dir(), &["support-bundle", file.to_str().unwrap()]).refused();
    assert!(again.contains("choose a new file"), "{again}");
    let stopped = run(&relay.data_dir(), &["support-bundle"]).done();
    assert_clean(&relay, &stopped);
    assert!(stopped.contains("a relay runs: no"), "{stopped}");
}

#[test]
fn trouble_is_described_without_where_it_is() {
    let mut relay = full_relay();
    relay.terminate();
    let data = relay.data_dir();
    fs::remove_file(data.join("splitcast.key")).unwrap();
    let text = run(&data, &["support-bundle"]).done();
    assert!(text.contains("the key file is missing"), "{text}");
    assert_clean(&relay, &text);
    fs::write(data.join("splitcast.db"), "not a database ".repeat(500)).unwrap();
    let text = run(&data, &["support-bundle"]).done();
    assert!(text.contains("damaged"), "{text}");
    assert_clean(&relay, &text);
    let text = run(&relay.folder().join("nothing"), &["support-bundle"]).done();
    assert!(text.contains("there is none"), "{text}");
    assert_clean(&relay, &text);
}

fn assert_clean(relay: &Relay, text: &str) {
    let folder = relay.folder().to_str().unwrap();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    for word in [CANARY, ADDRESS, folder, host.trim(), "/tmp", "/home"] {
        assert!(!text.to_lowercase().contains(&word.to_lowercase()), "{word:?} is in\n{text}");
    }
}
