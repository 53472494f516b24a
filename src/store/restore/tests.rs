//! Backups brought back: good ones and all others.

use super::*;
use crate::model::{IngestKey, Name, NewStream, StreamId, StreamSettings};
use crate::store::{Store, backup, rotate_keys};

/// Makes a folder with streams of these names, and returns where it is.
async fn made(names: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    for name in names {
        add(&store, name).await;
    }
    store.close().await;
    dir
}

async fn add(store: &Store, name: &str) {
    let key = IngestKey::parse(name).unwrap();
    let new = NewStream { name: Name::parse(name).unwrap(), settings: StreamSettings::default(), key };
    store.create_stream(&new).await.unwrap();
}

async fn streams(path: &Path) -> Vec<String> {
    let store = Store::open(path).await.unwrap();
    let streams = store.streams().await.unwrap();
    for stream in &streams {
        store.stream_key(stream.id).await.unwrap();
    }
    store.close().await;
    streams.into_iter().map(|stream| stream.name.as_str().to_owned()).collect()
}

/// The folder's files without those that come and go.
fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|file| file.unwrap())
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_backup_comes_back_and_the_former_database_is_kept() {
    let (dir, out) = (made(&["one"]).await, tempfile::tempdir().unwrap());
    let file = out.path().join("backup");
    backup(dir.path(), &file, false).await.unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    add(&store, "two").await;
    // Not closed, so that its log is still there.
    drop(store);

    let restored = restore(dir.path(), &file).await.unwrap();
    assert_eq!((restored.streams, restored.targets, restored.former_key), (1, 0, None));
    assert_eq!(streams(dir.path()).await, ["one"]);
    let former = restored.former.unwrap();
    let again = restore(dir.path(), &former).await.unwrap();
    assert_eq!(again.streams, 2);
    assert_eq!(streams(dir.path()).await, ["one", "two"]);
}

