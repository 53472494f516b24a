//! How it goes with a target, as its task says on the board.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use serde_json::{Value, json};
use splitcast::model::{EndpointRole, ErrorKind, Step, StreamId, TargetId, TargetState};
use splitcast::relay::status::{Setback, TargetStatus};
use tokio::time::Instant;

use crate::client::{Relay, now};

async fn with_target(relay: &Relay) -> std::sync::Arc<TargetStatus> {
    let target = json!({"name": "t", "url": "rtmp://h/app", "key": "k"});
    relay.post("/streams/1/targets", target).await.json(201);
    relay.board().open_target(StreamId(1), TargetId(1), EndpointRole::Primary)
}

fn setback(kind: ErrorKind, step: Option<Step>, wait: Option<Duration>) -> Setback {
    let next_try = wait.map(|wait| Instant::now() + wait);
    Setback { step, kind, reason: "Nothing listens there.".to_owned(), next_try }
}

async fn shown(relay: &Relay) -> Value {
    relay.get("/targets/1").await.json(200)
}

#[tokio::test]
async fn a_live_target_tells_what_it_was_fed() {
    let relay = Relay::new().await;
    let status = with_target(&relay).await;
    status.begin_attempt(EndpointRole::Backup);
    status.enter_step(Step::Handshake, "Shaking hands.");
    let target = shown(&relay).await;
    assert_eq!((&target["state"], &target["step"]), (&json!("publishing"), &json!("handshake")));
    assert_eq!((&target["attempts"], &target["endpoint"]), (&json!(1), &json!("backup")));
    assert_eq!((&target["kind"], &target["connected_since"]), (&json!(null), &json!(null)));

    status.accepted();
    status.enter(TargetState::Live, "Receiving the stream.");
    status.counters.skipped_video.store(5, Relaxed);
    status.counters.skipped_audio.store(2, Relaxed);
    let target = shown(&relay).await;
    assert_eq!((&target["state"], &target["step"]), (&json!("live"), &json!(null)));
    assert_eq!((&target["attempts"], &target["reason"]), (&json!(0), &json!("Receiving the stream.")));
    for (field, count) in [("skipped_frames", 7), ("skipped_video_frames", 5), ("skipped_audio_frames", 2)] {
        assert_eq!(target[field], count, "{field}");
    }
    let connected = now() - target["connected_since"].as_f64().unwrap();
    assert!((-1.0..30.0).contains(&connected), "{connected}");
}

#[tokio::test]
async fn a_failing_target_tells_where_why_and_until_when() {
    let relay = Relay::new().await;
    let status = with_target(&relay).await;
    let wait = Some(Duration::from_millis(620_400));
    status.back_off(setback(ErrorKind::TcpRefused, Some(Step::Connecting), wait));
    let target = shown(&relay).await;
    assert_eq!((&target["state"], &target["step"]), (&json!("backing_off"), &json!("connecting")));
    assert_eq!(target["kind"], "tcp_refused");
    let reason = target["reason"].as_str().unwrap();
    let wait = reason.strip_prefix("Nothing listens there. Next try in 10 min ").unwrap();
    let seconds: f64 = wait.strip_suffix(" s.").unwrap().parse().unwrap();
    let left = target["next_try_in_seconds"].as_f64().unwrap();
    assert!((seconds + 600.0 - left).abs() <= 1.0, "{seconds} {left}");
    assert!((target["next_try_at"].as_f64().unwrap() - now() - left).abs() < 10.0);
}

#[tokio::test]
async fn a_try_that_is_near_is_not_counted_down() {
    let relay = Relay::new().await;
    let status = with_target(&relay).await;
    status.block(setback(ErrorKind::PublishRejected, Some(Step::Publish), Some(Duration::ZERO)));
    let target = shown(&relay).await;
    assert_eq!(target["state"], "blocked");
    assert_eq!(target["reason"], "Nothing listens there. Next try in a moment.");
}

#[tokio::test]
async fn a_target_that_only_a_person_can_mend_promises_no_try() {
    let relay = Relay::new().await;
    let status = with_target(&relay).await;
    status.block(setback(ErrorKind::Policy, Some(Step::Resolving), None));
    let target = shown(&relay).await;
    assert_eq!(target["reason"], "Nothing listens there.");
    assert_eq!((&target["next_try_at"], &target["next_try_in_seconds"]), (&json!(null), &json!(null)));
}
