//! Keeps book and store alike.

use std::time::Duration;

use tokio::time::sleep;

use super::super::desk::Control;
use super::super::error::Error;
use super::clock;

impl Control {
    /// Reads who may use the relay.
    ///
    /// # Errors
    /// As the store's.
    pub(in super::super) async fn read_access(&self) -> Result<(), Error> {
        let _turn = self.access.turn.lock().await;
        let users = self.store.users().await?;
        let sessions = self.store.sessions().await?;
        let tokens = self.store.tokens().await?;
        self.access.book().read_anew(users, sessions, tokens);
        Ok(())
    }

    /// Writes down once in a while when sessions and tokens were used, and reads anew what a caller who went
    /// away left half done. Runs until dropped.
    pub async fn keep_access(&self) {
        loop {
            tokio::select! {
                () = self.access.stale.notified() => self.read_access_again().await,
                () = sleep(WRITE_EVERY) => self.write_uses().await,
            }
        }
    }

    /// Writes down when sessions and tokens were used.
    pub(in super::super) async fn write_uses(&self) {
        let uses = self.access.book().take_uses(clock::now());
        if uses.is_empty() {
            return;
        }
        if let Err(error) = self.store.keep_uses(&uses.sessions, &uses.tokens, &uses.ended).await {
            tracing::debug!(%error, "what sessions were last used is not written down yet");
            self.access.book().give_back(uses);
            self.health.suspect();
        }
    }

    async fn read_access_again(&self) {
        while let Err(error) = self.read_access().await {
            tracing::warn!(%error, "who may log in cannot be read");
            sleep(READ_AGAIN).await;
        }
    }
}

/// How old what the store says of the last use may be.
const WRITE_EVERY: Duration = Duration::from_secs(60);

/// How long to wait before reading is tried again.
const READ_AGAIN: Duration = Duration::from_secs(1);
