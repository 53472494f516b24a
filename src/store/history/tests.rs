use super::*;
use crate::model::{
    BackupPolicy, Endpoint, EndpointRole, FindingKind, IngestKey, Name, NewStream, NewTarget, Notes,
    StartMode, Step, StreamChange, StreamSettings, TargetState,
};
use crate::rtmp::url::{RtmpUrl, StreamKey};

/// Streams 1 and 2 with a target each, numbered alike.
async fn with_two(dir: &tempfile::TempDir) -> Store {
    let store = Store::open(dir.path()).await.unwrap();
    for key in ["one", "two"] {
        let name = Name::parse(key).unwrap();
        let new = NewStream {
            name: name.clone(),
            settings: StreamSettings::default(),
            key: IngestKey::parse(key).unwrap(),
        };
        let stream = store.create_stream(&new).await.unwrap();
        let target = NewTarget {
            name,
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
        store.create_target(stream, &target).await.unwrap();
    }
    store
}

async fn now_ms(store: &Store) -> i64 {
    sqlx::query_scalar("select unixepoch() * 1000").fetch_one(&store.pool).await.unwrap()
}

fn of_target(target: i64, at_ms: i64, state: TargetState, kind: Option<ErrorKind>) -> Happening {
    Happening::Target(TargetEvent {
        target: TargetId(target),
        stream: StreamId(target),
        at_ms,
        endpoint: EndpointRole::Backup,
        from: TargetState::Publishing,
        lasted: Duration::from_millis(7),
        state,
        step: Some(Step::Publish),
        kind,
        reason: "Why.".to_owned(),
        attempts: 2,
        next_try_at_ms: None,
    })
}

fn of_stream(stream: i64, at_ms: i64, change: StreamChange) -> Happening {
    Happening::Stream(StreamEvent {
        stream: StreamId(stream),
        at_ms,
        change,
        peer: Some("[2001:db8::1]:5000".parse().unwrap()),
        replaced: Some("192.0.2.1:80".parse().unwrap()),
        until_ms: Some(at_ms + 1),
    })
}

/// Six events, numbered from 1 in this order.
async fn with_history(dir: &tempfile::TempDir) -> (Store, Vec<Happening>) {
    let store = with_two(dir).await;
    let now = now_ms(&store).await;
    let events = vec![
        of_stream(1, now, StreamChange::Live),
        of_target(1, now, TargetState::Live, None),
        of_target(2, now, TargetState::BackingOff, Some(ErrorKind::TlsIo)),
        of_stream(2, now, StreamChange::Takeover),
        of_target(1, now, TargetState::BackingOff, Some(ErrorKind::TcpRefused)),
        of_stream(1, now, StreamChange::Ended),
    ];
    store.keep_events(&events).await.unwrap();
    (store, events)
}

fn warning(target: i64, at_ms: i64, change: WarningChange) -> Happening {
    Happening::Warning(Warning {
        target: TargetId(target),
        stream: StreamId(target),
        at_ms,
        kind: FindingKind::GopSizeOver,
        change,
        lasted: Duration::from_secs(if change == WarningChange::Cleared { 90 } else { 0 }),
        reason: "Key frames.".to_owned(),
    })
}

#[tokio::test]
async fn warnings_are_part_of_it_and_no_states_of_a_target() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_two(&dir).await;
    let now = now_ms(&store).await;
    let events = [
        of_target(1, now, TargetState::Live, None),
        warning(1, now + 1, WarningChange::Warned),
        warning(1, now + 2, WarningChange::Cleared),
    ];
    store.keep_events(&events).await.unwrap();
    let filter = |state: &str| HistoryFilter {
        target: Some(TargetId(1)),
        state: (!state.is_empty()).then(|| state.parse().unwrap()),
        limit: 10,
        ..HistoryFilter::default()
    };
    let happened = |kept: Vec<Kept>| kept.into_iter().map(|kept| kept.happening).rev().collect::<Vec<_>>();
    assert_eq!(happened(store.history(&filter("")).await.unwrap()), events);
    assert_eq!(happened(store.history(&filter("warned")).await.unwrap()), events[1..2]);
    assert_eq!(store.events(TargetId(1), 1).await.unwrap().len(), 1, "warnings take no room there");
}

