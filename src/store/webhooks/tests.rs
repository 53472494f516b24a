use super::*;
use crate::model::{IngestKey, NewStream, StreamSettings};
use crate::secret::Secret;
use std::fs;

const CANARY: &str = "CANARYcanary0123456789";

fn new(name: &str) -> NewWebhook {
    NewWebhook {
        name: Name::parse(name).unwrap(),
        url: WebhookUrl::parse(&format!("https://h.example:8443/hooks/{CANARY}?a=b")).unwrap(),
        format: WebhookFormat::Discord,
        kinds: [WebhookKind::TargetFailing, WebhookKind::StreamLive].into(),
        stream: None,
        enabled: true,
    }
}

fn secret(text: &str) -> WebhookSecret {
    WebhookSecret::kept(Secret::new(format!("whsec_{CANARY}{text}")))
}

async fn with_stream(dir: &tempfile::TempDir) -> (Store, StreamId) {
    let store = Store::open(dir.path()).await.unwrap();
    let stream = NewStream {
        name: Name::parse("Main").unwrap(),
        settings: StreamSettings::default(),
        key: IngestKey::parse("k").unwrap(),
    };
    let id = store.create_stream(&stream).await.unwrap();
    (store, id)
}

#[tokio::test]
async fn a_webhook_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let id = store.create_webhook(&new("a"), &secret("1")).await.unwrap();
    let of_one = NewWebhook { stream: Some(stream), enabled: false, ..new("b") };
    store.create_webhook(&of_one, &secret("2")).await.unwrap();
    store.close().await;
    drop(store);

    let store = Store::open(dir.path()).await.unwrap();
    let shown = store.webhook(id).await.unwrap();
    let new = new("a");
    assert_eq!((&shown.name, &shown.url, shown.format), (&new.name, &new.url, new.format));
    assert_eq!((&shown.kinds, shown.stream, shown.enabled), (&new.kinds, None, true));
    assert_eq!((shown.waiting, shown.given_up, shown.is_gone), (0, 0, false));
    assert_eq!(store.webhooks().await.unwrap()[0], shown);
    let wanted = store.wanted_webhooks().await.unwrap();
    assert_eq!((&wanted[0].secret, wanted[0].old_secret.is_some()), (&secret("1"), false));
    assert_eq!((wanted[1].stream, wanted[1].enabled), (Some(stream), false));
    store.delete_stream(stream).await.unwrap();
    assert_eq!(store.count_webhooks().await.unwrap(), 1);
    store.delete_webhook(id).await.unwrap();
    assert!(matches!(store.webhook(id).await, Err(Error::NoWebhook(_))));
    assert!(matches!(store.delete_webhook(id).await, Err(Error::NoWebhook(_))));
}

#[tokio::test]
async fn a_patch_changes_only_what_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let (store, stream) = with_stream(&dir).await;
    let id = store.create_webhook(&new("a"), &secret("1")).await.unwrap();
    let before = store.webhook(id).await.unwrap();
    store.update_webhook(id, &WebhookPatch::default()).await.unwrap();
    assert_eq!(store.webhook(id).await.unwrap(), before);
    let patch = WebhookPatch {
        name: Some(Name::parse("c").unwrap()),
        url: Some(WebhookUrl::parse("http://other/").unwrap()),
        format: Some(WebhookFormat::Slack),
        kinds: Some([WebhookKind::Test].into()),
        stream: Some(Some(stream)),
        enabled: Some(false),
    };
    store.update_webhook(id, &patch).await.unwrap();
    let after = store.webhook(id).await.unwrap();
    assert_eq!((after.name.as_str(), after.url.host(), after.format), ("c", "other", WebhookFormat::Slack));
    assert_eq!((after.kinds.len(), after.stream, after.enabled), (1, Some(stream), false));
    store.update_webhook(id, &WebhookPatch { stream: Some(None), ..patch }).await.unwrap();
    assert_eq!(store.webhook(id).await.unwrap().stream, None);
    assert_eq!(store.wanted_webhooks().await.unwrap()[0].secret, secret("1"));
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = with_stream(&dir).await;
    store.create_webhook(&new("a"), &secret("1")).await.unwrap();
    let taken = store.create_webhook(&new("a"), &secret("2")).await;
    assert!(matches!(taken, Err(Error::Taken { field: "name" })));
    let nowhere = NewWebhook { stream: Some(StreamId(9)), ..new("b") };
    assert!(matches!(store.create_webhook(&nowhere, &secret("2")).await, Err(Error::NoStream(_))));
    let patch = WebhookPatch { stream: Some(Some(StreamId(9))), ..WebhookPatch::default() };
    assert!(matches!(store.update_webhook(WebhookId(1), &patch).await, Err(Error::NoStream(_))));
    let missing = store.update_webhook(WebhookId(9), &WebhookPatch::default()).await;
    assert!(matches!(missing, Err(Error::NoWebhook(_))));
    assert_eq!(store.count_webhooks().await.unwrap(), 1);
}

#[tokio::test]
async fn the_secret_before_counts_for_a_while() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = with_stream(&dir).await;
    let id = store.create_webhook(&new("a"), &secret("1")).await.unwrap();
    store.replace_webhook_secret(id, &secret("2"), 3600).await.unwrap();
    store.replace_webhook_secret(id, &secret("3"), 3600).await.unwrap();
    let wanted = store.wanted_webhooks().await.unwrap().remove(0);
    let until = store.webhook(id).await.unwrap().old_secret_until;
    assert_eq!(wanted.secret, secret("3"));
    assert_eq!(wanted.old_secret, Some((secret("2"), until.unwrap())));
    store.replace_webhook_secret(id, &secret("4"), 0).await.unwrap();
    assert_eq!(store.webhook(id).await.unwrap().old_secret_until, None);
    let missing = store.replace_webhook_secret(WebhookId(9), &secret("5"), 0).await;
    assert!(matches!(missing, Err(Error::NoWebhook(_))));
}

#[tokio::test]
async fn no_file_and_no_debug_output_contains_a_secret() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = with_stream(&dir).await;
    let id = store.create_webhook(&new("a"), &secret("1")).await.unwrap();
    store.replace_webhook_secret(id, &secret("2"), 3600).await.unwrap();
    let shown = format!("{:?} {:?}", store.webhooks().await, store.wanted_webhooks().await);
    assert!(!shown.contains(CANARY), "{shown}");
    let clean = || {
        for file in fs::read_dir(dir.path()).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()));
        }
    };
    clean();
    store.close().await;
    clean();
}
