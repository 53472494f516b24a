//! A key that is used everywhere is seen nowhere.

use std::fs;

use serde_json::{Value, json};

use crate::client::Relay;

const CANARY: &str = "CANARYcanary0123456789";

#[tokio::test]
async fn no_answer_but_the_reveal_contains_a_key() {
    let relay = Relay::new().await;
    let url = format!("rtmp://h/app?token={CANARY}");
    let whole = format!("rtmp://h/app/{CANARY}");
    let mut answers = vec![
        relay.post("/streams", json!({"name": "s", "key": CANARY})).await,
        relay.post("/streams", json!({"name": "s2", "key": CANARY})).await,
        relay.post("/streams/1/targets", json!({"name": "a", "url": url, "key": CANARY})).await,
        relay.post("/streams/1/targets", json!({"name": "b", "url": format!("rtmp://h/app/{CANARY}")})).await,
        relay.patch("/targets/1", json!({"url": url, "key": CANARY})).await,
        relay.post("/targets/1/retry", json!({})).await,
        relay.post("/streams/1/targets", backup("c", json!({"backup_url": url, "backup_key": CANARY}))).await,
        relay.post("/streams/1/targets", backup("d", json!({"backup_url": whole}))).await,
        relay.post("/streams/1/targets", backup("e", json!({"backup_url": url}))).await,
        relay.patch("/targets/1", json!({"backup_url": whole})).await,
        relay.patch("/targets/1", json!({"backup_url": url, "backup_key": CANARY})).await,
        relay.patch("/targets/2", json!({"backup_key": CANARY})).await,
        relay.post("/targets/1/stop", json!({})).await,
        relay.post("/targets/1/start", json!({})).await,
        relay.post("/streams/2/start", json!({})).await,
        relay.post("/streams/2/stop", json!({})).await,
        relay.get(&format!("/targets/1/events?limit={CANARY}")).await,
        relay.get(&format!("/history?state={CANARY}")).await,
        relay.post("/webhooks", webhook("w")).await,
        relay.patch("/webhooks/1", webhook("v")).await,
        relay.post("/webhooks/1/test", json!({})).await,
    ];
    let bad = format!("{CANARY} with a space");
    for body in mistakes(&bad) {
        answers.push(relay.post("/streams", body.clone()).await);
        answers.push(relay.post("/streams/1/key", body.clone()).await);
        answers.push(relay.post("/streams/1/targets", body.clone()).await);
        answers.push(relay.patch("/targets/1", body).await);
    }
    relay.keep_history().await;
    for path in ["/webhooks", "/webhooks/1", "/webhooks/1/deliveries", "/history"] {
        answers.push(relay.get(path).await);
    }
    for path in ["/status", "/streams", "/streams/2", "/streams/1/targets", "/targets/1", "/targets/1/events"]
    {
        answers.push(relay.get(path).await);
    }
    for answer in &answers {
        assert!(!answer.text.contains(CANARY), "{}", answer.text);
        assert!(!format!("{:?}", answer.headers).contains(CANARY));
    }
    let reveal = relay.get("/streams/2/key").await.json(200);
    assert_eq!(reveal["key"], CANARY);
}

#[tokio::test]
async fn no_file_in_the_data_folder_contains_a_key() {
    let relay = Relay::new().await;
    let url = format!("rtmp://h/app?token={CANARY}");
    relay.post("/streams", json!({"name": "s", "key": CANARY})).await.json(201);
    let target = json!({"name": "a", "url": url, "key": CANARY, "backup_url": url, "backup_key": CANARY});
    relay.post("/streams/1/targets", target).await.json(201);
    relay.post("/targets/1/stop", json!({})).await.json(200);
    relay.post("/webhooks", webhook("w")).await.json(201);
    relay.post("/webhooks/1/test", json!({})).await.json(200);
    relay.keep_history().await;
    assert_clean(&relay);
    // Closing writes the log back into the database file.
    assert_clean(&relay.restarted().await);
}

/// A webhook of a port that nobody listens at.
fn webhook(name: &str) -> Value {
    json!({"name": name, "url": format!("http://127.0.0.1:9/{CANARY}/x"), "kinds": ["test"]})
}

/// A target with a second address.
fn backup(name: &str, mut fields: Value) -> Value {
    fields["name"] = name.into();
    fields["url"] = "rtmp://h/app".into();
    fields["key"] = CANARY.into();
    fields
}

fn mistakes(bad: &str) -> Vec<Value> {
    let url = format!("http://h/{bad}");
    vec![
        json!({"name": format!("a\n{bad}")}),
        json!({"name": [bad]}),
        json!({"name": "n", "key": bad}),
        json!({"name": "n", "key": {bad: bad}}),
        json!({"name": "n", "app": bad}),
        json!({"name": "n", "url": url}),
        json!({"name": "n", "url": [url], "key": "k"}),
        json!({"name": "n", "enabled": bad}),
        json!({"name": "n", "url": "rtmp://h/app", "key": "k", "backup_url": url}),
        json!({"name": "n", "url": "rtmp://h/app", "key": "k", "backup_url": "rtmp://h/app", "backup_key": bad}),
        json!({"name": "n", "url": "rtmp://h/app", "key": "k", "backup_policy": bad}),
        json!({"name": "n", "url": "rtmp://h/app", "key": "k", "start_mode": bad}),
        json!({"backup_key": bad}),
        json!({"name": "n", "takeover": bad}),
        json!({"name": "n", "on_unpublish": bad}),
        json!({"name": "n", "hold_seconds": bad}),
        json!(bad),
        json!([bad]),
    ]
}

#[track_caller]
fn assert_clean(relay: &Relay) {
    let mut files = 0;
    for file in fs::read_dir(relay.dir()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let mut windows = bytes.windows(CANARY.len());
        assert!(!windows.any(|window| window == CANARY.as_bytes()));
        files += 1;
    }
    assert!(files >= 3, "database, key file and lock");
}
