//! Streams: made, shown, changed, removed; and their keys.

use std::time::Duration;

use serde_json::{Value, json};
use splitcast::model::StreamId;
use tokio::time::Instant;

use crate::client::{Relay, now, timeless};

#[tokio::test]
async fn the_first_start_has_one_stream_to_publish_to() {
    let relay = Relay::new().await;
    let body = relay.get("/streams").await.json(200);
    let streams = body["streams"].as_array().unwrap();
    assert_eq!(streams.len(), 1);
    let main = &streams[0];
    assert_eq!(main["name"], "Main");
    assert_eq!(main["app"], json!(null));
    assert_eq!(main["key_is_weak"], false);
    assert_eq!(main["target_count"], 0);
    assert_eq!(rules(main), json!([60, "newest_if_silent", "end"]));
    assert!(main["created_at"].as_i64().unwrap() > 1_700_000_000);
    let source = timeless(main["source"].clone());
    for (field, value) in [
        ("state", json!("offline")),
        ("for_seconds", json!(0.0)),
        ("held_until", json!(null)),
        ("peer", json!(null)),
        ("bytes_received", json!(0)),
        ("video_codec", json!(null)),
    ] {
        assert_eq!(source[field], value, "{field}");
    }
}

#[tokio::test]
async fn a_stream_without_a_key_gets_one_that_only_its_owner_is_told() {
    let relay = Relay::new().await;
    let made = relay.post("/streams", json!({"name": "live"})).await;
    let made = made.json(201);
    assert!(made.get("key").is_none());
    let answer = relay.get(&format!("/streams/{}/key", made["id"])).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let key = answer.json(200);
    assert_eq!(key["key"].as_str().unwrap().len(), 26);
    assert_eq!(key["server_path"], "/live");
}

#[tokio::test]
async fn a_chosen_key_is_taken_and_a_weak_one_marked() {
    let relay = Relay::new().await;
    let order = json!({"name": "live", "key": "abc?x=1", "app": "/show/"});
    let made = relay.post("/streams", order).await.json(201);
    assert_eq!((&made["key_is_weak"], &made["app"]), (&json!(true), &json!("show")));
    let key = relay.get(&format!("/streams/{}/key", made["id"])).await.json(200);
    assert_eq!(key, json!({"key": "abc?x=1", "server_path": "/show"}));
}

#[tokio::test]
async fn nulls_count_as_left_out_when_a_stream_is_made() {
    let relay = Relay::new().await;
    let order = json!({"name": "live", "key": null, "app": null});
    let made = relay.post("/streams", order).await.json(201);
    assert_eq!((&made["key_is_weak"], &made["app"]), (&json!(false), &json!(null)));
}

#[tokio::test]
async fn a_patch_changes_only_what_it_names() {
    let relay = Relay::new().await;
    let changed = relay.patch("/streams/1", json!({"app": "live"})).await.json(200);
    assert_eq!((&changed["name"], &changed["app"]), (&json!("Main"), &json!("live")));
    let changed = relay.patch("/streams/1", json!({"name": "Other"})).await.json(200);
    assert_eq!((&changed["name"], &changed["app"]), (&json!("Other"), &json!("live")));
    let changed = relay.patch("/streams/1", json!({"app": null})).await.json(200);
    assert_eq!(changed["app"], json!(null));
    let shown = relay.get("/streams/1").await.json(200);
    assert_eq!(timeless(shown), timeless(changed));
}

fn rules(stream: &Value) -> Value {
    json!([stream["hold_seconds"], stream["takeover"], stream["on_unpublish"]])
}

#[tokio::test]
async fn a_stream_says_how_it_treats_encoders() {
    let relay = Relay::new().await;
    let order = json!({"name": "s", "hold_seconds": 600, "takeover": "refuse", "on_unpublish": "hold"});
    let made = relay.post("/streams", order).await.json(201);
    assert_eq!(rules(&made), json!([600, "refuse", "hold"]));
    for (patch, expected) in [
        (json!({"hold_seconds": 0}), json!([0, "refuse", "hold"])),
        (json!({"takeover": "newest_wins"}), json!([0, "newest_wins", "hold"])),
        (json!({"on_unpublish": "end"}), json!([0, "newest_wins", "end"])),
        (json!({"name": "t"}), json!([0, "newest_wins", "end"])),
    ] {
        let changed = relay.patch("/streams/2", patch).await.json(200);
        assert_eq!(rules(&changed), expected);
    }
    let relay = relay.restarted().await;
    let shown = relay.get("/streams/2").await.json(200);
    assert_eq!(rules(&shown), json!([0, "newest_wins", "end"]));
}

