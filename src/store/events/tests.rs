use std::time::Duration;

use super::*;
use crate::model::{
    BackupPolicy, Endpoint, EndpointRole, IngestKey, Name, NewStream, NewTarget, Notes, StartMode,
    StreamChange, StreamId, StreamSettings, TargetId, TargetState,
};
use crate::rtmp::url::{RtmpUrl, StreamKey};

async fn with_targets(dir: &tempfile::TempDir) -> (Store, TargetId, TargetId) {
    let store = Store::open(dir.path()).await.unwrap();
    let stream = NewStream {
        name: Name::parse("Main").unwrap(),
        settings: StreamSettings::default(),
        key: IngestKey::parse("k").unwrap(),
    };
    let stream = store.create_stream(&stream).await.unwrap();
    let new = |name| NewTarget {
        name: Name::parse(name).unwrap(),
        endpoint: Endpoint {
            url: RtmpUrl::parse("rtmp://h/live").unwrap(),
            key: StreamKey::new("k"),
            login: None,
        },
        backup: None,
        backup_policy: BackupPolicy::Failover,
        enabled: true,
        start_mode: StartMode::WithSource,
        coalesce: None,
        takes: crate::model::Takes::default(),
        notes: Notes::default(),
    };
    let one = store.create_target(stream, &new("one")).await.unwrap();
    let two = store.create_target(stream, &new("two")).await.unwrap();
    (store, one, two)
}

async fn now_ms(store: &Store) -> i64 {
    sqlx::query_scalar("select unixepoch() * 1000").fetch_one(&store.pool).await.unwrap()
}

fn failure(target: TargetId, at_ms: i64, reason: &str) -> TargetEvent {
    TargetEvent {
        target,
        stream: StreamId(1),
        at_ms,
        endpoint: EndpointRole::Backup,
        from: TargetState::Publishing,
        lasted: Duration::from_millis(1234),
        state: TargetState::BackingOff,
        step: Some(Step::Publish),
        kind: Some(ErrorKind::PublishBusy),
        reason: reason.to_owned(),
        attempts: 3,
        next_try_at_ms: Some(at_ms + 5000),
    }
}

async fn keep(store: &Store, events: &[TargetEvent]) {
    let events: Vec<Happening> = events.iter().cloned().map(Happening::Target).collect();
    store.keep_events(&events).await.unwrap();
}

fn of_stream(stream: StreamId, at_ms: i64, change: StreamChange) -> Happening {
    let peer = (change != StreamChange::Ended).then(|| "192.0.2.1:5000".parse().unwrap());
    Happening::Stream(StreamEvent { stream, at_ms, change, peer, replaced: None, until_ms: None })
}

async fn reasons(store: &Store, target: TargetId, limit: u16) -> Vec<String> {
    let events = store.events(target, limit).await.unwrap();
    events.into_iter().map(|kept| kept.event.reason).collect()
}

async fn count(store: &Store) -> i64 {
    sqlx::query_scalar("select count(*) from events").fetch_one(&store.pool).await.unwrap()
}

#[tokio::test]
async fn an_event_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (store, one, two) = with_targets(&dir).await;
    let now = now_ms(&store).await;
    let plain = TargetEvent {
        endpoint: EndpointRole::Primary,
        step: None,
        kind: None,
        next_try_at_ms: None,
        ..failure(one, now, "plain")
    };
    let events = [failure(one, now, "failed"), plain];
    keep(&store, &events).await;
    store.close().await;
    drop(store);

    let store = Store::open(dir.path()).await.unwrap();
    let kept = store.events(one, 10).await.unwrap();
    assert!(kept[0].id > kept[1].id);
    let [failed, plain] = events;
    assert_eq!(kept.into_iter().map(|kept| kept.event).collect::<Vec<_>>(), [plain, failed]);
    assert!(store.events(two, 10).await.unwrap().is_empty());
    assert!(matches!(store.events(TargetId(99), 10).await, Err(Error::NoTarget(_))));
}

