//! What an encoder sends, for people to see.

use axum::body::{BodyDataStream, Bytes};
use axum::response::Response;
use futures_util::StreamExt;
use serde_json::json;
use splitcast::media::{Kind, Tag};
use splitcast::relay::publication::Publication;

use crate::browser::owned;
use crate::client::{AUTHORIZED, Relay};

const PATH: &str = "/streams/1/preview.flv";

/// Somebody who watches.
struct Watcher(BodyDataStream);

impl Watcher {
    async fn new(relay: &Relay, headers: &[(&str, &str)]) -> Self {
        let answer = relay.open(PATH, headers).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "video/x-flv");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        Self(answer.into_body().into_data_stream())
    }

    async fn next(&mut self) -> Option<Bytes> {
        self.0.next().await.map(Result::unwrap)
    }

    /// Reads on until it is over.
    async fn must_end(&mut self) {
        while self.next().await.is_some() {}
    }
}

/// An encoder that has sent a key frame.
async fn encoder(relay: &Relay) -> Publication {
    let encoder = relay.publish().await;
    send(&encoder, Kind::VideoHeader, &[0x17, 0, 0, 0, 0, 1]);
    send(&encoder, Kind::AudioHeader, &[0xaf, 0, 0x12, 0x10]);
    send(&encoder, Kind::VideoKey, &[0x17, 1, 0, 0, 0, 9]);
    encoder
}

fn send(encoder: &Publication, kind: Kind, payload: &'static [u8]) {
    assert!(encoder.send(Tag { kind, timestamp: 70_000, payload: Bytes::from_static(payload) }));
}

fn retry_after(answer: &Response) -> &str {
    answer.headers()["retry-after"].to_str().unwrap()
}

#[tokio::test]
async fn there_is_something_to_see_while_an_encoder_sends() {
    let relay = Relay::new().await;
    relay.get("/streams/9/preview.flv").await.problem(404, None);
    let problem = relay.get(PATH).await.problem(409, None);
    assert_eq!(problem["detail"], "The encoder is not sending: there is a preview as soon as it does.");
    let encoder = encoder(&relay).await;
    let mut watcher = Watcher::new(&relay, &[AUTHORIZED]).await;
    let flv = watcher.next().await.unwrap();
    assert!(flv.starts_with(b"FLV\x01\x05\0\0\0\x09\0\0\0\0\x09\0\0\x06\0\0\0\0\0\0\0\x17\0"), "{flv:?}");
    assert!(flv.ends_with(b"\x17\x01\0\0\0\x09\0\0\0\x11"), "{flv:?}");
    send(&encoder, Kind::Audio, &[0xaf, 1, 5]);
    assert_eq!(&watcher.next().await.unwrap()[..], b"\x08\0\0\x03\0\0\0\0\0\0\0\xaf\x01\x05\0\0\0\x0e");
    encoder.end();
    assert_eq!(watcher.next().await, None);
    relay.get(PATH).await.problem(409, None);
}

#[tokio::test]
async fn who_is_let_in_no_longer_sees_no_more() {
    let relay = Relay::new().await;
    let owner = owned(&relay).await;
    let _encoder = encoder(&relay).await;
    assert_eq!(relay.open(PATH, &[("host", "localhost")]).await.status(), 401);
    assert_eq!(relay.open(PATH, &[("authorization", "Bearer wrong")]).await.status(), 401);

    let cookie = [("host", "localhost"), ("cookie", owner.cookie.as_str())];
    let mut watcher = Watcher::new(&relay, &cookie).await;
    watcher.next().await.unwrap();
    assert_eq!(owner.send("DELETE", "/session", None).await.status, 204);
    watcher.must_end().await;

    let token = relay.post("/tokens", json!({"name": "t", "scope": "read"})).await.json(201);
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    let mut watcher = Watcher::new(&relay, &[("authorization", &bearer)]).await;
    watcher.next().await.unwrap();
    assert_eq!(relay.delete("/tokens/1").await.status, 204);
    watcher.must_end().await;
}

#[tokio::test]
async fn no_more_watch_than_a_bound_and_all_are_let_go_at_the_end() {
    let relay = Relay::new().await;
    let _encoder = encoder(&relay).await;
    let mut watchers = Vec::new();
    for _ in 0..8 {
        watchers.push(Watcher::new(&relay, &[AUTHORIZED]).await);
    }
    let refused = relay.open(PATH, &[AUTHORIZED]).await;
    assert_eq!((refused.status().as_u16(), retry_after(&refused)), (503, "1"));
    let problem = relay.get(PATH).await.problem(503, None);
    assert_eq!(problem["detail"], "Too many previews are open already: close one of them first.");
    watchers.pop();
    watchers.push(Watcher::new(&relay, &[AUTHORIZED]).await);
    relay.stop();
    for mut watcher in watchers {
        watcher.must_end().await;
    }
}

#[tokio::test]
async fn who_watches_is_no_target_and_a_stream_that_goes_takes_them_along() {
    let relay = Relay::new().await;
    let encoder = encoder(&relay).await;
    let mut watcher = Watcher::new(&relay, &[AUTHORIZED]).await;
    watcher.next().await.unwrap();
    let stream = relay.get("/streams/1").await.json(200);
    assert_eq!((&stream["target_count"], &stream["source"]["state"]), (&json!(0), &json!("live")));
    assert_eq!(relay.delete("/streams/1").await.status, 204);
    watcher.must_end().await;
    drop(encoder);
    relay.get(PATH).await.problem(404, None);
}
