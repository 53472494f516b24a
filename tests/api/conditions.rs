//! Two who change the same thing, and one who asks twice.

use axum::body::Body;
use serde_json::{Value, json};

use crate::client::{AUTHORIZED, Answer, JSON, Relay};

async fn with_target(relay: &Relay) -> Answer {
    relay.post("/streams/1/targets", json!({"name": "t", "url": "rtmp://h/app", "key": "k"})).await
}

async fn on_condition(relay: &Relay, method: &str, path: &str, tag: &str, body: Value) -> Answer {
    relay.ask(method, path, &[AUTHORIZED, JSON, ("if-match", tag)], body.to_string()).await
}

#[tokio::test]
async fn of_two_who_edit_at_once_one_is_told_and_nothing_is_lost() {
    let relay = Relay::new().await;
    with_target(&relay).await.json(201);
    for path in ["/targets/1", "/streams/1"] {
        let read = relay.get(path).await;
        let tag = read.header("etag").to_owned();
        assert_eq!(tag, format!("\"{}\"", read.json(200)["version"]));
        let first = on_condition(&relay, "PATCH", path, &tag, json!({"coalesce_ms": 7})).await;
        let new_tag = first.header("etag").to_owned();
        assert_ne!(new_tag, tag);
        first.json(200);
        let second = on_condition(&relay, "PATCH", path, &tag, json!({"name": "lost?"})).await;
        second.problem(412, None);
        on_condition(&relay, "DELETE", path, &tag, json!({})).await.problem(412, None);
        let now = relay.get(path).await;
        assert_eq!(now.header("etag"), new_tag);
        assert_eq!(now.json(200)["coalesce_ms"], 7);
        let tags = format!("\"999\", {new_tag}");
        on_condition(&relay, "PATCH", path, &tags, json!({"name": "both"})).await.json(200);
        on_condition(&relay, "PATCH", path, "*", json!({"name": "any"})).await.json(200);
        for none_of_ours in ["\"x\"", "W/\"1\"", "1", "\"\"", ""] {
            on_condition(&relay, "PATCH", path, none_of_ours, json!({"name": "x"})).await.problem(412, None);
        }
    }
    on_condition(&relay, "PATCH", "/targets/9", "\"1\"", json!({"name": "x"})).await.problem(404, None);
}

#[tokio::test]
async fn every_kind_of_change_makes_another_version() {
    let relay = Relay::new().await;
    let mut last = with_target(&relay).await.json(201)["version"].as_i64().unwrap();
    for (method, path, body) in [
        ("PATCH", "/targets/1", json!({"key": "k2"})),
        ("POST", "/targets/1/stop", json!({})),
        ("POST", "/targets/1/start", json!({})),
    ] {
        let version = relay.send(method, path, Some(body)).await.json(200)["version"].as_i64().unwrap();
        assert!(version > last, "{path}");
        last = version;
    }
    let stream = relay.get("/streams/1").await.json(200)["version"].as_i64().unwrap();
    let changed = relay.post("/streams/1/key", json!({})).await.json(200)["version"].as_i64().unwrap();
    assert!(changed > stream);
    assert_eq!(relay.get("/targets/1").await.json(200)["version"], last);
}

async fn once(relay: &Relay, path: &str, key: &str, body: impl Into<Body>) -> Answer {
    relay.ask("POST", path, &[AUTHORIZED, JSON, ("idempotency-key", key)], body).await
}

#[tokio::test]
async fn what_is_asked_for_twice_with_one_key_is_made_once() {
    let relay = Relay::new().await;
    let body = json!({"name": "Second"}).to_string();
    let first = once(&relay, "/streams", "a-1", body.clone()).await;
    assert_eq!(first.header("location"), "/api/v1/streams/2");
    let first = first.json(201);
    let again = once(&relay, "/streams", "a-1", body.clone()).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json(201), first);
    once(&relay, "/streams", "a-2", body.clone()).await.problem(409, Some("name"));
    let other = json!({"name": "Third"}).to_string();
    once(&relay, "/streams", "a-1", other.clone()).await.problem(422, Some("Idempotency-Key"));
    once(&relay, "/tokens", "a-1", body.clone()).await.problem(422, Some("Idempotency-Key"));
    for unfit in ["", "a b", &"x".repeat(256)] {
        once(&relay, "/streams", unfit, other.clone()).await.problem(422, Some("Idempotency-Key"));
    }
    // What was refused may be mended and asked for again.
    once(&relay, "/streams", "a-3", "{}").await.problem(422, Some("name"));
    once(&relay, "/streams", "a-3", other).await.json(201);

    let relay = relay.restarted().await;
    assert_eq!(once(&relay, "/streams", "a-1", body).await.json(201), first);
    let streams = relay.get("/streams").await.json(200);
    assert_eq!(streams["streams"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_token_that_is_shown_once_is_shown_again_to_who_did_not_get_it_and_is_not_stored_plain() {
    let relay = Relay::new().await;
    let body = json!({"name": "t", "scope": "read"}).to_string();
    let first = once(&relay, "/tokens", "a", body.clone()).await.json(201);
    assert_eq!(once(&relay, "/tokens", "a", body.clone()).await.json(201)["token"], first["token"]);
    // Nobody else is given it.
    let other = relay.post("/tokens", json!({"name": "o", "scope": "admin"})).await.json(201);
    let bearer = format!("Bearer {}", other["token"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str()), JSON, ("idempotency-key", "a")];
    relay.ask("POST", "/tokens", &headers, body).await.problem(409, Some("name"));
    let token = first["token"].as_str().unwrap().as_bytes().to_owned();
    let dir = relay.closed().await;
    for file in
        std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file())
    {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token));
    }
}