#[tokio::test]
async fn a_night_of_failing_leaves_how_it_began() {
    let dir = tempfile::tempdir().unwrap();
    let (store, one, two) = with_targets(&dir).await;
    let now = now_ms(&store).await;
    keep(&store, &[failure(two, now, "other")]).await;
    let lost = TargetEvent { from: TargetState::Live, ..failure(one, now, "lost") };
    keep(&store, &[lost]).await;
    let step =
        |n: u32| TargetEvent { state: TargetState::Resolving, ..failure(one, now, &format!("step {n}")) };
    for n in 0..300 {
        keep(&store, &[step(n), failure(one, now, &n.to_string())]).await;
    }
    let left = reasons(&store, one, 500).await;
    assert_eq!((left.len(), left[0].as_str(), left[300].as_str()), (301, "299", "lost"));
    assert_eq!(left.iter().filter(|reason| reason.starts_with("step")).count(), 100);
    assert!(left.contains(&"100".to_owned()) && !left.contains(&"99".to_owned()));
    assert_eq!(reasons(&store, one, 2).await, ["299", "step 299"]);
    assert_eq!(reasons(&store, two, 500).await, ["other"]);
    for n in 0..300 {
        let event = TargetEvent { from: TargetState::Live, ..failure(one, now, &n.to_string()) };
        keep(&store, &[event]).await;
    }
    assert_eq!(reasons(&store, one, 500).await.len(), 500);
}

#[tokio::test]
async fn events_of_a_month_ago_are_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let (store, one, two) = with_targets(&dir).await;
    let now = now_ms(&store).await;
    let month = 30 * 24 * 3600 * 1000;
    let events = [failure(one, now - month - 60_000, "old"), failure(one, now - month + 60_000, "new")];
    keep(&store, &events).await;
    assert_eq!(reasons(&store, one, 500).await, ["new"]);
    sqlx::query("update events set at_ms = at_ms - 120000").execute(&store.pool).await.unwrap();
    assert!(reasons(&store, one, 500).await.is_empty());
    keep(&store, &[failure(two, now, "other")]).await;
    assert_eq!(count(&store).await, 1);
}

#[tokio::test]
async fn events_go_with_their_target_and_are_not_kept_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, one, two) = with_targets(&dir).await;
    let now = now_ms(&store).await;
    keep(&store, &[failure(one, now, "before")]).await;
    store.delete_target(one).await.unwrap();
    assert_eq!(count(&store).await, 0);
    let late = [failure(one, now, "late"), failure(two, now, "other")];
    keep(&store, &late).await;
    assert_eq!(count(&store).await, 1);
    assert_eq!(reasons(&store, two, 500).await, ["other"]);
}

#[tokio::test]
async fn a_streams_events_are_bounded_apart_from_its_targets() {
    let dir = tempfile::tempdir().unwrap();
    let (store, one, _) = with_targets(&dir).await;
    let (stream, now) = (StreamId(1), now_ms(&store).await);
    keep(&store, &[failure(one, now, "of a target")]).await;
    let pair = [StreamChange::Live, StreamChange::Refused].map(|change| of_stream(stream, now, change));
    for _ in 0..10 {
        store.keep_events(&pair.iter().cycle().take(120).cloned().collect::<Vec<_>>()).await.unwrap();
    }
    let counts: Vec<(String, i64)> =
        sqlx::query_as("select state, count(*) from events group by state order by state")
            .fetch_all(&store.pool)
            .await
            .unwrap();
    let counts: Vec<_> = counts.iter().map(|(state, count)| (state.as_str(), *count)).collect();
    assert_eq!(counts, [("backing_off", 1), ("live", 400), ("refused", 100)]);
    store.keep_events(&[of_stream(StreamId(9), now, StreamChange::Live)]).await.unwrap();
    assert_eq!(count(&store).await, 501, "there is no such stream");
    store.delete_stream(stream).await.unwrap();
    assert_eq!(count(&store).await, 0);
}
