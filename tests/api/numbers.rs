//! `/metrics` beside the API.

use serde_json::json;

use crate::browser::{HOST, log_in, owned};
use crate::client::{AUTHORIZED, Answer, Relay};

async fn page(relay: &Relay, headers: &[(&str, &str)]) -> Answer {
    // Outside what the API's paths begin with.
    relay.ask("GET", "//metrics", headers, "").await
}

#[tokio::test]
async fn numbers_are_for_those_who_may_read() {
    let relay = Relay::new().await;
    let answer = page(&relay, &[AUTHORIZED]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"), "{answer:?}");
    let token = relay.post("/tokens", json!({"name": "prometheus", "scope": "read"})).await.json(201);
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    assert_eq!(page(&relay, &[("authorization", &bearer)]).await.status, 200);

    for stranger in [&[HOST][..], &[("authorization", "Bearer wrong")], &[HOST, ("cookie", "splitcast=x")]] {
        let answer = page(&relay, stranger).await;
        answer.problem(401, None);
    }
    page(&relay, &[("host", "evil.example")]).await.problem(421, None);
    relay.ask("POST", "//metrics", &[AUTHORIZED], "").await.problem(405, None);
}

#[tokio::test]
async fn those_who_are_not_let_in_are_counted() {
    let relay = Relay::new().await;
    owned(&relay).await;
    log_in(&relay, "Ada", "wrong password").await.problem(401, None);
    for _ in 0..2 {
        page(&relay, &[("authorization", "Bearer wrong")]).await.problem(401, None);
    }
    let text = page(&relay, &[AUTHORIZED]).await.text;
    for row in [
        "splitcast_auth_failures_total{kind=\"password\"} 1.0",
        "splitcast_auth_failures_total{kind=\"token\"} 2.0",
        "splitcast_auth_failures_total{kind=\"set_up_link\"} 0.0",
        "splitcast_database_up 1.0",
    ] {
        assert!(text.contains(row), "{row} in {text}");
    }
}
