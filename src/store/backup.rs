//! A copy of the database, made while a relay may be writing to it.
//!
//! SQLite makes the copy (`vacuum into`): it is as the database was at one moment, and nobody who writes
//! waits for it. It gets its name only after it was found whole, so a file with that name is good.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection};

use super::connect;
use super::error::Error;
use super::folder::{private, sync_folder, with_ending, write_durably};
use super::key_file::MasterKey;
use super::keys;
use super::pool::Store;

/// Copies the database of a data folder to a new file; with the key file beside it, if that is wanted,
/// as `file` with `.key` at its end.
///
/// # Errors
/// [`Error::NoDatabase`], [`Error::FileExists`], or as the key file, the database or the disk has it.
pub async fn backup(data_dir: &Path, file: &Path, with_key: bool) -> Result<(), Error> {
    let database = data_dir.join("splitcast.db");
    if !database.exists() {
        return Err(Error::NoDatabase { path: data_dir.to_owned() });
    }
    MasterKey::read(&data_dir.join("splitcast.key"))?;
    let key_copy = with_ending(file, ".key");
    if with_key {
        refuse_existing(&key_copy)?;
    }
    copy(&database, file).await?;
    let master = keys::in_force(data_dir, &mark(file).await?).inspect_err(|_| {
        // Nobody could open what was copied.
        let _ = fs::remove_file(file);
    })?;
    if with_key {
        write_durably(&key_copy, &master.encode()).map_err(|source| at(&key_copy, source))?;
    }
    Ok(())
}

impl Store {
    /// Copies the database to a new file. The key file is not copied, and is needed to use the copy.
    ///
    /// # Errors
    /// [`Error::FileExists`], or as the database or the disk has it.
    pub async fn backup_to(&self, file: &Path) -> Result<(), Error> {
        copy(&self.folder.database(), file).await
    }
}

/// Copies a database to a new file, whole or not at all.
pub(super) async fn copy(database: &Path, file: &Path) -> Result<(), Error> {
    refuse_existing(file)?;
    let draft = with_ending(file, ".part");
    let path = draft.to_str().ok_or_else(|| at(file, io::ErrorKind::InvalidInput.into()))?;
    // Held to the end, so that of two backups to one name the second is told.
    let held = private().create(true).truncate(false).open(&draft).map_err(|source| at(file, source))?;
    match held.try_lock() {
        Ok(()) => held.set_len(0).map_err(|source| at(file, source))?,
        Err(TryLockError::WouldBlock) => return Err(Error::BackupUnderWay { path: file.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(at(file, source)),
    }
    let made = make(database, path, &draft, file).await;
    if made.is_err() {
        let _ = fs::remove_file(&draft);
    }
    made
}

async fn make(database: &Path, path: &str, draft: &Path, file: &Path) -> Result<(), Error> {
    let mut db = connect::read_only(database).connect().await?;
    let copied = sqlx::query("vacuum into ?").bind(path).execute(&mut db).await;
    let _ = db.close().await;
    copied?;
    let mut copy = connect::read_only(draft).connect().await?;
    let complaints = complaints(&mut copy).await;
    let _ = copy.close().await;
    if !complaints?.is_empty() {
        return Err(Error::Damaged { path: database.to_owned() });
    }
    // SQLite does not wait for the disk here.
    let to_disk = || File::open(draft)?.sync_all();
    to_disk().and_then(|()| name(draft, file)).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => Error::FileExists { path: file.to_owned() },
        _ => at(file, source),
    })
}

