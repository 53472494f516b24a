//! A backup put in the database's place, while no relay runs.
//!
//! Everything that can be wrong with it is found on a copy, which is then renamed into place in one step;
//! the former database keeps a name of its own. Cut off anywhere, the folder holds the one or the other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::SqlitePool;

use super::backup::{complaints, mark};
use super::connect;
use super::error::Error;
use super::folder::{Folder, private, with_ending};
use super::key_file::MasterKey;
use super::keys;
use super::pool::open_database;
use super::rotate::sealed_values;
use super::seal::{Place, SEALED, Sealer};

/// What a restoration did.
#[derive(Debug)]
pub struct Restored {
    /// How many streams there are now.
    pub streams: u64,
    /// How many targets there are now.
    pub targets: u64,
    /// Where the former database is now, if there was one.
    pub former: Option<PathBuf>,
    /// Where the former key file is now, if the backup came with another.
    pub former_key: Option<PathBuf>,
}

/// Puts a backup in the place of a data folder's database. If the folder's key file is not the one that
/// it was made with, the file with `.key` at the end of its name is, or one that was kept aside.
///
/// # Errors
/// [`Error::InUse`], [`Error::NotABackup`], [`Error::Newer`], [`Error::BackupKey`], or [`Error::Row`] where a
/// value does not open. In each case the folder is as it was.
pub async fn restore(data_dir: &Path, file: &Path) -> Result<Restored, Error> {
    let folder = Folder::open(data_dir)?;
    let restored = put_in_place(&folder, file).await;
    folder.remove_next_database()?;
    restored
}

async fn put_in_place(folder: &Folder, file: &Path) -> Result<Restored, Error> {
    take_copy(folder, file)?;
    let key = key_of(folder, file, &copy_mark(folder, file).await?)?;
    // A copy that was made by hand may be unsound, and one of an earlier version is brought up to date.
    let draft = folder.next_database();
    let pool = open_database(&draft, Arc::default()).await.map_err(|error| match error {
        Error::Newer { .. } => Error::Newer { path: file.to_owned() },
        error if error.is_damage() || matches!(error, Error::Damaged { .. }) => not_a_backup(file),
        error => error,
    })?;
    let checked = check(&pool, &Sealer::new(&key.master), file).await;
    let now = keys::now(&pool).await;
    pool.close().await;
    let ((streams, targets), now) = (checked?, now?);
    let has_key = folder.key_file().exists();
    if !key.is_the_folders {
        let place = if has_key { folder.next_key_file() } else { folder.key_file() };
        folder.write_new(&place, &key.master.encode())?;
    }
    let former = make_room(folder, &now).await?;
    folder.replace(&folder.database(), &draft)?;
    let former_key = match has_key && !key.is_the_folders {
        true => Some(take_key(folder, &now)?),
        false => None,
    };
    Ok(Restored { streams, targets, former, former_key })
}

/// A key, and whether it is the one that the folder has.
struct Key {
    master: MasterKey,
    is_the_folders: bool,
}

fn key_of(folder: &Folder, file: &Path, mark: &[u8]) -> Result<Key, Error> {
    let own = (folder.key_file(), true);
    let brought = (with_ending(file, ".key"), false);
    let former = folder.former_key_files().into_iter().map(|path| (path, false));
    [own, brought]
        .into_iter()
        .chain(former)
        .filter_map(|(path, is_the_folders)| {
            MasterKey::read(&path).ok().map(|master| Key { master, is_the_folders })
        })
        .find(|key| key.master.is_of(mark))
        .ok_or_else(|| Error::BackupKey { path: file.to_owned() })
}

fn take_copy(folder: &Folder, file: &Path) -> Result<(), Error> {
    let unreadable = |source| Error::File { path: file.to_owned(), source };
    // Such a copy lacks what is still in the log.
    if fs::metadata(with_ending(file, "-wal")).is_ok_and(|log| log.len() > 0) {
        return Err(not_a_backup(file));
    }
    let mut from = fs::File::open(file).map_err(unreadable)?;
    if from.metadata().map_err(unreadable)?.is_dir() {
        return Err(not_a_backup(file));
    }
    folder.remove_next_database()?;
    let mut to =
        private().create_new(true).open(folder.next_database()).map_err(|error| folder.unusable(error))?;
    io::copy(&mut from, &mut to).map_err(|error| folder.unusable(error))?;
    to.sync_all().map_err(|error| folder.unusable(error))
}

async fn copy_mark(folder: &Folder, file: &Path) -> Result<Vec<u8>, Error> {
    mark(&folder.next_database()).await.map_err(|error| match error {
        Error::Full | Error::Busy => error,
        // No database at all, or somebody else's.
        _ => not_a_backup(file),
    })
}

async fn check(pool: &SqlitePool, sealer: &Sealer, file: &Path) -> Result<(u64, u64), Error> {
    let mut db = pool.acquire().await?;
    if !complaints(&mut db).await?.is_empty() {
        return Err(not_a_backup(file));
    }
    for (table, column) in SEALED {
        for (id, sealed) in sealed_values(&mut db, table, column).await? {
            sealer.try_open(Place { table, id, column }, &sealed)?;
        }
    }
    let count = "select (select count(*) from streams), (select count(*) from targets)";
    let (streams, targets): (i64, i64) = sqlx::query_as(count).fetch_one(&mut *db).await?;
    Ok((streams.unsigned_abs(), targets.unsigned_abs()))
}

/// Gives the former database a second name. Its log must not stay: it would be taken for the new one's.
async fn make_room(folder: &Folder, now: &str) -> Result<Option<PathBuf>, Error> {
    if !folder.has_database()? {
        return Ok(None);
    }
    let database = folder.database();
    // The log goes into the database where that is sound, and is kept beside it where not.
    if let Ok(pool) = connect::writer(&database, Arc::default()).await {
        let _ = keys::checkpoint(&pool).await;
        pool.close().await;
    }
    let former = folder.keep_aside(&database, now)?;
    let log = with_ending(&database, "-wal");
    if fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        folder.replace(&with_ending(&former, "-wal"), &log)?;
    }
    for ending in ["-wal", "-shm"] {
        folder.remove(&with_ending(&database, ending))?;
    }
    Ok(Some(former))
}

fn take_key(folder: &Folder, now: &str) -> Result<PathBuf, Error> {
    let key_file = folder.key_file();
    let former = folder.keep_aside(&key_file, now)?;
    folder.replace(&key_file, &folder.next_key_file())?;
    Ok(former)
}

fn not_a_backup(file: &Path) -> Error {
    Error::NotABackup { path: file.to_owned() }
}

#[cfg(test)]
mod tests;
