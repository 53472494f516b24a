//! A test of an address and its key against all that may answer, by the API; and what of it is seen by
//! whom.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::{Value, json};

use crate::authority::Authority;
use crate::clip::Clip;
use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::port;
use crate::relay_process::{Options, Relay, TOKEN};
use crate::talkative_target;
use crate::tls_front::TlsFront;

const KEY: &str = "canary-tested-7e21";

/// Tests an address with [`KEY`]; the whole answer.
fn test(relay: &Relay, url: &str) -> Value {
    let body = json!({ "url": url, "key": KEY });
    let answer = relay.api().call("POST", "/targets/test", Some(&body));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(!answer.body.contains(KEY), "{}", answer.body);
    answer.json()
}

/// Its steps, and whether each went well.
fn steps(report: &Value) -> Vec<(&str, bool)> {
    let steps = report["steps"].as_array().unwrap();
    steps.iter().map(|step| (step["step"].as_str().unwrap(), step["passed"].as_bool().unwrap())).collect()
}

/// A server that says something to everybody, and sends what it was told first to the test.
fn saying(words: &'static [u8]) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            // It hangs up only when the other side has.
            let _ = socket.write_all(words).and_then(|()| socket.read_to_end(&mut Vec::new()));
        }
    });
    format!("rtmp://127.0.0.1:{port}/live")
}

/// An HTTP server that refuses whatever is asked of it, and its port.
fn refusing_http() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut head = BufReader::new(socket.try_clone().unwrap()).lines();
            while head.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let _ = socket.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        }
    });
    port
}

#[test]
fn what_answers_is_told_apart() {
    let nginx = Nginx::start_asking(refusing_http());
    let relay = Relay::start();
    for (url, outcome, words) in [
        (nginx.url(), "accepted", "accepts the key"),
        (nginx.refusing_url(), "accepted_then_closed", "the stream key may be wrong"),
        (nginx.asking_url(), "key_refused", "the stream key may be wrong"),
        (nginx.url().replace("/live", "/nowhere"), "app_refused", "check what follows the host"),
        (talkative_target::start(KEY), "key_refused", "the stream key … is not welcome"),
        ("rtmp://no-such-host.invalid/live".to_owned(), "unknown_host", "there is no such host name"),
        (format!("rtmp://127.0.0.1:{}/live", port::free()), "port_refused", "nothing answers there"),
        ("rtmp://192.0.2.1/live".to_owned(), "not_allowed", "--allow-targets"),
        (format!("rtmp://127.0.0.1:{}/live", relay.rtmp_port()), "not_allowed", "round in circles"),
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "not_rtmp", "speaks HTTP"),
        (saying(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "not_rtmp", "speaks SSH"),
        (saying(b""), "not_rtmp", "may be no RTMP server"),
        (saying(b"\x15\x03\x01\x00\x02\x02\x46"), "wrong_scheme", "rtmps://"),
    ] {
        let report = test(&relay, &url);
        assert_eq!(report["outcome"], outcome, "{report}");
        let sentence = report["sentence"].as_str().unwrap();
        assert!(sentence.to_lowercase().contains(&words.to_lowercase()), "{report}");
        let passed = steps(&report).iter().filter(|(_, passed)| *passed).count();
        let failed = usize::from(outcome != "accepted");
        assert_eq!(passed + failed, steps(&report).len(), "{report}");
        assert_eq!(report["kind"].is_null(), outcome == "accepted", "{report}");
    }
    assert!(nginx.recorded(KEY).is_empty(), "there was a picture or a sound");
}

