//! The canaries: keys and tokens that are used everywhere and may be seen nowhere. Not in a log at its
//! most talkative, not in an answer or a refusal, not in any file of the data folder.

use std::fs;

use serde_json::{Value, json};

use crate::clip::Clip;
use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::relay_process::{Options, Relay};
use crate::rest::Api;
use crate::talkative_target;

const INGEST_KEY: &str = "canary-ingest-4c1d";
const ROTATED_KEY: &str = "canary-rotated-93ab";
const INGEST_QUERY: &str = "canary-ingest-query-77f0";
const WRONG_KEY: &str = "canary-wrong-0be2";
const TARGET_KEY: &str = "canary-target-58e6";
const TARGET_QUERY: &str = "canary-target-query-a2c9";
const KEY_IN_URL: &str = "canary-in-url-6d37";
const PATCHED_KEY: &str = "canary-patched-e41f";
const REPEATED_KEY: &str = "canary-repeated-b85a";
const REFUSED_INPUT: &str = "canary-refused-input-19c4";
const TESTED_KEY: &str = "canary-tested-d07c";
const API_TOKEN: &str = "canary-token-0123456789-abcdef-f2d8";

const CANARIES: [&str; 12] = [
    INGEST_KEY,
    ROTATED_KEY,
    INGEST_QUERY,
    WRONG_KEY,
    TARGET_KEY,
    TARGET_QUERY,
    KEY_IN_URL,
    PATCHED_KEY,
    REPEATED_KEY,
    REFUSED_INPUT,
    TESTED_KEY,
    API_TOKEN,
];

#[test]
fn no_secret_is_seen_in_logs_answers_or_files() {
    let nginx = Nginx::start();
    let mut relay =
        Relay::start_with(Options { log: "trace", api_token: Some(API_TOKEN), ..Options::default() });
    let api = relay.api();
    let mut answers = Answers { api: &api, heard: String::new() };
    let stream = answers.ask("POST", "/streams", &json!({ "name": "Canary", "key": INGEST_KEY }), 201);
    add_targets(&mut answers, &stream, &nginx);
    test_targets(&mut answers, &nginx);
    provoke_refusals(&mut answers, &stream);
    exercise_ingest(&relay, &stream);
    rotate_and_patch(&mut answers, &stream);
    look_everywhere(&mut answers, &stream);

    assert_eq!(api.get(&format!("/streams/{stream}/key"))["key"], ROTATED_KEY, "the reveal is the exception");
    assert_unseen("an answer of the API", answers.heard.as_bytes());
    relay.kill();
    assert_unseen_in_files(&relay);
    relay.restart();
    relay.terminate();
    assert_unseen_in_files(&relay);
    let log = relay.log();
    assert!(log.contains("DEBUG"), "the log was not at its most talkative");
    assert_unseen("the log", log.as_bytes());
}

/// A target for each way a key can be given, of which one repeats it and one hangs up.
fn add_targets(answers: &mut Answers<'_>, stream: &Value, nginx: &Nginx) {
    let path = format!("/streams/{stream}/targets");
    let with_query = format!("{}?auth={TARGET_QUERY}", nginx.url());
    let in_url = format!("{}/{KEY_IN_URL}", nginx.url());
    let talkative = talkative_target::start(REPEATED_KEY);
    for target in [
        json!({ "name": "query", "url": with_query, "key": TARGET_KEY }),
        json!({ "name": "in the URL", "url": in_url }),
        json!({ "name": "hangs up", "url": nginx.refusing_url(), "key": TARGET_KEY }),
        json!({ "name": "talkative", "url": talkative, "key": REPEATED_KEY }),
    ] {
        answers.ask("POST", &path, &target, 201);
    }
}

/// A test of a saved key, one of another key at each kind of server, and one of what cannot be tested.
fn test_targets(answers: &mut Answers<'_>, nginx: &Nginx) {
    // The fourth repeats its key.
    for id in [1, 4] {
        answers.ask("POST", &format!("/targets/{id}/test"), &Value::Null, 200);
    }
    let changed = json!({ "target_id": 1, "url": nginx.refusing_url() });
    answers.ask("POST", "/targets/test", &changed, 200);
    let with_query = format!("{}?auth={TARGET_QUERY}", nginx.url());
    for url in [with_query, nginx.refusing_url(), talkative_target::start(TESTED_KEY)] {
        answers.ask("POST", "/targets/test", &json!({ "url": url, "key": TESTED_KEY }), 200);
    }
    let spaced = json!({ "url": nginx.url(), "key": format!("{TESTED_KEY} {TESTED_KEY}") });
    answers.refused("POST", "/targets/test", &spaced);
}

