//! User names and passwords among real programs: ffmpeg and GStreamer log in at this relay, and this relay
//! logs in at another one.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::clip::Clip;
use crate::ffmpeg;
use crate::program::{self, Running};
use crate::relay_process::Relay;
use crate::rest::Api;

const USER: &str = "ann@example.com";
const PASSWORD: &str = "sEcret+w0rd";

/// A relay with a stream that asks for a login.
fn guarded() -> (Relay, i64) {
    let relay = Relay::start();
    let stream = relay.api().create_stream("Studio", "source");
    let login = json!({"app": "studio", "ingest_user": USER, "ingest_password": PASSWORD});
    patch(&relay.api(), &format!("/streams/{stream}"), &login);
    (relay, stream)
}

fn patch(api: &Api, path: &str, fields: &serde_json::Value) {
    let answer = api.call("PATCH", path, Some(fields));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn url(relay: &Relay, login: &str, key: &str) -> String {
    format!("rtmp://{login}127.0.0.1:{}/studio/{key}", relay.rtmp_port())
}

#[test]
fn ffmpeg_logs_in() {
    let (relay, stream) = guarded();
    let _publisher =
        ffmpeg::publish(Clip::Plain, &url(&relay, &format!("{USER}:{PASSWORD}@"), "source"), relay.folder());
    relay.api().wait_for_source(stream, "live");
}

#[test]
fn ffmpeg_with_a_wrong_login_or_none_ends_with_a_word_about_it() {
    let (relay, _) = guarded();
    for (login, words) in [
        (format!("{USER}:wrong@"), "Incorrect username/password"),
        (format!("eve:{PASSWORD}@"), "Incorrect username/password"),
        (String::new(), "need auth"),
    ] {
        let mut publisher = ffmpeg::publish(Clip::Plain, &url(&relay, &login, "source"), relay.folder());
        let status = publisher.wait();
        assert!(!status.success() && publisher.output().contains(words), "{login}: {}", publisher.output());
    }
    let log = relay.log();
    assert!(log.contains("wrong user name or password") && !log.contains(PASSWORD), "{log}");
}

#[test]
fn ffmpeg_that_knows_a_login_may_come_where_none_is_asked() {
    let relay = Relay::start();
    let stream = relay.api().create_stream("Stage", "source");
    let url = format!("rtmp://{USER}:{PASSWORD}@127.0.0.1:{}/live/source", relay.rtmp_port());
    let _publisher = ffmpeg::publish(Clip::Plain, &url, relay.folder());
    relay.api().wait_for_source(stream, "live");
}

/// Its other sink, rtmpsink, corrupts its own memory when it logs in: the librtmp that Debian builds with
/// GnuTLS does not end its strings.
#[test]
fn gstreamer_logs_in() {
    let (relay, stream) = guarded();
    let location = format!("location=rtmp://127.0.0.1:{}/studio/source", relay.rtmp_port());
    let sink = ["rtmp2sink".to_owned(), location, format!("username={USER}"), format!("password={PASSWORD}")];
    let _publisher = gstreamer(&sink, relay.folder());
    relay.api().wait_for_source(stream, "live");
}

#[test]
fn gstreamer_with_a_wrong_password_ends() {
    let (relay, _) = guarded();
    let location = format!("location=rtmp://127.0.0.1:{}/studio/source", relay.rtmp_port());
    let sink = ["rtmp2sink".to_owned(), location, format!("username={USER}"), "password=wrong".to_owned()];
    let mut publisher = gstreamer(&sink, relay.folder());
    assert!(!publisher.wait().success(), "{}", publisher.output());
}

/// GStreamer, which publishes a clip again and again.
fn gstreamer(sink: &[String], folder: &Path) -> Running {
    let mut command: Command = program::command("gst-launch-1.0", "gstreamer1.0-tools");
    command.args(["-q", "filesrc"]).arg(format!("location={}", Clip::Plain.path().display()));
    command.args([
        "!",
        "flvdemux",
        "name=d",
        "d.video",
        "!",
        "queue",
        "!",
        "h264parse",
        "!",
        "identity",
        "sync=true",
    ]);
    command.args(["!", "flvmux", "streamable=true", "!"]).args(sink);
    Running::spawn(&mut command, &folder.join("gstreamer.log"))
}

#[test]
fn a_target_that_asks_for_a_login_is_given_it_and_a_wrong_one_is_told() {
    let (server, taken) = guarded();
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Stage", "source");
    let target = api.add_target(
        stream,
        "Studio",
        url(&server, &format!("{USER}:{PASSWORD}@"), "").trim_end_matches('/'),
        "source",
    );
    let _publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    api.wait_for_target(target, "live");
    server.api().wait_for_source(taken, "live");
    let shown = api.target(target);
    assert_eq!((&shown["user"], &shown["has_password"]), (&json!(USER), &json!(true)));

    api.patch_target(target, &json!({"password": "wrong"}));
    let blocked = api.wait_for_target(target, "blocked");
    assert_eq!(blocked["kind"], "auth");
    assert!(blocked["reason"].as_str().unwrap().contains("user name"), "{blocked}");
    api.patch_target(target, &json!({"user": null}));
    let blocked = api.wait_for_target(target, "blocked");
    assert!(blocked["reason"].as_str().unwrap().contains("asks for a user name"), "{blocked}");
    api.patch_target(target, &json!({"user": USER, "password": PASSWORD}));
    api.wait_for_target(target, "live");
    assert!(!relay.log().contains(PASSWORD));
}

#[test]
fn a_test_of_a_key_logs_in_and_tells_whether_it_may() {
    let (server, _) = guarded();
    let relay = Relay::start();
    let api = relay.api();
    let test = |login: &str| {
        let body = json!({"url": url(&server, login, "").trim_end_matches('/'), "key": "source"});
        let answer = api.call("POST", "/targets/test", Some(&body));
        assert!(!answer.body.contains(PASSWORD), "{}", answer.body);
        answer.json()
    };
    let words = |report: &serde_json::Value, step: &str| {
        let mut steps = report["steps"].as_array().unwrap().iter();
        let steps_of_it: Vec<_> = steps.by_ref().filter(|told| told["step"] == step).collect();
        assert_eq!(steps_of_it.len(), 1, "{report}");
        steps_of_it[0]["words"].as_str().unwrap().to_owned()
    };
    let good = test(&format!("{USER}:{PASSWORD}@"));
    assert_eq!(good["outcome"], "accepted", "{good}");
    assert!(words(&good, "connect").contains("asked for a user name and a password"), "{good}");
    words(&good, "dns");
    let wrong = test(&format!("{USER}:wrong@"));
    assert_eq!((&wrong["outcome"], &wrong["kind"]), (&json!("login_refused"), &json!("auth")), "{wrong}");
    assert!(words(&wrong, "connect").contains("refused the user name or the password"), "{wrong}");
    assert_eq!(test("")["outcome"], "login_wanted");

    // Of a saved one, half a login may be changed.
    let stream = api.create_stream("Stage", "source");
    let whole = url(&server, &format!("{USER}:{PASSWORD}@"), "");
    let target = api.add_target(stream, "Studio", whole.trim_end_matches('/'), "source");
    for (changes, outcome) in [
        (json!({}), "accepted"),
        (json!({"password": "wrong"}), "login_refused"),
        (json!({"user": null}), "login_wanted"),
    ] {
        let mut body = json!({"target_id": target});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let report = api.call("POST", "/targets/test", Some(&body)).json();
        assert_eq!(report["outcome"], outcome, "{report}");
    }
}
