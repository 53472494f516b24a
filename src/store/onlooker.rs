//! A look at a data folder from beside it: without its lock, without changing anything, while a relay
//! may be running on it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{AssertSqlSafe, FromRow, SqlitePool};

use super::backup::complaints;
use super::connect;
use super::error::Error;
use super::folder;
use super::key_file::MasterKey;
use super::keys;
use super::pool::MIGRATIONS;
use super::rotate::sealed_values;
use super::seal::{Place, SEALED, Sealer};
use super::targets::url_at;
use crate::rtmp::url::RtmpUrl;

/// Who looks at a data folder.
#[derive(Debug)]
pub struct Onlooker {
    folder: PathBuf,
    db: SqlitePool,
}

/// How the database's schema stands to this version's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// They are one.
    Current,
    /// The next start brings it up to date.
    Older,
    /// A later version made it.
    Newer,
}

/// A target, as far as it may be told to strangers.
#[derive(Debug)]
pub struct SeenTarget {
    /// Its number.
    pub id: i64,
    /// Its stream's number.
    pub stream: i64,
    /// Where it is; `None` if it cannot be unsealed.
    pub url: Option<RtmpUrl>,
    /// Whether it has a second address.
    pub has_backup: bool,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whether it was ordered to run.
    pub started: bool,
    /// What happened last: at which moment (UTC), the state, and the kind of failure.
    pub last: Vec<SeenEvent>,
}

/// An event, without what others said in it.
#[derive(Debug, FromRow)]
pub struct SeenEvent {
    /// When, in UTC.
    pub at: String,
    /// The state that began.
    pub state: String,
    /// Where on its way.
    pub step: Option<String>,
    /// The kind of failure.
    pub kind: Option<String>,
    /// Tries before it.
    pub attempt: i64,
}

impl Onlooker {
    /// Looks at the folder's database.
    ///
    /// # Errors
    /// [`Error::NoDatabase`], or as the database has it.
    pub async fn at(data_dir: &Path) -> Result<Self, Error> {
        let database = data_dir.join("splitcast.db");
        if !database.exists() {
            return Err(Error::NoDatabase { path: data_dir.to_owned() });
        }
        let db = connect::readers(&database);
        let onlooker = Self { folder: data_dir.to_owned(), db };
        let probe = sqlx::query("select count(*) from sqlite_schema").execute(&onlooker.db).await;
        probe.map_err(|error| onlooker.name_damage(error.into()))?;
        Ok(onlooker)
    }

    /// Whether a relay runs on a folder.
    pub fn sees_relay(data_dir: &Path) -> bool {
        folder::is_in_use(data_dir)
    }

