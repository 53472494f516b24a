//! The store itself: a data folder, opened and found whole.
//!
//! Whoever changes something uses `pool`, whoever only reads uses `reads`; see `connect.rs` for why
//! these are two. Every statement takes about a millisecond, and media never waits for the database.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sqlx::SqlitePool;
use sqlx::migrate::{MigrateError, Migrator};

use super::backups;
use super::connect;
use super::error::Error;
use super::folder::Folder;
use super::key_file::MasterKey;
use super::keys;
use super::seal::Sealer;
use crate::model::KeyHasher;

/// What is wanted, on disk.
pub struct Store {
    /// The one connection that writes.
    pub(super) pool: SqlitePool,
    /// Those that read.
    pub(super) reads: SqlitePool,
    /// Set to have `pool` make its connection anew.
    pub(super) renew: Arc<AtomicBool>,
    pub(super) sealer: Sealer,
    pub(super) hasher: KeyHasher,
    // Last, so that the folder is unlocked after the database is closed.
    pub(super) folder: Folder,
}

impl Store {
    /// Opens the data folder, or makes a new one, and brings its schema up to date.
    ///
    /// # Errors
    /// Each way in which a folder can be unfit has its variant and its sentence; see [`Error`]. A
    /// folder that is refused is left as it was.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        let folder = Folder::open(path)?;
        let master = MasterKey::open(&folder)?;
        folder.remove_next_database()?;
        folder.touch_database()?;
        let database = folder.database();
        backups::before_migration(path, &database).await?;
        let renew = Arc::new(AtomicBool::default());
        let opened = open_database(&database, Arc::clone(&renew)).await;
        let pool = opened.map_err(|error| match error.is_damage() {
            true => Error::Damaged { path: database.clone() },
            false => error,
        })?;
        let master = match keys::settle(&folder, master, &pool).await {
            Ok(master) => master,
            Err(error) => {
                pool.close().await;
                return Err(error);
            }
        };
        Ok(Self {
            pool,
            reads: connect::readers(&database),
            renew,
            sealer: Sealer::new(&master),
            hasher: master.hasher(),
            folder,
        })
    }

    /// Where the data folder is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What ingest keys are looked up by.
    pub fn key_hasher(&self) -> KeyHasher {
        self.hasher.clone()
    }

    /// Writes everything back into the one database file and closes it. What is asked of the store
    /// afterwards fails.
    pub async fn close(&self) {
        // The last connection writes back, so it must be the one that may.
        self.reads.close().await;
        self.pool.close().await;
    }
}

/// Opens a database, finds it sound and brings its schema up to date.
pub(super) async fn open_database(path: &Path, renew: Arc<AtomicBool>) -> Result<SqlitePool, Error> {
    let pool = connect::writer(path, renew).await?;
    let opened = match is_sound(&pool).await {
        Ok(true) => migrate(&pool, path).await,
        Ok(false) => Err(Error::Damaged { path: path.to_owned() }),
        Err(error) => Err(error),
    };
    if opened.is_err() {
        pool.close().await;
    }
    opened.map(|()| pool)
}

async fn is_sound(pool: &SqlitePool) -> Result<bool, Error> {
    let found: String = sqlx::query_scalar("pragma quick_check(1)").fetch_one(pool).await?;
    Ok(found == "ok")
}

async fn migrate(pool: &SqlitePool, path: &Path) -> Result<(), Error> {
    let path = path.to_owned();
    match MIGRATIONS.run(pool).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_)) => Err(Error::Newer { path }),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => Err(error.into()),
        Err(error) => Err(Error::Database(error.into())),
    }
}

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!();

#[cfg(test)]
mod tests {
    use super::super::seal::Place;
    use super::*;
    use crate::model::{BackupPolicy, Endpoint, Rules, StartMode, StreamId, Takes, TargetId, WantedTarget};
    use crate::rtmp::url::{RtmpUrl, StreamKey};
    use std::fs;

    async fn refusal(path: &Path) -> Error {
        Store::open(path).await.err().expect("the folder is unfit")
    }

    async fn made_and_closed(path: &Path) {
        Store::open(path).await.unwrap().close().await;
    }

