//! What happened to all, in one order.

use serde_json::{Value, json};
use splitcast::model::{EndpointRole, StreamId, TargetId, TargetState};

use crate::client::Relay;

/// A stream that was live and a target that was fed, as events 1 to 4.
async fn with_history() -> Relay {
    let relay = Relay::new().await;
    let target = json!({"name": "t", "url": "rtmp://h/app", "key": "k"});
    relay.post("/streams/1/targets", target).await.json(201);
    let source = relay.board().open_stream(StreamId(1));
    source.live("192.0.2.1:5000".parse().unwrap());
    relay
        .board()
        .open_target(StreamId(1), TargetId(1), EndpointRole::Primary)
        .enter(TargetState::Live, "Receiving.");
    source.live("192.0.2.2:6000".parse().unwrap());
    relay.keep_history().await;
    relay
}

async fn ids(relay: &Relay, query: &str) -> Vec<i64> {
    let body = relay.get(&format!("/history{query}")).await.json(200);
    body["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn streams_and_targets_share_one_order() {
    let relay = with_history().await;
    let body = relay.get("/history").await.json(200);
    let events: Vec<Value> = body["events"].as_array().unwrap().clone();
    let told: Vec<_> =
        events.iter().map(|e| (e["target_id"].as_i64(), e["state"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [(None, "takeover"), (Some(1), "live"), (None, "live"), (Some(1), "waiting_for_source")]
    );
    let takeover = &events[0];
    assert_eq!(
        (&takeover["peer"], &takeover["replaced_peer"]),
        (&json!("192.0.2.2:6000"), &json!("192.0.2.1:5000"))
    );
    assert!(takeover["reason"].is_null() && takeover["at"].is_f64() && takeover["stream_id"] == 1);
    let fed = &events[1];
    assert_eq!((&fed["from"], &fed["reason"]), (&json!("waiting_for_source"), &json!("Receiving.")));
}

#[tokio::test]
async fn a_query_leaves_what_it_asks_for_in_pages() {
    let relay = with_history().await;
    for (query, left) in [
        ("?of=streams", [4, 2].as_slice()),
        ("?of=targets&stream=1", &[3, 1]),
        ("?target=1&state=live", &[3]),
        ("?state=live", &[3, 2]),
        ("?kind=tls_io", &[]),
        ("?limit=2", &[4, 3]),
        ("?limit=2&before=3", &[2, 1]),
        ("?limit=2&after=0", &[2, 1]),
        ("?after=4", &[]),
    ] {
        assert_eq!(ids(&relay, query).await, left, "{query}");
    }
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused_with_the_parameter() {
    let relay = Relay::new().await;
    for (query, parameter) in [
        ("?limit=0", "limit"),
        ("?limit=501", "limit"),
        ("?before=x", "before"),
        ("?after=-1", "after"),
        ("?stream=", "stream"),
        ("?of=users", "of"),
        ("?kind=bad", "kind"),
        ("?state=bad", "state"),
        ("?page=2", "page"),
    ] {
        relay.get(&format!("/history{query}")).await.problem(422, Some(parameter));
    }
    relay.get("/history?stream=9").await.problem(404, None);
    relay.get("/history?target=9").await.problem(404, None);
}
