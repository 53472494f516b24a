//! Webhooks: made, changed, and delivered to a real server.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sha2::Sha256;
use splitcast::model::StreamId;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::client::{Relay, now};

const CANARY: &str = "CANARYcanary0123456789";

fn webhook(url: &str) -> Value {
    json!({"name": "w", "url": url, "kinds": ["stream.live", "stream.ended"]})
}

/// A server that takes everything, and what it was sent.
async fn server() -> (String, mpsc::Receiver<(HeaderMap, String)>) {
    let (sender, received) = mpsc::channel(100);
    let take = async |State(sender): State<mpsc::Sender<_>>, request: Request| {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        sender.send((head.headers, String::from_utf8(body.into()).unwrap())).await.unwrap();
        StatusCode::NO_CONTENT
    };
    let router = Router::new().fallback(take).with_state(sender);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook/{CANARY}", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "a test's server")]
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, received)
}

/// Checks a signature as `docs/webhooks.md` says it is to be checked.
fn is_signed(headers: &HeaderMap, body: &str, secret: &str) -> bool {
    let header = headers["splitcast-signature"].to_str().unwrap();
    let value = |name: &str| {
        header
            .split(',')
            .filter_map(|part| part.split_once('='))
            .filter(|(n, _)| *n == name)
            .map(|(_, v)| v.to_owned())
            .collect::<Vec<_>>()
    };
    let t = value("t").remove(0);
    assert!((now() - t.parse::<f64>().unwrap()).abs() < 60.0);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{t}.{body}").as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    value("v1").contains(&hex)
}