    #[tokio::test]
    async fn a_new_folder_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        let _store = Store::open(&path).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        for file in fs::read_dir(&path).unwrap() {
            let file = file.unwrap().path();
            assert_eq!(mode(&file), 0o600, "{file:?}");
        }
    }

    #[tokio::test]
    async fn a_second_process_is_refused_until_the_first_ends() {
        let dir = tempfile::tempdir().unwrap();
        let first = Store::open(dir.path()).await.unwrap();
        assert!(matches!(refusal(dir.path()).await, Error::InUse { .. }));
        drop(first);
        Store::open(dir.path()).await.unwrap();
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_made_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        let error = refusal(&file.join("data")).await;
        assert!(matches!(error, Error::Folder { .. }));
        assert!(error.to_string().contains("--data-dir"));
    }

    #[tokio::test]
    async fn a_missing_key_file_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        made_and_closed(dir.path()).await;
        let key_file = dir.path().join("splitcast.key");
        fs::remove_file(&key_file).unwrap();
        assert!(matches!(refusal(dir.path()).await, Error::KeyMissing { .. }));
        assert!(!key_file.exists());
    }

    #[tokio::test]
    async fn a_damaged_key_file_is_refused_and_left() {
        let dir = tempfile::tempdir().unwrap();
        made_and_closed(dir.path()).await;
        let key_file = dir.path().join("splitcast.key");
        fs::write(&key_file, "splitcast-key-1 AAAA\n").unwrap();
        assert!(matches!(refusal(dir.path()).await, Error::KeyDamaged { .. }));
        assert_eq!(fs::read_to_string(&key_file).unwrap(), "splitcast-key-1 AAAA\n");
    }

    #[tokio::test]
    async fn another_databases_key_file_is_recognised() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        made_and_closed(one.path()).await;
        made_and_closed(two.path()).await;
        let key = |dir: &tempfile::TempDir| dir.path().join("splitcast.key");
        fs::copy(key(&two), key(&one)).unwrap();
        assert!(matches!(refusal(one.path()).await, Error::KeyWrong { .. }));
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_refused_and_left() {
        let dir = tempfile::tempdir().unwrap();
        made_and_closed(dir.path()).await;
        let database = dir.path().join("splitcast.db");
        let rubbish = "not a database ".repeat(1000);
        fs::write(&database, &rubbish).unwrap();
        assert!(matches!(refusal(dir.path()).await, Error::Damaged { .. }));
        assert_eq!(fs::read_to_string(&database).unwrap(), rubbish);
    }

    #[tokio::test]
    async fn broken_pages_are_found_at_the_start() {
        let dir = tempfile::tempdir().unwrap();
        made_and_closed(dir.path()).await;
        let database = dir.path().join("splitcast.db");
        let mut bytes = fs::read(&database).unwrap();
        for byte in &mut bytes[4096..] {
            *byte ^= 0x55;
        }
        fs::write(&database, &bytes).unwrap();
        assert!(matches!(refusal(dir.path()).await, Error::Damaged { .. }));
        assert_eq!(fs::read(&database).unwrap(), bytes);
    }

    #[tokio::test]
    async fn a_newer_schema_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        sqlx::query(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'later', true, x'00', 0)",
        )
        .execute(&store.pool)
        .await
        .unwrap();
        store.close().await;
        drop(store);
        assert!(matches!(refusal(dir.path()).await, Error::Newer { .. }));
    }

    /// A data folder as the first release left it.
    async fn made_by_the_first_release(path: &Path) -> (RtmpUrl, StreamKey) {
        let folder = Folder::open(path).unwrap();
        let master = MasterKey::open(&folder).unwrap();
        folder.touch_database().unwrap();
        let pool = connect::writer(&folder.database(), Arc::default()).await.unwrap();
        MIGRATIONS.run_to(1, &pool).await.unwrap();
        let (sealer, hasher) = (Sealer::new(&master), master.hasher());
        let at = |table, column| Place { table, id: 1, column };
        let (url, key) = (RtmpUrl::parse("rtmp://h/live").unwrap(), StreamKey::new("key"));
        sqlx::query("insert into meta (id, key_check) values (1, ?)")
            .bind(sealer.seal_check().unwrap())
            .execute(&pool)
            .await
            .unwrap();
        sqlx::query("insert into streams (name, key, key_digest, key_is_weak) values ('Main', ?, ?, 1)")
            .bind(sealer.seal_key(at("streams", "key"), &key).unwrap())
            .bind(hasher.digest(&key).0.as_slice())
            .execute(&pool)
            .await
            .unwrap();
        sqlx::query("insert into targets (stream_id, name, url, key, enabled) values (1, 't', ?, ?, 1)")
            .bind(sealer.seal_url(at("targets", "url"), &url).unwrap())
            .bind(sealer.seal_key(at("targets", "key"), &key).unwrap())
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        (url, key)
    }

    #[tokio::test]
    async fn the_first_releases_data_is_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let (url, key) = made_by_the_first_release(dir.path()).await;
        let store = Store::open(dir.path()).await.unwrap();
        let (stream, target) = (StreamId(1), TargetId(1));
        let ingest_key = store.stream_key(stream).await.unwrap();
        assert_eq!(ingest_key.as_stream_key(), &key);
        assert_eq!(store.stream(stream).await.unwrap().rules, Rules::default());
        let shown = store.target(target).await.unwrap();
        assert_eq!((shown.start_mode, shown.started), (StartMode::WithSource, true));
        assert_eq!((shown.backup_url, shown.backup_policy), (None, BackupPolicy::Failover));
        let runs = store.wanted().await.unwrap().streams.remove(0).targets;
        let endpoint = Endpoint { url, key, login: None };
        assert_eq!(
            runs,
            [WantedTarget {
                id: target,
                name: "t".to_owned(),
                endpoint,
                backup: None,
                takes: Takes::default(),
                coalesce: None
            }]
        );
        assert!(store.events(target, 1).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_empty_database_gets_a_key_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("splitcast.db"), "").unwrap();
        made_and_closed(dir.path()).await;
        made_and_closed(dir.path()).await;
    }

    #[tokio::test]
    async fn commits_reach_the_disk_before_they_are_acknowledged() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let pragmas: (i64, String, i64) = sqlx::query_as(
            "select s.synchronous, j.journal_mode, f.foreign_keys
             from pragma_synchronous s, pragma_journal_mode j, pragma_foreign_keys f",
        )
        .fetch_one(&store.pool)
        .await
        .unwrap();
        assert_eq!(pragmas, (2, "wal".to_owned(), 1));
    }
}
