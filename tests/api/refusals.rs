//! Requests that are wrong in form.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use futures_util::stream;

use crate::client::{AUTHORIZED, JSON, Relay};

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let relay = Relay::new().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        let headers = [AUTHORIZED, ("content-type", kind)];
        let answer = relay.ask("POST", "/streams", &headers, r#"{"name":"a"}"#).await;
        answer.problem(415, None);
    }
    let answer = relay.ask("POST", "/streams", &[AUTHORIZED], r#"{"name":"a"}"#).await;
    answer.problem(415, None);
    for (kind, name) in [("application/json; charset=utf-8", "a"), ("Application/Merge-Patch+JSON", "b")] {
        let headers = [AUTHORIZED, ("content-type", kind)];
        let body = format!("{{\"name\":\"{name}\"}}");
        relay.ask("POST", "/streams", &headers, body).await.json(201);
    }
}

#[tokio::test]
async fn broken_json_is_located_and_not_repeated() {
    let relay = Relay::new().await;
    let body = "{\"name\": \"a\",\n \"key\": \"CANARY\" oops}";
    let answer = relay.ask("POST", "/streams", &[AUTHORIZED, JSON], body).await;
    let problem = answer.problem(400, None);
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("line 2") && !detail.contains("CANARY"), "{detail}");
    for body in ["[]", "5", "null", "\"name\""] {
        let answer = relay.ask("POST", "/streams", &[AUTHORIZED, JSON], body).await;
        answer.problem(422, None);
    }
    for body in ["", "{}"] {
        let answer = relay.ask("POST", "/streams", &[AUTHORIZED, JSON], body).await;
        answer.problem(422, Some("name"));
    }
}

#[tokio::test]
async fn a_body_of_more_than_64_kib_is_too_large() {
    let relay = Relay::new().await;
    let body = |len: usize| format!("{{\"name\":\"{}\"}}", "a".repeat(len - 11));
    let answer = relay.ask("POST", "/streams", &[AUTHORIZED, JSON], body(65_536)).await;
    answer.problem(422, Some("name"));
    let answer = relay.ask("POST", "/streams", &[AUTHORIZED, JSON], body(65_537)).await;
    answer.problem(413, None);
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_told_apart() {
    let relay = Relay::new().await;
    for path in ["/nothing", "//api", "//api/", "//api/v2/streams", "/streams/1/nothing"] {
        relay.get(path).await.problem(404, None);
    }
    for (method, path, allow) in [
        ("PUT", "/streams/1", "GET,HEAD,PATCH,DELETE"),
        ("DELETE", "/streams", "GET,HEAD,POST"),
        ("GET", "/targets/1/retry", "POST"),
        ("GET", "/targets/1/start", "POST"),
        ("PUT", "/streams/1/stop", "POST"),
        ("POST", "/targets/1/events", "GET,HEAD"),
        ("POST", "//", "GET,HEAD"),
    ] {
        let answer = relay.send(method, path, None).await;
        assert_eq!(answer.header("allow"), allow);
        answer.problem(405, None);
    }
}

#[tokio::test]
async fn a_body_that_never_comes_is_not_waited_for() {
    let relay = Relay::new().await;
    tokio::time::pause();
    let body = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    // A call that reads its body before anything else: the store's threads know nothing of paused time.
    let answer = relay.ask("POST", "/session", &[("host", "localhost"), JSON], body).await;
    answer.problem(408, None);
}
