//! The relay is killed in the middle of a broadcast and started again.

use serde_json::{Value, json};

use crate::clip::Clip;
use crate::compare::Comparison;
use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::patience;
use crate::recorded_target::RecordedTarget;
use crate::relay_process::Relay;
use crate::rest::Api;

#[test]
fn after_kill_and_restart_all_is_as_it_was_and_the_encoder_is_relayed_again() {
    let nginx = Nginx::start();
    let mut relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Studio", "source");
    let pushed = RecordedTarget::add(&api, stream, &nginx, "pushed");
    let stopped = api.add_target(stream, "stopped", &nginx.url(), "stopped");
    api.patch_target(stopped, &json!({ "enabled": false }));
    let wanted = wanted(&api);
    let encoder = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    pushed.wait_for_packet(|packet| packet.time > 1000);
    relay.kill();
    drop(encoder);
    nginx.recording("pushed");

    relay.restart();
    assert_eq!(self::wanted(&api), wanted);
    let added = RecordedTarget::add(&api, stream, &nginx, "added");
    let mut encoder = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    assert!(encoder.wait().success(), "{}", encoder.output());
    let sent = Clip::Plain.packets();
    added.finish(&Comparison::with(&sent));
    api.patch_target(pushed.id(), &json!({ "enabled": false }));
    let recordings = patience::wait_for("the second recording", || {
        Some(nginx.complete("pushed")).filter(|recordings| recordings.len() == 2)
    });
    Comparison::with(&sent).check(&recordings[1]).unwrap();
    assert!(nginx.complete("stopped").is_empty());
}

/// Everything an operator has set, without what only says how it goes.
fn wanted(api: &Api) -> Value {
    let streams = api.get("/streams")["streams"].as_array().unwrap().clone();
    assert_eq!(streams.len(), 2, "the first start makes one stream");
    streams
        .iter()
        .map(|stream| {
            let id = &stream["id"];
            let targets = api.get(&format!("/streams/{id}/targets"))["targets"].as_array().unwrap().clone();
            json!({
                "stream": fields(stream, &["id", "name", "app", "created_at", "target_count"]),
                "key": api.get(&format!("/streams/{id}/key"))["key"],
                "targets": targets.iter().map(|target| fields(target, &TARGET_SETTINGS)).collect::<Value>(),
            })
        })
        .collect()
}

fn fields(object: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| object[name].clone()).collect()
}

const TARGET_SETTINGS: [&str; 7] = ["id", "name", "url", "has_key", "enabled", "created_at", "updated_at"];
