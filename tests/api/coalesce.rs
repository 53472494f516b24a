//! How long frames may wait: set on a stream, and otherwise on one of its targets.

use serde_json::{Value, json};

use crate::client::{Relay, timeless};

fn target(coalesce_ms: &Value) -> Value {
    json!({"name": "t", "url": "rtmp://h/app", "key": "k", "coalesce_ms": coalesce_ms})
}

#[tokio::test]
async fn nothing_is_said_unless_somebody_says_it() {
    let relay = Relay::new().await;
    assert_eq!(relay.get("/streams/1").await.json(200)["coalesce_ms"], json!(null));
    let plain = json!({"name": "plain", "url": "rtmp://h/app", "key": "k"});
    for (path, order) in [
        ("/streams", json!({"name": "s"})),
        ("/streams", json!({"name": "n", "coalesce_ms": null})),
        ("/streams/1/targets", plain),
        ("/streams/1/targets", target(&json!(null))),
    ] {
        let made = relay.post(path, order).await.json(201);
        assert_eq!(made["coalesce_ms"], json!(null), "{made}");
    }
}

#[tokio::test]
async fn a_wait_is_set_changed_and_left_open_again() {
    let relay = Relay::new().await;
    let stream = json!({"name": "s", "coalesce_ms": 100});
    let mut shown = Vec::new();
    for (path, made) in [
        ("/streams/2", relay.post("/streams", stream).await),
        ("/targets/1", relay.post("/streams/1/targets", target(&json!(100))).await),
    ] {
        assert_eq!(made.json(201)["coalesce_ms"], 100);
        for (patch, expected) in [
            (json!({"coalesce_ms": 0}), json!(0)),
            (json!({"name": "other"}), json!(0)),
            (json!({"coalesce_ms": null}), json!(null)),
            (json!({"coalesce_ms": 25}), json!(25)),
        ] {
            let changed = relay.patch(path, patch).await.json(200);
            assert_eq!(changed["coalesce_ms"], expected, "{path}");
        }
        shown.push((path, timeless(relay.get(path).await.json(200))));
    }
    let status = relay.get("/status").await.json(200);
    assert_eq!(status["streams"][0]["targets"][0]["coalesce_ms"], 25);
    assert_eq!(status["streams"][1]["coalesce_ms"], 25);
    let relay = relay.restarted().await;
    for (path, before) in shown {
        assert_eq!(timeless(relay.get(path).await.json(200)), before);
    }
}

#[tokio::test]
async fn a_wait_that_cannot_be_is_refused_with_what_can() {
    let relay = Relay::new().await;
    relay.post("/streams/1/targets", target(&json!(null))).await.json(201);
    let (range, whole) = ("0 to 100 whole milliseconds", "\"coalesce_ms\" must be a whole number");
    for (value, said) in [
        (json!(101), range),
        (json!(u64::MAX), range),
        (json!(-1), whole),
        (json!(1.5), whole),
        (json!(1e300), whole),
        (json!("25"), whole),
        (json!(true), whole),
        (json!([25]), whole),
    ] {
        let mut new = target(&value);
        new["name"] = json!("new");
        for answer in [
            relay.post("/streams", json!({"name": "s", "coalesce_ms": value})).await,
            relay.patch("/streams/1", json!({"coalesce_ms": value})).await,
            relay.post("/streams/1/targets", new).await,
            relay.patch("/targets/1", json!({"coalesce_ms": value})).await,
        ] {
            let problem = answer.problem(422, Some("coalesce_ms"));
            assert!(problem["detail"].as_str().unwrap().contains(said), "{problem}");
        }
    }
}
