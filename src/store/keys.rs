//! Which key file is in force: the one that the database's own mark opens with.
//!
//! Where database and key file must change together, as in a change of keys, the new file is written
//! beside the old one, then the database is changed in one step, mark and all, and only then does the
//! new file take the old one's place. Whatever ends this in the middle, the next to open the folder finds
//! by the mark how far it went, and finishes it or forgets it.

use std::path::{Path, PathBuf};

use sqlx::SqlitePool;

use super::error::Error;
use super::folder::{Folder, with_ending};
use super::key_file::MasterKey;
use super::seal::Sealer;

/// The key of the folder's database, whose file is in its place afterwards. A new database is marked
/// with `master`, which is what stands in the key file now.
pub(super) async fn settle(
    folder: &Folder,
    master: MasterKey,
    pool: &SqlitePool,
) -> Result<MasterKey, Error> {
    let check: Option<Vec<u8>> =
        sqlx::query_scalar("select key_check from meta").fetch_optional(pool).await?;
    let Some(check) = check else {
        sqlx::query("insert into meta (id, key_check) values (1, ?)")
            .bind(Sealer::new(&master).seal_check()?)
            .execute(pool)
            .await?;
        return Ok(master);
    };
    if master.is_of(&check) {
        folder.remove(&folder.next_key_file())?;
        return Ok(master);
    }
    match MasterKey::read(&folder.next_key_file()) {
        Ok(next) if next.is_of(&check) => {
            put_in_force(folder, pool).await?;
            Ok(next)
        }
        _ => Err(Error::KeyWrong { path: folder.key_file() }),
    }
}

/// The key of a folder's database that carries `mark`; the folder is only looked at, so that a change of
/// keys that was cut off stays for the next start to finish.
pub(super) fn in_force(data_dir: &Path, mark: &[u8]) -> Result<MasterKey, Error> {
    let path = data_dir.join("splitcast.key");
    let master = MasterKey::read(&path)?;
    if master.is_of(mark) {
        return Ok(master);
    }
    let next = MasterKey::read(&with_ending(&path, ".new")).ok().filter(|next| next.is_of(mark));
    next.ok_or(Error::KeyWrong { path })
}

/// Puts the next key file in its place; returns where the former one is.
pub(super) async fn put_in_force(folder: &Folder, pool: &SqlitePool) -> Result<PathBuf, Error> {
    // What was only seen could be gone after a power cut, and with it the need for the new file.
    checkpoint(pool).await?;
    let former = folder.keep_aside(&folder.key_file(), &now(pool).await?)?;
    folder.replace(&folder.key_file(), &folder.next_key_file())?;
    Ok(former)
}

/// Writes everything back into the one database file, and empties the log beside it.
pub(super) async fn checkpoint(pool: &SqlitePool) -> Result<(), Error> {
    sqlx::query("pragma wal_checkpoint(truncate)").execute(pool).await?;
    Ok(())
}

/// The moment, for names of files.
pub(super) async fn now(pool: &SqlitePool) -> Result<String, Error> {
    Ok(sqlx::query_scalar("select strftime('%Y%m%d-%H%M%S', 'now')").fetch_one(pool).await?)
}
