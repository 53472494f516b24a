//! Secrets of every kind, looked for wherever the relay tells something: answers, events, numbers,
//! webhooks, bundles, backups, files and the log at its most talkative.
//!
//! Beside `tests/interop/secrets.rs`, which takes keys through real programs.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::lab::encoder::Encoder;
use crate::lab::footage::Footage;
use crate::lab::manner::Manner;
use crate::lab::sink::Sink;
use crate::rig::patience;
use crate::rig::port;
use crate::rig::publisher::Publisher;
use crate::rig::relay_process::{self, Options, Relay};
use crate::visitor::{Visitor, ask};

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const OPERATORS_TOKEN: &str = "canary-operator-8842-0123456789-abcdef";
const PASSWORD: &str = "canary-password-77c1";
const WRONG_PASSWORD: &str = "canary-wrong-password-12fe";
const WRONG_TOKEN: &str = "canary-wrong-token-93d0";
const INGEST_KEY: &str = "canary-ingest-55e2";
const WRONG_KEY: &str = "canary-wrong-key-e0b7";
const TARGET_KEY: &str = "canary-target-a6c4";
const TARGET_QUERY: &str = "canary-query-31bd";
const TARGET_PASSWORD: &str = "canary-target-password-4b1f";
const INGEST_PASSWORD: &str = "canary-ingest-password-8d22";
const WRONG_LOGIN: &str = "canary-wrong-login-71ce";
const WEBHOOK_PATH: &str = "canary-hook-f9a3";

#[test]
fn no_secret_is_told_to_anybody() {
    let metrics_port = port::free();
    let options = Options {
        log: "trace",
        api_token: Some(OPERATORS_TOKEN),
        metrics_port: Some(metrics_port),
        ..Options::default()
    };
    let mut relay = Relay::start_with(options);
    let mut secrets: Vec<String> = [
        OPERATORS_TOKEN,
        PASSWORD,
        WRONG_PASSWORD,
        WRONG_TOKEN,
        INGEST_KEY,
        WRONG_KEY,
        TARGET_KEY,
        TARGET_QUERY,
        TARGET_PASSWORD,
        INGEST_PASSWORD,
        WRONG_LOGIN,
    ]
    .map(str::to_owned)
    .to_vec();
    let (link, session) = set_up(&relay);
    secrets.extend([session.clone(), make_token(&relay)]);
    let (told, webhook_secret) = make_webhook(&relay);
    secrets.push(webhook_secret);

    let mut places = vec![("a refusal", refusals(&relay))];
    let events = follow(&relay);
    broadcast(&relay);
    patience::wait_until("webhooks to be told", || told.lock().unwrap().contains("stream.ended"));
    places.push(("an answer", every_answer(&relay, &session)));
    places.push(("the numbers", metrics(metrics_port)));
    places.extend(commands(&relay));
    let told = told.lock().unwrap().clone();
    assert!(told.contains("splitcast-signature") || told.contains("Splitcast-Signature"), "{told}");
    places.push(("a webhook", told));
    relay.terminate();
    places.push(("an event", events.join().unwrap()));
    for (place, text) in &places {
        assert!(!text.is_empty(), "{place} says nothing");
        assert_unseen(&secrets, place, text.as_bytes());
    }
    // Of a webhook's address, its own server must be told, and nobody else.
    secrets.push(WEBHOOK_PATH.to_owned());
    let own = |place: &str| place == "a webhook";
    for (place, text) in places.iter().filter(|(place, _)| !own(place)) {
        assert_unseen(&secrets, place, text.as_bytes());
    }
    secrets.push(link);
    for file in fs::read_dir(relay.data_dir()).unwrap().map(|entry| entry.unwrap().path()) {
        assert_unseen(&secrets, &file.display().to_string(), &fs::read(&file).unwrap());
    }
    // Whoever starts the relay is shown the link, once.
    let log = relay.log();
    assert!(log.contains("DEBUG"), "the log was not at its most talkative");
    let link = secrets.pop().unwrap();
    assert_eq!(log.matches(&link).count(), 1, "the set-up link is in the log");
    assert_unseen(&secrets, "the log", log.as_bytes());
}

