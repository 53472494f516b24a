//! What comes in from a stream's encoders, counted and timed.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::media::Kind;

/// What came in. One task writes, for each frame: numbers are stored, which waits for nothing.
#[derive(Debug, Default)]
pub(super) struct Media {
    video: AtomicU64,
    audio: AtomicU64,
    key_frames: AtomicU64,
    /// When the last key frame came, in milliseconds from the entry's beginning, plus one; 0 before any.
    last_key: AtomicU64,
    /// Milliseconds of the stream's own time from the last key frame but one to the last; 0 before.
    key_interval: AtomicU64,
    /// The last key frame's time, plus one.
    last_key_time: AtomicU64,
}

/// The same at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MediaSnapshot {
    pub(super) video: u64,
    pub(super) audio: u64,
    pub(super) key_frames: u64,
    pub(super) key_frame_interval: Option<Duration>,
    /// From the entry's beginning.
    pub(super) last_key_at: Option<Duration>,
}

impl Media {
    /// Counts a frame with its time in the stream's own clock, and when it came.
    pub(super) fn count(&self, kind: Kind, time: i64, arrived_ms: i64) {
        match kind {
            Kind::Audio => increment(&self.audio),
            Kind::VideoInter => increment(&self.video),
            Kind::VideoKey => {
                increment(&self.video);
                increment(&self.key_frames);
                let time = u64::try_from(time).unwrap_or(0).saturating_add(1);
                let before = self.last_key_time.swap(time, Relaxed);
                if before > 0 {
                    self.key_interval.store(time.saturating_sub(before), Relaxed);
                }
                self.last_key.store(u64::try_from(arrived_ms).unwrap_or(0).saturating_add(1), Relaxed);
            }
            _ => {}
        }
    }

    /// Another publisher follows, whose key frames come as it likes.
    pub(super) fn restart(&self) {
        for number in [&self.last_key, &self.last_key_time, &self.key_interval] {
            number.store(0, Relaxed);
        }
    }

    pub(super) fn snapshot(&self) -> MediaSnapshot {
        let some = |number: &AtomicU64| Some(number.load(Relaxed)).filter(|number| *number > 0);
        MediaSnapshot {
            video: self.video.load(Relaxed),
            audio: self.audio.load(Relaxed),
            key_frames: self.key_frames.load(Relaxed),
            key_frame_interval: some(&self.key_interval).map(Duration::from_millis),
            last_key_at: some(&self.last_key).map(|ms| Duration::from_millis(ms - 1)),
        }
    }
}

/// Adds one where nobody else writes.
fn increment(number: &AtomicU64) {
    number.store(number.load(Relaxed).wrapping_add(1), Relaxed);
}