/// Gives a file its name, which nothing else may have.
fn name(draft: &Path, file: &Path) -> io::Result<()> {
    match fs::hard_link(draft, file) {
        Ok(()) => fs::remove_file(draft)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // Not every file system knows hard links.
        Err(_) => fs::rename(draft, file)?,
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    sync_folder(folder.unwrap_or_else(|| Path::new(".")))
}

/// What SQLite finds wrong with a whole database; nothing if it is sound.
pub(super) async fn complaints(db: &mut SqliteConnection) -> Result<Vec<String>, Error> {
    let mut found: Vec<String> = sqlx::query_scalar("pragma integrity_check(20)").fetch_all(&mut *db).await?;
    found.retain(|line| line != "ok");
    let broken: i64 =
        sqlx::query_scalar("select count(*) from pragma_foreign_key_check").fetch_one(db).await?;
    if broken > 0 {
        found.push(format!("{broken} rows belong to something that is not there"));
    }
    Ok(found)
}

/// What tells with which key file a database was made.
pub(super) async fn mark(database: &Path) -> Result<Vec<u8>, Error> {
    let mut db = connect::read_only(database).connect().await?;
    let mark = sqlx::query_scalar("select key_check from meta").fetch_optional(&mut db).await;
    let _ = db.close().await;
    mark?.ok_or_else(|| Error::NotABackup { path: database.to_owned() })
}

fn refuse_existing(file: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(file) {
        Ok(_) => Err(Error::FileExists { path: file.to_owned() }),
        Err(_) => Ok(()),
    }
}

fn at(file: &Path, source: io::Error) -> Error {
    Error::File { path: file.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IngestKey, Name, NewStream, StreamSettings};
    use std::os::unix::fs::PermissionsExt;

    fn stream(n: usize) -> NewStream {
        let key = IngestKey::parse(&format!("key{n}")).unwrap();
        NewStream { name: Name::parse(&format!("s{n}")).unwrap(), settings: StreamSettings::default(), key }
    }

    fn names(path: &Path) -> Vec<String> {
        let names = fs::read_dir(path).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[tokio::test]
    async fn a_running_store_is_copied_as_it_is_at_one_moment() {
        let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = Store::open(dir.path()).await.unwrap();
        for n in 0..50 {
            store.create_stream(&stream(n)).await.unwrap();
        }
        let (one, two) = (out.path().join("one.db"), out.path().join("two.db"));
        store.backup_to(&one).await.unwrap();
        store.create_stream(&stream(50)).await.unwrap();
        backup(dir.path(), &two, true).await.unwrap();
        assert_eq!(names(out.path()), ["one.db", "two.db", "two.db.key"]);
        for (file, count) in [(&one, 50), (&two, 51)] {
            assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
            let mut db = connect::read_only(file).connect().await.unwrap();
            let found: i64 =
                sqlx::query_scalar("select count(*) from streams").fetch_one(&mut db).await.unwrap();
            assert_eq!(found, count);
        }
        assert_eq!(names(out.path()), ["one.db", "two.db", "two.db.key"]);
        assert_eq!(fs::metadata(out.path().join("two.db.key")).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn nothing_is_overwritten() {
        let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        Store::open(dir.path()).await.unwrap().close().await;
        let (file, key) = (out.path().join("f"), out.path().join("g.key"));
        for path in [&file, &key] {
            fs::write(path, "precious").unwrap();
        }
        assert!(matches!(backup(dir.path(), &file, false).await, Err(Error::FileExists { .. })));
        let refused = backup(dir.path(), &out.path().join("g"), true).await;
        assert!(matches!(refused, Err(Error::FileExists { .. })));
        for path in [&file, &key] {
            assert_eq!(fs::read_to_string(path).unwrap(), "precious");
        }
        assert_eq!(names(out.path()), ["f", "g.key"]);
    }

    #[tokio::test]
    async fn what_an_earlier_backup_left_is_no_obstacle_but_one_under_way_is() {
        let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        Store::open(dir.path()).await.unwrap().close().await;
        let (file, draft) = (out.path().join("f"), out.path().join("f.part"));
        fs::write(&draft, "half of something").unwrap();
        let other = File::open(&draft).unwrap();
        other.lock().unwrap();
        assert!(matches!(backup(dir.path(), &file, false).await, Err(Error::BackupUnderWay { .. })));
        drop(other);
        backup(dir.path(), &file, false).await.unwrap();
        assert_eq!(names(out.path()), ["f"]);
    }

    #[tokio::test]
    async fn a_backup_that_could_not_be_opened_is_not_made() {
        let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = out.path().join("f");
        assert!(matches!(backup(dir.path(), &file, false).await, Err(Error::NoDatabase { .. })));
        Store::open(dir.path()).await.unwrap().close().await;
        let key_file = dir.path().join("splitcast.key");
        fs::write(&key_file, &*MasterKey::generate().unwrap().encode()).unwrap();
        assert!(matches!(backup(dir.path(), &file, false).await, Err(Error::KeyWrong { .. })));
        fs::remove_file(&key_file).unwrap();
        assert!(matches!(backup(dir.path(), &file, false).await, Err(Error::KeyMissing { .. })));
        assert!(names(out.path()).is_empty());
        let nowhere = out.path().join("no/such/folder");
        Store::open(out.path()).await.unwrap().close().await;
        assert!(matches!(backup(out.path(), &nowhere, false).await, Err(Error::File { .. })));
    }
}
