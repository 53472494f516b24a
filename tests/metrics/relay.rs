//! A relay without listeners, whose board tests write to.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use splitcast::api::metrics;
use splitcast::control::Control;
use splitcast::model::{EndpointRole, ErrorKind, Step, StreamId, Takes, TargetId, TargetState};
use splitcast::net::{Dialer, Guard, tls};
use splitcast::relay::lint::{Judge, KeyFrames, SourceFacts};
use splitcast::relay::status::{Refused, Setback};
use splitcast::relay::{Board, Offer, Registry, Supervisor, Workers};
use splitcast::store::Store;
use tempfile::TempDir;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// It, and the folder of its database.
pub(crate) struct Relay {
    pub(crate) control: Arc<Control>,
    _folder: TempDir,
}

impl Relay {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let board = Arc::new(Board::default());
        let registry = Registry::new(store.key_hasher());
        let guard = Guard::new("public".parse().unwrap(), Vec::new());
        let dialer = Arc::new(Dialer::new(guard, tls::trust(None).unwrap()));
        let supervisor =
            Supervisor::new(Arc::clone(&board), registry, dialer, Workers::here(), TaskTracker::new(), 1);
        let control = Arc::new(Control::new(store, board, supervisor));
        control.start().await.unwrap();
        Self { control, _folder: folder }
    }

    /// The same, where each metric has a row.
    pub(crate) async fn busy() -> Self {
        let relay = Self::new().await;
        let board = relay.board();
        board.open_stream(StreamId(1)).live("192.0.2.77:5000".parse().unwrap());
        board.refusals().count(Refused::Key);
        for endpoint in [EndpointRole::Primary, EndpointRole::Backup] {
            let status = board.open_target(StreamId(1), TargetId(7), endpoint);
            status.begin_attempt(endpoint);
            status.accepted();
            status.counters.bytes_sent.store(1_000, Relaxed);
            status.enter(TargetState::Live, "CANARY");
            status.back_off(Setback {
                step: Some(Step::Connecting),
                kind: ErrorKind::TcpRefused,
                reason: "CANARY".to_owned(),
                next_try: None,
            });
            if endpoint == EndpointRole::Primary {
                let judge = Judge::at("live.twitch.tv", &Takes::default());
                status.set_judges([(endpoint, judge)].into_iter());
                let key_frames = KeyFrames { gap: Duration::from_secs(10), are_uneven: true };
                let facts = SourceFacts { key_frames: Some(key_frames), ..SourceFacts::default() };
                assert!(status.examine(&facts, &Offer::default(), Instant::now()));
            }
        }
        relay
    }

    pub(crate) fn board(&self) -> &Board {
        self.control.board()
    }

    pub(crate) async fn page(&self) -> String {
        let (status, headers, text) = self.ask(Method::GET, "/metrics").await;
        assert_eq!(status, StatusCode::OK);
        let content_type = headers["content-type"].to_str().unwrap();
        assert_eq!(content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
        text
    }

    /// Asks the listener of its own.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response: Response = metrics::server(Arc::clone(&self.control)).oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (head.status, head.headers, String::from_utf8(bytes.into()).unwrap())
    }
}
