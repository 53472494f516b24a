use super::*;
use crate::model::{Name, NewWebhook, WebhookFormat, WebhookPatch, WebhookSecret, WebhookUrl};

async fn with_webhooks(dir: &tempfile::TempDir, count: i64) -> Store {
    let store = Store::open(dir.path()).await.unwrap();
    for n in 0..count {
        let new = NewWebhook {
            name: Name::parse(&format!("w{n}")).unwrap(),
            url: WebhookUrl::parse("https://h/").unwrap(),
            format: WebhookFormat::Plain,
            kinds: [WebhookKind::StreamLive].into(),
            stream: None,
            enabled: true,
        };
        store.create_webhook(&new, &WebhookSecret::generate([0; 32])).await.unwrap();
    }
    store
}

fn message(webhook: i64, n: usize) -> NewMessage {
    NewMessage {
        webhook: WebhookId(webhook),
        event_id: format!("evt_{n}"),
        kind: WebhookKind::StreamLive,
        body: "{}".to_owned(),
        created_at_ms: 1_000,
    }
}

fn tried(n: u32) -> Delivery {
    Delivery {
        event_id: format!("evt_{n}"),
        kind: WebhookKind::StreamLive,
        at_ms: i64::from(n),
        attempt: n + 1,
        status: Some(500),
        took_ms: 12,
        error: Some("why".to_owned()),
    }
}

async fn next(store: &Store, now_ms: i64) -> Option<Message> {
    store.next_message(WebhookId(1), now_ms).await.unwrap()
}

async fn settle(store: &Store, row: i64, fate: Fate) {
    store.settle(WebhookId(1), Some(row), fate, &tried(0)).await.unwrap();
}

#[tokio::test]
async fn messages_come_out_in_their_order_unless_they_are_put_off() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_webhooks(&dir, 2).await;
    let messages: Vec<_> = (1..=3).map(|n| message(1, n)).chain([message(2, 9)]).collect();
    store.keep_messages(&messages).await.unwrap();
    let first = next(&store, 2_000).await.unwrap();
    assert_eq!((first.id, first.event_id.as_str(), first.attempts, first.due_at_ms), (1, "evt_1", 0, 1_000));
    settle(&store, 1, Fate::Again(5_000)).await;
    assert_eq!(next(&store, 2_000).await.unwrap().id, 2);
    settle(&store, 2, Fate::Delivered).await;
    settle(&store, 3, Fate::Again(4_000)).await;
    let later = next(&store, 2_000).await.unwrap();
    assert_eq!((later.id, later.due_at_ms, later.attempts), (3, 4_000, 1));
    assert_eq!(next(&store, 6_000).await.unwrap().id, 1, "both may be tried: the older one comes first");
    settle(&store, 1, Fate::GivenUp).await;
    settle(&store, 3, Fate::Delivered).await;
    assert!(next(&store, 6_000).await.is_none());
    let webhook = store.webhook(WebhookId(1)).await.unwrap();
    assert_eq!((webhook.waiting, webhook.given_up), (0, 1));
    assert_eq!(store.webhook(WebhookId(2)).await.unwrap().waiting, 1);
}

#[tokio::test]
async fn a_clock_that_was_set_back_puts_nothing_off_for_long() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_webhooks(&dir, 1).await;
    let hour = 3_600_000;
    store.keep_messages(&[NewMessage { created_at_ms: hour, ..message(1, 1) }, message(1, 2)]).await.unwrap();
    assert_eq!(next(&store, 2_000).await.unwrap().id, 1);
    assert_eq!(next(&store, hour - 1_000).await.unwrap().id, 2);
}

#[tokio::test]
async fn the_outbox_is_bounded_and_counts_what_it_gives_up() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_webhooks(&dir, 2).await;
    let many = |webhook, count| (0..count).map(move |n| message(webhook, n)).collect::<Vec<_>>();
    store.keep_messages(&many(1, 6_000)).await.unwrap();
    store.keep_messages(&many(2, 4_000)).await.unwrap();
    assert_eq!(store.webhook(WebhookId(1)).await.unwrap().given_up, 0);
    store.keep_messages(&many(2, 500)).await.unwrap();
    let all = store.webhooks().await.unwrap();
    let counts: Vec<_> = all.iter().map(|webhook| (webhook.waiting, webhook.given_up)).collect();
    assert_eq!(counts, [(5_500, 500), (4_500, 0)]);
    assert_eq!(next(&store, 2_000).await.unwrap().event_id, "evt_500");
}

#[tokio::test]
async fn who_is_off_or_gone_gets_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_webhooks(&dir, 1).await;
    store.keep_messages(&[message(1, 1), message(9, 1)]).await.unwrap();
    let off = WebhookPatch { enabled: Some(false), ..WebhookPatch::default() };
    store.update_webhook(WebhookId(1), &off).await.unwrap();
    store.keep_messages(&[message(1, 2)]).await.unwrap();
    assert!(next(&store, 2_000).await.is_none());
    let on = WebhookPatch { enabled: Some(true), ..WebhookPatch::default() };
    store.update_webhook(WebhookId(1), &on).await.unwrap();
    store.keep_messages(&[message(1, 3), message(1, 4)]).await.unwrap();
    let row = next(&store, 2_000).await.unwrap().id;
    settle(&store, row, Fate::Gone).await;
    let webhook = store.webhook(WebhookId(1)).await.unwrap();
    assert_eq!((webhook.enabled, webhook.is_gone, webhook.waiting, webhook.given_up), (false, true, 0, 2));
}

#[tokio::test]
async fn the_last_fifty_tries_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_webhooks(&dir, 2).await;
    store.settle(WebhookId(2), None, Fate::Delivered, &tried(7)).await.unwrap();
    for n in 0..60 {
        store.settle(WebhookId(1), None, Fate::Again(0), &tried(n)).await.unwrap();
    }
    let kept = store.deliveries(WebhookId(1)).await.unwrap();
    assert_eq!((kept.len(), &kept[0], &kept[49]), (50, &tried(59), &tried(10)));
    assert_eq!(store.deliveries(WebhookId(2)).await.unwrap(), [tried(7)]);
    assert!(matches!(store.deliveries(WebhookId(9)).await, Err(Error::NoWebhook(_))));
    store.delete_webhook(WebhookId(1)).await.unwrap();
    store.settle(WebhookId(1), None, Fate::Delivered, &tried(0)).await.unwrap();
}