#[tokio::test]
async fn rules_that_there_are_not_are_refused_with_the_choices() {
    let relay = Relay::new().await;
    for (name, value, said) in [
        ("hold_seconds", json!(601), "0 to 600"),
        ("hold_seconds", json!(u64::MAX), "0 to 600"),
        ("hold_seconds", json!(-1), "whole number"),
        ("hold_seconds", json!(1.5), "whole number"),
        ("hold_seconds", json!(-1.0), "whole number"),
        ("hold_seconds", json!("60"), "whole number"),
        ("hold_seconds", json!(null), "whole number"),
        ("takeover", json!("newest"), "newest_if_silent, newest_wins, refuse"),
        ("takeover", json!(null), "text"),
        ("on_unpublish", json!("End"), "end, hold"),
        ("on_unpublish", json!(true), "text"),
    ] {
        let mut body = json!({"name": "s"});
        body[name] = value;
        for answer in [relay.post("/streams", body.clone()).await, relay.patch("/streams/1", body).await] {
            let problem = answer.problem(422, Some(name));
            assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
        }
    }
}

#[tokio::test]
async fn a_hold_tells_when_it_ends() {
    let relay = Relay::new().await;
    let source = relay.board().open_stream(StreamId(1));
    source.held(Instant::now() + Duration::from_secs(30));
    let shown = relay.get("/streams/1").await.json(200);
    assert_eq!(shown["source"]["state"], "held");
    let left = shown["source"]["held_until"].as_f64().unwrap() - now();
    assert!((20.0..31.0).contains(&left), "{left}");
    source.live(([127, 0, 0, 1], 50123).into());
    let shown = relay.get("/streams/1").await.json(200);
    assert_eq!(shown["source"]["held_until"], json!(null));
}

#[tokio::test]
async fn a_key_can_be_replaced_by_a_new_or_a_chosen_one() {
    let relay = Relay::new().await;
    let key = async || relay.get("/streams/1/key").await.json(200)["key"].clone();
    let first = key().await;
    let answer = relay.send("POST", "/streams/1/key", None).await.json(200);
    assert_eq!((&answer["id"], answer.get("key")), (&json!(1), None));
    let second = key().await;
    assert_ne!(first, second);
    let answer = relay.post("/streams/1/key", json!({"key": "chosen"})).await;
    assert_eq!(answer.json(200)["key_is_weak"], true);
    assert_eq!(key().await, "chosen");
}

#[tokio::test]
async fn a_removed_stream_is_gone_with_its_targets() {
    let relay = Relay::new().await;
    let target = json!({"name": "t", "url": "rtmp://h/live", "key": "k"});
    relay.post("/streams/1/targets", target).await.json(201);
    let answer = relay.delete("/streams/1").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
    for path in ["/streams/1", "/streams/1/key", "/streams/1/targets", "/targets/1"] {
        relay.get(path).await.problem(404, None);
    }
    relay.delete("/streams/1").await.problem(404, None);
}

#[tokio::test]
async fn what_another_stream_has_is_refused_with_the_field() {
    let relay = Relay::new().await;
    let make = async |body| relay.post("/streams", body).await;
    make(json!({"name": "one", "key": "abc"})).await.json(201);
    make(json!({"name": "one"})).await.problem(409, Some("name"));
    make(json!({"name": "two", "key": "abc"})).await.problem(409, Some("key"));
    let rename = relay.patch("/streams/1", json!({"name": "one"})).await;
    rename.problem(409, Some("name"));
    let rotate = relay.post("/streams/1/key", json!({"key": "abc"})).await;
    rotate.problem(409, Some("key"));
}

#[tokio::test]
async fn bad_values_are_refused_with_the_field() {
    let relay = Relay::new().await;
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": "  "}), "name"),
        (json!({"name": 5}), "name"),
        (json!({"name": null}), "name"),
        (json!({"name": "a", "key": "with/slash"}), "key"),
        (json!({"name": "a", "key": ""}), "key"),
        (json!({"name": "a", "app": "what?"}), "app"),
        (json!({"name": "a", "nmae": "b"}), "nmae"),
    ] {
        let answer = relay.post("/streams", body).await;
        answer.problem(422, Some(field));
    }
    let patch = relay.patch("/streams/1", json!({"key": "abc"})).await;
    patch.problem(422, Some("key"));
    let rotate = relay.post("/streams/1/key", json!({"name": "abc"})).await;
    rotate.problem(422, Some("name"));
}

#[tokio::test]
async fn streams_that_are_not_there_are_not_found() {
    let relay = Relay::new().await;
    let target = json!({"name": "t", "url": "rtmp://h/live", "key": "k"});
    for answer in [
        relay.get("/streams/7").await,
        relay.get("/streams/7/key").await,
        relay.get("/streams/seven").await,
        relay.get("/streams/99999999999999999999").await,
        relay.patch("/streams/7", json!({"name": "a"})).await,
        relay.post("/streams/7/key", json!({})).await,
        relay.get("/streams/7/targets").await,
        relay.post("/streams/7/targets", target).await,
    ] {
        answer.problem(404, None);
    }
}
