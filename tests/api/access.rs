//! Who is let in.

use serde_json::json;
use splitcast::api::Access;
use splitcast::secret::Secret;

use crate::client::{Answer, JSON, Relay};

async fn post(relay: &Relay, headers: &[(&str, &str)]) -> Answer {
    let headers = [&[JSON], headers].concat();
    let path = "/streams/1/key";
    relay.ask("POST", path, &headers, json!({}).to_string()).await
}

#[tokio::test]
async fn with_a_token_every_call_needs_it() {
    let relay = Relay::with_access(Access::Token(Secret::new("t0ken"))).await;
    let host = ("host", "relay.example");
    for wrong in ["", "t0ken", "Bearer", "Bearer ", "Bearer t0ke", "Bearer t0ken2", "Basic t0ken"] {
        let headers = [host, ("authorization", wrong)];
        let answer = relay.ask("GET", "/streams", &headers, "").await;
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        answer.problem(401, None);
    }
    relay.ask("GET", "/streams", &[host], "").await.problem(401, None);
    relay.ask("GET", "/streams/1/key", &[host], "").await.problem(401, None);
    post(&relay, &[host]).await.problem(401, None);

    let good = ("authorization", "bearer t0ken");
    relay.ask("GET", "/streams", &[host, good], "").await.json(200);
    let elsewhere = ("origin", "https://page.example");
    post(&relay, &[host, good, elsewhere]).await.json(200);
}

#[tokio::test]
async fn without_a_token_only_local_names_are_answered() {
    let relay = Relay::new().await;
    for local in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "localhost"] {
        relay.ask("GET", "/streams", &[("host", local)], "").await.json(200);
    }
    for stranger in ["relay.example:8080", "192.168.1.2:8080", "localhost.example"] {
        let answer = relay.ask("GET", "/streams", &[("host", stranger)], "").await;
        answer.problem(403, None);
    }
    relay.ask("GET", "/streams", &[], "").await.problem(403, None);
}

#[tokio::test]
async fn without_a_token_other_sites_change_nothing() {
    let relay = Relay::new().await;
    let host = ("host", "localhost:8080");
    for headers in [
        &[("origin", "http://evil.example")][..],
        &[("origin", "http://localhost:3000")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")],
    ] {
        let answer = post(&relay, &[&[host], headers].concat()).await;
        answer.problem(403, None);
    }
    for headers in [
        &[][..],
        &[("origin", "http://localhost:8080")],
        &[("sec-fetch-site", "same-origin"), ("origin", "http://LOCALHOST:8080")],
        &[("sec-fetch-site", "none")],
    ] {
        post(&relay, &[&[host], headers].concat()).await.json(200);
    }
    let headers = [host, ("sec-fetch-site", "cross-site")];
    relay.ask("GET", "/streams", &headers, "").await.json(200);
}

#[tokio::test]
async fn health_and_page_need_no_token() {
    let relay = Relay::with_access(Access::Token(Secret::new("t0ken"))).await;
    for path in ["//healthz", "//"] {
        assert_eq!(relay.ask("GET", path, &[], "").await.status, 200);
    }
}
