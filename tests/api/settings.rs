//! What the relay was started with.

use serde_json::json;

use crate::client::Relay;

#[tokio::test]
async fn the_log_can_be_changed_and_nothing_else() {
    let relay = Relay::new().await;
    assert_eq!(relay.get("/settings").await.json(200)["log"], "off");
    relay.patch("/settings", json!({})).await.json(200);
    for bad in ["loud=very=much", "splitcast=loud", &"a".repeat(513)] {
        let problem = relay.patch("/settings", json!({"log": bad})).await.problem(422, Some("log"));
        assert!(problem["detail"].as_str().unwrap().contains("as in info"), "{problem}");
    }
    relay.patch("/settings", json!({"flags": []})).await.problem(422, Some("flags"));
    let changed = relay.patch("/settings", json!({"log": "info,splitcast::relay=debug"})).await.json(200);
    assert_eq!(changed["log"], "info,splitcast::relay=debug");
}