#[test]
fn certificates_are_told_apart_and_shown_whether_good_or_bad() {
    let (nginx, authority) = (Nginx::start(), Authority::new());
    let good = || authority.server_for("localhost");
    let folder = tempfile::tempdir().unwrap();
    let options = Options { target_ca: Some(authority.write_to(folder.path())), ..Options::default() };
    let relay = Relay::start_with(options);
    for (server, outcome, words) in [
        (good(), "accepted", "accepts the key"),
        (authority.expired_server_for("localhost"), "certificate_expired", "expired"),
        (authority.server_for("elsewhere.example"), "certificate_wrong_name", "not made out to localhost"),
        (Authority::new().server_for("localhost"), "certificate_untrusted", "signed by nobody known here"),
    ] {
        let front = TlsFront::showing(nginx.port(), server);
        let report = test(&relay, &front.url());
        assert_eq!(report["outcome"], outcome, "{report}");
        assert!(report["sentence"].as_str().unwrap().contains(words), "{report}");
        let tls = &report["steps"][2];
        assert_eq!((&tls["step"], &tls["passed"]), (&json!("tls"), &json!(outcome == "accepted")));
        let certificate = &tls["certificate"];
        assert!(certificate["names"][0].as_str().unwrap().contains('l'), "{report}");
        assert!(certificate["issuer"].as_str().unwrap().starts_with("Authority "), "{report}");
        assert_eq!(certificate["not_after"] == 1_577_836_800, outcome == "certificate_expired", "{report}");
        assert_eq!(tls["tls_version"].is_null(), outcome != "accepted", "{report}");
    }
    let plain = test(&relay, &nginx.url().replace("rtmp://", "rtmps://"));
    assert!(["wrong_scheme", "tls_failed"].contains(&plain["outcome"].as_str().unwrap()), "{plain}");
    assert!(plain["sentence"].as_str().unwrap().contains("write rtmp://"), "{plain}");
}

#[test]
fn a_saved_target_is_tested_with_its_key_unless_it_sends_with_it() {
    let nginx = Nginx::start();
    let relay = Relay::start_with(Options { log: "trace", ..Options::default() });
    let api = relay.api();
    let stream = api.create_stream("Studio", "source");
    let target = api.add_target(stream, "Mine", &nginx.url(), KEY);
    let path = format!("/targets/{target}/test");
    let report = api.call("POST", &path, None);
    assert_eq!((report.status, &report.json()["outcome"]), (200, &json!("accepted")), "{}", report.body);
    // With parts of what is saved.
    let changed = json!({ "target_id": target, "url": nginx.refusing_url() });
    let report = api.call("POST", "/targets/test", Some(&changed)).json();
    assert_eq!(report["outcome"], "accepted_then_closed");

    // Which goes to its own server alone.
    let elsewhere = nginx.url().replace("127.0.0.1", "localhost");
    let told = api.call("POST", "/targets/test", Some(&json!({ "target_id": target, "url": elsewhere })));
    assert_eq!((told.status, &told.json()["field"]), (422, &json!("key")), "{}", told.body);

    let _publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    api.wait_for_target(target, "live");
    let refused = api.call("POST", &path, None);
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("is sending with this key"), "{}", refused.body);
    assert_eq!(api.target(target)["reconnects"], 0);
    assert!(!relay.log().contains(KEY), "the log shows the key");
}

#[test]
fn each_step_is_told_when_it_is_over_and_who_goes_away_ends_the_test() {
    let (url, ended) = mute();
    let relay = Relay::start();
    let body = json!({ "url": url, "key": KEY }).to_string();
    let socket = TcpStream::connect(("127.0.0.1", relay.http_port())).unwrap();
    let request = format!(
        "POST /api/v1/targets/test HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nAccept: application/x-ndjson\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    (&socket).write_all(request.as_bytes()).unwrap();
    let lines = BufReader::new(&socket).lines().map(Result::unwrap);
    let told: Vec<Value> = lines
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(&line).unwrap())
        .take(2)
        .collect();
    // The server says nothing, so that the next step would take seconds.
    assert_eq!(told.iter().map(|line| &line["step"]["step"]).collect::<Vec<_>>(), ["dns", "tcp"]);
    assert!(ended.try_recv().is_err(), "it was over already");
    drop(socket);
    ended.recv().unwrap();
}

/// A server that never says anything, and what hears when its first visitor has gone.
fn mute() -> (String, Receiver<()>) {
    let (sender, receiver) = channel();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let _ = socket.read_to_end(&mut Vec::new());
        sender.send(()).unwrap();
    });
    (format!("rtmp://127.0.0.1:{port}/live"), receiver)
}