/// Requests that must fail, with a canary where the mistake is.
fn provoke_refusals(answers: &mut Answers<'_>, stream: &Value) {
    let targets = format!("/streams/{stream}/targets");
    let here = "rtmp://127.0.0.1/live";
    answers.ask("POST", "/streams", &json!({ "name": "Twin", "key": INGEST_KEY }), 409);
    for body in [
        json!({ "name": "spaced", "key": format!("{REFUSED_INPUT} {REFUSED_INPUT}") }),
        json!({ "name": "typed", "key": [REFUSED_INPUT] }),
        json!({ "name": REFUSED_INPUT, "app": [REFUSED_INPUT] }),
    ] {
        answers.refused("POST", "/streams", &body);
    }
    for body in [
        json!({ "name": "scheme", "url": format!("http://127.0.0.1/live/{REFUSED_INPUT}") }),
        json!({ "name": "port", "url": format!("rtmp://127.0.0.1:{REFUSED_INPUT}/live"), "key": REFUSED_INPUT }),
        json!({ "name": "typed", "url": here, "key": REFUSED_INPUT, "enabled": REFUSED_INPUT }),
        json!({ "name": "no host", "url": format!("rtmp:///{REFUSED_INPUT}") }),
    ] {
        answers.refused("POST", &targets, &body);
    }
    answers.refused("GET", &format!("/{REFUSED_INPUT}"), &Value::Null);
    answers.refused("GET", &format!("/targets/{REFUSED_INPUT}?token={REFUSED_INPUT}"), &Value::Null);
    let mut stranger = Answers { api: &answers.api.with_token(WRONG_KEY), heard: String::new() };
    stranger.ask("GET", "/streams", &Value::Null, 401);
    let heard = stranger.heard;
    answers.heard.push_str(&heard);
}

/// A publisher with a wrong key, a player, and a publisher that every target gets to see.
fn exercise_ingest(relay: &Relay, stream: &Value) {
    let api = relay.api();
    let refused = ffmpeg::publish(Clip::Plain, &relay.ingest_url(WRONG_KEY), relay.folder()).wait();
    assert!(!refused.success());
    assert!(!ffmpeg::play(&relay.ingest_url(INGEST_KEY), relay.folder()).wait().success());
    let with_query = format!("{}?token={INGEST_QUERY}", relay.ingest_url(INGEST_KEY));
    let mut publisher = ffmpeg::publish(Clip::Plain, &with_query, relay.folder());
    let targets = api.get(&format!("/streams/{stream}/targets"));
    let states = ["live", "live", "backing_off", "backing_off"];
    for (target, state) in targets["targets"].as_array().unwrap().iter().zip(states) {
        api.wait_for_target(target["id"].as_i64().unwrap(), state);
    }
    publisher.wait();
}

fn rotate_and_patch(answers: &mut Answers<'_>, stream: &Value) {
    let key = format!("/streams/{stream}/key");
    answers.ask("POST", &key, &json!({ "key": ROTATED_KEY }), 200);
    let targets = answers.api.get(&format!("/streams/{stream}/targets"));
    let path = format!("/targets/{}", targets["targets"][0]["id"]);
    answers.ask("PATCH", &path, &json!({ "key": PATCHED_KEY }), 200);
}

/// Everything that can be read.
fn look_everywhere(answers: &mut Answers<'_>, stream: &Value) {
    for path in ["/streams", "/status"] {
        answers.ask("GET", path, &Value::Null, 200);
    }
    for path in [format!("/streams/{stream}"), format!("/streams/{stream}/targets")] {
        answers.ask("GET", &path, &Value::Null, 200);
    }
    for target in answers.api.get("/status")["streams"][1]["targets"].as_array().unwrap() {
        answers.ask("GET", &format!("/targets/{}", target["id"]), &Value::Null, 200);
    }
}

/// All that the API has answered, but for the reveal.
struct Answers<'a> {
    api: &'a Api,
    heard: String,
}

impl Answers<'_> {
    /// One request that has to be answered with `status`; gives the `id` in the answer.
    fn ask(&mut self, method: &str, path: &str, body: &Value, status: u16) -> Value {
        let answer = self.api.call(method, path, Some(body).filter(|body| !body.is_null()));
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        self.heard.push_str(&format!("{method}: {} {}\n", answer.headers, answer.body));
        answer.json()["id"].clone()
    }

    /// One request that has to be refused as the client's mistake.
    fn refused(&mut self, method: &str, path: &str, body: &Value) {
        let answer = self.api.call(method, path, Some(body).filter(|body| !body.is_null()));
        assert!((400..500).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.body);
        self.heard.push_str(&format!("{method}: {} {}\n", answer.headers, answer.body));
    }
}

fn assert_unseen_in_files(relay: &Relay) {
    let files: Vec<_> = fs::read_dir(relay.data_dir()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        assert_unseen(&file.display().to_string(), &fs::read(&file).unwrap());
    }
}

/// Looks for each canary as text, in hexadecimal, and as Rust prints a list of bytes.
fn assert_unseen(place: &str, content: &[u8]) {
    for canary in CANARIES {
        let bytes: Vec<String> = canary.bytes().map(|byte| byte.to_string()).collect();
        let hexadecimal: String = canary.bytes().map(|byte| format!("{byte:02x}")).collect();
        for form in [canary.to_owned(), hexadecimal, bytes.join(", ")] {
            let seen = content.windows(form.len()).position(|window| window == form.as_bytes());
            if let Some(at) = seen {
                let around = &content[at.saturating_sub(300)..(at + 300).min(content.len())];
                panic!("{place} shows {canary}: {}", String::from_utf8_lossy(around));
            }
        }
    }
}

/// The test above could not fail if its search found nothing anywhere.
#[test]
fn the_search_finds_every_form() {
    let found = |text: &str| std::panic::catch_unwind(|| assert_unseen("a text", text.as_bytes())).is_err();
    assert!(found(&format!("key={TARGET_KEY}.")));
    assert!(found(&format!("{:?}", API_TOKEN.as_bytes())));
    assert!(found("63616e6172792d746172676574 63616e6172792d7461726765742d35386536"));
    assert!(!found("nothing here"));
}
