//! Starting and stopping: a relay that cannot serve says why in one sentence and leaves everything as
//! it was; one that is asked to stop stops cleanly.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::clip::Clip;
use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::port;
use crate::program::Running;
use crate::relay_process::{self, Options, Relay};

#[test]
fn a_port_in_use_is_named() {
    let other = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = other.local_addr().unwrap().port();
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    for mut command in [
        relay_process::command(&data, taken, port::free()),
        relay_process::command(&data, port::free(), taken),
    ] {
        let sentence = complaint(&mut command);
        assert!(sentence.contains(&format!("127.0.0.1:{taken}")), "{sentence}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_or_written_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    for data in [file.clone(), file.join("below"), PathBuf::from("/proc/splitcast-data")] {
        let sentence = complaint(&mut relay_process::command(&data, port::free(), port::free()));
        assert!(sentence.contains(data.to_str().unwrap()), "{sentence}");
    }
    assert_eq!(fs::read_to_string(file).unwrap(), "no folder");
}

#[test]
fn a_damaged_database_is_named_and_left_alone() {
    damage_is_refused("splitcast.db");
}

#[test]
fn a_damaged_key_file_is_named_and_left_alone() {
    damage_is_refused("splitcast.key");
}

/// A new key file could never open the keys that were sealed with the old one.
#[test]
fn a_lost_key_file_is_not_replaced() {
    let mut relay = Relay::start();
    relay.terminate();
    let key_file = relay.data_dir().join("splitcast.key");
    fs::remove_file(&key_file).unwrap();
    let mut again = relay_process::command(&relay.data_dir(), port::free(), port::free());
    let sentence = complaint(&mut again);
    assert!(sentence.contains("splitcast.key"), "{sentence}");
    assert!(!key_file.exists());
}

#[test]
fn nobody_else_may_read_the_key_file() {
    let relay = Relay::start();
    let key_file = fs::metadata(relay.data_dir().join("splitcast.key")).unwrap();
    assert_eq!(key_file.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_good_start_says_where_everything_is() {
    let relay = Relay::start();
    let said = relay.log();
    for port in [relay.rtmp_port(), relay.http_port()] {
        assert!(said.contains(&format!(":{port}")), "{said}");
    }
    let streams = relay.api().get("/streams");
    assert_eq!(streams["streams"][0]["name"], "Main");
}

#[test]
fn being_asked_to_stop_in_mid_stream_ends_with_status_zero() {
    let nginx = Nginx::start();
    let mut relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Studio", "source");
    let target = api.add_target(stream, "Target", &nginx.url(), "target");
    let _publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    api.wait_for_target(target, "live");
    assert_eq!(relay.terminate().code(), Some(0), "{}", relay.log());
    nginx.recording("target");
}

#[test]
fn being_asked_to_stop_when_idle_ends_with_status_zero() {
    assert_eq!(Relay::start().terminate().code(), Some(0));
}

#[test]
fn a_client_that_never_finishes_its_request_does_not_keep_the_relay_from_ending_well() {
    let mut relay = Relay::start();
    let mut slow = TcpStream::connect(("127.0.0.1", relay.http_port())).unwrap();
    slow.write_all(b"POST /api/v1/streams HTTP/1.1\r\nHost: localhost\r\nContent-Le").unwrap();
    assert_eq!(relay.terminate().code(), Some(0), "{}", relay.log());
}

/// Damages the file `name` in a used data folder and starts on it.
fn damage_is_refused(name: &str) {
    let mut relay = Relay::start();
    relay.api().create_stream("Studio", "source");
    relay.terminate();
    let victim = relay.data_dir().join(name);
    let damaged = vec![b'?'; fs::read(&victim).unwrap().len()];
    fs::write(&victim, &damaged).unwrap();
    let mut again = relay_process::command(&relay.data_dir(), port::free(), port::free());
    let sentence = complaint(&mut again);
    assert!(sentence.contains(name), "{sentence}");
    assert_eq!(fs::read(&victim).unwrap(), damaged, "the damaged file was overwritten");
}

/// The one line with which a relay that cannot start ends.
fn complaint(command: &mut Command) -> String {
    let folder = TempDir::new().unwrap();
    let mut process = Running::spawn(command, &folder.path().join("output.log"));
    let status = process.wait();
    let said = process.output();
    assert!(status.code().is_some_and(|code| code != 0), "{status}: {said}");
    assert_eq!(said.trim().lines().count(), 1, "more than one sentence:\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    said.trim().to_owned()
}

#[test]
fn an_owner_sees_the_settings_and_changes_the_log_while_it_runs() {
    let relay = Relay::start_with(Options { log: "warn", ..Options::default() });
    let api = relay.api();
    let settings = api.get("/settings");
    assert_eq!(settings["log"], "warn");
    let flag = |name: &str| {
        let flags = settings["flags"].as_array().unwrap();
        flags.iter().find(|flag| flag["name"] == name).unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(flag("--http"), format!("127.0.0.1:{}", relay.http_port()));
    assert_eq!(
        (flag("--allow-targets"), flag("SPLITCAST_API_TOKEN")),
        ("lan".to_owned(), "given".to_owned())
    );
    api.create_stream("Unheard", "one");
    assert!(!relay.log().contains("stream created"));
    assert_eq!(api.call("PATCH", "/settings", Some(&json!({"log": "info"}))).status, 200);
    api.create_stream("Heard", "two");
    assert!(relay.log().contains("stream created"));
}
