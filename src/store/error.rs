//! Why the store could not be opened, read or changed.
//!
//! What a caller can act on has its own variant; the rest is [`Error::Database`], for the log.

use std::io;
use std::path::PathBuf;

use crate::model::{AppName, StreamId, TargetId, TokenId, UserId, WebhookId};

/// Why the store did not do as told. No message contains a name, address or key from the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data folder cannot be made, or not be written to.
    #[error(
        "the data folder {} cannot be used: check that it is a folder this user may write to, or choose another with --data-dir",
        path.display()
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file beside the data folder's own, such as a backup.
    #[error("{} cannot be read or written: check the path and who may use it", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing is overwritten.
    #[error("{} is there already: choose another name, or move it away", path.display())]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// Two backups to one file.
    #[error("another backup to {} is under way: wait for it, or choose another name", path.display())]
    BackupUnderWay {
        /// The file.
        path: PathBuf,
    },
    /// The data folder holds no database.
    #[error("there is no database in {}: choose the data folder with --data-dir", path.display())]
    NoDatabase {
        /// The folder.
        path: PathBuf,
    },
    /// Not a splitcast database, or a part of one.
    #[error(
        "{} is not a backup of splitcast, or not a whole one: make backups with \"splitcast backup\"; nothing was changed",
        path.display()
    )]
    NotABackup {
        /// The file.
        path: PathBuf,
    },
    /// No key file at hand opens the backup.
    #[error(
        "the backup {} needs the key file it was made with: put that beside it as {}.key; nothing was changed",
        path.display(), path.display()
    )]
    BackupKey {
        /// The backup.
        path: PathBuf,
    },
    /// None of this name is kept beside the database.
    #[error("there is no backup of this name")]
    NoBackup,
    /// A second process on the same folder.
    #[error(
        "another splitcast is running on the data folder {}: stop it first, or choose another folder with --data-dir",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// There is a database, but not the key its secrets are sealed with.
    #[error(
        "the key file {} is missing, and without it the stream keys in the database beside it cannot be read: put it back from a backup, or move the database away to begin anew",
        path.display()
    )]
    KeyMissing {
        /// Where the key file should be.
        path: PathBuf,
    },
    /// The key file is not one.
    #[error(
        "the key file {} is damaged: put it back from a backup; nothing was changed",
        path.display()
    )]
    KeyDamaged {
        /// The key file.
        path: PathBuf,
    },
    /// A good key file, but another database's.
    #[error(
        "the key file {} does not belong to the database beside it: put back the one it was made with; nothing was changed",
        path.display()
    )]
    KeyWrong {
        /// The key file.
        path: PathBuf,
    },
    /// SQLite finds the file broken, or not a database at all.
    #[error(
        "the database {} is damaged: restore it from a backup, or move it away to begin anew; nothing was changed",
        path.display()
    )]
    Damaged {
        /// The database.
        path: PathBuf,
    },
    /// The schema has migrations this version does not know.
    #[error(
        "the database {} was written by another version of splitcast: install the newest version; nothing was changed",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
    },
    /// No stream has this number.
    #[error("there is no stream {0}")]
    NoStream(StreamId),
    /// No target has this number.
    #[error("there is no target {0}")]
    NoTarget(TargetId),
    /// Nobody has this number.
    #[error("there is no user {0}")]
    NoUser(UserId),
    /// No token has this number.
    #[error("there is no token {0}")]
    NoToken(TokenId),
    /// No webhook has this number.
    #[error("there is no webhook {0}")]
    NoWebhook(WebhookId),
    /// A value that must be unique is in use.
    #[error("another one has this {field} already: choose a different one")]
    Taken {
        /// `name` or `key`.
        field: &'static str,
    },
    /// An order that leaves targets out, or names others.
    #[error("the list must name each target of the stream once: read its targets again, then order them")]
    NotAnOrder,
    /// A second address without a key to publish there with.
    #[error("the backup address needs its stream key: give \"backup_key\" too")]
    NoBackupKey,
    /// A key for a second address that is not there.
    #[error("there is no backup address that this key or user could be for: give \"backup_url\" too")]
    NoBackupUrl,
    /// A user name without a password.
    #[error("a user name needs its password: give \"{field}\" too")]
    NoPassword {
        /// What lacks.
        field: &'static str,
    },
    /// A password without a user name.
    #[error("a password needs its user name: give \"{field}\" too")]
    NoUserName {
        /// What lacks.
        field: &'static str,
    },
    /// A stream's encoder must log in, but where, any encoder may come.
    #[error(
        "a stream that asks for a user name needs an application name of its own, other than \"{}\": encoders are asked when they name it",
        AppName::EVERYBODYS
    )]
    NoOwnApp,
    /// Of two streams with one application name, one asks for a login and the other does not.
    #[error(
        "another stream has this application name, and of the two only one asks for a user name: encoders are asked when they name the application, so choose another"
    )]
    SharedApp,
    /// Another process holds the database, or too many requests wait for it.
    #[error("the database is busy: try again in a moment")]
    Busy,
    /// The disk is full.
    #[error("the disk that holds the database is full: free some space and try again")]
    Full,
    /// The file or its disk cannot be written to.
    #[error("the database cannot be written to: check its owner and mode, and the disk it is on")]
    ReadOnly,
    /// A row that only a foreign hand or a failing disk could have made so.
    #[error("row {id} of table {table} is damaged: restore the data folder from a backup")]
    Row {
        /// The table.
        table: &'static str,
        /// The row.
        id: i64,
    },
    /// The system gave no random bytes, without which nothing can be sealed.
    #[error("the system gave no random numbers")]
    Random,
    /// Anything else that SQLite or its driver said.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl Error {
    /// Whether SQLite found the file itself broken.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                matches!(primary_code(error.as_ref()), Some(CORRUPT | NOT_A_DATABASE))
            }
            _ => false,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Database(cause) if cause.is_unique_violation() => {
                Self::Taken { field: taken_field(cause.message()) }
            }
            sqlx::Error::Database(cause) => match primary_code(cause.as_ref()) {
                Some(BUSY | LOCKED) => Self::Busy,
                Some(FULL) => Self::Full,
                Some(READ_ONLY | CANNOT_OPEN) => Self::ReadOnly,
                Some(IO) if is_refused_write(cause.as_ref()) => Self::ReadOnly,
                _ => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

/// SQLite's result code without the extension in its upper bytes.
fn primary_code(error: &dyn sqlx::error::DatabaseError) -> Option<i32> {
    let code: i32 = error.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// Whether it was a write that the system refused, as it does on a disk that it has taken out of use.
fn is_refused_write(error: &dyn sqlx::error::DatabaseError) -> bool {
    let code = error.code().and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| WRITING.contains(&(code >> 8)))
}

/// SQLite says "UNIQUE constraint failed: streams.key_digest".
fn taken_field(message: &str) -> &'static str {
    if message.contains("key_digest") { "key" } else { "name" }
}