/// The set-up link, and the owner's session.
fn set_up(relay: &Relay) -> (String, String) {
    let log = relay.log();
    let link = log.split("#setup=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let body = json!({"link": link, "name": "Ada", "password": PASSWORD});
    let heard = ask((HERE, relay.http_port()), "POST", "/setup", "", &body).0;
    let session = heard.split("splitcast=").nth(1).unwrap().split(';').next().unwrap();
    (link, session.to_owned())
}

fn make_token(relay: &Relay) -> String {
    let answer = relay.api().call("POST", "/tokens", Some(&json!({"name": "canary", "scope": "admin"})));
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(relay.api().with_token(&token).call("GET", "/streams", None).status, 200);
    token
}

/// What a webhook's server was told, and the webhook's secret.
fn make_webhook(relay: &Relay) -> (Arc<Mutex<String>>, String) {
    let server = TcpListener::bind((HERE, 0)).unwrap();
    let url = format!("http://{}/{WEBHOOK_PATH}?{WEBHOOK_PATH}", server.local_addr().unwrap());
    let told = Arc::new(Mutex::new(String::new()));
    let hears = Arc::clone(&told);
    // It ends with the tests.
    thread::spawn(move || {
        for connection in server.incoming() {
            let mut connection = connection.unwrap();
            let mut buffer = vec![0; 64 << 10];
            let mut heard = Vec::new();
            while !heard.ends_with(b"}") {
                let count = connection.read(&mut buffer).unwrap();
                assert!(count > 0, "half a message");
                heard.extend(&buffer[..count]);
            }
            hears.lock().unwrap().push_str(&String::from_utf8_lossy(&heard));
            connection.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").unwrap();
        }
    });
    let kinds = ["stream.live", "stream.ended", "target.live", "target.failing", "target.blocked", "test"];
    let body = json!({"name": "canary", "url": url, "kinds": kinds});
    let answer = relay.api().call("POST", "/webhooks", Some(&body));
    (told, answer.json()["secret"].as_str().unwrap().to_owned())
}

/// What is told to those who are wrong.
fn refusals(relay: &Relay) -> String {
    let (api, port) = (relay.api(), relay.http_port());
    let log_in = json!({"name": WRONG_TOKEN, "password": WRONG_PASSWORD});
    let wrong_link = json!({"link": WRONG_TOKEN, "name": "Eve", "password": WRONG_PASSWORD});
    let mistyped = json!({"name": [TARGET_KEY], "url": TARGET_QUERY, "key": {TARGET_KEY: 1}});
    let target = json!({"name": "t", "url": format!("rtmp://h:{TARGET_QUERY}/x"), "key": TARGET_KEY});
    let cookie = format!("Cookie: splitcast={WRONG_TOKEN}\r\n");
    let mut said = ask((HERE, port), "POST", "/session", "", &log_in).0;
    said += &ask((HERE, port), "POST", "/setup", "", &wrong_link).0;
    said += &ask((HERE, port), "GET", &format!("/streams?key={WRONG_KEY}"), &cookie, &Value::Null).0;
    said += &api.with_token(WRONG_TOKEN).call("GET", "/streams", None).body;
    for body in [mistyped, target] {
        for path in ["/streams", "/streams/1/targets", "/webhooks", "/users", "/tokens"] {
            let answer = api.call("POST", path, Some(&body));
            assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
            said += &answer.headers;
            said += &answer.body;
        }
    }
    said
}

/// Follows the events until the relay ends.
fn follow(relay: &Relay) -> thread::JoinHandle<String> {
    let mut visitor = Visitor::connect(relay.http_port());
    let token = OPERATORS_TOKEN;
    let line =
        format!("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    visitor.say(line.as_bytes());
    assert_eq!(visitor.status(), 200);
    thread::spawn(move || visitor.listen().0)
}

/// A stream to a target that takes it and one that does not, and somebody with a wrong key.
fn broadcast(relay: &Relay) {
    let api = relay.api();
    let stream = api.create_stream("Canary", INGEST_KEY);
    let sink = Sink::start(Manner::Healthy);
    let url = format!("{}?auth={TARGET_QUERY}", sink.url());
    let good = api.add_target(stream, "good", &url, TARGET_KEY);
    let nobody = format!("rtmp://127.0.0.1:{}/live?auth={TARGET_QUERY}", port::free());
    api.add_target(stream, "bad", &nobody, TARGET_KEY);
    assert!(Publisher::connect(relay.rtmp_port(), "live", WRONG_KEY).is_err());
    log_in(relay, stream);
    let encoder = Encoder::start(relay, INGEST_KEY, Footage::new(500));
    api.wait_for_target(good, "live");
    sink.wait_for_frame(10);
    encoder.end();
}

/// Logs in at another relay, with a good password and a wrong one, and lets somebody try to log in here.
fn log_in(relay: &Relay, stream: i64) {
    let other = Relay::start();
    let login = |password: &str| {
        json!({"name": "Studio", "key": TARGET_KEY, "app": "studio", "ingest_user": "ann",
            "ingest_password": password})
    };
    assert_eq!(other.api().call("POST", "/streams", Some(&login(TARGET_PASSWORD))).status, 201);
    let (api, mut targets) = (relay.api(), Vec::new());
    for (name, password) in [("login", TARGET_PASSWORD), ("wrong login", WRONG_LOGIN)] {
        let url = format!("rtmp://ann:{password}@127.0.0.1:{}/studio", other.rtmp_port());
        let target = json!({"name": name, "url": url, "key": TARGET_KEY});
        let answer = api.call("POST", &format!("/streams/{stream}/targets"), Some(&target));
        assert_eq!(answer.status, 201, "{answer:?}");
        targets.push(answer.json()["id"].as_i64().unwrap());
    }
    let encoder = Encoder::start(relay, INGEST_KEY, Footage::new(500));
    api.wait_for_target(targets[0], "live");
    api.wait_for_target(targets[1], "blocked");
    encoder.end();
    assert!(!other.log().contains(TARGET_PASSWORD));
    let mut studio = login(INGEST_PASSWORD);
    studio["key"] = WRONG_KEY.replace("wrong", "studio").into();
    assert_eq!(api.call("POST", "/streams", Some(&studio)).status, 201);
    // As encoders say it: of no user, and with an answer to nothing.
    for query in ["user=ann".to_owned(), format!("user=ann&challenge=a&response={WRONG_LOGIN}&opaque=a")] {
        let app = format!("studio?authmod=adobe&{query}");
        assert!(Publisher::connect(relay.rtmp_port(), &app, INGEST_KEY).is_err());
    }
}

/// The answers to all questions there are, but for the one that reveals a key.
fn every_answer(relay: &Relay, session: &str) -> String {
    let api = relay.api();
    let document = api.get("/openapi.json");
    let cookie = format!("Cookie: splitcast={session}\r\n");
    let mut said = String::new();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.get("get").is_none() || ["/streams/{id}/key", "/events"].contains(&path.as_str()) {
            continue;
        }
        for id in ["1", "2", "canary"] {
            let path = path.replace("{id}", id);
            let answer = api.call("GET", &path, None);
            said += &format!("{path}: {} {}\n", answer.headers, answer.body);
            said += &ask((HERE, relay.http_port()), "GET", &path, &cookie, &Value::Null).0;
            asked += usize::from(answer.status == 200);
        }
    }
    assert!(asked > 10, "only {asked} questions were answered");
    said
}

fn metrics(port: u16) -> String {
    let mut visitor = Visitor::connect(port);
    visitor.say(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    visitor.listen().0
}

/// What the commands say and write.
fn commands(relay: &Relay) -> Vec<(&'static str, String)> {
    let run = |arguments: &[&str], file: Option<&Path>| {
        let mut command = relay_process::binary();
        command.env("SPLITCAST_API_TOKEN", OPERATORS_TOKEN).arg("--data-dir").arg(relay.data_dir());
        let output = command.args(arguments).args(file).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(!said.is_empty(), "{arguments:?} says nothing");
        said
    };
    let backup = relay.folder().join("backup.db");
    let said = [
        run(&["support-bundle"], None),
        run(&["check"], None),
        run(&["backup"], Some(&backup)),
        fs::read(&backup).unwrap(),
    ];
    ["the bundle", "the check", "the command for a backup", "the backup"]
        .into_iter()
        .zip(said.map(|said| String::from_utf8_lossy(&said).into_owned()))
        .collect()
}

/// Looks for each secret as text, in hexadecimal, and as Rust prints a list of bytes.
fn assert_unseen(secrets: &[String], place: &str, content: &[u8]) {
    for secret in secrets {
        assert!(secret.len() > 10, "{secret} could be anything");
        let bytes: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
        let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        for form in [secret.clone(), hexadecimal, bytes.join(", ")] {
            let seen = content.windows(form.len()).position(|window| window == form.as_bytes());
            if let Some(at) = seen {
                let around = &content[at.saturating_sub(200)..(at + 200).min(content.len())];
                panic!("{place} shows {secret}: {}", String::from_utf8_lossy(around));
            }
        }
    }
}
