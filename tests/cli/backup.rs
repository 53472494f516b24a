//! Backups made beside a running relay, and brought back.

use std::fs;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::rig::patience::Stopwatch;
use crate::rig::relay_process::Relay;
use crate::word::{relay, run, run_and_kill};

fn names(relay: &Relay) -> Vec<String> {
    let streams = relay.api().get("/streams");
    let streams = streams["streams"].as_array().unwrap();
    streams.iter().map(|stream| stream["name"].as_str().unwrap().to_owned()).collect()
}

fn key(relay: &Relay, stream: i64) -> String {
    relay.api().get(&format!("/streams/{stream}/key"))["key"].as_str().unwrap().to_owned()
}

#[test]
fn what_was_backed_up_while_running_comes_back() {
    let mut relay = relay();
    let id = relay.api().create_stream("Before", "key-before");
    relay.api().add_target(id, "t", "rtmp://192.0.2.1/live", "target-key");
    let (data, file) = (relay.data_dir(), relay.folder().join("copy.db"));
    let path = file.to_str().unwrap();
    let said = run(&data, &["backup", path]).done();
    assert!(said.contains(path) && said.contains("splitcast.key"), "{said}");
    relay.api().create_stream("After", "key-after");

    let refused = run(&data, &["restore", path]).refused();
    assert!(refused.contains("stop it first"), "{refused}");
    relay.terminate();
    let said = run(&data, &["restore", path]).done();
    assert!(said.contains("2 streams, 1 target."), "{said}");
    relay.restart();
    assert_eq!(names(&relay), ["Main", "Before"]);
    assert_eq!(key(&relay, id), "key-before");

    relay.terminate();
    let former = said.lines().find_map(|line| line.strip_prefix("The former database is kept as ")).unwrap();
    run(&data, &["restore", former.trim_end_matches('.')]).done();
    relay.restart();
    assert_eq!(names(&relay), ["Main", "Before", "After"]);
}

#[test]
fn a_backup_with_its_key_moves_to_another_machine() {
    let mut relay = relay();
    let id = relay.api().create_stream("Moved", "key-moved");
    let (data, file) = (relay.data_dir(), relay.folder().join("copy"));
    let path = file.to_str().unwrap();
    let said = run(&data, &["backup", path, "--with-key"]).done();
    assert!(said.contains("copy.key"), "{said}");
    relay.terminate();
    fs::remove_dir_all(&data).unwrap();
    run(&data, &["restore", path]).done();
    relay.restart();
    assert_eq!(key(&relay, id), "key-moved");
}

#[test]
fn nothing_is_overwritten_and_nothing_half_done_is_left() {
    let relay = relay();
    let folder = relay.folder().join("out");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("precious");
    fs::write(&file, "precious").unwrap();
    let refused = run(&relay.data_dir(), &["backup", file.to_str().unwrap()]).refused();
    assert!(refused.contains("is there already"), "{refused}");
    let nowhere = folder.join("no/such/folder");
    run(&relay.data_dir(), &["backup", nowhere.to_str().unwrap()]).refused();
    let empty = relay.folder().join("empty");
    let refused = run(&empty, &["backup", nowhere.to_str().unwrap()]).refused();
    assert!(refused.contains("--data-dir"), "{refused}");
    assert!(!empty.exists());
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn what_is_no_backup_is_refused_in_a_sentence() {
    let mut relay = relay();
    relay.terminate();
    let file = relay.folder().join("file");
    fs::write(&file, "not a database ".repeat(1000)).unwrap();
    let before = fs::read(relay.data_dir().join("splitcast.db")).unwrap();
    let refused = run(&relay.data_dir(), &["restore", file.to_str().unwrap()]).refused();
    assert!(refused.contains("nothing was changed"), "{refused}");
    assert_eq!(fs::read(relay.data_dir().join("splitcast.db")).unwrap(), before);
    relay.restart();
}

/// Two backups under two keys are restored in turns: whenever that is cut off, the folder is the one or the
/// other, whole.
#[test]
fn a_restoration_that_is_killed_leaves_a_folder_that_opens() {
    const ROUNDS: usize = 20;
    const SEED: u64 = 20_260_728;
    let mut relay = relay();
    let data = relay.data_dir();
    let files = ["one", "two"].map(|name| relay.folder().join(name).to_str().unwrap().to_owned());
    relay.api().create_stream("One", "key-one");
    run(&data, &["backup", &files[0], "--with-key"]).done();
    relay.terminate();
    run(&data, &["keys", "rotate"]).done();
    relay.restart();
    relay.api().create_stream("Two", "key-two");
    run(&data, &["backup", &files[1], "--with-key"]).done();
    relay.terminate();
    let whole = Stopwatch::start();
    run(&data, &["restore", &files[0]]).done();
    let whole = u64::try_from(whole.elapsed().as_millis()).unwrap();
    let mut random = StdRng::seed_from_u64(SEED);
    for round in 0..ROUNDS {
        let moment = Duration::from_millis(random.random_range(0..=whole));
        run_and_kill(&data, &["restore", &files[(round + 1) % 2]], moment);
        let check = run(&data, &["--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", "check"]);
        assert_eq!(check.code, 0, "round {round} of seed {SEED}: {check:?}");
        relay.restart();
        let names = names(&relay);
        assert!(names == ["Main", "One"] || names == ["Main", "One", "Two"], "round {round}: {names:?}");
        assert_eq!(key(&relay, 2), "key-one");
        relay.terminate();
        let left = fs::read_dir(&data).unwrap().map(|file| file.unwrap().file_name());
        let left: Vec<_> = left.filter(|name| name.to_string_lossy().ends_with(".new")).collect();
        assert!(left.is_empty(), "round {round}: {left:?}");
    }
}
