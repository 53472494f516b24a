//! Targets that start and stop: by hand, and with the broadcast.

use serde_json::{Value, json};
use splitcast::model::StreamId;

use crate::client::Relay;

async fn with_target(relay: &Relay, name: &str, start_mode: &str) -> Value {
    let target = json!({"name": name, "url": "rtmp://h/app", "key": "k", "start_mode": start_mode});
    relay.post("/streams/1/targets", target).await.json(201)
}

async fn order(relay: &Relay, path: &str) -> Value {
    relay.send("POST", path, None).await.json(200)
}

#[track_caller]
fn assert_is(target: &Value, started: bool, state: &str) {
    assert_eq!((&target["started"], &target["state"]), (&json!(started), &json!(state)), "{target}");
}

#[tokio::test]
async fn a_target_is_stopped_and_started_by_hand() {
    let relay = Relay::new().await;
    with_target(&relay, "t", "with_source").await;
    for _ in 0..2 {
        let stopped = order(&relay, "/targets/1/stop").await;
        assert_is(&stopped, false, "stopped");
        assert_eq!(stopped["reason"], "Stopped by hand, until it is started again.");
    }
    let relay = relay.restarted().await;
    assert_is(&relay.get("/targets/1").await.json(200), false, "stopped");
    for _ in 0..2 {
        assert_is(&order(&relay, "/targets/1/start").await, true, "waiting_for_source");
    }
    let relay = relay.restarted().await;
    assert_is(&relay.get("/targets/1").await.json(200), true, "waiting_for_source");
}

#[tokio::test]
async fn a_manual_target_waits_for_a_hand_in_each_broadcast() {
    let relay = Relay::new().await;
    let made = with_target(&relay, "t", "manual").await;
    assert_eq!(made["start_mode"], "manual");
    assert_is(&made, false, "stopped");
    assert_eq!(made["reason"], "Waiting to be started by hand.");
    assert_is(&order(&relay, "/targets/1/start").await, true, "waiting_for_source");
    relay.board().journal().record_over(StreamId(1));
    relay.keep_history().await;
    assert_is(&relay.get("/targets/1").await.json(200), false, "stopped");
}

#[tokio::test]
async fn the_end_of_a_broadcast_undoes_no_deliberate_stop() {
    let relay = Relay::new().await;
    with_target(&relay, "stopped", "with_source").await;
    with_target(&relay, "started", "with_source").await;
    order(&relay, "/targets/1/stop").await;
    relay.board().journal().record_over(StreamId(1));
    relay.keep_history().await;
    assert_is(&relay.get("/targets/1").await.json(200), false, "stopped");
    assert_is(&relay.get("/targets/2").await.json(200), true, "waiting_for_source");
}

#[tokio::test]
async fn a_target_that_is_switched_off_can_be_stopped_but_not_started() {
    let relay = Relay::new().await;
    with_target(&relay, "t", "with_source").await;
    relay.patch("/targets/1", json!({"enabled": false})).await.json(200);
    let refused = relay.send("POST", "/targets/1/start", None).await;
    refused.problem(409, None);
    assert_is(&order(&relay, "/targets/1/stop").await, false, "disabled");
    // Switched on, it is as a new one.
    let on = relay.patch("/targets/1", json!({"enabled": true})).await.json(200);
    assert_is(&on, true, "waiting_for_source");
}

#[tokio::test]
async fn another_start_mode_starts_but_never_stops() {
    let relay = Relay::new().await;
    with_target(&relay, "t", "with_source").await;
    let patch = async |mode| relay.patch("/targets/1", json!({"start_mode": mode})).await.json(200);
    assert_is(&patch("manual").await, true, "waiting_for_source");
    order(&relay, "/targets/1/stop").await;
    assert_is(&patch("manual").await, false, "stopped");
    assert_is(&patch("with_source").await, true, "waiting_for_source");
    order(&relay, "/targets/1/stop").await;
    assert_is(&patch("with_source").await, false, "stopped");
}

#[tokio::test]
async fn a_stopped_target_can_be_asked_to_retry_and_stays_stopped() {
    let relay = Relay::new().await;
    with_target(&relay, "t", "manual").await;
    assert_is(&order(&relay, "/targets/1/retry").await, false, "stopped");
}

#[tokio::test]
async fn a_streams_targets_are_started_and_stopped_together() {
    let relay = Relay::new().await;
    with_target(&relay, "a", "with_source").await;
    with_target(&relay, "b", "manual").await;
    with_target(&relay, "off", "manual").await;
    relay.patch("/targets/3", json!({"enabled": false})).await.json(200);
    relay.post("/streams", json!({"name": "two"})).await.json(201);
    let elsewhere = json!({"name": "t", "url": "rtmp://h/app", "key": "k"});
    relay.post("/streams/2/targets", elsewhere).await.json(201);
    let states = async || {
        let mut states = Vec::new();
        for id in 1..=4 {
            let target = relay.get(&format!("/targets/{id}")).await.json(200);
            states.push(target["state"].as_str().unwrap().to_owned());
        }
        states
    };
    let waiting = "waiting_for_source";
    let stream = order(&relay, "/streams/1/start").await;
    assert_eq!((&stream["id"], &stream["target_count"]), (&json!(1), &json!(3)));
    assert_eq!(states().await, [waiting, waiting, "disabled", waiting]);
    assert_eq!(order(&relay, "/streams/1/stop").await["id"], 1);
    assert_eq!(states().await, ["stopped", "stopped", "disabled", waiting]);
    order(&relay, "/streams/1/stop").await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let relay = Relay::new().await;
    for path in ["/streams/7/start", "/streams/7/stop", "/targets/7/start", "/targets/7/stop"] {
        relay.send("POST", path, None).await.problem(404, None);
    }
}
