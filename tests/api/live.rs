//! What happens, as it happens.

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use serde_json::{Value, json};
use splitcast::model::{EndpointRole, StreamId, TargetId, TargetState};

use crate::browser::owned;
use crate::client::{AUTHORIZED, Relay};

/// Somebody who follows.
struct Follower(BodyDataStream);

impl Follower {
    async fn new(relay: &Relay) -> Self {
        Self::with(relay, &[AUTHORIZED]).await
    }

    async fn with(relay: &Relay, headers: &[(&str, &str)]) -> Self {
        let answer = relay.follow(headers).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self(answer.into_body().into_data_stream())
    }

    /// The next event: its name and its data; `None` at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        let text = self.0.next().await?.unwrap();
        let text = std::str::from_utf8(&text).unwrap();
        let (name, data) = text.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        Some((name.to_owned(), serde_json::from_str(data.strip_suffix("\n\n").unwrap()).unwrap()))
    }

    /// Waits for the end, before which there is no more than one more second.
    async fn must_end(&mut self) {
        let mut seconds = 0;
        while let Some((name, _)) = self.next().await {
            seconds += usize::from(name == "stats");
            assert!(seconds <= 1, "it goes on");
        }
    }

    /// The next event that is not about numbers.
    async fn next_news(&mut self) -> (String, Value) {
        loop {
            match self.next().await.unwrap() {
                (name, _) if name == "stats" => {}
                news => return news,
            }
        }
    }
}

async fn with_target(relay: &Relay) {
    let target = json!({"name": "t", "url": "rtmp://h/app", "key": "k"});
    relay.post("/streams/1/targets", target).await.json(201);
}

#[tokio::test]
async fn what_happens_and_what_is_changed_is_told() {
    let relay = Relay::new().await;
    let mut follower = Follower::new(&relay).await;
    with_target(&relay).await;
    let (name, edit) = follower.next_news().await;
    let expected = json!({"stream_id": null, "target_id": 1, "webhook_id": null, "edit": "created"});
    assert_eq!((name.as_str(), edit), ("edit", expected));
    let status = relay.board().open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
    status.enter(TargetState::Live, "Receiving the stream.");
    // It has come to wait for its encoder before.
    let live = loop {
        let (name, event) = follower.next_news().await;
        assert_eq!(name, "state");
        if event["state"] == "live" {
            break event;
        }
    };
    assert_eq!((&live["stream_id"], &live["target_id"], &live["id"]), (&json!(1), &json!(1), &json!(null)));
    assert_eq!(live["reason"], "Receiving the stream.");
}

#[tokio::test]
async fn numbers_come_each_second() {
    let relay = Relay::new().await;
    with_target(&relay).await;
    let mut follower = Follower::new(&relay).await;
    for _ in 0..2 {
        let (name, stats) = follower.next().await.unwrap();
        assert_eq!(name, "stats");
        assert_eq!(stats["streams"][0]["id"], 1);
        let target = &stats["targets"][0];
        assert_eq!((&target["id"], &target["endpoint"]), (&json!(1), &json!("primary")));
        for number in ["bytes_sent", "bits_per_second", "lag_ms", "queue_bytes", "retransmits"] {
            assert!(target[number].is_u64(), "{number}");
        }
    }
}

#[tokio::test]
async fn who_reads_too_late_is_told_to_ask_anew() {
    let relay = Relay::new().await;
    let mut follower = Follower::new(&relay).await;
    let status = relay.board().open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
    for n in 0..10_000 {
        let state = if n % 2 == 0 { TargetState::Live } else { TargetState::Holding };
        status.enter(state, n.to_string());
    }
    assert_eq!(follower.next_news().await.0, "resync");
    // What is left is in order, up to the newest.
    let mut last = -1;
    while last < 9_999 {
        let (name, event) = follower.next_news().await;
        let reason: i32 = event["reason"].as_str().unwrap().parse().unwrap();
        assert!(name == "state" && reason > last, "{name} {reason}");
        last = reason;
    }
}

#[tokio::test]
async fn who_is_let_in_no_longer_is_told_no_more() {
    let relay = Relay::new().await;
    let owner = owned(&relay).await;
    let mut follower = Follower::with(&relay, &[("host", "localhost"), ("cookie", &owner.cookie)]).await;
    follower.next().await.unwrap();
    assert_eq!(owner.send("DELETE", "/session", None).await.status, 204);
    follower.must_end().await;

    let token = relay.post("/tokens", json!({"name": "t", "scope": "read"})).await.json(201);
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let mut follower = Follower::with(&relay, &[("authorization", &bearer)]).await;
    follower.next().await.unwrap();
    assert_eq!(relay.delete("/tokens/1").await.status, 204);
    follower.must_end().await;
}

#[tokio::test]
async fn no_more_follow_than_a_bound_and_all_are_let_go_at_the_end() {
    let relay = Relay::new().await;
    let mut followers = Vec::new();
    for _ in 0..64 {
        followers.push(Follower::new(&relay).await);
    }
    let refused = relay.follow(&[AUTHORIZED]).await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    followers.pop();
    followers.push(Follower::new(&relay).await);
    relay.stop();
    for mut follower in followers {
        assert!(follower.next().await.is_none());
    }
}
