//! Backups that are kept beside the database, newest first, and no more than a few.

use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::UNIX_EPOCH;

use sqlx::ConnectOptions;

use super::backup::copy;
use super::connect;
use super::error::Error;
use super::folder::create_private_folder;
use super::keys::now;
use super::pool::{MIGRATIONS, Store};

/// The name of a backup that is kept beside the database; nothing else in the file system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BackupName {
    /// When it was made, in UTC, as in `20261123-025817`.
    when: String,
    /// Which of those of one second.
    again: u8,
}

/// Not the name of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the name of a backup")]
pub struct NotABackupName;

impl FromStr for BackupName {
    type Err = NotABackupName;

    fn from_str(text: &str) -> Result<Self, NotABackupName> {
        let middle = text.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(ENDING));
        let middle = middle.ok_or(NotABackupName)?;
        let (when, again) = match middle.split_at_checked(WHEN_LEN) {
            Some((when, "")) => (when, 1),
            Some((when, again)) => (when, read_again(again).ok_or(NotABackupName)?),
            None => return Err(NotABackupName),
        };
        let is_when = when.bytes().enumerate().all(|(at, b)| match at {
            8 => b == b'-',
            _ => b.is_ascii_digit(),
        });
        is_when.then(|| Self { when: when.to_owned(), again }).ok_or(NotABackupName)
    }
}

/// Reads what follows the second, as in `-2`: in no other form, so that a file has one name only.
fn read_again(text: &str) -> Option<u8> {
    let again = text.strip_prefix('-')?.parse().ok()?;
    (again > 1 && text == format!("-{again}")).then_some(again)
}

impl fmt::Display for BackupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.again {
            1 => write!(f, "{PREFIX}{}{ENDING}", self.when),
            again => write!(f, "{PREFIX}{}-{again}{ENDING}", self.when),
        }
    }
}

/// A backup that is kept beside the database.
#[derive(Debug, Clone)]
pub struct KeptBackup {
    /// Its file's name.
    pub name: BackupName,
    /// Its size in bytes.
    pub size: u64,
    /// When it was made; seconds since 1970.
    pub made_at: i64,
}

impl Store {
    /// Copies the database to a file beside it, and removes the oldest of such files.
    ///
    /// # Errors
    /// As the database or the disk has it.
    pub async fn keep_backup(&self) -> Result<KeptBackup, Error> {
        let folder = self.backups_folder();
        create_private_folder(&folder).map_err(|source| at(&folder, source))?;
        let when = now(&self.reads).await?;
        let mut name = BackupName { when, again: 1 };
        // Twice within one second.
        while folder.join(name.to_string()).exists() && name.again < u8::MAX {
            name.again += 1;
        }
        let file = folder.join(name.to_string());
        self.backup_to(&file).await?;
        let made =
            fs::metadata(&file).and_then(|found| kept(name, &found)).map_err(|error| at(&file, error))?;
        for old in self.kept_backups()?.into_iter().skip(KEPT) {
            let file = folder.join(old.name.to_string());
            fs::remove_file(&file).map_err(|error| at(&file, error))?;
        }
        Ok(made)
    }

    /// The backups that are kept beside the database, newest first.
    ///
    /// # Errors
    /// As the disk has it.
    pub fn kept_backups(&self) -> Result<Vec<KeptBackup>, Error> {
        let folder = self.backups_folder();
        let files = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            files => files.map_err(|error| at(&folder, error))?,
        };
        let backup = |file: fs::DirEntry| {
            let name = file.file_name().to_str()?.parse().ok()?;
            kept(name, &file.metadata().ok()?).ok()
        };
        let mut found: Vec<_> = files.flatten().filter_map(backup).collect();
        found.sort_by(|one, other| other.name.cmp(&one.name));
        Ok(found)
    }

    /// Where a backup is that is kept beside the database.
    ///
    /// # Errors
    /// [`Error::NoBackup`].
    pub fn kept_backup(&self, name: &BackupName) -> Result<PathBuf, Error> {
        let known = self.kept_backups()?.into_iter().any(|backup| backup.name == *name);
        known.then(|| self.backups_folder().join(name.to_string())).ok_or(Error::NoBackup)
    }

    fn backups_folder(&self) -> PathBuf {
        self.folder().join(FOLDER)
    }
}

/// Copies a database that is about to be brought up to date, since there is no way back. One that cannot be
/// read is left to who opens it.
pub(super) async fn before_migration(data_dir: &Path, database: &Path) -> Result<(), Error> {
    let Some((version, when)) = outdated(database).await else { return Ok(()) };
    let folder = data_dir.join(FOLDER);
    create_private_folder(&folder).map_err(|source| at(&folder, source))?;
    match copy(database, &folder.join(format!("schema-{version}-{when}{ENDING}"))).await {
        // Twice within one second.
        Err(Error::FileExists { .. }) => Ok(()),
        done => done,
    }
}

