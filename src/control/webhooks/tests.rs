//! From what happens to what is posted.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::super::tests::{desk, with_target};
use super::super::{Control, Error};
use super::verdict::Pace;
use crate::model::{
    EndpointRole, MAX_WEBHOOKS, Name, NewWebhook, StartMode, StreamId, StreamSettings, TargetState, Webhook,
    WebhookFormat, WebhookId, WebhookKind, WebhookPatch, WebhookUrl,
};
use crate::net::{Answer, Post, PostError, PostRequest};
use crate::store;

/// How a server answers, by host: what stands there in turn, and then always with 200.
#[derive(Default)]
struct Servers {
    scripts: Mutex<Vec<(&'static str, VecDeque<Reply>)>>,
}

#[derive(Clone, Copy)]
enum Reply {
    Status(u16),
    Down,
    Hang,
}

struct Script {
    servers: Servers,
    posted: mpsc::Sender<PostRequest>,
}

impl Post for Script {
    fn post<'a>(&'a self, request: &'a PostRequest) -> BoxFuture<'a, Result<Answer, PostError>> {
        async move {
            let reply = {
                let mut scripts = self.servers.scripts.lock().unwrap();
                let script = scripts.iter_mut().find(|(host, _)| *host == request.host);
                script.and_then(|(_, replies)| replies.pop_front()).unwrap_or(Reply::Status(200))
            };
            self.posted.send(request.clone()).await.unwrap();
            match reply {
                Reply::Status(status) => Ok(Answer { status, retry_after: None }),
                Reply::Down => Err(PostError::Closed),
                Reply::Hang => std::future::pending().await,
            }
        }
        .boxed()
    }
}

type Posted = mpsc::Receiver<PostRequest>;

async fn with_servers(
    dir: &tempfile::TempDir,
    scripts: impl IntoIterator<Item = (&'static str, Vec<Reply>)>,
) -> (Control, Posted) {
    let (sender, posted) = mpsc::channel(1_000);
    let scripts = scripts.into_iter().map(|(host, replies)| (host, replies.into())).collect();
    let script = Script { servers: Servers { scripts: Mutex::new(scripts) }, posted: sender };
    let (control, _) = desk(dir).await;
    let mut control = control.with_post(Arc::new(script));
    control.webhooks.pace =
        Pace { first: Duration::from_millis(50), most: Duration::from_millis(200), ..Pace::default() };
    control.start().await.unwrap();
    (control, posted)
}

fn all_kinds() -> BTreeSet<WebhookKind> {
    [
        WebhookKind::StreamLive,
        WebhookKind::StreamEnded,
        WebhookKind::StreamTakeover,
        WebhookKind::TargetLive,
        WebhookKind::TargetBlocked,
        WebhookKind::RelayTrouble,
    ]
    .into()
}

fn to(host: &str) -> NewWebhook {
    NewWebhook {
        name: Name::parse(host).unwrap(),
        url: WebhookUrl::parse(&format!("https://{host}/hook/CANARY-PATH")).unwrap(),
        format: WebhookFormat::Plain,
        kinds: all_kinds(),
        stream: None,
        enabled: true,
    }
}

async fn make(control: &Control, new: &NewWebhook) -> Webhook {
    control.create_webhook(new).await.unwrap().0
}

/// Plays a script beside the webhooks.
async fn play<T>(control: &Control, script: impl Future<Output = T>) -> T {
    let end = CancellationToken::new();
    let playing = async {
        let result = timeout(Duration::from_secs(20), script).await;
        end.cancel();
        result.expect("the script ends")
    };
    tokio::join!(control.keep_webhooks(end.clone()), playing).1
}

async fn next(posted: &mut Posted) -> Value {
    serde_json::from_slice(&posted.recv().await.unwrap().body).unwrap()
}

/// A stream goes live and ends so many times.
fn broadcast(control: &Control, times: usize) {
    let status = control.board.open_stream(StreamId(1));
    for _ in 0..times {
        status.live("192.0.2.1:5000".parse().unwrap());
        status.offline();
    }
}

async fn until_quiet(control: &Control, id: WebhookId) -> Webhook {
    loop {
        let webhook = control.webhook(id).await.unwrap();
        if webhook.waiting == 0 {
            return webhook;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_happens_is_posted_with_names_and_a_signature() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, []).await;
    let target = with_target(&control, "YouTube", StartMode::WithSource).await;
    let webhook = make(&control, &to("a.example")).await;
    let status = control.board.open_stream(StreamId(1));
    play(&control, async {
        status.live("192.0.2.1:5000".parse().unwrap());
        let request = posted.recv().await.unwrap();
        assert_eq!((request.host.as_str(), request.port, request.secure), ("a.example", 443, true));
        assert_eq!(request.path.expose(), "/hook/CANARY-PATH");
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(body["kind"], "stream.live");
        assert_eq!(body["stream"]["name"], "Main");
        assert_eq!(body["peer"], "192.0.2.1:5000");
        let [(id_name, id), (signature_name, signature)] = request.headers.as_slice() else {
            panic!("{:?}", request.headers);
        };
        assert_eq!((*id_name, Some(id.as_str())), ("Splitcast-Event-Id", body["id"].as_str()));
        assert!(*signature_name == "Splitcast-Signature" && signature.starts_with("t="));
        control
            .board
            .open_target(StreamId(1), target, EndpointRole::Primary)
            .enter(TargetState::Live, "Receiving.");
        let body = next(&mut posted).await;
        assert_eq!((&body["kind"], &body["target"]["name"]), (&"target.live".into(), &"YouTube".into()));
        assert_eq!(body["stream"]["id"], 1);
        let webhook = until_quiet(&control, webhook.id).await;
        assert_eq!(webhook.given_up, 0);
    })
    .await;
    let deliveries = control.webhook_deliveries(webhook.id).await.unwrap();
    let kinds: Vec<_> = deliveries.iter().map(|delivery| (delivery.kind, delivery.status)).collect();
    assert_eq!(kinds, [(WebhookKind::TargetLive, Some(200)), (WebhookKind::StreamLive, Some(200))]);
}

#[tokio::test]
async fn a_server_that_is_down_gets_all_in_order_when_it_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let down = vec![Reply::Down, Reply::Status(503), Reply::Down];
    let (control, mut posted) = with_servers(&dir, [("a.example", down)]).await;
    let webhook = make(&control, &to("a.example")).await;
    play(&control, async {
        broadcast(&control, 1);
        let tried = [next(&mut posted).await, next(&mut posted).await, next(&mut posted).await];
        let first = next(&mut posted).await;
        assert!(tried.iter().all(|body| *body == first), "it is the same message until it is taken");
        assert_eq!(first["kind"], "stream.live");
        assert_eq!(next(&mut posted).await["kind"], "stream.ended");
        until_quiet(&control, webhook.id).await;
    })
    .await;
    let deliveries = control.webhook_deliveries(webhook.id).await.unwrap();
    let tries: Vec<_> = deliveries.iter().rev().map(|tried| (tried.attempt, tried.status)).collect();
    assert_eq!(tries, [(1, None), (2, Some(503)), (3, None), (4, Some(200)), (1, Some(200))]);
    let errors: Vec<_> = deliveries.iter().rev().filter_map(|tried| tried.error.as_deref()).collect();
    let closed = "the server closed the connection without an answer";
    assert_eq!(errors, [closed, "the server answered with status 503", closed]);
}

#[tokio::test]
async fn a_message_that_a_server_stumbles_over_holds_up_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (mut control, mut posted) = with_servers(&dir, [("a.example", vec![Reply::Status(500)])]).await;
    // Longer than a slow machine takes to come to the second message.
    let long = Duration::from_secs(1);
    control.webhooks.pace = Pace { first: long, most: long, ..Pace::default() };
    let webhook = make(&control, &to("a.example")).await;
    play(&control, async {
        // Both are there before the first is tried.
        broadcast(&control, 1);
        let kinds: Vec<_> = [next(&mut posted).await, next(&mut posted).await, next(&mut posted).await]
            .into_iter()
            .map(|body| body["kind"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(kinds, ["stream.live", "stream.ended", "stream.live"]);
        until_quiet(&control, webhook.id).await;
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_refused_is_given_up_after_some_tries() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, [("a.example", vec![Reply::Status(404); 4])]).await;
    let kinds = [WebhookKind::StreamLive].into();
    let webhook = make(&control, &NewWebhook { kinds, ..to("a.example") }).await;
    play(&control, async {
        broadcast(&control, 1);
        for _ in 0..4 {
            next(&mut posted).await;
        }
        assert_eq!(until_quiet(&control, webhook.id).await.given_up, 1);
        broadcast(&control, 1);
        next(&mut posted).await;
        assert_eq!(until_quiet(&control, webhook.id).await.given_up, 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_not_delivered_outlives_the_relay() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, [("a.example", vec![Reply::Hang])]).await;
    make(&control, &to("a.example")).await;
    let first = play(&control, async {
        broadcast(&control, 3);
        next(&mut posted).await
    })
    .await;
    // The relay ends in the midst of a try, and before the rest was tried.
    control.close().await;
    drop(control);

    let (control, mut posted) = with_servers(&dir, []).await;
    play(&control, async {
        let again = next(&mut posted).await;
        assert_eq!(again, first, "it comes again, with the same id");
        let mut ids = BTreeSet::from([again["id"].to_string()]);
        for kind in ["stream.ended", "stream.live", "stream.ended", "stream.live", "stream.ended"] {
            let body = next(&mut posted).await;
            assert_eq!(body["kind"], kind);
            ids.insert(body["id"].to_string());
        }
        assert_eq!(ids.len(), 6, "each is another message");
        until_quiet(&control, WebhookId(1)).await;
    })
    .await;
    assert!(posted.try_recv().is_err());
}

#[tokio::test]
async fn a_webhook_that_hangs_holds_up_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, [("slow.example", vec![Reply::Hang])]).await;
    make(&control, &to("slow.example")).await;
    let quick = make(&control, &to("quick.example")).await;
    play(&control, async {
        broadcast(&control, 20);
        let mut of_quick = 0;
        while of_quick < 40 {
            of_quick += usize::from(posted.recv().await.unwrap().host == "quick.example");
        }
        until_quiet(&control, quick.id).await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_says_it_is_gone_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, [("a.example", vec![Reply::Status(410)])]).await;
    let id = make(&control, &to("a.example")).await.id;
    play(&control, async {
        broadcast(&control, 1);
        next(&mut posted).await;
        let webhook = until_quiet(&control, id).await;
        assert_eq!((webhook.enabled, webhook.is_gone), (false, true));
        assert!(webhook.given_up > 0);
        let on = WebhookPatch { enabled: Some(true), ..WebhookPatch::default() };
        let webhook = control.update_webhook(id, &on).await.unwrap();
        assert_eq!((webhook.enabled, webhook.is_gone), (true, false));
        broadcast(&control, 1);
        assert_eq!(next(&mut posted).await["kind"], "stream.live");
    })
    .await;
}

#[tokio::test]
async fn each_is_told_what_it_wants_to_know() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, []).await;
    let other = control.create_stream(Name::parse("Other").unwrap(), StreamSettings::default(), None);
    let other = other.await.unwrap().stream.id;
    make(&control, &NewWebhook { stream: Some(other), ..to("of-one.example") }).await;
    make(&control, &NewWebhook { kinds: [WebhookKind::StreamEnded].into(), ..to("ends.example") }).await;
    make(&control, &NewWebhook { enabled: false, ..to("off.example") }).await;
    play(&control, async {
        broadcast(&control, 1);
        let request = posted.recv().await.unwrap();
        assert_eq!(request.host, "ends.example");
        control.board.open_stream(other).live("192.0.2.1:5000".parse().unwrap());
        assert_eq!(posted.recv().await.unwrap().host, "of-one.example");
    })
    .await;
    control.delete_stream(other, None).await.unwrap();
    let left: Vec<_> = control.webhooks().await.unwrap().into_iter().map(|webhook| webhook.id.0).collect();
    assert_eq!(left, [2, 3], "the webhook of a stream goes with it");
}

#[tokio::test]
async fn a_store_that_fails_is_told_past_it_and_its_end_too() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, [("a.example", vec![Reply::Down])]).await;
    let webhook = make(&control, &to("a.example")).await;
    play(&control, async {
        // Webhooks are loaded once something was delivered.
        broadcast(&control, 1);
        while next(&mut posted).await["kind"] != "stream.ended" {}
        for _ in 0..5 {
            control.webhooks.note_store(Some(store::Trouble::Full));
        }
        let body = next(&mut posted).await;
        assert_eq!((&body["kind"], &body["state"]), (&"relay.trouble".into(), &"trouble".into()));
        assert!(body["reason"].as_str().unwrap().contains("free some space"), "{body}");
        control.webhooks.note_store(None);
        let body = next(&mut posted).await;
        assert_eq!((&body["kind"], &body["state"]), (&"relay.trouble".into(), &"over".into()));
        control.webhooks.note_store(None);
        until_quiet(&control, webhook.id).await;
    })
    .await;
    assert!(posted.try_recv().is_err());
}

#[tokio::test]
async fn a_test_tells_how_it_went() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, [("a.example", vec![Reply::Status(404)])]).await;
    let id = make(&control, &NewWebhook { enabled: false, ..to("a.example") }).await.id;
    let failed = control.test_webhook(id).await.unwrap();
    assert_eq!((failed.kind, failed.attempt, failed.status), (WebhookKind::Test, 1, Some(404)));
    assert_eq!(failed.error.as_deref(), Some("the server answered with status 404"));
    let body = next(&mut posted).await;
    assert_eq!((&body["kind"], &body["id"]), (&"test".into(), &failed.event_id.clone().into()));
    let went_well = control.test_webhook(id).await.unwrap();
    assert_eq!((went_well.status, &went_well.error), (Some(200), &None));
    assert_eq!(control.webhook_deliveries(id).await.unwrap(), [went_well, failed]);
    assert!(control.test_webhook(WebhookId(9)).await.is_err());
}

