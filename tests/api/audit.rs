//! Who asked for what.

use serde_json::{Value, json};

use crate::browser::{log_in, owned};
use crate::client::Relay;

async fn entries(relay: &Relay) -> Vec<Value> {
    relay.get("/audit").await.json(200)["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_change_is_written_down_with_who_and_what_and_never_a_secret() {
    let relay = Relay::new().await;
    let owner = owned(&relay).await;
    let target = json!({"name": "Twitch", "url": "rtmp://h/app?token=CANARY", "key": "CANARY"});
    owner.send("POST", "/streams/1/targets", Some(target)).await.json(201);
    owner.send("PATCH", "/targets/1", Some(json!({"key": "CANARY2", "name": "Kick"}))).await.json(200);
    assert_eq!(relay.delete("/targets/1").await.status, 204);
    relay.get("/streams").await.json(200);
    relay.get("/streams/1/key").await.json(200);

    let all = entries(&relay).await;
    let short: Vec<Value> = all
        .iter()
        .map(|e| {
            json!([
                e["actor"],
                e["actor_name"],
                e["action"],
                e["subject"],
                e["subject_id"],
                e["subject_name"]
            ])
        })
        .collect();
    assert_eq!(
        short,
        [
            json!(["operator", null, "reveal_stream_key", "stream", 1, "Main"]),
            json!(["operator", null, "remove_target", "target", 1, "Kick"]),
            json!(["user", "Ada", "update_target", "target", 1, "Twitch"]),
            json!(["user", "Ada", "create_target", "target", 1, "Twitch"]),
            json!(["nobody", null, "set_up", "user", 1, "Ada"]),
        ]
    );
    assert_eq!(all[2]["fields"], json!(["key", "name"]));
    assert!(all.iter().all(|entry| entry["outcome"] == "done" && entry["at"].as_f64().unwrap() > 1.7e9));
    assert!(!json!(all).to_string().contains("CANARY"));
}

#[tokio::test]
async fn what_is_refused_is_written_down_but_not_what_strangers_try() {
    let relay = Relay::new().await;
    owned(&relay).await;
    relay.post("/streams", json!({"name": ""})).await.problem(422, Some("name"));
    relay.delete("/targets/9").await.problem(404, None);
    log_in(&relay, "Ada", "wrong password").await.problem(401, None);
    let short: Vec<Value> =
        entries(&relay).await.iter().map(|e| json!([e["action"], e["outcome"], e["subject_id"]])).collect();
    assert_eq!(
        short,
        [
            json!(["remove_target", "refused", 9]),
            json!(["create_stream", "refused", null]),
            json!(["set_up", "done", 1]),
        ]
    );
}

#[tokio::test]
async fn the_log_comes_in_pages() {
    let relay = Relay::new().await;
    for _ in 0..5 {
        relay.send("POST", "/streams/1/start", None).await.json(200);
    }
    let first = relay.get("/audit?limit=3").await.json(200);
    let ids = |page: &Value| -> Vec<i64> {
        page["entries"].as_array().unwrap().iter().map(|e| e["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(ids(&first), [5, 4, 3]);
    assert_eq!(ids(&relay.get("/audit?before=3").await.json(200)), [2, 1]);
    for (field, query) in [("limit", "limit=0"), ("limit", "limit=501"), ("before", "before=x"), ("x", "x=1")]
    {
        relay.get(&format!("/audit?{query}")).await.problem(422, Some(field));
    }
}
