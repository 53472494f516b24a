//! Backups of the database, made when asked for and once a day.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::sleep;

use super::access::clock;
use super::desk::Control;
use super::error::Error;
use crate::store::{BackupName, KeptBackup};

impl Control {
    /// Makes a backup beside the database, and removes the oldest of those that are kept there.
    ///
    /// # Errors
    /// As the store's.
    pub async fn back_up(&self) -> Result<KeptBackup, Error> {
        let made = self.store.keep_backup().await?;
        tracing::info!(file = %made.name, bytes = made.size, "database backed up");
        Ok(made)
    }

    /// The backups that are kept beside the database, newest first.
    ///
    /// # Errors
    /// As the store's.
    pub fn backups(&self) -> Result<Vec<KeptBackup>, Error> {
        Ok(self.store.kept_backups()?)
    }

    /// Where a backup is.
    ///
    /// # Errors
    /// `store::Error::NoBackup`.
    pub fn backup_file(&self, name: &BackupName) -> Result<PathBuf, Error> {
        Ok(self.store.kept_backup(name)?)
    }

    /// Makes a backup once a day, by the age of the newest one. Runs until dropped.
    pub async fn keep_backups(&self) {
        let mut wait = AFTER_START;
        loop {
            sleep(wait).await;
            wait = LOOK_AGAIN;
            if let Err(error) = self.back_up_if_due().await {
                tracing::warn!(%error, "the daily backup cannot be made: it is tried again in an hour");
            }
        }
    }

    async fn back_up_if_due(&self) -> Result<(), Error> {
        let newest = self.backups()?.first().map(|kept| kept.made_at);
        // What lies in the future was made by a clock that was wrong.
        let age = newest.and_then(|made_at| u64::try_from(clock::now() - made_at).ok());
        if age.is_none_or(|age| age >= DUE_SECONDS) {
            self.back_up().await?;
        }
        Ok(())
    }
}

/// Not among what a relay has to do first.
const AFTER_START: Duration = Duration::from_secs(10 * 60);

const LOOK_AGAIN: Duration = Duration::from_secs(3600);

/// A little less than a day, so that it does not become later each time.
const DUE_SECONDS: u64 = 24 * 3600 - 1800;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tests::desk;
    use std::fs::File;

    #[tokio::test]
    async fn a_backup_is_made_when_the_newest_is_a_day_old() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        for made in [1, 1] {
            control.back_up_if_due().await.unwrap();
            assert_eq!(control.backups().unwrap().len(), made);
        }
        let file = control.backup_file(&control.backups().unwrap()[0].name).unwrap();
        let age = |file: &PathBuf, seconds| {
            let file = File::options().write(true).open(file).unwrap();
            let made_at = file.metadata().unwrap().modified().unwrap();
            file.set_modified(made_at - Duration::from_secs(seconds)).unwrap();
        };
        age(&file, DUE_SECONDS - 300);
        control.back_up_if_due().await.unwrap();
        assert_eq!(control.backups().unwrap().len(), 1);
        age(&file, 300);
        control.back_up_if_due().await.unwrap();
        assert_eq!(control.backups().unwrap().len(), 2);
    }
}
