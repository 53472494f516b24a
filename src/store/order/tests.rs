use super::*;
use crate::model::{
    BackupPolicy, Coalesce, Endpoint, IngestKey, Name, NewStream, Notes, StartMode, StreamSettings,
    WantedTarget,
};
use crate::rtmp::auth::{Login, Password, User};
use crate::rtmp::url::{RtmpUrl, StreamKey};

async fn with_stream(dir: &tempfile::TempDir) -> (Store, StreamId) {
    let store = Store::open(dir.path()).await.unwrap();
    let stream = stream(&store, "Main").await;
    (store, stream)
}

async fn stream(store: &Store, name: &str) -> StreamId {
    let key = IngestKey::parse(name).unwrap();
    let name = Name::parse(name).unwrap();
    store.create_stream(&NewStream { name, settings: StreamSettings::default(), key }).await.unwrap()
}

fn new(name: &str) -> NewTarget {
    let endpoint = |host: &str, key: &str| Endpoint {
        url: RtmpUrl::parse(&format!("rtmp://{host}/live?t=TOKEN")).unwrap(),
        key: StreamKey::new(key),
        login: Some(Login { user: User::parse(host).unwrap(), password: Password::parse(key).unwrap() }),
    };
    NewTarget {
        name: Name::parse(name).unwrap(),
        endpoint: endpoint("a", "KEY"),
        backup: Some(endpoint("b", "BACKUPKEY")),
        backup_policy: BackupPolicy::Both,
        enabled: true,
        start_mode: StartMode::WithSource,
        coalesce: Some(Coalesce::from_ms(7).unwrap()),
        takes: crate::model::Takes::default(),
        notes: Notes::parse("a\nb").unwrap(),
    }
}

/// The order as each of those says it who reads it.
async fn orders(store: &Store, stream: StreamId) -> [Vec<i64>; 3] {
    let listed = store.targets(stream).await.unwrap();
    let inventory = store.inventory().await.unwrap();
    let inventory = inventory.into_iter().find(|(found, _)| found.id == stream).unwrap().1;
    let wanted = wanted(store, stream).await;
    let ids = |targets: &[crate::model::Target]| targets.iter().map(|target| target.id.0).collect();
    [ids(&listed), ids(&inventory), wanted.iter().map(|target| target.id.0).collect()]
}

async fn wanted(store: &Store, stream: StreamId) -> Vec<WantedTarget> {
    let wanted = store.wanted().await.unwrap();
    wanted.streams.into_iter().find(|wanted| wanted.id == stream).unwrap().targets
}

#[tokio::test]
async fn targets_stand_as_they_were_put_and_new_ones_after_them() {
    let dir = tempfile::tempdir().unwrap();
    let (store, main) = with_stream(&dir).await;
    let other = stream(&store, "Other").await;
    for (stream, name) in [(main, "a"), (other, "a"), (main, "b"), (other, "b"), (main, "c")] {
        store.create_target(stream, &new(name)).await.unwrap();
    }
    let put = async |ids: &[i64]| {
        let ids: Vec<_> = ids.iter().map(|id| TargetId(*id)).collect();
        store.arrange_targets(main, &ids).await
    };
    assert_eq!(orders(&store, main).await, [[1, 3, 5], [1, 3, 5], [1, 3, 5]]);
    put(&[5, 1, 3]).await.unwrap();
    store.delete_target(TargetId(1)).await.unwrap();
    store.create_target(main, &new("d")).await.unwrap();
    assert_eq!(orders(&store, main).await, [[5, 3, 6], [5, 3, 6], [5, 3, 6]]);
    assert_eq!(orders(&store, other).await, [[2, 4], [2, 4], [2, 4]]);

    for wrong in [&[5, 3][..], &[], &[5, 3, 6, 2], &[5, 3, 2], &[5, 3, 3], &[5, 3, 6, 6], &[5, 3, 99]] {
        assert!(matches!(put(wrong).await, Err(Error::NotAnOrder)), "{wrong:?}");
    }
    assert_eq!(orders(&store, main).await, [[5, 3, 6], [5, 3, 6], [5, 3, 6]]);
    let nowhere = store.arrange_targets(StreamId(99), &[]).await;
    assert!(matches!(nowhere, Err(Error::NoStream(_))));
    let empty = stream(&store, "Empty").await;
    store.arrange_targets(empty, &[]).await.unwrap();
}

#[tokio::test]
async fn a_copy_opens_with_its_own_seals_when_the_original_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let (store, main) = with_stream(&dir).await;
    let first = store.create_target(main, &new("a")).await.unwrap();
    let (home, copy) = store.target_to_copy(first).await.unwrap();
    assert_eq!(home, main);
    let original = wanted(&store, main).await.remove(0);
    let second =
        store.create_target(main, &NewTarget { name: Name::parse("b").unwrap(), ..copy }).await.unwrap();
    let notes = store.target(second).await.unwrap().notes;
    store.delete_target(first).await.unwrap();
    let expected = WantedTarget { id: second, name: "b".to_owned(), ..original };
    assert_eq!(wanted(&store, main).await, [expected]);
    assert_eq!(notes.as_str(), "a\nb");
    assert!(matches!(store.target_to_copy(first).await, Err(Error::NoTarget(_))));
}
