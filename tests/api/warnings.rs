//! What a target's platform would mind in what the encoder sends.

use std::time::Duration;

use serde_json::{Value, json};
use splitcast::model::{EndpointRole, StreamId, Takes, TargetId};
use splitcast::relay::Offer;
use splitcast::relay::lint::{Judge, KeyFrames, SourceFacts};
use tokio::time::Instant;

use crate::client::Relay;

/// Key frames that are so many seconds apart.
fn every(seconds: u64) -> SourceFacts {
    let key_frames = Some(KeyFrames { gap: Duration::from_secs(seconds), are_uneven: false });
    SourceFacts { key_frames, ..SourceFacts::default() }
}

#[tokio::test]
async fn what_is_minded_is_told_with_what_to_do_and_remembered() {
    let relay = Relay::new().await;
    let target = json!({"name": "t", "url": "rtmp://live.twitch.tv/app", "key": "k"});
    let made = relay.post("/streams/1/targets", target).await.json(201);
    assert_eq!(made["warnings"], json!([]));
    let status = relay.board().open_target(StreamId(1), TargetId(1), EndpointRole::Primary);
    let judge = Judge::at("live.twitch.tv", &Takes::default());
    status.set_judges([(EndpointRole::Primary, judge)].into_iter());
    let now = Instant::now();
    assert!(status.examine(&every(10), &Offer::default(), now));
    let reason = "Key frames are 10 s apart, and Twitch wants at most 2 s. In OBS: Settings, Output, Keyframe \
                  Interval 2 s.";
    let mut shown = relay.get("/targets/1").await.json(200);
    assert!(shown["warnings"][0]["for_seconds"].take().is_f64());
    assert_eq!(
        shown["warnings"],
        json!([{"kind": "gop_size_over", "severity": "bad", "measured": 10.0, "limit": 2.0, "unit": "seconds",
                "found": null, "platform": "Twitch", "for_seconds": null, "reason": reason}])
    );
    for second in 0..=10 {
        status.examine(&every(2), &Offer::default(), now + Duration::from_secs(60 + second));
    }
    assert_eq!(relay.get("/status").await.json(200)["streams"][0]["targets"][0]["warnings"], json!([]));

    relay.keep_history().await;
    let of = |state: &str| format!("/history?target=1&state={state}");
    let warned = relay.get(&of("warned")).await.json(200)["events"][0].clone();
    let told = |event: &Value, field: &str| event[field].clone();
    assert_eq!(told(&warned, "warning"), json!("gop_size_over"));
    assert_eq!(told(&warned, "reason"), json!(reason));
    assert_eq!(
        (told(&warned, "kind"), told(&warned, "from"), told(&warned, "for_seconds")),
        Default::default()
    );
    let cleared = relay.get(&of("cleared")).await.json(200)["events"][0].clone();
    assert_eq!(told(&cleared, "for_seconds"), json!(60.0));
    assert_eq!(told(&cleared, "reason"), json!("Key frames come often enough again."));
    let events = relay.get("/targets/1/events").await.json(200);
    assert!(events["events"].as_array().unwrap().iter().all(|event| event["state"] != "warned"));
}
