//! A target that does not keep up: what it misses is told, and one that is beyond help is given up.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::Instant;

use super::failure::Why;
use super::outlet::Standing;
use super::ring::Counts;
use super::status::TargetStatus;

/// What is remembered of a target that does not keep up.
pub(super) struct Slowness {
    /// What earlier sessions had skipped.
    skipped_before: Counts,
    skipped: Counts,
    told_at: Option<Instant>,
    falls: u64,
    fell_at: Option<Instant>,
    /// While much waits: when it had last taken enough, and how many bytes in all.
    progress: Option<(Instant, u64)>,
}

impl Slowness {
    /// Of a session that begins.
    pub(super) fn new(status: &TargetStatus) -> Self {
        Self {
            skipped_before: Counts {
                video: status.counters.skipped_video.load(Relaxed),
                audio: status.counters.skipped_audio.load(Relaxed),
            },
            skipped: Counts::default(),
            told_at: None,
            falls: 0,
            fell_at: None,
            progress: None,
        }
    }

    /// Takes in how far the target has come.
    ///
    /// # Errors
    /// When it is beyond help.
    pub(super) fn note(&mut self, standing: &Standing, status: &TargetStatus) -> Result<(), Why> {
        self.note_skipped(standing.skipped, status);
        self.note_falls(standing.falls)?;
        self.note_progress(standing, status)
    }

    fn note_skipped(&mut self, skipped: Counts, status: &TargetStatus) {
        if skipped == self.skipped {
            return;
        }
        self.skipped = skipped;
        let total = self.skipped_before + skipped;
        status.counters.skipped_video.store(total.video, Relaxed);
        status.counters.skipped_audio.store(total.audio, Relaxed);
        if self.told_at.is_none_or(|at| at.elapsed() >= TOLD_AGAIN) {
            self.told_at = Some(Instant::now());
            tracing::warn!(
                skipped_video = total.video,
                skipped_audio = total.audio,
                "target is too slow for the stream: frames are left out"
            );
        }
    }

    fn note_falls(&mut self, falls: u64) -> Result<(), Why> {
        if falls != self.falls {
            self.falls = falls;
            let before = self.fell_at.replace(Instant::now());
            if before.is_some_and(|at| at.elapsed() < TOO_OFTEN) {
                return Err(Why::TooSlow);
            }
        }
        Ok(())
    }

    /// Gives up a target that always has more waiting for it than it takes: what it gets is out of date.
    fn note_progress(&mut self, standing: &Standing, status: &TargetStatus) -> Result<(), Why> {
        if standing.unsent < NEXT_TO_NOTHING {
            self.progress = None;
            return Ok(());
        }
        let (now, sent) = (Instant::now(), status.counters.bytes_sent.load(Relaxed));
        let (since, before) = *self.progress.get_or_insert((now, sent));
        if sent.saturating_sub(before) >= HARDLY_ANYTHING {
            self.progress = Some((now, sent));
        } else if now - since >= TOO_OFTEN {
            return Err(Why::TooSlow);
        }
        Ok(())
    }
}

/// How often the log is told that a target is too slow.
const TOLD_AGAIN: Duration = Duration::from_secs(30);

/// A target that falls out of the recent past twice in this time is dialled anew, and so is one that
/// takes hardly anything in all of this time though more waits.
const TOO_OFTEN: Duration = Duration::from_secs(30);

/// Bytes: far less than the leanest stream has in [`TOO_OFTEN`].
const HARDLY_ANYTHING: u64 = 64 << 10;

/// Bytes: with fewer that wait, a target has kept up.
const NEXT_TO_NOTHING: usize = 32 << 10;
