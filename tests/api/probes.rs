//! Tests of addresses and keys, as far as nobody is reached. (How they go is seen by tests/interop.)

use std::pin::{Pin, pin};

use axum::http::StatusCode;
use serde_json::{Value, json};
use splitcast::model::{EndpointRole, StreamId, TargetId, TargetState};

use crate::client::{Answer, JSON, Relay};

/// Asks for a test that nobody ever answers.
fn begin(relay: &Relay) -> impl Future<Output = Answer> {
    relay.post("/targets/test", json!({"url": "rtmp://h/live", "key": "k"}))
}

/// Lets a test go on until it dials, which it does for ever.
async fn dialling(relay: &Relay, mut test: Pin<&mut impl Future<Output = Answer>>) {
    tokio::select! {
        answer = test.as_mut() => panic!("{answer:?}"),
        () = relay.dialled() => {}
    }
}

#[tokio::test]
async fn bad_values_are_refused_with_the_field() {
    let relay = Relay::new().await;
    let target = json!({"name": "t", "url": "rtmp://h/a?t=TOKEN", "key": "CANARY"});
    relay.post("/streams/1/targets", target).await.json(201);
    for (body, field) in [
        (json!({}), "url"),
        (json!({"key": "k"}), "url"),
        (json!({"url": "rtmp://h/a"}), "key"),
        (json!({"url": "http://h/a", "key": "k"}), "url"),
        (json!({"url": "rtmp://h/a", "key": "a b"}), "key"),
        (json!({"url": "rtmp://h/a?t=…", "key": "k"}), "url"),
        (json!({"url": "rtmp://h/a?t=…", "target_id": 1}), "url"),
        (json!({"target_id": "1"}), "target_id"),
        (json!({"target_id": 1, "endpoint": "third"}), "endpoint"),
        (json!({"target_id": 1, "endpoint": "backup"}), "endpoint"),
        (json!({"target_id": 1, "name": "t"}), "name"),
    ] {
        relay.post("/targets/test", body.clone()).await.problem(422, Some(field));
    }
    relay.post("/targets/1/test", json!({"key": "k"})).await.problem(422, Some("key"));
    relay.post("/targets/1/test", json!({"endpoint": "backup"})).await.problem(422, Some("endpoint"));
    relay.post("/targets/2/test", json!({})).await.problem(404, None);
    relay.post("/targets/test", json!({"target_id": 2})).await.problem(404, None);
}

#[tokio::test]
async fn so_many_go_on_at_once_and_who_goes_away_makes_room() {
    let relay = Relay::new().await;
    let mut fourth = Box::pin(begin(&relay));
    let (mut first, mut second, mut third) = (pin!(begin(&relay)), pin!(begin(&relay)), pin!(begin(&relay)));
    dialling(&relay, first.as_mut()).await;
    dialling(&relay, second.as_mut()).await;
    dialling(&relay, third.as_mut()).await;
    dialling(&relay, fourth.as_mut()).await;
    let refused = begin(&relay).await;
    assert_eq!(refused.header("retry-after"), "5");
    refused.problem(429, None);
    drop(fourth);
    dialling(&relay, pin!(begin(&relay))).await;
}

#[tokio::test]
async fn so_many_may_be_begun_in_a_row() {
    let relay = Relay::new().await;
    for _ in 0..12 {
        let mut test = Box::pin(begin(&relay));
        dialling(&relay, test.as_mut()).await;
    }
    let refused = begin(&relay).await.problem(429, None);
    assert!(refused["detail"].as_str().unwrap().contains("try again in"), "{refused}");
}

#[tokio::test]
async fn a_relay_that_stops_ends_them() {
    let relay = Relay::new().await;
    let mut test = pin!(begin(&relay));
    dialling(&relay, test.as_mut()).await;
    relay.control().leave(false);
    test.await.problem(503, None);
    begin(&relay).await.problem(503, None);
}

#[tokio::test]
async fn a_key_that_a_target_sends_with_is_not_tested() {
    let relay = Relay::new().await;
    let add = async |name: &str, url: &str, key: &str| {
        let target = json!({"name": name, "url": url, "key": key});
        relay.post("/streams/1/targets", target).await.json(201);
    };
    add("Mine", "rtmp://live-fra.twitch.tv/app", "CANARY").await;
    add("Other", "rtmp://live-fra.twitch.tv/app", "other").await;
    let status = relay.board().open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
    status.enter(TargetState::Live, "Live.");
    let test = json!({});
    let refused = relay.post("/targets/1/test", test.clone()).await.problem(409, None);
    let sentence = refused["detail"].as_str().unwrap();
    assert!(sentence.starts_with("\"Mine\" is sending with this key") && !sentence.contains("CANARY"));
    for (url, is_same) in [
        // The same key at another of the platform's servers would cut it off, too.
        ("rtmps://ingest.global-contribute.live-video.net/app", true),
        ("rtmp://LIVE-FRA.twitch.tv:1935/other", true),
        ("rtmp://my.server/app", false),
    ] {
        let mut asked = Box::pin(relay.post("/targets/test", json!({"url": url, "key": "CANARY"})));
        match is_same {
            true => drop(asked.await.problem(409, None)),
            false => dialling(&relay, asked.as_mut()).await,
        }
    }
    dialling(&relay, pin!(relay.post("/targets/2/test", test.clone()))).await;
    status.enter(TargetState::BackingOff, "It failed.");
    dialling(&relay, pin!(relay.post("/targets/1/test", test.clone()))).await;
    status.enter(TargetState::Live, "Live.");
    let stopped = relay.post("/targets/1/stop", json!({})).await;
    assert_eq!(stopped.status, StatusCode::OK);
    dialling(&relay, pin!(relay.post("/targets/1/test", test))).await;
}

#[tokio::test]
async fn operators_test_what_is_there_and_editors_anything() {
    let relay = Relay::new().await;
    let target = json!({"name": "t", "url": "rtmp://h/a", "key": "k"});
    relay.post("/streams/1/targets", target).await.json(201);
    for (scope, may_test, may_test_any) in
        [("read", false, false), ("operate", true, false), ("edit", true, true)]
    {
        let token: Value = relay.post("/tokens", json!({"name": scope, "scope": scope})).await.json(201);
        let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
        for (path, body, may) in
            [("/targets/1/test", "{}", may_test), ("/targets/test", r#"{"target_id": 1}"#, may_test_any)]
        {
            let headers = [("authorization", bearer.as_str()), JSON];
            let mut asked = Box::pin(relay.ask("POST", path, &headers, body));
            match may {
                true => dialling(&relay, asked.as_mut()).await,
                false => drop(asked.await.problem(403, None)),
            }
        }
    }
}
