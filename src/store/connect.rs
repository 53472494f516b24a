//! How SQLite is opened: one connection that writes, a few that only read.
//!
//! SQLite has one writer at a time anyway, and with two connections that write our own requests could
//! find the database locked by each other. Readers need no lock that a writer holds: while another
//! process keeps the one that writes waiting, pages are shown from what was committed last. What was
//! acknowledged is seen by every read that begins after it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlitePool};

use super::error::Error;

/// Opens the connection that writes, so that an acknowledged change survives a power cut.
///
/// Where SQLite itself undoes a transaction, as it does when the disk is full, the driver goes on
/// believing in it and could begin no other: such a connection is replaced. So is one for which
/// `renew` is set: a connection that was made while the file could not be written to never will.
pub(super) async fn writer(path: &Path, renew: Arc<AtomicBool>) -> Result<SqlitePool, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None)
        .max_lifetime(None)
        .before_acquire(move |connection, _| {
            let is_good = !connection.is_in_transaction() && !renew.swap(false, Ordering::Relaxed);
            Box::pin(async move { Ok(is_good) })
        })
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// Connections that only read, opened when they are first needed.
pub(super) fn readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(2)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(read_only(path))
}

/// To read a database, also one that another process writes to.
pub(super) fn read_only(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::from_secs(2))
}

#[cfg(test)]
mod tests {
    use super::super::pool::Store;
    use super::*;
    use crate::model::StreamId;
    use sqlx::ConnectOptions;

    #[tokio::test]
    async fn reading_does_not_wait_for_another_process_that_writes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let other = SqliteConnectOptions::new().filename(dir.path().join("splitcast.db"));
        let mut other = other.connect().await.unwrap();
        sqlx::query("begin exclusive").execute(&mut other).await.unwrap();
        let writing = store.delete_stream(StreamId(1));
        let reading = store.streams();
        tokio::select! {
            biased;
            _ = writing => panic!("the database is locked"),
            read = reading => assert!(read.unwrap().is_empty()),
        }
    }

    #[tokio::test]
    async fn readers_cannot_write() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let refused = sqlx::query("delete from streams").execute(&store.reads).await.unwrap_err();
        assert!(matches!(Error::from(refused), Error::ReadOnly));
    }
}
