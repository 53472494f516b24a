//! What a change at the desk does to what runs.

use std::sync::Arc;

use futures_util::future::{self, BoxFuture, FutureExt};
use tokio_util::task::TaskTracker;

use super::{Control, Error, StreamReport};
use crate::model::{
    BackupPolicy, Edit, Endpoint, Happening, IngestKey, MAX_STREAMS, Name, NewStream, NewTarget, News, Notes,
    StartMode, StreamId, StreamPatch, StreamSettings, Subject, TargetId, TargetPatch, TargetState,
};
use crate::net::{self, Dial, Step, Transport};
use crate::relay::{Board, Registry, Supervisor, Workers};
use crate::rtmp::url::{RtmpUrl, StreamKey};
use crate::store::{self, Store};

struct Nowhere;

impl Dial for Nowhere {
    fn dial<'a>(
        &'a self,
        _: &'a RtmpUrl,
        _: &'a (dyn Fn(Step) + Send + Sync),
    ) -> BoxFuture<'a, Result<Transport, net::Error>> {
        future::pending().boxed()
    }
}

pub(super) async fn desk(dir: &tempfile::TempDir) -> (Control, Arc<Registry>) {
    let store = Store::open(dir.path()).await.unwrap();
    let board = Arc::new(Board::default());
    let registry = Registry::new(store.key_hasher());
    let tracker = TaskTracker::new();
    let supervisor = Supervisor::new(
        Arc::clone(&board),
        Arc::clone(&registry),
        Arc::new(Nowhere),
        Workers::here(),
        tracker,
        1,
    );
    (Control::new(store, board, supervisor), registry)
}

/// A target of the first stream.
pub(super) async fn with_target(control: &Control, name: &str, start_mode: StartMode) -> TargetId {
    let new = NewTarget {
        name: Name::parse(name).unwrap(),
        endpoint: Endpoint {
            url: RtmpUrl::parse("rtmp://h/live").unwrap(),
            key: StreamKey::new("k"),
            login: None,
        },
        backup: None,
        backup_policy: BackupPolicy::Failover,
        coalesce: None,
        takes: crate::model::Takes::default(),
        notes: Notes::default(),
        enabled: true,
        start_mode,
    };
    control.create_target(StreamId(1), new).await.unwrap().target.id
}

async fn names(control: &Control) -> Vec<String> {
    let streams = control.streams().await.unwrap();
    let name = |report: StreamReport| report.stream.name.as_str().to_owned();
    streams.into_iter().map(name).collect()
}

fn is_unapplied(control: &Control) -> bool {
    control.unapplied.notified().now_or_never().is_some()
}

#[tokio::test]
async fn only_the_very_first_start_makes_a_stream() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    let main = &control.streams().await.unwrap()[0].stream;
    assert_eq!(names(&control).await, ["Main"]);
    assert!(!main.key_is_weak);
    control.delete_stream(main.id, None).await.unwrap();
    control.close().await;
    drop(control);

    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    assert!(names(&control).await.is_empty());
}

#[tokio::test]
async fn every_change_reaches_what_runs() {
    let dir = tempfile::tempdir().unwrap();
    let (control, registry) = desk(&dir).await;
    let key = |text: &str| IngestKey::parse(text).unwrap();
    let runs = |text: &str| registry.find("live", &[key(text).as_stream_key().clone()]);
    let name = Name::parse("s").unwrap();
    let made = control.create_stream(name, StreamSettings::default(), Some(key("one"))).await.unwrap();
    let id = made.stream.id;
    assert_eq!(runs("one").unwrap().name, "s");

    control.rotate_stream_key(id, Some(key("two"))).await.unwrap();
    assert!(runs("one").is_none());
    let patch = StreamPatch { name: Some(Name::parse("renamed").unwrap()), ..StreamPatch::default() };
    control.update_stream(id, patch, None).await.unwrap();
    assert_eq!(runs("two").unwrap().name, "renamed");

    control.delete_stream(id, None).await.unwrap();
    assert!(runs("two").is_none());
}

#[tokio::test]
async fn an_abandoned_change_is_applied_later() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    assert!(!is_unapplied(&control));
    drop(control.change().await.unwrap());
    assert!(is_unapplied(&control));
    drop(control.change().await.unwrap());
    tokio::select! {
        biased;
        () = control.keep_applied() => unreachable!("it goes on"),
        turn = control.reconcile() => turn.unwrap(),
    }
    assert!(!is_unapplied(&control));
}

#[tokio::test]
async fn a_change_that_is_stored_is_done_even_if_applying_fails() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    let change = control.change().await.unwrap();
    control.close().await;
    change.finish().await;
    assert!(is_unapplied(&control));
    assert!(control.reconcile().await.is_err());
}

#[tokio::test]
async fn streams_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    for n in 0..MAX_STREAMS {
        let new = NewStream {
            name: Name::parse(&format!("stream {n}")).unwrap(),
            settings: StreamSettings::default(),
            key: IngestKey::parse(&format!("key{n}")).unwrap(),
        };
        control.store.create_stream(&new).await.unwrap();
    }
    let name = Name::parse("one more").unwrap();
    let refused = control.create_stream(name, StreamSettings::default(), None).await;
    assert!(matches!(refused, Err(Error::TooManyStreams)));
}