/// The schema of an earlier version, and the moment.
async fn outdated(database: &Path) -> Option<(i64, String)> {
    let mut db = connect::read_only(database).connect().await.ok()?;
    let found: Result<(Option<i64>, String), _> =
        sqlx::query_as("select max(version), strftime('%Y%m%d-%H%M%S', 'now') from _sqlx_migrations")
            .fetch_one(&mut db)
            .await;
    let _ = sqlx::Connection::close(db).await;
    let (version, when) = found.ok()?;
    let newest = MIGRATIONS.iter().map(|known| known.version).max();
    version.filter(|version| Some(*version) < newest).map(|version| (version, when))
}

fn kept(name: BackupName, found: &Metadata) -> io::Result<KeptBackup> {
    if !found.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let since_1970 = found.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let made_at = i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX);
    Ok(KeptBackup { name, size: found.len(), made_at })
}

fn at(path: &Path, source: io::Error) -> Error {
    Error::File { path: path.to_owned(), source }
}

/// Backups kept, but for those from before migrations.
const KEPT: usize = 7;

const FOLDER: &str = "backups";

const PREFIX: &str = "splitcast-";

const ENDING: &str = ".db";

const WHEN_LEN: usize = "20261123-025817".len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_moment_and_nothing_else() {
        let read = |text: &str| text.parse::<BackupName>();
        for good in ["splitcast-20261123-025817.db", "splitcast-20261123-025817-2.db"] {
            assert_eq!(read(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "splitcast.db",
            "splitcast.key",
            "splitcast-.db",
            "splitcast-20261123-025817",
            "splitcast-20261123-025817.db.part",
            "splitcast-20261123-025817-1.db",
            "splitcast-20261123-025817-02.db",
            "splitcast-20261123-025817-+2.db",
            "splitcast-20261123-025817-256.db",
            "splitcast-20261123-0258x7.db",
            "splitcast-20261123/025817.db",
            "splitcast-../../../../etc.db",
            "splitcast-2026112\u{f6}-02581.db",
            "../splitcast-20261123-025817.db",
        ] {
            assert_eq!(read(bad), Err(NotABackupName), "{bad}");
        }
        let sorted = [
            "splitcast-20261123-025817.db",
            "splitcast-20261123-025817-2.db",
            "splitcast-20261123-025818.db",
        ];
        assert!(sorted.map(|name| read(name).unwrap()).is_sorted());
    }

    #[tokio::test]
    async fn the_newest_seven_are_kept_and_nothing_else_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        assert!(store.kept_backups().unwrap().is_empty());
        let first = store.keep_backup().await.unwrap();
        let folder = dir.path().join("backups");
        fs::write(folder.join("notes.txt"), "").unwrap();
        fs::create_dir(folder.join("splitcast-20000101-000000.db")).unwrap();
        let mut made = Vec::new();
        for _ in 0..7 {
            made.insert(0, store.keep_backup().await.unwrap().name);
        }
        let kept: Vec<_> = store.kept_backups().unwrap().into_iter().map(|kept| kept.name).collect();
        assert_eq!(kept, made);
        assert!(matches!(store.kept_backup(&first.name), Err(Error::NoBackup)));
        assert!(store.kept_backup(&made[0]).unwrap().exists());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 9);
        assert!(first.size > 0 && first.made_at > 1_700_000_000);
    }

    #[tokio::test]
    async fn there_is_a_way_back_from_a_migration() {
        let dir = tempfile::tempdir().unwrap();
        Store::open(dir.path()).await.unwrap().close().await;
        assert!(!dir.path().join("backups").exists());
        let database = dir.path().join("splitcast.db");
        fs::write(&database, "").unwrap();
        let pool = connect::writer(&database, std::sync::Arc::default()).await.unwrap();
        MIGRATIONS.run_to(1, &pool).await.unwrap();
        pool.close().await;
        // It has no mark, so the key file is taken for it.
        Store::open(dir.path()).await.unwrap().close().await;
        Store::open(dir.path()).await.unwrap().close().await;
        let mut kept = fs::read_dir(dir.path().join("backups")).unwrap();
        let name = kept.next().unwrap().unwrap().file_name().into_string().unwrap();
        assert!(name.starts_with("schema-1-") && kept.next().is_none(), "{name}");
        assert_eq!(outdated(&dir.path().join("backups").join(name)).await.unwrap().0, 1);
        assert_eq!(outdated(&database).await, None);
    }
}