#[tokio::test]
async fn another_secret_signs_beside_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, []).await;
    let (webhook, first) = control.create_webhook(&to("a.example")).await.unwrap();
    let (rotated, second) = control.rotate_webhook_secret(webhook.id).await.unwrap();
    assert!(first != second && rotated.old_secret_until.is_some());
    control.test_webhook(webhook.id).await.unwrap();
    let request = posted.recv().await.unwrap();
    let (_, signature) = &request.headers[1];
    assert_eq!(signature.matches("v1=").count(), 2);
}

#[tokio::test]
async fn chat_services_get_no_signature_and_their_own_shape() {
    let dir = tempfile::tempdir().unwrap();
    let (control, mut posted) = with_servers(&dir, []).await;
    let discord = NewWebhook { format: WebhookFormat::Discord, ..to("discord.example") };
    let id = make(&control, &discord).await.id;
    control.test_webhook(id).await.unwrap();
    let request = posted.recv().await.unwrap();
    assert!(request.headers.is_empty());
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert!(body["content"].as_str().unwrap().contains("test"), "{body}");
}

#[tokio::test]
async fn webhooks_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _posted) = with_servers(&dir, []).await;
    for n in 0..MAX_WEBHOOKS {
        make(&control, &to(&format!("h{n}.example"))).await;
    }
    let refused = control.create_webhook(&to("one-more.example")).await;
    assert!(matches!(refused, Err(Error::TooManyWebhooks)));
}

