//! Whether the relay can do all that is asked of it: what a load balancer or an alarm wants to know.
//!
//! Not ready does not mean not working: streams go on as long as they can.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::desk::Control;
use crate::machine::{Descriptors, Space};
use crate::store::Trouble;

/// Why the relay is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// It was asked to stop.
    #[error("the relay is stopping")]
    Stopping,
    /// Nobody listens where encoders publish to.
    #[error("the relay does not listen for encoders: restart it")]
    NotListening,
    /// TLS is wanted, and there is nothing good to show.
    #[error(
        "there is no TLS certificate, or it has expired, so that encoders and browsers refuse it: see the log"
    )]
    Certificate,
    /// Nothing can be changed.
    #[error(transparent)]
    Database(#[from] Trouble),
    /// Few connections more, and none could be made or taken.
    #[error(
        "only {left} more connections or files can be opened: allow the process more (LimitNOFILE, ulimit -n)"
    )]
    Descriptors {
        /// How many can still be opened.
        left: u64,
    },
    /// The disk is nearly full.
    #[error("only {free_mib} MiB are free on the disk that holds the database: free some space")]
    Space {
        /// How much this user may still write.
        free_mib: u64,
    },
}

impl NotReady {
    /// One word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopping => "stopping",
            Self::NotListening => "not_listening",
            Self::Certificate => "certificate",
            Self::Database(Trouble::Busy) => "database_busy",
            Self::Database(Trouble::ReadOnly) => "database_read_only",
            Self::Database(Trouble::Full) => "database_full",
            Self::Database(Trouble::Damaged) => "database_damaged",
            Self::Database(Trouble::Failing) => "database_failing",
            Self::Descriptors { .. } => "file_descriptors",
            Self::Space { .. } => "disk_space",
        }
    }
}

/// What is known of it.
#[derive(Debug, Default)]
pub(super) struct Readiness {
    leaving: AtomicBool,
    listening: AtomicBool,
    /// When the machine was last looked at, and what was wrong.
    machine: Mutex<Option<(Instant, Vec<NotReady>)>>,
}

impl Readiness {
    /// The relay was asked to stop.
    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    fn wrong_with_relay(&self) -> impl Iterator<Item = NotReady> {
        let leaving = self.leaving.load(Ordering::Relaxed).then_some(NotReady::Stopping);
        let deaf = (!self.listening.load(Ordering::Relaxed)).then_some(NotReady::NotListening);
        leaving.into_iter().chain(deaf)
    }
}

impl Control {
    /// All that keeps the relay from being ready; nothing if it is. What the machine has left is looked
    /// at once a second at most, and so is the store.
    pub async fn readiness(&self) -> Vec<NotReady> {
        let store = self.health().await.err().map(NotReady::Database);
        let certificate = self.lacks_certificate().then_some(NotReady::Certificate);
        self.readiness
            .wrong_with_relay()
            .chain(certificate)
            .chain(store)
            .chain(self.wrong_with_machine())
            .collect()
    }

    /// Serves encoders, and knows by it that they are served.
    pub async fn while_listening(&self, serving: impl Future<Output = ()>) {
        let _up = Listening::on(&self.readiness.listening);
        serving.await;
    }

    fn wrong_with_machine(&self) -> Vec<NotReady> {
        let mut last = self.readiness.machine.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, wrong)) = last.as_ref()
            && at.elapsed() < LOOK_AGAIN
        {
            return wrong.clone();
        }
        let descriptors = Descriptors::now().and_then(few_descriptors);
        let space = Space::beside(self.store.folder()).filter(|space| space.is_low());
        let space = space.map(|space| NotReady::Space { free_mib: space.free >> 20 });
        let wrong: Vec<NotReady> = descriptors.into_iter().chain(space).collect();
        *last = Some((Instant::now(), wrong.clone()));
        wrong
    }
}

fn few_descriptors(descriptors: Descriptors) -> Option<NotReady> {
    let left = descriptors.limit.saturating_sub(descriptors.open);
    let reserve = DESCRIPTOR_RESERVE.min(descriptors.limit / 8);
    (left < reserve).then_some(NotReady::Descriptors { left })
}

/// Whatever ends the serving, also a panic, is seen.
struct Listening<'a>(&'a AtomicBool);

impl<'a> Listening<'a> {
    fn on(up: &'a AtomicBool) -> Self {
        up.store(true, Ordering::Relaxed);
        Self(up)
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// How many descriptors there should always be left; where few are allowed at all, an eighth.
const DESCRIPTOR_RESERVE: u64 = 128;

/// How long a look at the machine is good for: it costs more than a question should.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::super::tests::desk;
    use super::*;

    #[tokio::test]
    async fn ready_from_listening_to_leaving() {
        let dir = tempfile::tempdir().unwrap();
        let (control, _) = desk(&dir).await;
        assert_eq!(control.readiness().await, [NotReady::NotListening]);
        let script = async {
            assert_eq!(control.readiness().await, []);
            control.leave(false);
            assert_eq!(control.readiness().await, [NotReady::Stopping]);
        };
        control.while_listening(script).await;
        assert_eq!(control.readiness().await, [NotReady::Stopping, NotReady::NotListening]);
    }

    #[test]
    fn descriptors_are_few_before_they_are_gone() {
        for (open, limit, left) in [
            (10, 1024, None),
            (896, 1024, None),
            (897, 1024, Some(127)),
            (57, 64, Some(7)),
            (56, 64, None),
            (2000, 1024, Some(0)),
            (5000, u64::MAX, None),
        ] {
            let found = few_descriptors(Descriptors { open, limit });
            assert_eq!(found, left.map(|left| NotReady::Descriptors { left }), "{open} of {limit}");
        }
    }
}