// https://www.sqlite.org/rescode.html
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READ_ONLY: i32 = 8;
const IO: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const NOT_A_DATABASE: i32 = 26;

/// What SQLite did when it met an input or output error: write, fsync, dir_fsync, truncate, delete,
/// shmopen, shmsize and shmmap.
const WRITING: [i32; 8] = [3, 4, 5, 6, 10, 18, 19, 21];

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
    use sqlx::{ConnectOptions, Connection};
    use std::time::Duration;

    async fn run(db: &mut SqliteConnection, sql: &'static str) -> Result<(), Error> {
        sqlx::query(sql).execute(db).await?;
        Ok(())
    }

    #[tokio::test]
    async fn what_a_caller_can_act_on_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(dir.path().join("db"))
            .create_if_missing(true)
            .busy_timeout(Duration::ZERO);
        let mut one = options.connect().await.unwrap();
        run(&mut one, "create table t (x blob)").await.unwrap();
        let insert = "insert into t values (zeroblob(1000000))";

        run(&mut one, "begin exclusive").await.unwrap();
        let mut two = options.connect().await.unwrap();
        assert!(matches!(run(&mut two, insert).await, Err(Error::Busy)));
        run(&mut one, "rollback").await.unwrap();
        two.close().await.unwrap();

        let mut reader = options.clone().read_only(true).connect().await.unwrap();
        let refused = run(&mut reader, insert).await;
        assert!(matches!(refused, Err(Error::ReadOnly)));

        run(&mut one, "pragma max_page_count = 10").await.unwrap();
        assert!(matches!(run(&mut one, insert).await, Err(Error::Full)));
    }
}
