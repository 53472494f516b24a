//! The database takes no changes for a while: media goes on, pages are shown, changes are refused in
//! words, `/readyz` says why, and all is well again without a restart.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::lab::encoder::Encoder;
use crate::lab::footage::Footage;
use crate::lab::manner::Manner;
use crate::lab::sink::Sink;
use crate::lock::Lock;
use crate::rig::patience::{self, Stopwatch};
use crate::rig::relay_process::{Options, Relay};
use crate::rig::rest::{Answer, Api};

/// A relay in the middle of a broadcast.
struct Scene {
    relay: Relay,
    sink: Sink,
    encoder: Encoder,
}

impl Scene {
    fn start(prepare: Option<fn(&Path)>) -> Self {
        let token = Some("fault-tests-0123456789");
        let relay = Relay::start_with(Options { api_token: token, prepare, ..Options::default() });
        let stream = relay.api().create_stream("Database", "source");
        let sink = Sink::start(Manner::Healthy);
        relay.api().add_target(stream, "t", &sink.url(), "key");
        let encoder = Encoder::start(&relay, "source", Footage::new(1_000));
        sink.wait_for_frame(20);
        assert_eq!(relay.api().readiness().json(), json!({"ready": true}));
        Self { relay, sink, encoder }
    }

    /// Changes are refused for this reason, and nothing else is.
    fn assert_only_changes_fail(&self, kind: &str) {
        let api = self.relay.api();
        let refused = patience::wait_for("a change to be refused", || {
            Some(create(&api, "refused")).filter(|answer| answer.status != 201)
        });
        assert_told_what_to_do(&refused);
        patience::wait_until(&format!("/readyz to say {kind}"), || kinds(&api).contains(&kind.to_owned()));
        let answer = api.readiness();
        assert_eq!(answer.status, 503);
        assert_eq!(answer.json()["ready"], false);
        let watch = Stopwatch::start();
        assert!(api.get("/streams")["streams"].as_array().unwrap().len() >= 2);
        assert!(watch.elapsed() < Duration::from_secs(4), "a page waited {:?}", watch.elapsed());
        assert!(api.is_healthy());
        let sent = self.encoder.sent();
        self.sink.wait_for_frame(sent + 30);
    }

    /// Nothing was done to the relay, and it is well.
    fn assert_all_is_well(self, process: u32) {
        let api = self.relay.api();
        patience::wait_until("the relay to be ready", || api.readiness().status == 200);
        patience::wait_until("a change to be taken", || create(&api, "taken").status == 201);
        let sent = self.encoder.sent();
        self.sink.wait_for_frame(sent + 10);
        assert_eq!(self.sink.visitors(), 1, "the target was connected anew");
        assert_eq!(self.relay.process_id(), process);
        self.encoder.end();
    }
}

fn create(api: &Api, name: &str) -> Answer {
    // Each has a name and a key of its own: the one thing that is not to fail.
    let name = format!("{name}-{}", api.get("/streams")["streams"].as_array().unwrap().len());
    api.call("POST", "/streams", Some(&json!({ "name": name })))
}

fn assert_told_what_to_do(answer: &Answer) {
    let problem = answer.json();
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(problem["status"], answer.status, "{answer:?}");
    assert!(problem["detail"].as_str().unwrap().len() > 20, "{answer:?}");
    assert!(answer.headers.contains("retry-after"), "{answer:?}");
}

fn kinds(api: &Api) -> Vec<String> {
    let reasons = api.readiness().json()["reasons"].clone();
    let kind = |reason: &Value| reason["kind"].as_str().unwrap().to_owned();
    reasons.as_array().map(|reasons| reasons.iter().map(kind).collect()).unwrap_or_default()
}