    /// Looks away: what is asked afterwards fails.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// What is wrong with the database as a file; nothing if it is sound.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn complaints(&self) -> Result<Vec<String>, Error> {
        let mut db = self.db.acquire().await?;
        complaints(&mut db).await.map_err(|error| self.name_damage(error))
    }

    /// How the database's schema stands to this version's, and its number.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn schema(&self) -> Result<(Schema, i64), Error> {
        let found: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("select version, checksum from _sqlx_migrations order by version")
                .fetch_all(&self.db)
                .await
                .map_err(|error| self.name_damage(error.into()))?;
        let is_known = |(version, checksum): &(i64, Vec<u8>)| {
            MIGRATIONS.iter().any(|known| known.version == *version && *known.checksum == **checksum)
        };
        let last = found.last().map_or(0, |(version, _)| *version);
        let schema = match found.iter().all(is_known) {
            false => Schema::Newer,
            true if found.len() < MIGRATIONS.iter().count() => Schema::Older,
            true => Schema::Current,
        };
        Ok((schema, last))
    }

    /// How many sealed values the folder's key file opens.
    ///
    /// # Errors
    /// [`Error::KeyMissing`], [`Error::KeyDamaged`], [`Error::KeyWrong`], or [`Error::Row`] for the first
    /// value that does not open.
    pub async fn open_all(&self) -> Result<u64, Error> {
        let sealer = self.sealer().await?;
        let mut db = self.db.acquire().await?;
        let mut values = 0;
        for (table, column) in SEALED {
            for (id, sealed) in sealed_values(&mut db, table, column).await? {
                sealer.try_open(Place { table, id, column }, &sealed)?;
                values += 1;
            }
        }
        Ok(values)
    }

    /// By how much the machine's clock is behind what it wrote down itself; nothing if it is not.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn clock_is_behind(&self) -> Result<Option<Duration>, Error> {
        let newest = "select max(
             coalesce((select max(at_ms) / 1000 from events), 0),
             coalesce((select max(created_at) from streams), 0),
             coalesce((select max(updated_at) from targets), 0)) - unixepoch()";
        let behind: i64 = sqlx::query_scalar(newest).fetch_one(&self.db).await?;
        Ok(u64::try_from(behind).ok().filter(|behind| *behind > 0).map(Duration::from_secs))
    }

    /// The moment in UTC, by the machine's clock, and whether that may be right.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn now(&self) -> Result<(String, bool), Error> {
        let now =
            "select strftime('%Y-%m-%d %H:%M:%S', 'now'), strftime('%Y', 'now') between '2026' and '2099'";
        Ok(sqlx::query_as(now).fetch_one(&self.db).await?)
    }

    /// How many rows each table has.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn counts(&self) -> Result<Vec<(String, u64)>, Error> {
        let names: Vec<String> = sqlx::query_scalar(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'
             and name not like '\\_%' escape '\\' order by name",
        )
        .fetch_all(&self.db)
        .await?;
        let mut counts = Vec::with_capacity(names.len());
        for name in names {
            let count = format!("select count(*) from \"{}\"", name.replace('"', "\"\""));
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&self.db).await?;
            counts.push((name, count.unsigned_abs()));
        }
        Ok(counts)
    }

    /// All targets with their last events, newest first.
    ///
    /// # Errors
    /// As the database fails. A target whose address does not open has none.
    pub async fn targets(&self, events: u16) -> Result<Vec<SeenTarget>, Error> {
        let sealer = self.sealer().await.ok();
        let rows: Vec<TargetRow> = sqlx::query_as(
            "select id, stream_id, url, backup_url is not null as has_backup, enabled, started
             from targets order by id",
        )
        .fetch_all(&self.db)
        .await?;
        let mut targets = Vec::with_capacity(rows.len());
        for row in rows {
            let last = sqlx::query_as(
                "select strftime('%Y-%m-%d %H:%M:%S', at_ms / 1000, 'unixepoch') as at, state, step, kind, attempt
                 from events where target_id = ? order by id desc limit ?",
            )
            .bind(row.id)
            .bind(events)
            .fetch_all(&self.db)
            .await?;
            let url = sealer.as_ref().and_then(|sealer| sealer.unseal_url(url_at(row.id), &row.url).ok());
            targets.push(SeenTarget {
                id: row.id,
                stream: row.stream_id,
                url,
                has_backup: row.has_backup,
                enabled: row.enabled,
                started: row.started,
                last,
            });
        }
        Ok(targets)
    }

    /// Says of a broken database which it is.
    fn name_damage(&self, error: Error) -> Error {
        match error.is_damage() {
            true => Error::Damaged { path: self.folder.join("splitcast.db") },
            false => error,
        }
    }

    async fn sealer(&self) -> Result<Sealer, Error> {
        let mark: Option<Vec<u8>> =
            sqlx::query_scalar("select key_check from meta").fetch_optional(&self.db).await?;
        let master = match mark {
            Some(mark) => keys::in_force(&self.folder, &mark)?,
            None => MasterKey::read(&self.folder.join("splitcast.key"))?,
        };
        Ok(Sealer::new(&master))
    }
}

#[derive(FromRow)]
struct TargetRow {
    id: i64,
    stream_id: i64,
    url: Vec<u8>,
    has_backup: bool,
    enabled: bool,
    started: bool,
}

#[cfg(test)]
mod tests {
    use super::super::pool::Store;
    use super::*;

    #[tokio::test]
    async fn a_running_store_is_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Onlooker::at(dir.path()).await, Err(Error::NoDatabase { .. })));
        assert!(!Onlooker::sees_relay(dir.path()));
        let store = Store::open(dir.path()).await.unwrap();
        let onlooker = Onlooker::at(dir.path()).await.unwrap();
        assert!(Onlooker::sees_relay(dir.path()));
        assert!(onlooker.complaints().await.unwrap().is_empty());
        let (schema, version) = onlooker.schema().await.unwrap();
        assert!(schema == Schema::Current && version > 0);
        assert_eq!(onlooker.open_all().await.unwrap(), 1);
        let counts = onlooker.counts().await.unwrap();
        assert!(counts.contains(&("streams".to_owned(), 0)), "{counts:?}");
        assert!(onlooker.targets(3).await.unwrap().is_empty());
        assert_eq!(onlooker.clock_is_behind().await.unwrap(), None);
        sqlx::query("insert into streams (name, key, key_digest, key_is_weak, created_at) values ('s', x'', x'', 0, unixepoch() + 100)")
            .execute(&store.pool)
            .await
            .unwrap();
        assert!(onlooker.clock_is_behind().await.unwrap() > Some(Duration::from_secs(90)));
        assert!(matches!(onlooker.open_all().await, Err(Error::Row { table: "streams", id: 1 })));
        let refused = sqlx::query("delete from streams").execute(&onlooker.db).await;
        assert!(refused.is_err());
        drop(store);
    }

    #[tokio::test]
    async fn schemas_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let onlooker = Onlooker::at(dir.path()).await.unwrap();
        let last = "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)";
        sqlx::query(last).execute(&store.pool).await.unwrap();
        assert_eq!(onlooker.schema().await.unwrap().0, Schema::Older);
        sqlx::query(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'later', true, x'00', 0)",
        )
        .execute(&store.pool)
        .await
        .unwrap();
        assert_eq!(onlooker.schema().await.unwrap(), (Schema::Newer, 9999));
    }
}
