//! Whether the store takes changes, asked when somebody wants to know or when a change has failed.
//!
//! A change that ended before it was applied is a suspicion, no more: it may have been refused for good
//! reasons. While there is one, the next question makes a real change to the store; otherwise it only
//! begins one. From when there is trouble until there is none, the question is asked every two
//! seconds, so that the relay finds its way back whether somebody watches or not.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, sleep};

use super::desk::Control;
use crate::store::{Trial, Trouble};

/// What is known of the store.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// How many changes have failed.
    failures: AtomicU64,
    suspicion: Notify,
    /// The last answer. Who asks meanwhile waits for it.
    last: Mutex<Option<Answer>>,
}

#[derive(Debug, Clone, Copy)]
struct Answer {
    at: Instant,
    /// How many changes had failed when the question was asked.
    failures: u64,
    found: Result<(), Trouble>,
}

impl Health {
    /// A change has failed, maybe for the store's sake.
    pub(super) fn suspect(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.suspicion.notify_one();
    }

    /// Waits for a suspicion.
    pub(super) async fn suspicion(&self) {
        self.suspicion.notified().await;
    }
}

impl Control {
    /// Whether the store takes changes now. An answer is good for a second, unless a change has failed
    /// since.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn health(&self) -> Result<(), Trouble> {
        let mut last = self.health.last.lock().await;
        let failures = self.health.failures.load(Ordering::Relaxed);
        let is_suspected = last.map_or(0, |last| last.failures) != failures;
        if let Some(last) = *last
            && last.at.elapsed() < GOOD_FOR
            && !is_suspected
        {
            return last.found;
        }
        let before = last.map_or(Ok(()), |last| last.found);
        let trial = if is_suspected || before.is_err() { Trial::Write } else { Trial::Begin };
        let found = self.store.try_out(trial).await;
        *last = Some(Answer { at: Instant::now(), failures, found });
        match (before, found) {
            (_, Err(trouble)) if before != found => tracing::warn!("{trouble}"),
            (Err(_), Ok(())) => tracing::info!("the database takes changes again"),
            _ => {}
        }
        self.webhooks.note_store(found.err());
        if found.is_err() {
            self.health.suspicion.notify_one();
        }
        found
    }

    /// Why the store took no changes when last asked.
    pub fn known_trouble(&self) -> Option<Trouble> {
        self.webhooks.known_trouble()
    }

    /// Looks after the store: from a change that failed until changes are taken again. Runs until
    /// dropped.
    pub async fn keep_healthy(&self) {
        loop {
            self.health.suspicion().await;
            // One question for all changes that fail at once.
            sleep(GOOD_FOR).await;
            while self.health().await.is_err() {
                sleep(ASK_AGAIN).await;
            }
        }
    }
}

/// How long an answer is good for.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// Time between two questions while there is trouble.
const ASK_AGAIN: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::super::tests::desk;
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions, SqliteConnection};
    use std::path::Path;

    async fn other_process(dir: &Path) -> SqliteConnection {
        SqliteConnectOptions::new().filename(dir.join("splitcast.db")).connect().await.unwrap()
    }

    async fn run(db: &mut SqliteConnection, sql: &'static str) {
        sqlx::query(sql).execute(db).await.unwrap();
    }

    #[tokio::test]
    async fn an_answer_is_good_until_a_change_fails() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        control.health().await.unwrap();
        let mut other = other_process(dir.path()).await;
        run(&mut other, "begin immediate").await;
        control.health().await.unwrap();
        assert!(control.known_trouble().is_none());
        drop(control.change().await.unwrap());
        assert!(control.health().await.is_err());
        assert!(control.known_trouble().is_some());
    }

    #[tokio::test]
    async fn trouble_is_over_when_its_cause_is() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        let mut other = other_process(dir.path()).await;
        run(&mut other, "begin immediate").await;
        assert!(control.health().await.is_err());
        run(&mut other, "rollback").await;
        let well = async {
            while control.health().await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = control.keep_healthy() => unreachable!("it goes on"),
            () = well => {}
        }
    }
}
