//! Whether the database takes changes now, found out by making one.
//!
//! The trial has a connection of its own: it does not queue behind changes that wait, and it sees the
//! file as it is today, while a connection that was opened on a file that could not be written to
//! never writes again.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use tokio::time::timeout;

use super::error::Error;
use super::pool::Store;

/// Why the database takes no changes. It is tried again and again, and goes on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Somebody else writes, or only holds the lock.
    #[error(
        "another process holds the database, so that nothing can be changed: end the program that has splitcast.db open"
    )]
    Busy,
    /// The file or its disk cannot be written to.
    #[error(
        "the database cannot be written to, so that nothing can be changed: check its owner and mode, and the disk it is on"
    )]
    ReadOnly,
    /// The disk is full.
    #[error("the disk that holds the database is full, so that nothing can be changed: free some space")]
    Full,
    /// SQLite finds the file broken.
    #[error("the database is damaged: stop splitcast and restore a backup with \"splitcast restore\"")]
    Damaged,
    /// The disk says nothing, or something else.
    #[error("the disk that holds the database does not answer, or answers with errors: see the system's log")]
    Failing,
}

impl Trouble {
    /// One word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::ReadOnly => "read_only",
            Self::Full => "full",
            Self::Damaged => "damaged",
            Self::Failing => "failing",
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy => Self::Busy,
            Error::ReadOnly => Self::ReadOnly,
            Error::Full => Self::Full,
            error if error.is_damage() => Self::Damaged,
            _ => Self::Failing,
        }
    }
}

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// Only to begin a change. Writes nothing.
    Begin,
    /// To make a change, down to the disk: where one has failed, only this tells that the next will not.
    Write,
}

impl Store {
    /// Whether a change could be made now.
    ///
    /// # Errors
    /// Why not.
    pub async fn try_out(&self, trial: Trial) -> Result<(), Trouble> {
        match timeout(LIMIT, self.attempt(trial)).await {
            Ok(done) => done.map_err(Trouble::from),
            Err(_) => Err(Trouble::Failing),
        }?;
        if trial == Trial::Write {
            // Whatever was wrong with the file when the pool's connection was made, it is not so any more.
            self.renew.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn attempt(&self, trial: Trial) -> Result<(), Error> {
        let options = SqliteConnectOptions::new()
            .filename(self.folder.database())
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE);
        let mut db = options.connect().await?;
        let done = write(&mut db, trial).await;
        // Not only dropped: it should be gone before the next one comes.
        let _ = db.close().await;
        done
    }
}

async fn write(db: &mut SqliteConnection, trial: Trial) -> Result<(), Error> {
    let mut tx = db.begin_with("begin immediate").await?;
    match trial {
        Trial::Begin => tx.rollback().await?,
        Trial::Write => {
            // A number in the file's head that nobody uses. SQLite writes it even if it stays the same.
            sqlx::query("pragma user_version = 0").execute(&mut *tx).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// How long another process may hold the database before that is trouble. Our own changes are far
/// quicker.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long all of it may take on a disk that hangs.
const LIMIT: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{IngestKey, Name, NewStream, StreamSettings};

    fn stream(name: &str) -> NewStream {
        let key = IngestKey::parse(name).unwrap();
        NewStream { name: Name::parse(name).unwrap(), settings: StreamSettings::default(), key }
    }

    #[tokio::test]
    async fn a_store_that_is_well_takes_both_trials_and_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        store.try_out(Trial::Begin).await.unwrap();
        store.try_out(Trial::Write).await.unwrap();
        store.create_stream(&stream("one")).await.unwrap();
        assert_eq!(store.count_streams().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn another_process_that_holds_the_lock_is_named_until_it_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let other = SqliteConnectOptions::new().filename(dir.path().join("splitcast.db"));
        let mut other = other.connect().await.unwrap();
        sqlx::query("begin exclusive").execute(&mut other).await.unwrap();
        assert_eq!(store.try_out(Trial::Begin).await, Err(Trouble::Busy));
        assert_eq!(store.try_out(Trial::Write).await, Err(Trouble::Busy));
        sqlx::query("rollback").execute(&mut other).await.unwrap();
        store.try_out(Trial::Write).await.unwrap();
    }

    #[tokio::test]
    async fn a_connection_made_while_nothing_could_be_written_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        sqlx::query("pragma query_only = on").execute(&store.pool).await.unwrap();
        assert!(matches!(store.create_stream(&stream("one")).await, Err(Error::ReadOnly)));
        store.try_out(Trial::Write).await.unwrap();
        store.create_stream(&stream("one")).await.unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_gone_or_broken_is_trouble() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        store.close().await;
        let file = dir.path().join("splitcast.db");
        std::fs::remove_file(&file).unwrap();
        assert_eq!(store.try_out(Trial::Begin).await, Err(Trouble::ReadOnly));
        std::fs::write(&file, "no database ".repeat(1000)).unwrap();
        assert_eq!(store.try_out(Trial::Begin).await, Err(Trouble::Damaged));
    }
}
