//! The page itself.

use axum::http::{Method, StatusCode};
use splitcast::model::{EndpointRole, StreamId, TargetId, TargetState};

use super::open_metrics::{self, Family, Sample};
use super::relay::Relay;

/// The value of the one row with these labels among others.
fn value(family: &Family, labels: &[(&str, &str)]) -> f64 {
    let fits = |sample: &&Sample| {
        labels.iter().all(|(name, value)| sample.labels.get(*name).is_some_and(|found| found == value))
    };
    let found: Vec<_> = family.samples.iter().filter(fits).collect();
    assert_eq!(found.len(), 1, "{labels:?} in {family:?}");
    found[0].value
}

#[tokio::test]
async fn every_metric_is_as_open_metrics_wants_it() {
    let relay = Relay::busy().await;
    let families = open_metrics::read(&relay.page().await);
    assert!(families.len() > 35, "{}", families.len());
    for (name, family) in &families {
        assert!(name.starts_with("splitcast_") || name.starts_with("process_"), "{name}");
        // What nobody measured here, since no media flows.
        let is_unknown = name.contains("keyframe_interval") || name.contains("keyframe_age");
        let is_of_connections = ["_rtt", "_unsent", "_unacknowledged", "_uptime", "_cert_"]
            .iter()
            .any(|part| name.contains(part));
        assert!(is_unknown || is_of_connections || !family.samples.is_empty(), "{name} has no row");
    }
}

#[tokio::test]
async fn a_page_of_nothing_is_one_too() {
    let relay = Relay::new().await;
    let families = open_metrics::read(&relay.page().await);
    assert!(families["splitcast_target_state"].samples.is_empty());
    assert_eq!(value(&families["splitcast_ingest_state"], &[("stream", "1"), ("state", "offline")]), 1.0);
    assert_eq!(families["splitcast_build"].samples[0].labels["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn labels_are_ids_and_words_of_ours() {
    let relay = Relay::busy().await;
    let page = relay.page().await;
    for secret in ["CANARY", "192.0.2.77", "Main"] {
        assert!(!page.contains(secret), "{secret}");
    }
    for (name, family) in open_metrics::read(&page) {
        for sample in family.samples {
            for label in sample.labels.keys() {
                let known = [
                    "stream",
                    "target",
                    "endpoint",
                    "state",
                    "kind",
                    "outcome",
                    "reason",
                    "le",
                    "severity",
                    "version",
                    "video_codec",
                    "audio_codec",
                    "width",
                    "height",
                ];
                assert!(known.contains(&label.as_str()), "{name} has {label}");
            }
        }
    }
}

#[tokio::test]
async fn a_target_is_in_one_state() {
    let relay = Relay::busy().await;
    let families = open_metrics::read(&relay.page().await);
    let state = &families["splitcast_target_state"];
    let of = |word| value(state, &[("target", "7"), ("endpoint", "primary"), ("state", word)]);
    assert_eq!((of("backing_off"), of("live")), (1.0, 0.0));
    let states = state.samples.iter().filter(|sample| sample.labels["endpoint"] == "backup");
    assert_eq!(states.map(|sample| sample.value).sum::<f64>(), 1.0);
}

#[tokio::test]
async fn what_a_platform_minds_is_told_once_for_a_target() {
    let relay = Relay::busy().await;
    let families = open_metrics::read(&relay.page().await);
    let count = &families["splitcast_target_warnings"];
    let of = |severity| value(count, &[("target", "7"), ("severity", severity)]);
    assert_eq!((of("bad"), of("warning")), (1.0, 1.0));
    let kinds = families["splitcast_target_warning"].samples.iter();
    let kinds: Vec<_> = kinds.map(|sample| sample.labels["kind"].as_str()).collect();
    assert_eq!(kinds, ["gop_size_over", "gop_size_uneven"]);
}

#[tokio::test]
async fn what_is_counted_stays_through_an_edit_and_goes_with_its_target() {
    let relay = Relay::busy().await;
    let labels = [("stream", "1"), ("target", "7"), ("endpoint", "primary")];
    let counted = async || {
        let families = open_metrics::read(&relay.page().await);
        let accepted = [&labels[..], &[("outcome", "accepted")]].concat();
        (
            value(&families["splitcast_target_sent_bytes"], &labels),
            value(&families["splitcast_target_connect_attempts"], &accepted),
        )
    };
    assert_eq!(counted().await, (1_000.0, 1.0));
    relay.board().open_target(StreamId(1), TargetId(7), EndpointRole::Primary);
    assert_eq!(counted().await, (1_000.0, 1.0));
    relay.board().close_target(TargetId(7), TargetState::Stopped, "Stopped by hand.");
    assert!(!relay.page().await.contains("target=\"7\""));
    relay.board().open_target(StreamId(1), TargetId(7), EndpointRole::Primary);
    assert_eq!(counted().await, (1_000.0, 1.0));
    relay.board().close_target(TargetId(7), TargetState::Stopped, "Removed.");
    relay.board().forget_target(TargetId(7));
    relay.board().open_target(StreamId(1), TargetId(7), EndpointRole::Primary);
    assert_eq!(counted().await, (0.0, 0.0));
}

#[tokio::test]
async fn the_listener_answers_nothing_else() {
    let relay = Relay::new().await;
    for (method, path, status) in [
        (Method::GET, "/", StatusCode::NOT_FOUND),
        (Method::GET, "/metrics/", StatusCode::NOT_FOUND),
        (Method::GET, "/api/v1/streams", StatusCode::NOT_FOUND),
        (Method::POST, "/metrics", StatusCode::METHOD_NOT_ALLOWED),
        (Method::DELETE, "/metrics", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        assert_eq!(relay.ask(method, path).await.0, status, "{path}");
    }
}
