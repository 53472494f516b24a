//! Changes of keys, whole and cut off at each step.

use std::collections::BTreeSet;
use std::fs;

use super::super::seal::PLAIN;
use super::*;
use crate::model::{
    AppName, BackupPolicy, Endpoint, IngestKey, Name, NewStream, NewTarget, Notes, StartMode, StreamId,
    StreamSettings, WantedTarget,
};
use crate::rtmp::auth::{Login, Password, User};
use crate::rtmp::url::{RtmpUrl, StreamKey};

fn login(user: &str, password: &str) -> Login {
    Login { user: User::parse(user).unwrap(), password: Password::parse(password).unwrap() }
}

fn endpoint(url: &str, key: &str) -> Endpoint {
    let login = login("ann", &format!("{key}-password"));
    Endpoint { url: RtmpUrl::parse(url).unwrap(), key: StreamKey::new(key), login: Some(login) }
}

fn settings() -> StreamSettings {
    let (app, ingest_login) = (AppName::parse("studio").unwrap(), login("encoder", "ingest-password"));
    StreamSettings { app: Some(app), ingest_login: Some(ingest_login), ..StreamSettings::default() }
}

/// A store with something in every sealed column.
async fn full(path: &Path) -> Store {
    let store = Store::open(path).await.unwrap();
    let key = IngestKey::parse("ingest-key").unwrap();
    let name = |text| Name::parse(text).unwrap();
    let stream = NewStream { name: name("s"), settings: settings(), key };
    let stream = store.create_stream(&stream).await.unwrap();
    let target = NewTarget {
        name: name("t"),
        endpoint: endpoint("rtmp://h/live", "key"),
        backup: Some(endpoint("rtmp://b/live", "backup-key")),
        backup_policy: BackupPolicy::Failover,
        enabled: true,
        start_mode: StartMode::WithSource,
        coalesce: None,
        takes: crate::model::Takes::default(),
        notes: Notes::default(),
    };
    store.create_target(stream, &target).await.unwrap();
    store
}

/// What the folder says of its targets, after a look at its stream.
async fn contents(path: &Path) -> Vec<WantedTarget> {
    let store = Store::open(path).await.unwrap();
    let stream = store.wanted().await.unwrap().streams.remove(0);
    let key = store.stream_key(StreamId(1)).await.unwrap();
    assert_eq!(key.as_stream_key(), &StreamKey::new("ingest-key"));
    assert_eq!(stream.key, store.key_hasher().digest(key.as_stream_key()), "the key is not found");
    assert_eq!(stream.ingest_login, settings().ingest_login);
    store.close().await;
    stream.targets
}

fn key_files(path: &Path) -> Vec<String> {
    let names = fs::read_dir(path).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.contains("key")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn everything_is_as_it_was_under_another_key() {
    let dir = tempfile::tempdir().unwrap();
    full(dir.path()).await.close().await;
    let before = contents(dir.path()).await;
    let old = fs::read(dir.path().join("splitcast.key")).unwrap();
    let rotated = rotate_keys(dir.path()).await.unwrap();
    assert_eq!((rotated.values, rotated.is_clean), (9, true));
    assert_eq!(fs::read(&rotated.former).unwrap(), old);
    assert_ne!(fs::read(dir.path().join("splitcast.key")).unwrap(), old);
    assert_eq!(key_files(dir.path()).len(), 2);
    assert_eq!(contents(dir.path()).await, before);

    fs::copy(&rotated.former, dir.path().join("splitcast.key")).unwrap();
    assert!(matches!(Store::open(dir.path()).await.err(), Some(Error::KeyWrong { .. })));
}

#[tokio::test]
async fn nothing_is_left_that_the_former_key_opens() {
    let dir = tempfile::tempdir().unwrap();
    let store = full(dir.path()).await;
    let mut db = store.pool.acquire().await.unwrap();
    let mut former = Vec::new();
    for (table, column) in SEALED {
        former.extend(sealed_values(&mut db, table, column).await.unwrap());
    }
    drop(db);
    store.close().await;
    drop(store);
    rotate_keys(dir.path()).await.unwrap();
    for file in fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap().path();
        let bytes = fs::read(&file).unwrap();
        for (_, value) in &former {
            assert!(!bytes.windows(value.len()).any(|window| window == value), "{file:?}");
        }
    }
}

#[tokio::test]
async fn cut_off_before_the_database_has_changed_nothing_has() {
    let dir = tempfile::tempdir().unwrap();
    let store = full(dir.path()).await;
    let next = MasterKey::generate().unwrap();
    store.folder.write_new(&store.folder.next_key_file(), &next.encode()).unwrap();
    store.close().await;
    drop(store);
    contents(dir.path()).await;
    assert_eq!(key_files(dir.path()), ["splitcast.key"]);
}

/// Every name that the key files can have between the two steps that put one in force.
#[tokio::test]
async fn cut_off_after_the_database_has_changed_the_next_start_finishes() {
    for is_kept_aside in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let store = full(dir.path()).await;
        let next = MasterKey::generate().unwrap();
        store.folder.write_new(&store.folder.next_key_file(), &next.encode()).unwrap();
        store.reseal(&next).await.unwrap();
        if is_kept_aside {
            store.folder.keep_aside(&store.folder.key_file(), "20260101-000000").unwrap();
        }
        // Not closed, as after kill -9.
        drop(store);
        contents(dir.path()).await;
        let files = key_files(dir.path());
        assert_eq!(files.len(), if is_kept_aside { 3 } else { 2 }, "{files:?}");
        assert!(!files.contains(&"splitcast.key.new".to_owned()));
        contents(dir.path()).await;
    }
}

#[tokio::test]
async fn a_value_that_does_not_open_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = full(dir.path()).await;
    sqlx::query("update targets set backup_key = x'00'").execute(&store.pool).await.unwrap();
    store.close().await;
    drop(store);
    let old = fs::read(dir.path().join("splitcast.key")).unwrap();
    let refused = rotate_keys(dir.path()).await.unwrap_err();
    assert!(matches!(refused, Error::Row { table: "targets", id: 1 }), "{refused:?}");
    assert_eq!(fs::read(dir.path().join("splitcast.key")).unwrap(), old);
    assert_eq!(key_files(dir.path()), ["splitcast.key"]);
}

#[tokio::test]
async fn a_folder_without_a_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(rotate_keys(dir.path()).await, Err(Error::NoDatabase { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

/// Who adds a column of bytes has to say whether it is sealed.
#[tokio::test]
async fn no_column_that_is_sealed_can_be_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let found: Vec<(String, String)> = sqlx::query_as(
        "select t.name, c.name from pragma_table_list t, pragma_table_xinfo(t.name) c
         where t.schema = 'main' and t.name not like 'sqlite_%' and lower(c.type) in ('blob', 'any', '')",
    )
    .fetch_all(&store.reads)
    .await
    .unwrap();
    let found: BTreeSet<_> = found.iter().map(|(table, column)| (table.as_str(), column.as_str())).collect();
    let known: BTreeSet<_> = SEALED.into_iter().chain(PLAIN).collect();
    assert_eq!(found, known, "every column of bytes stands in SEALED or in PLAIN of seal.rs");
}