fn runs(control: &Control, id: TargetId) -> bool {
    control.board.target(id).is_some()
}

#[tokio::test]
async fn targets_run_as_they_are_ordered() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    let id = with_target(&control, "t", StartMode::WithSource).await;
    assert!(runs(&control, id));
    let stopped = control.stop_target(id).await.unwrap();
    assert!(!stopped.target.started && stopped.status.is_none() && !runs(&control, id));
    control.stop_target(id).await.unwrap();
    let started = control.start_target(id).await.unwrap();
    assert!(started.target.started && started.status.is_some());
    control.start_target(id).await.unwrap();

    let patch = TargetPatch { enabled: Some(false), ..TargetPatch::default() };
    control.update_target(id, patch, None).await.unwrap();
    assert!(!runs(&control, id));
    assert!(matches!(control.start_target(id).await, Err(Error::Disabled)));
    control.stop_target(id).await.unwrap();
}

#[tokio::test]
async fn a_manual_target_waits_to_be_started() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    let id = with_target(&control, "t", StartMode::Manual).await;
    assert!(!runs(&control, id));
    control.start_target(id).await.unwrap();
    assert!(runs(&control, id));
}

#[tokio::test]
async fn a_streams_targets_start_and_stop_together() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    let with_source = with_target(&control, "a", StartMode::WithSource).await;
    let manual = with_target(&control, "b", StartMode::Manual).await;
    control.start_stream(StreamId(1)).await.unwrap();
    assert!(runs(&control, with_source) && runs(&control, manual));
    control.stop_stream(StreamId(1)).await.unwrap();
    assert!(!runs(&control, with_source) && !runs(&control, manual));
    assert!(control.stop_stream(StreamId(9)).await.is_err());
}

#[tokio::test]
async fn the_last_word_on_a_target_says_who_stopped_it() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    let id = with_target(&control, "t", StartMode::WithSource).await;
    control.stop_target(id).await.unwrap();
    control.start_stream(StreamId(1)).await.unwrap();
    let patch = TargetPatch { enabled: Some(false), ..TargetPatch::default() };
    control.update_target(id, patch, None).await.unwrap();
    let events = control.board.journal().take().await.events;
    let word = |happening: &Happening| match happening {
        Happening::Target(event) => (event.state, event.reason.clone()),
        other => panic!("{other:?}"),
    };
    let words: Vec<_> = events.iter().map(word).collect();
    let words: Vec<_> = words.iter().map(|(state, reason)| (*state, reason.as_str())).collect();
    let waits = (TargetState::WaitingForSource, "Waiting for the encoder.");
    let stopped = (TargetState::Stopped, "Stopped by hand.");
    assert_eq!(words, [waits, stopped, waits, (TargetState::Disabled, "Switched off.")]);
}

#[tokio::test]
async fn targets_are_told_to_stop_while_a_change_waits_for_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let (board, tracker) = (Arc::new(Board::default()), TaskTracker::new());
    let registry = Registry::new(store.key_hasher());
    let supervisor =
        Supervisor::new(Arc::clone(&board), registry, Arc::new(Nowhere), Workers::here(), tracker.clone(), 1);
    let control = Control::new(store, board, supervisor);
    control.start().await.unwrap();
    with_target(&control, "t", StartMode::WithSource).await;
    tracker.close();
    assert!(!tracker.is_empty());
    let change = control.change().await.unwrap();
    control.leave(true);
    tracker.wait().await;
    change.without_effect();
}

#[tokio::test]
async fn who_listens_hears_of_changes_and_of_what_happens_before_it_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    control.start().await.unwrap();
    let mut news = control.subscribe();
    let id = with_target(&control, "t", StartMode::WithSource).await;
    control.stop_target(id).await.unwrap();
    control.delete_target(id, None).await.unwrap();
    control.delete_stream(StreamId(1), None).await.unwrap();
    let mut edits = Vec::new();
    let mut states = Vec::new();
    while let Ok(news) = news.try_recv() {
        match news {
            News::Edited(subject, edit) => edits.push((subject, edit)),
            News::Happened(happening) => states.push(happening.state()),
        }
    }
    let target = Subject::Target(id);
    assert_eq!(
        edits,
        [
            (target, Edit::Created),
            (target, Edit::Changed),
            (target, Edit::Removed),
            (Subject::Stream(StreamId(1)), Edit::Removed)
        ]
    );
    assert_eq!(states, ["waiting_for_source", "stopped"]);
}

#[tokio::test]
async fn a_change_does_not_wait_for_ever_for_those_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let (control, _) = desk(&dir).await;
    tokio::time::pause();
    let change = control.change().await.unwrap();
    assert!(matches!(control.change().await, Err(Error::Store(store::Error::Busy))));
    change.without_effect();
    control.change().await.unwrap().without_effect();
}
