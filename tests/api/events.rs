//! What happened to a target.

use std::time::Duration;

use serde_json::{Value, json};
use splitcast::model::{EndpointRole, ErrorKind, Step, StreamId, TargetId, TargetState};
use splitcast::relay::status::Setback;
use tokio::time::Instant;

use crate::client::{Relay, now};

async fn with_target(relay: &Relay) {
    let target = json!({"name": "t", "url": "rtmp://h/app", "key": "k"});
    relay.post("/streams/1/targets", target).await.json(201);
}

async fn events(relay: &Relay, query: &str) -> Vec<Value> {
    relay.keep_history().await;
    let body = relay.get(&format!("/targets/1/events{query}")).await.json(200);
    body["events"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_failure_is_told_with_all_that_is_known() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    let begun = events(&relay, "").await;
    assert_eq!((begun.len(), &begun[0]["from"]), (1, &json!("stopped")));
    let status = relay.board().open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
    status.begin_attempt(EndpointRole::Backup);
    status.enter_step(Step::Tls, "Agreeing on TLS.");
    status.back_off(Setback {
        step: Some(Step::Tls),
        kind: ErrorKind::TlsIo,
        reason: "TLS failed.".to_owned(),
        next_try: Some(Instant::now() + Duration::from_secs(600)),
    });
    let mut events = events(&relay, "").await;
    assert_eq!(events.len(), 3);
    let failure = &mut events[0];
    let at = failure["at"].take().as_f64().unwrap();
    let next_try_at = failure["next_try_at"].take().as_f64().unwrap();
    assert!((now() - at).abs() < 30.0 && (590.0..=600.0).contains(&(next_try_at - at)));
    assert!(failure["for_seconds"].take().is_f64());
    assert!(failure["id"].take().is_i64());
    assert_eq!(
        *failure,
        json!({"id": null, "at": null, "endpoint": "backup", "from": "tls", "state": "backing_off",
               "step": "tls", "kind": "tls_io", "reason": "TLS failed.", "attempt": 1,
               "for_seconds": null, "next_try_at": null})
    );
    let step = &events[1];
    assert_eq!((&step["state"], &step["from"]), (&json!("tls"), &json!("waiting_for_source")));
    assert_eq!((&step["kind"], &step["next_try_at"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn what_people_do_is_part_of_it_and_outlives_a_restart() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    relay.send("POST", "/targets/1/stop", None).await.json(200);
    relay.send("POST", "/targets/1/start", None).await.json(200);
    relay.patch("/targets/1", json!({"enabled": false})).await.json(200);
    let happened = events(&relay, "").await;
    let words: Vec<_> = happened.iter().map(|event| (&event["state"], &event["reason"])).collect();
    assert_eq!(
        words,
        [
            (&json!("disabled"), &json!("Switched off.")),
            (&json!("waiting_for_source"), &json!("Waiting for the encoder.")),
            (&json!("stopped"), &json!("Stopped by hand.")),
            (&json!("waiting_for_source"), &json!("Waiting for the encoder.")),
        ]
    );
    let relay = relay.restarted().await;
    assert_eq!(events(&relay, "").await, happened);
}

#[tokio::test]
async fn the_newest_come_first_and_as_many_as_are_asked_for() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    let status = relay.board().open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
    for n in 0..510 {
        let state = if n % 2 == 0 { TargetState::Live } else { TargetState::Holding };
        status.enter(state, n.to_string());
    }
    for (query, count) in [("", 100), ("?limit=1", 1), ("?limit=500", 200), ("?", 100)] {
        let events = events(&relay, query).await;
        assert_eq!((events.len(), &events[0]["reason"]), (count, &json!("509")), "{query}");
        let ids: Vec<_> = events.iter().map(|event| event["id"].as_i64().unwrap()).collect();
        assert!(ids.is_sorted_by(|a, b| a > b));
    }
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    for query in ["limit=0", "limit=501", "limit=-1", "limit=ten", "limit=", "limit", "limit=1.5"] {
        let answer = relay.get(&format!("/targets/1/events?{query}")).await;
        let problem = answer.problem(422, Some("limit"));
        assert!(problem["detail"].as_str().unwrap().contains("1 to 500"));
    }
    relay.get("/targets/1/events?limit=5&after=3").await.problem(422, Some("after"));
    for path in ["/targets/7/events", "/targets/seven/events"] {
        relay.get(path).await.problem(404, None);
    }
}

#[tokio::test]
async fn they_go_with_their_target() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    relay.send("POST", "/targets/1/stop", None).await.json(200);
    relay.keep_history().await;
    relay.delete("/targets/1").await;
    relay.keep_history().await;
    relay.get("/targets/1/events").await.problem(404, None);
}