#[tokio::test]
async fn notices_that_the_store_does_not_take_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _posted) = with_servers(&dir, []).await;
    make(&control, &to("a.example")).await;
    control.close().await;
    let end = CancellationToken::new();
    let script = async {
        for _ in 0..3_000 {
            broadcast(&control, 1);
            tokio::task::yield_now().await;
        }
        assert_eq!(control.webhooks.notices(5_000).len(), 1_000);
        end.cancel();
    };
    tokio::join!(control.keep_webhooks(end.clone()), script);
}

/// What is logged, for a test to look at.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_line_tells_an_address_or_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let dir = tempfile::tempdir().unwrap();
    let replies = vec![Reply::Down, Reply::Status(500), Reply::Status(410)];
    let (control, mut posted) = with_servers(&dir, [("a.example", replies)]).await;
    let (webhook, secret) = control.create_webhook(&to("a.example")).await.unwrap();
    play(&control, async {
        broadcast(&control, 1);
        while control.webhook(webhook.id).await.unwrap().enabled {
            next(&mut posted).await;
        }
        control.test_webhook(webhook.id).await.unwrap();
        control.rotate_webhook_secret(webhook.id).await.unwrap();
        control.delete_webhook(webhook.id).await.unwrap();
    })
    .await;
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for line in ["a webhook fails", "it is gone", "webhook secret replaced", "webhook removed"] {
        assert!(log.contains(line), "{line} is not in {log}");
    }
    assert!(!log.contains("CANARY") && !log.contains(secret.text().expose()), "{log}");
}
