//! Whether the relay says that it is ready, to whoever asks.

use crate::client::Relay;
use serde_json::json;

#[tokio::test]
async fn everybody_is_told_whether_it_is_ready_and_why_not() {
    let relay = Relay::new().await;
    // Nobody listens for encoders here.
    let answer = relay.ask("GET", "//readyz", &[("host", "relay.example")], "").await;
    assert_eq!(answer.header("retry-after"), "2");
    let detail = "The relay does not listen for encoders: restart it.";
    let reasons = json!([{"kind": "not_listening", "detail": detail}]);
    assert_eq!(answer.json(503), json!({"ready": false, "reasons": reasons}));
}