#[test]
fn locked_by_another_process() {
    let scene = Scene::start(None);
    let (process, api) = (scene.relay.process_id(), scene.relay.api());
    let lock = Lock::of(&scene.relay.data_dir());
    // Many at once: each waits for those before it, and none for ever.
    let queue = |n: usize| {
        let body = json!({ "name": format!("queued {n}") });
        let watch = Stopwatch::start();
        (api.call("POST", "/streams", Some(&body)), watch.elapsed())
    };
    thread::scope(|scope| {
        let queue = &queue;
        let asked: Vec<_> = (0..8).map(|n| scope.spawn(move || queue(n))).collect();
        for asked in asked {
            let (answer, took) = asked.join().unwrap();
            assert_eq!(answer.status, 503, "{answer:?}");
            assert_told_what_to_do(&answer);
            assert!(took < Duration::from_secs(12), "an answer took {took:?}");
        }
    });
    scene.assert_only_changes_fail("database_busy");
    drop(lock);
    scene.assert_all_is_well(process);
}

/// A small disk of its own for the data folder.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path) {
        fs::create_dir_all(at).unwrap();
        let at = at.to_str().unwrap();
        assert!(succeeds("mount", &["-t", "tmpfs", "-o", "size=16m,mode=700", "splitcast-test", at]));
    }

    /// Leaves not a byte free.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut filler = File::create(&path).unwrap();
        for size in [1 << 16, 1 << 12] {
            while filler.write_all(&vec![1; size]).is_ok() {}
        }
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        succeeds("umount", &["-l", self.0.to_str().unwrap()]);
    }
}

#[test]
fn on_a_full_disk() {
    if !may("mount a disk", |folder| {
        let folder = folder.to_str().unwrap();
        succeeds("mount", &["-t", "tmpfs", "splitcast-test", folder]) && succeeds("umount", &[folder])
    }) {
        return;
    }
    let scene = Scene::start(Some(Disk::mount));
    let disk = Disk(scene.relay.data_dir());
    let process = scene.relay.process_id();
    let filler = disk.fill();
    scene.assert_only_changes_fail("database_full");
    let api = scene.relay.api();
    patience::wait_until("/readyz to say it of the disk", || kinds(&api).contains(&"disk_space".to_owned()));
    fs::remove_file(filler).unwrap();
    scene.assert_all_is_well(process);
}

/// Files that nobody can write to, not even root.
struct Immutable(Vec<PathBuf>);

impl Immutable {
    fn make(data_dir: &Path) -> Self {
        let files = ["splitcast.db", "splitcast.db-wal", "splitcast.db-shm"].map(|name| data_dir.join(name));
        for file in &files {
            assert!(succeeds("chattr", &["+i", file.to_str().unwrap()]), "{file:?}");
        }
        Self(files.to_vec())
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        for file in &self.0 {
            succeeds("chattr", &["-i", file.to_str().unwrap()]);
        }
    }
}

#[test]
fn read_only() {
    if !may("make a file immutable", |folder| {
        let file = folder.join("f");
        fs::write(&file, "").unwrap();
        succeeds("chattr", &["+i", file.to_str().unwrap()])
            && succeeds("chattr", &["-i", file.to_str().unwrap()])
    }) {
        return;
    }
    let scene = Scene::start(None);
    let process = scene.relay.process_id();
    let files = Immutable::make(&scene.relay.data_dir());
    scene.assert_only_changes_fail("database_read_only");
    drop(files);
    scene.assert_all_is_well(process);
}

#[test]
fn with_few_file_descriptors_left() {
    let scene = Scene::start(None);
    let (process, api) = (scene.relay.process_id(), scene.relay.api());
    let limit = |limit: usize| {
        let (process, limit) = (format!("--pid={process}"), format!("--nofile={limit}:"));
        assert!(succeeds("prlimit", &[&process, &limit]));
    };
    let open = fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
    limit(open + 2);
    patience::wait_until("/readyz to say so", || kinds(&api) == ["file_descriptors"]);
    limit(1024);
    scene.assert_all_is_well(process);
}

/// Whether the tester may do what the test needs; says so loudly if not.
fn may(what: &str, attempt: impl FnOnce(&Path) -> bool) -> bool {
    let folder = tempfile::TempDir::new().unwrap();
    let may = attempt(folder.path());
    if !may {
        // Not printed, which would be shown only after a failure.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: this user may not {what} in {}; run it as root",
            folder.path().display()
        );
    }
    may
}

fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}
