//! A relay without its listeners, and a client that speaks to its router.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use futures_util::future::{self, BoxFuture, FutureExt};
use http_body_util::BodyExt;
use serde_json::Value;
use splitcast::api::{Access, IngestPorts, router};
use splitcast::control::Control;
use splitcast::net::{self, Dial, Dialer, Fetch, Guard, Step, Transport, tls};
use splitcast::relay::publication::Publication;
use splitcast::relay::{Board, Registry, Supervisor, Workers};
use splitcast::rtmp::url::{RtmpUrl, StreamKey};
use splitcast::secret::Secret;
use splitcast::store::Store;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// A relay on a data folder of its own.
pub struct Relay {
    control: Arc<Control>,
    board: Arc<Board>,
    registry: Arc<Registry>,
    router: Router,
    stop: CancellationToken,
    /// Somebody begins to dial.
    dials: Arc<Notify>,
    dir: TempDir,
}

/// Posts to servers of this machine, in whose trust store nobody but the tests is interested.
static LOOPBACK: LazyLock<Arc<Dialer>> = LazyLock::new(|| {
    let guard = Guard::new("127.0.0.0/8".parse().unwrap(), Vec::new());
    Arc::new(Dialer::new(guard, tls::trust(None).unwrap()))
});

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Relay {
    pub async fn new() -> Self {
        Self::with_access(Access::new(Some(Secret::new(TOKEN)), [])).await
    }

    pub async fn with_access(access: Access) -> Self {
        Self::on_with_access(tempfile::tempdir().unwrap(), access).await
    }

    pub async fn on(dir: TempDir) -> Self {
        Self::on_with_access(dir, Access::new(Some(Secret::new(TOKEN)), [])).await
    }

    /// Closes everything and opens it again.
    pub async fn restarted(self) -> Self {
        Self::on(self.closed().await).await
    }

    /// Closes everything and leaves the data folder.
    pub async fn closed(self) -> TempDir {
        self.control.close().await;
        let Self { control, router, dir, .. } = self;
        drop((control, router));
        dir
    }

    /// A relay that asks platforms by `fetch`.
    pub async fn asking(fetch: Arc<dyn Fetch>) -> Self {
        let access = Access::new(Some(Secret::new(TOKEN)), []);
        Self::made(tempfile::tempdir().unwrap(), access, |control| control.with_fetch(fetch)).await
    }

    async fn on_with_access(dir: TempDir, access: Access) -> Self {
        Self::made(dir, access, |control| control).await
    }

    async fn made(dir: TempDir, access: Access, change: impl FnOnce(Control) -> Control) -> Self {
        let store = Store::open(dir.path()).await.unwrap();
        let board = Arc::new(Board::default());
        let registry = Registry::new(store.key_hasher());
        let dials = Arc::new(Notify::new());
        let supervisor = Supervisor::new(
            Arc::clone(&board),
            Arc::clone(&registry),
            Arc::new(Nowhere(Arc::clone(&dials))),
            Workers::here(),
            TaskTracker::new(),
            1,
        );
        let post = Arc::clone(&LOOPBACK);
        let control = change(Control::new(store, Arc::clone(&board), supervisor).with_post(post));
        control.start().await.unwrap();
        let control = Arc::new(control);
        let stop = CancellationToken::new();
        let ports = IngestPorts { rtmp: 1935, rtmps: None };
        let router = router(Arc::clone(&control), access, ports, stop.clone());
        Self { control, board, registry, router, stop, dials, dir }
    }

    /// Waits until somebody begins to dial.
    pub async fn dialled(&self) {
        self.dials.notified().await;
    }

    /// What tasks write to: for tests that play a target's or a stream's task.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Keeps what happened so far.
    pub async fn keep_history(&self) {
        let end = CancellationToken::new();
        end.cancel();
        self.control.keep_history(end).await;
    }

    /// Tells webhooks what happens while something else goes on.
    pub async fn keep_webhooks<T>(&self, meanwhile: impl Future<Output = T>) -> T {
        let end = CancellationToken::new();
        let meanwhile = async {
            let result = meanwhile.await;
            end.cancel();
            result
        };
        tokio::join!(self.control.keep_webhooks(end.clone()), meanwhile).1
    }

    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body)).await
    }

    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Begins to publish to the first stream.
    pub async fn publish(&self) -> Publication {
        let key = self.get("/streams/1/key").await.json(200);
        let keys = [StreamKey::new(key["key"].as_str().unwrap())];
        self.registry.publish("live", &keys, "127.0.0.1:5000".parse().unwrap()).unwrap().1
    }

    /// Begins to follow the events.
    pub async fn follow(&self, headers: &[(&str, &str)]) -> Response {
        self.open("/events", headers).await
    }

    /// Asks for something that goes on.
    pub async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().uri(format!("/api/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// Tells answers that go on to end.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Sends JSON, as a program would that may do everything.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.ask(method, path, &[AUTHORIZED, JSON], body).await
    }

    /// Sends exactly these headers. Paths are below `/api/v1`, unless they begin with two slashes.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let path = match path.strip_prefix("/") {
            Some(outside) if outside.starts_with('/') => outside.to_owned(),
            _ => format!("/api/v1{path}"),
        };
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let goes_on = head.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = if goes_on { Bytes::new() } else { body.collect().await.unwrap().to_bytes() };
        Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

/// No target is ever reached, but it is told that one is dialled.
struct Nowhere(Arc<Notify>);

impl Dial for Nowhere {
    fn dial<'a>(
        &'a self,
        _: &'a RtmpUrl,
        _: &'a (dyn Fn(Step) + Send + Sync),
    ) -> BoxFuture<'a, Result<Transport, net::Error>> {
        self.0.notify_one();
        future::pending().boxed()
    }
}

impl Answer {
    /// The body, which must be JSON, after a look at the status.
    #[track_caller]
    pub fn json(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_str(&self.text).unwrap()
    }

    /// The body, which must be a whole problem, after a look at the status and the field to blame.
    #[track_caller]
    pub fn problem(self, status: u16, field: Option<&str>) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Value = serde_json::from_str(&self.text).unwrap();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], "about:blank");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')));
        assert_eq!(problem.get("field").and_then(Value::as_str), field, "{problem}");
        problem
    }

    /// A header's text, empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A body with all that goes on by itself at zero, so that it can be compared with an earlier one.
pub fn timeless(mut body: Value) -> Value {
    match &mut body {
        Value::Object(fields) => {
            for (name, value) in fields {
                let moves = name.ends_with("for_seconds") || MOMENTS.contains(&name.as_str());
                let moves = (moves && value.is_f64()) || (name == "version" && value.is_i64());
                *value = if moves { 0.0.into() } else { timeless(value.take()) };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = timeless(item.take())),
        _ => {}
    }
    body
}

/// They are told by the clock of the wall, each time anew.
const MOMENTS: [&str; 4] = ["held_until", "next_try_at", "next_try_in_seconds", "connected_since"];

/// Seconds since 1970, in the same way.
pub fn now() -> f64 {
    std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64()
}

/// What the relay under test was started with.
pub const TOKEN: &str = "t0ken-of-the-tests";

/// What a program sends that has it.
pub const AUTHORIZED: (&str, &str) = ("authorization", "Bearer t0ken-of-the-tests");

pub const JSON: (&str, &str) = ("content-type", "application/json");
