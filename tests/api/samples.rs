//! How it went in the last minutes.

use serde_json::{Value, json};
use splitcast::model::{EndpointRole, StreamId, TargetId};

use crate::client::{Relay, now};

/// Both addresses of a target are fed where `policy` says so.
async fn with_target(relay: &Relay, policy: &str) {
    let target = json!({"name": "t", "url": "rtmp://h/app", "key": "k", "backup_url": "rtmp://b/app",
        "backup_key": "k", "backup_policy": policy});
    relay.post("/streams/1/targets", target).await.json(201);
}

fn is_recent(samples: &Value) -> bool {
    (now() - samples["at"].as_f64().unwrap()).abs() < 30.0
}

#[tokio::test]
async fn what_never_ran_has_none() {
    let relay = Relay::new().await;
    with_target(&relay, "failover").await;
    let mut samples = relay.get("/targets/1/samples").await.json(200);
    assert!(is_recent(&samples), "{samples}");
    samples["at"].take();
    let empty = json!({"at": null, "every_seconds": 2.0, "bits_per_second": [], "lag_ms": [],
        "skipped_frames": [], "backup": null});
    assert_eq!(samples, empty);

    let mut samples = relay.get("/streams/1/samples").await.json(200);
    assert!(is_recent(&samples), "{samples}");
    samples["at"].take();
    assert_eq!(samples, json!({"at": null, "every_seconds": 2.0, "bits_per_second": [], "frame_rate": []}));
}

#[tokio::test]
async fn a_target_that_is_fed_twice_has_them_twice() {
    let relay = Relay::new().await;
    with_target(&relay, "both").await;
    for endpoint in [EndpointRole::Primary, EndpointRole::Backup] {
        relay.board().open_target(StreamId(1), TargetId(1), endpoint);
    }
    let samples = relay.get("/targets/1/samples").await.json(200);
    assert_eq!(samples["backup"]["lag_ms"], json!([]), "{samples}");
    relay.patch("/targets/1", json!({"backup_policy": "failover"})).await.json(200);
    assert_eq!(relay.get("/targets/1/samples").await.json(200)["backup"], json!(null));
}

#[tokio::test]
async fn what_is_not_there_has_none_to_tell() {
    let relay = Relay::new().await;
    for path in ["/targets/7/samples", "/targets/seven/samples", "/streams/7/samples"] {
        relay.get(path).await.problem(404, None);
    }
}
