//! The order of a stream's targets, and copies of targets.

use serde_json::{Value, json};

use crate::client::Relay;

async fn with_targets(names: &[&str]) -> Relay {
    let relay = Relay::new().await;
    for name in names {
        let target = json!({"name": name, "url": "rtmp://h/app?t=CANARY", "key": "CANARY"});
        relay.post("/streams/1/targets", target).await.json(201);
    }
    relay
}

fn names(targets: &Value) -> Vec<&str> {
    targets.as_array().unwrap().iter().map(|target| target["name"].as_str().unwrap()).collect()
}

async fn put(relay: &Relay, path: &str, ids: Value) -> crate::client::Answer {
    relay.send("PUT", path, Some(json!({"ids": ids}))).await
}

const ORDER: &str = "/streams/1/targets/order";

#[tokio::test]
async fn targets_are_listed_as_they_were_put() {
    let relay = with_targets(&["a", "b", "c"]).await;
    let put = put(&relay, ORDER, json!([3, 1, 2])).await.json(200);
    assert_eq!(names(&put["targets"]), ["c", "a", "b"]);
    let positions: Vec<_> =
        put["targets"].as_array().unwrap().iter().map(|target| &target["position"]).collect();
    assert_eq!(positions, [1, 2, 3]);
    let relay = relay.restarted().await;
    let last = json!({"name": "d", "url": "rtmp://h/app", "key": "k"});
    relay.post("/streams/1/targets", last).await.json(201);
    let expected = ["c", "a", "b", "d"];
    assert_eq!(names(&relay.get("/streams/1/targets").await.json(200)["targets"]), expected);
    assert_eq!(names(&relay.get("/status").await.json(200)["streams"][0]["targets"]), expected);
}

#[tokio::test]
async fn an_order_that_is_none_is_refused_and_changes_nothing() {
    let relay = with_targets(&["a", "b"]).await;
    relay.post("/streams", json!({"name": "other"})).await.json(201);
    for wrong in [json!([]), json!([2]), json!([2, 1, 3]), json!([2, 3]), json!([2, -1])] {
        let problem = put(&relay, ORDER, wrong).await.problem(409, Some("ids"));
        assert!(problem["detail"].as_str().unwrap().contains("each target of the stream once"), "{problem}");
    }
    let most: Vec<u32> = (1..=2_001).collect();
    for wrong in [json!([2, 2]), json!([2, "1"]), json!([2, 1.5]), json!("2, 1"), json!(null), json!(most)] {
        put(&relay, ORDER, wrong).await.problem(422, Some("ids"));
    }
    relay.send("PUT", ORDER, Some(json!({}))).await.problem(422, Some("ids"));
    put(&relay, "/streams/2/targets/order", json!([1, 2])).await.problem(409, Some("ids"));
    put(&relay, "/streams/7/targets/order", json!([1, 2])).await.problem(404, None);
    assert_eq!(put(&relay, "/streams/2/targets/order", json!([])).await.json(200), json!({"targets": []}));
    assert_eq!(names(&relay.get("/streams/1/targets").await.json(200)["targets"]), ["a", "b"]);
}

#[tokio::test]
async fn a_copy_has_all_but_the_name_and_waits_to_be_switched_on() {
    let relay = Relay::new().await;
    let original = json!({
        "name": "YouTube", "url": "rtmp://h/app?t=CANARY", "key": "CANARY", "backup_url": "rtmp://b/app",
        "backup_key": "CANARY", "backup_policy": "both", "start_mode": "manual", "coalesce_ms": 9, "notes": "a\nb",
    });
    let mut original = relay.post("/streams/1/targets", original).await.json(201);
    let answer = relay.post("/targets/1/duplicate", json!({})).await;
    assert!(!answer.text.contains("CANARY"));
    let copy = answer.json(201);
    assert_eq!((&copy["id"], &copy["name"]), (&json!(2), &json!("YouTube (2)")));
    assert_eq!((&copy["enabled"], &copy["started"]), (&json!(false), &json!(false)));
    let own = [
        "id",
        "name",
        "enabled",
        "position",
        "created_at",
        "updated_at",
        "state",
        "reason",
        "state_for_seconds",
    ];
    for field in own {
        original[field] = copy[field].clone();
    }
    assert_eq!(copy, original);
    assert_eq!(relay.patch("/targets/2", json!({"enabled": true})).await.json(200)["has_backup_key"], true);
}

#[tokio::test]
async fn copies_are_named_and_placed_as_asked() {
    let relay = with_targets(&["YouTube"]).await;
    relay.post("/streams", json!({"name": "other"})).await.json(201);
    let copy = async |id: u32, body: Value| relay.post(&format!("/targets/{id}/duplicate"), body).await;
    for (id, body, name, stream, enabled) in [
        (1, json!({}), "YouTube (2)", 1, false),
        (2, json!({"name": null, "stream_id": null}), "YouTube (3)", 1, false),
        (1, json!({"enabled": true}), "YouTube (4)", 1, true),
        (1, json!({"name": "Mine"}), "Mine", 1, false),
        (1, json!({"stream_id": 2}), "YouTube", 2, false),
        (1, json!({"stream_id": 2}), "YouTube (2)", 2, false),
        (5, json!({"stream_id": 2, "name": "There"}), "There", 2, false),
    ] {
        let made = copy(id, body).await.json(201);
        assert_eq!((&made["name"], &made["stream_id"]), (&json!(name), &json!(stream)));
        assert_eq!(made["enabled"], enabled, "{name}");
    }
    copy(1, json!({"name": "Mine"})).await.problem(409, Some("name"));
    copy(1, json!({"name": ""})).await.problem(422, Some("name"));
    copy(1, json!({"stream_id": "2"})).await.problem(422, Some("stream_id"));
    copy(1, json!({"key": "k"})).await.problem(422, Some("key"));
    copy(1, json!({"stream_id": 9})).await.problem(404, None);
    copy(99, json!({})).await.problem(404, None);
    relay.send("POST", "/targets/1/duplicate", None).await.json(201);
}