#[tokio::test]
async fn what_happens_reaches_a_server_that_can_tell_it_is_genuine() {
    let (url, mut received) = server().await;
    let relay = Relay::new().await;
    let made = relay.post("/webhooks", webhook(&url)).await.json(201);
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(made["webhook"]["id"], 1);
    let source = relay.board().open_stream(StreamId(1));
    relay
        .keep_webhooks(async {
            source.live("192.0.2.1:5000".parse().unwrap());
            source.offline();
            for kind in ["stream.live", "stream.ended"] {
                let (headers, body) =
                    timeout(Duration::from_secs(20), received.recv()).await.unwrap().unwrap();
                let told: Value = serde_json::from_str(&body).unwrap();
                assert_eq!(
                    (&told["kind"], &told["stream"]),
                    (&json!(kind), &json!({"id": 1, "name": "Main"}))
                );
                assert_eq!(headers["splitcast-event-id"], told["id"].as_str().unwrap());
                assert_eq!(headers["content-type"], "application/json");
                assert!(headers["user-agent"].to_str().unwrap().starts_with("splitcast/"));
                assert!(is_signed(&headers, &body, secret) && !is_signed(&headers, &body, "whsec_other"));
            }
            while relay.get("/webhooks/1").await.json(200)["waiting"] != 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    let deliveries = relay.get("/webhooks/1/deliveries").await.json(200);
    assert_eq!(deliveries["deliveries"][1]["kind"], "stream.live");
    assert_eq!(deliveries["deliveries"][0]["status"], 204);

    // For a while after a rotation, both secrets do.
    let rotated = relay.post("/webhooks/1/secret", json!({})).await.json(200);
    let newer = rotated["secret"].as_str().unwrap();
    assert!(rotated["webhook"]["old_secret_until"].as_f64().unwrap() > now());
    let tested = relay.post("/webhooks/1/test", json!({})).await.json(200);
    assert_eq!(
        (&tested["kind"], &tested["status"], &tested["error"]),
        (&json!("test"), &json!(204), &json!(null))
    );
    let (headers, body) = received.recv().await.unwrap();
    assert!(is_signed(&headers, &body, secret) && is_signed(&headers, &body, newer));
}

#[tokio::test]
async fn a_test_that_fails_says_why() {
    let relay = Relay::new().await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    relay.post("/webhooks", webhook(&format!("http://{nobody}/"))).await.json(201);
    relay
        .post("/webhooks", json!({"name": "v", "url": "http://192.168.7.7/", "kinds": ["test"]}))
        .await
        .json(201);
    for (path, word) in [("/webhooks/1/test", "not accepted"), ("/webhooks/2/test", "--allow-targets")] {
        let tested = relay.post(path, json!({})).await.json(200);
        assert!(tested["status"].is_null());
        assert!(tested["error"].as_str().unwrap().contains(word), "{tested}");
    }
}

#[tokio::test]
async fn a_webhook_is_shown_and_changed_without_its_secrets() {
    let relay = Relay::new().await;
    let url = format!("https://discord.com/api/webhooks/123456789/{CANARY}{CANARY}");
    let mut discord = webhook(&url);
    discord["format"] = json!("discord");
    let made = relay.post("/webhooks", discord).await.json(201);
    let mut shown = made["webhook"].clone();
    assert!(shown["created_at"].take().is_i64() && shown["updated_at"].take().is_i64());
    assert_eq!(
        shown,
        json!({"id": 1, "name": "w", "url": "https://discord.com/…6789", "format": "discord",
               "kinds": ["stream.live", "stream.ended"], "stream_id": null, "enabled": true, "is_gone": false,
               "old_secret_until": null, "waiting": 0, "given_up": 0, "created_at": null, "updated_at": null})
    );
    let patch = json!({"name": "x", "kinds": ["target.failing"], "stream_id": 1, "enabled": false});
    let changed = relay.patch("/webhooks/1", patch).await.json(200);
    assert_eq!((&changed["name"], &changed["kinds"]), (&json!("x"), &json!(["target.failing"])));
    assert_eq!((&changed["stream_id"], &changed["enabled"]), (&json!(1), &json!(false)));
    let list = relay.get("/webhooks").await.json(200);
    assert_eq!(list["webhooks"], json!([changed]));
    assert_eq!(relay.get("/webhooks/1").await.json(200), changed);
    assert_eq!(relay.delete("/webhooks/1").await.status, 204);
    relay.get("/webhooks/1").await.problem(404, None);
}

#[tokio::test]
async fn bad_values_are_refused_with_the_field_and_not_repeated() {
    let relay = Relay::new().await;
    let bad_url = format!("https://u:{CANARY}@h/");
    for (body, field) in [
        (json!({"url": "https://h/", "kinds": ["test"]}), "name"),
        (json!({"name": "w", "kinds": ["test"]}), "url"),
        (json!({"name": "w", "url": bad_url, "kinds": ["test"]}), "url"),
        (json!({"name": "w", "url": "https://discord.com/…6789", "kinds": ["test"]}), "url"),
        (json!({"name": "w", "url": "https://h/"}), "kinds"),
        (json!({"name": "w", "url": "https://h/", "kinds": []}), "kinds"),
        (json!({"name": "w", "url": "https://h/", "kinds": [CANARY]}), "kinds"),
        (json!({"name": "w", "url": "https://h/", "kinds": CANARY}), "kinds"),
        (json!({"name": "w", "url": "https://h/", "kinds": [1]}), "kinds"),
        (json!({"name": "w", "url": "https://h/", "kinds": ["test"], "format": "teams"}), "format"),
        (json!({"name": "w", "url": "https://h/", "kinds": ["test"], "stream_id": "1"}), "stream_id"),
        (json!({"name": "w", "url": "https://h/", "kinds": ["test"], "enabled": 1}), "enabled"),
    ] {
        let answer = relay.post("/webhooks", body).await;
        assert!(!answer.text.contains(CANARY), "{}", answer.text);
        answer.problem(422, Some(field));
    }
    let mut of_nothing = webhook("https://h/");
    of_nothing["stream_id"] = json!(9);
    relay.post("/webhooks", of_nothing.clone()).await.problem(404, None);
    relay.post("/webhooks", webhook("https://h/")).await.json(201);
    relay.post("/webhooks", webhook("https://h/")).await.problem(409, Some("name"));
    for path in ["/webhooks/9", "/webhooks/9/deliveries"] {
        relay.get(path).await.problem(404, None);
    }
    for path in ["/webhooks/9/test", "/webhooks/9/secret"] {
        relay.post(path, json!({})).await.problem(404, None);
    }
    relay.patch("/webhooks/9", json!({})).await.problem(404, None);
    relay.delete("/webhooks/9").await.problem(404, None);
}
