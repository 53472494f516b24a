//! Another key file: everything sealed is sealed anew, in one transaction, while no relay runs.
//!
//! See `keys.rs` for what happens when that is cut off. The former key file is kept aside: backups
//! that were made before open with no other.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, SqliteConnection};

use super::error::Error;
use super::key_file::MasterKey;
use super::keys;
use super::pool::Store;
use super::seal::{Place, SEALED, Sealer};

/// What a change of keys did.
#[derive(Debug)]
pub struct Rotated {
    /// How many values were sealed anew.
    pub values: u64,
    /// Where the former key file is now.
    pub former: PathBuf,
    /// Whether nothing is left in the database's free space that the former key opens.
    pub is_clean: bool,
}

/// Gives a data folder another key.
///
/// # Errors
/// As [`Store::open`]; [`Error::NoDatabase`] where there is none, or [`Error::Row`] where a value does
/// not open. In each case the folder is as it was.
pub async fn rotate_keys(data_dir: &Path) -> Result<Rotated, Error> {
    if !data_dir.join("splitcast.db").exists() {
        return Err(Error::NoDatabase { path: data_dir.to_owned() });
    }
    let store = Store::open(data_dir).await?;
    let done = store.rotate().await;
    store.close().await;
    done
}

impl Store {
    async fn rotate(&self) -> Result<Rotated, Error> {
        let next = MasterKey::generate()?;
        let file = self.folder.next_key_file();
        self.folder.write_new(&file, &next.encode())?;
        let values = match self.reseal(&next).await {
            Ok(values) => values,
            Err(error) => {
                // Were it left, the next start would find it of no use and remove it.
                let _ = self.folder.remove(&file);
                return Err(error);
            }
        };
        let former = keys::put_in_force(&self.folder, &self.pool).await?;
        Ok(Rotated { values, former, is_clean: self.forget_traces().await.is_ok() })
    }

    /// Seals everything with `next`, and makes anew what else hangs from the key.
    pub(super) async fn reseal(&self, next: &MasterKey) -> Result<u64, Error> {
        let sealer = Sealer::new(next);
        let mut tx = self.pool.begin_with("begin immediate").await?;
        self.digest_anew(&mut tx, next).await?;
        let mut values = 0;
        for (table, column) in SEALED {
            let update = format!("update {table} set {column} = ? where id = ?");
            for (id, sealed) in sealed_values(&mut tx, table, column).await? {
                let sealed = self.sealer.reseal(Place { table, id, column }, &sealed, &sealer)?;
                let update = sqlx::query(AssertSqlSafe(update.clone())).bind(sealed).bind(id);
                update.execute(&mut *tx).await?;
                values += 1;
            }
        }
        tx.commit().await?;
        Ok(values)
    }

    /// By their digests keys are found, and the digests are made with the key file.
    async fn digest_anew(&self, db: &mut SqliteConnection, next: &MasterKey) -> Result<(), Error> {
        let hasher = next.hasher();
        for (id, sealed) in sealed_values(db, "streams", "key").await? {
            let at = Place { table: "streams", id, column: "key" };
            let key = self.sealer.unseal_key(at, &sealed)?;
            sqlx::query("update streams set key_digest = ? where id = ?")
                .bind(hasher.digest(&key).0.as_slice())
                .bind(id)
                .execute(&mut *db)
                .await?;
        }
        Ok(())
    }

    /// SQLite leaves what was replaced where it stood until something else needs the room.
    async fn forget_traces(&self) -> Result<(), Error> {
        sqlx::query("vacuum").execute(&self.pool).await?;
        keys::checkpoint(&self.pool).await
    }
}

/// All values of a sealed column, with their rows.
pub(super) async fn sealed_values(
    db: &mut SqliteConnection,
    table: &'static str,
    column: &'static str,
) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    let select = format!("select id, {column} from {table} where {column} is not null");
    Ok(sqlx::query_as(AssertSqlSafe(select)).fetch_all(db).await?)
}

#[cfg(test)]
mod tests;