#[tokio::test]
async fn a_backup_with_its_key_starts_a_new_folder() {
    let (dir, out, new) = (made(&["one"]).await, tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = out.path().join("backup");
    backup(dir.path(), &file, false).await.unwrap();
    let needs_key = restore(new.path(), &file).await.unwrap_err();
    assert!(matches!(needs_key, Error::BackupKey { .. }));
    assert!(needs_key.to_string().contains("backup.key"), "{needs_key}");
    fs::copy(dir.path().join("splitcast.key"), out.path().join("backup.key")).unwrap();
    let restored = restore(new.path(), &file).await.unwrap();
    assert_eq!((restored.former, restored.former_key), (None, None));
    assert_eq!(streams(new.path()).await, ["one"]);
}

#[tokio::test]
async fn a_backup_from_before_a_change_of_keys_brings_its_key_back() {
    let (dir, out) = (made(&["one"]).await, tempfile::tempdir().unwrap());
    let file = out.path().join("backup");
    backup(dir.path(), &file, true).await.unwrap();
    rotate_keys(dir.path()).await.unwrap();
    let now = fs::read(dir.path().join("splitcast.key")).unwrap();
    let restored = restore(dir.path(), &file).await.unwrap();
    assert_eq!(fs::read(restored.former_key.unwrap()).unwrap(), now);
    assert_eq!(streams(dir.path()).await, ["one"]);
}

#[tokio::test]
async fn a_key_that_was_kept_aside_is_found() {
    let (dir, out) = (made(&["one"]).await, tempfile::tempdir().unwrap());
    let file = out.path().join("backup");
    backup(dir.path(), &file, false).await.unwrap();
    for _ in 0..2 {
        rotate_keys(dir.path()).await.unwrap();
    }
    assert!(restore(dir.path(), &file).await.unwrap().former_key.is_some());
    assert_eq!(streams(dir.path()).await, ["one"]);
}

/// Between the database and its key the power may fail: the mark in the database decides.
#[tokio::test]
async fn cut_off_before_the_key_is_in_its_place_the_next_start_finishes() {
    let (dir, other) = (made(&["one"]).await, made(&["other"]).await);
    fs::copy(other.path().join("splitcast.key"), dir.path().join("splitcast.key.new")).unwrap();
    fs::copy(other.path().join("splitcast.db"), dir.path().join("splitcast.db")).unwrap();
    fs::write(dir.path().join("splitcast.db.new"), "half a copy").unwrap();
    assert_eq!(streams(dir.path()).await, ["other"]);
    for left in ["splitcast.key.new", "splitcast.db.new"] {
        assert!(!dir.path().join(left).exists(), "{left}");
    }
}

#[tokio::test]
async fn what_is_no_good_changes_nothing() {
    let (dir, other, out) = (made(&["one"]).await, made(&["other"]).await, tempfile::tempdir().unwrap());
    let good = out.path().join("good");
    backup(dir.path(), &good, false).await.unwrap();
    let bytes = fs::read(&good).unwrap();
    let bad = out.path().join("bad");
    let mut broken = bytes.clone();
    for byte in &mut broken[4096..] {
        *byte ^= 0x55;
    }
    let foreign = {
        let file = out.path().join("foreign");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let mut db = sqlx::ConnectOptions::connect(&options).await.unwrap();
        sqlx::query("create table t (x)").execute(&mut db).await.unwrap();
        sqlx::Connection::close(db).await.unwrap();
        fs::read(file).unwrap()
    };
    let before = files(dir.path());
    let cases = [Vec::new(), b"no database".to_vec(), bytes[..bytes.len() / 2].to_vec(), broken, foreign];
    for (case, content) in cases.into_iter().enumerate() {
        fs::write(&bad, content).unwrap();
        let refused = restore(dir.path(), &bad).await.unwrap_err();
        assert!(matches!(refused, Error::NotABackup { .. }), "{case}: {refused:?}");
        assert_eq!(files(dir.path()), before, "{case}");
    }
    let of_other = out.path().join("of-other");
    backup(other.path(), &of_other, false).await.unwrap();
    assert!(matches!(restore(dir.path(), &of_other).await, Err(Error::BackupKey { .. })));
    let missing = restore(dir.path(), &out.path().join("missing")).await;
    assert!(matches!(missing, Err(Error::File { .. })));
    assert!(matches!(restore(dir.path(), out.path()).await, Err(Error::NotABackup { .. })));
    assert_eq!(files(dir.path()), before);
}

#[tokio::test]
async fn a_copy_by_hand_that_lacks_its_log_is_refused() {
    let (dir, out) = (made(&["one"]).await, tempfile::tempdir().unwrap());
    let store = Store::open(dir.path()).await.unwrap();
    add(&store, "two").await;
    for name in ["splitcast.db", "splitcast.db-wal"] {
        fs::copy(dir.path().join(name), out.path().join(name)).unwrap();
    }
    store.close().await;
    drop(store);
    let refused = restore(dir.path(), &out.path().join("splitcast.db")).await;
    assert!(matches!(refused, Err(Error::NotABackup { .. })));
}

#[tokio::test]
async fn a_backup_of_a_later_version_is_refused() {
    let (dir, out) = (made(&["one"]).await, tempfile::tempdir().unwrap());
    let file = out.path().join("backup");
    let store = Store::open(dir.path()).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', true, x'00', 0)",
    )
    .execute(&store.pool)
    .await
    .unwrap();
    store.backup_to(&file).await.unwrap();
    sqlx::query("delete from _sqlx_migrations where version = 9999").execute(&store.pool).await.unwrap();
    store.close().await;
    drop(store);
    let refused = restore(dir.path(), &file).await.unwrap_err();
    assert!(matches!(&refused, Error::Newer { path } if path == &file), "{refused:?}");
    assert_eq!(streams(dir.path()).await, ["one"]);
}

#[tokio::test]
async fn a_damaged_database_makes_room() {
    let (dir, out) = (made(&["one"]).await, tempfile::tempdir().unwrap());
    let file = out.path().join("backup");
    backup(dir.path(), &file, false).await.unwrap();
    let database = dir.path().join("splitcast.db");
    let rubbish = "rubbish ".repeat(2000);
    fs::write(&database, &rubbish).unwrap();
    let restored = restore(dir.path(), &file).await.unwrap();
    assert_eq!(streams(dir.path()).await, ["one"]);
    assert_eq!(fs::read_to_string(restored.former.unwrap()).unwrap(), rubbish);
}

#[tokio::test]
async fn nothing_is_restored_under_a_running_relay() {
    let (dir, out) = (made(&["one"]).await, tempfile::tempdir().unwrap());
    let file = out.path().join("backup");
    backup(dir.path(), &file, false).await.unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    assert!(matches!(restore(dir.path(), &file).await, Err(Error::InUse { .. })));
    assert!(matches!(rotate_keys(dir.path()).await, Err(Error::InUse { .. })));
    store.stream(StreamId(1)).await.unwrap();
}