#[tokio::test]
async fn many_warnings_leave_room_for_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_two(&dir).await;
    let now = now_ms(&store).await;
    let mut events = vec![of_target(1, now, TargetState::Live, None); 50];
    events.extend((1..400).map(|n| warning(1, now + n, WarningChange::Warned)));
    store.keep_events(&events).await.unwrap();
    let filter = HistoryFilter { target: Some(TargetId(1)), limit: 500, ..HistoryFilter::default() };
    let kept = store.history(&filter).await.unwrap();
    assert_eq!(kept.len(), 150);
    assert_eq!(kept.first().map(|kept| kept.happening.clone()), events.pop());
}

#[tokio::test]
async fn what_happened_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut events) = with_history(&dir).await;
    let all = store.history(&HistoryFilter { limit: 500, ..HistoryFilter::default() }).await.unwrap();
    let streams: Vec<i64> = all.iter().map(|kept| kept.happening.stream().0).collect();
    assert_eq!(streams, [1, 1, 2, 2, 1, 1]);
    events.reverse();
    assert_eq!(all.into_iter().map(|kept| kept.happening).collect::<Vec<_>>(), events);
}

#[tokio::test]
async fn filters_leave_what_they_ask_for_in_pages() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = with_history(&dir).await;
    let all = || HistoryFilter { limit: 500, ..HistoryFilter::default() };
    let live = Some("live".parse().unwrap());
    for (filter, ids) in [
        (HistoryFilter { stream: Some(StreamId(1)), ..all() }, [6, 5, 2, 1].as_slice()),
        (HistoryFilter { target: Some(TargetId(1)), ..all() }, &[5, 2]),
        (HistoryFilter { of: Some(HistoryOf::Targets), ..all() }, &[5, 3, 2]),
        (HistoryFilter { of: Some(HistoryOf::Streams), stream: Some(StreamId(2)), ..all() }, &[4]),
        (HistoryFilter { kind: Some(ErrorKind::TlsIo), ..all() }, &[3]),
        (HistoryFilter { state: live, ..all() }, &[2, 1]),
        (HistoryFilter { state: live, of: Some(HistoryOf::Targets), ..all() }, &[2]),
        (HistoryFilter { limit: 2, ..all() }, &[6, 5]),
        (HistoryFilter { before: Some(5), limit: 2, ..all() }, &[4, 3]),
        (HistoryFilter { after: Some(1), limit: 2, ..all() }, &[3, 2]),
        (HistoryFilter { after: Some(1), before: Some(6), limit: 2, ..all() }, &[5, 4]),
        (HistoryFilter { after: Some(6), ..all() }, &[]),
        (HistoryFilter { target: Some(TargetId(1)), stream: Some(StreamId(2)), ..all() }, &[]),
    ] {
        let found: Vec<i64> = store.history(&filter).await.unwrap().iter().map(|kept| kept.id).collect();
        assert_eq!(found, ids, "{filter:?}");
    }
}

#[tokio::test]
async fn who_is_not_there_has_no_history() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_two(&dir).await;
    let none = HistoryFilter { limit: 1, ..HistoryFilter::default() };
    assert!(store.history(&none).await.unwrap().is_empty());
    let missing = HistoryFilter { stream: Some(StreamId(9)), ..none.clone() };
    assert!(matches!(store.history(&missing).await, Err(Error::NoStream(_))));
    let missing = HistoryFilter { target: Some(TargetId(9)), ..none };
    assert!(matches!(store.history(&missing).await, Err(Error::NoTarget(_))));
}

#[tokio::test]
async fn a_targets_history_is_found_by_its_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = with_two(&dir).await;
    for (subject, index) in [("target_id = 1", "events_of_target"), ("stream_id = 1", "events_of_stream")] {
        let sql = format!("explain query plan {SELECT} and {subject} and id < 9 order by id desc limit 5");
        let plan: (i64, i64, i64, String) =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_one(&store.pool).await.unwrap();
        assert!(plan.3.contains(index), "{}", plan.3);
    }
}
