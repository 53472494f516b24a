//! What `check` says, and how it ends.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::rig::authority::Authority;
use crate::rig::relay_process::{self, Relay};
use crate::word::{Said, relay, run};

const ANYWHERE: [&str; 5] = ["--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", "check"];

/// What it says of a data folder where nothing else could be wrong.
fn check(relay: &Relay) -> Said {
    run(&relay.data_dir(), &ANYWHERE)
}

fn fails_with(said: &Said, words: &str) {
    assert_eq!(said.code, 1, "{said:?}");
    let line = said.out.lines().find(|line| line.starts_with("FAIL ") && line.contains(words));
    assert!(line.is_some(), "no line fails with {words:?}: {said:?}");
}

#[test]
fn all_is_well_before_the_first_start_while_running_and_after() {
    let folder = tempfile::TempDir::new().unwrap();
    let new = folder.path().join("new");
    assert!(run(&new, &ANYWHERE).done().ends_with("All is well.\n"));
    assert!(!new.exists());

    let mut relay = relay();
    relay.api().create_stream("s", "canary-key-3c5e");
    let ports = [
        "--rtmp".to_owned(),
        format!("127.0.0.1:{}", relay.rtmp_port()),
        "--http".to_owned(),
        format!("127.0.0.1:{}", relay.http_port()),
        "check".to_owned(),
    ];
    let running = run(&relay.data_dir(), &ports).done();
    assert!(running.contains("as it is while a relay runs") && running.contains("opens all 3"), "{running}");
    assert!(!running.contains("canary"), "{running}");
    relay.terminate();
    let stopped = run(&relay.data_dir(), &ports).done();
    assert!(stopped.contains("is free") && stopped.ends_with("All is well.\n"), "{stopped}");
    relay.restart();
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let relay = relay();
    let other = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = other.local_addr().unwrap().to_string();
    let empty = relay.folder().join("empty");
    fails_with(&run(&empty, &["--rtmp", &taken, "--http", "127.0.0.1:0", "check"]), &taken);
    fails_with(&run(&empty, &[&["--workers", "0"], &ANYWHERE[..]].concat()), "SPLITCAST_WORKERS");
    let no_file = run(&empty, &[&["--target-ca", "/no/such/file"], &ANYWHERE[..]].concat());
    fails_with(&no_file, "/no/such/file");
}

#[test]
fn a_folder_that_is_not_whole_is_told_what_it_lacks() {
    let mut relay = relay();
    relay.terminate();
    let (database, key) = (relay.data_dir().join("splitcast.db"), relay.data_dir().join("splitcast.key"));
    let (good_database, good_key) = (fs::read(&database).unwrap(), fs::read(&key).unwrap());
    fs::write(&key, "splitcast-key-1 AAAA\n").unwrap();
    fails_with(&check(&relay), "is damaged");
    fs::write(&key, format!("splitcast-key-1 {}\n", "A".repeat(52))).unwrap();
    fails_with(&check(&relay), "does not belong");
    fs::remove_file(&key).unwrap();
    fails_with(&check(&relay), "is missing");
    fs::write(&key, &good_key).unwrap();

    let mut broken = good_database.clone();
    for byte in &mut broken[4096..] {
        *byte ^= 0x55;
    }
    fs::write(&database, &broken).unwrap();
    fails_with(&check(&relay), "damaged");
    assert_eq!(fs::read(&database).unwrap(), broken);
    fs::write(&database, "not a database ".repeat(500)).unwrap();
    fails_with(&check(&relay), "damaged");
    fs::write(&database, &good_database).unwrap();
    check(&relay).done();
}

#[test]
fn a_key_file_that_others_may_read_is_worth_a_warning() {
    let mut relay = relay();
    relay.terminate();
    let key = relay.data_dir().join("splitcast.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let said = check(&relay);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("warn  other users may read"), "{said:?}");
}

#[test]
fn certificate_files_are_looked_at() {
    let folder = tempfile::TempDir::new().unwrap();
    let (new, authority) = (folder.path().join("new"), Authority::new());
    let check = |files: &(PathBuf, PathBuf)| {
        let flags = ["--tls-cert", files.0.to_str().unwrap(), "--tls-key", files.1.to_str().unwrap()];
        run(&new, &[&flags[..], &ANYWHERE].concat())
    };
    let expired = folder.path().join("expired");
    fs::create_dir(&expired).unwrap();
    let (good, expired) =
        (authority.files_for("h", folder.path()), authority.expired_files_for("h", &expired));
    let said = check(&good).done();
    assert!(said.contains("ok    the certificate of --tls-cert has its key"), "{said}");
    fails_with(&check(&expired), "has expired");
    fails_with(&check(&(good.0.clone(), expired.1)), "does not belong");
    fails_with(&check(&(folder.path().join("none.pem"), good.1.clone())), "none.pem");
    fails_with(&run(&new, &[&["--tls-key", "k"], &ANYWHERE[..]].concat()), "go together");

    let other = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = other.local_addr().unwrap().to_string();
    let [certificate, key] = [&good.0, &good.1].map(|path| path.to_str().unwrap());
    let flags = ["--rtmps", &taken, "--tls-cert", certificate, "--tls-key", key];
    fails_with(&run(&new, &[&flags[..], &ANYWHERE].concat()), &format!("{taken} (--rtmps) is in use"));
    fails_with(&run(&new, &[&["--rtmps", &taken], &ANYWHERE[..]].concat()), "or --acme-domain");
}

#[test]
fn completions_are_a_script() {
    let output = relay_process::binary().args(["completions", "bash"]).output().unwrap();
    assert!(output.status.success());
    let script = String::from_utf8(output.stdout).unwrap();
    assert!(script.contains("support-bundle") && script.contains("complete -F"), "{script}");
}
