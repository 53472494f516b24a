//! What of each frame may be minded by platforms, counted and timed; and the facts that come of it.
//!
//! One task writes, for each frame: numbers are stored, which waits for nothing. Only the tracks count that
//! those get who take one.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use super::gauge::Counts;
use crate::media::{Kind, flv, is_default_track, is_digital_silence};
use crate::relay::lint::{KeyFrames, Presence};

/// What came in of an encoder. Moments are milliseconds and one more, so that 0 is none.
#[derive(Debug, Default)]
pub(super) struct Signs {
    pictures: AtomicU64,
    video_bytes: AtomicU64,
    audio_bytes: AtomicU64,
    /// When the encoder began.
    began: AtomicU64,
    /// When the last ones came.
    picture: AtomicU64,
    sound: AtomicU64,
    /// When the last sound came that is not known to be silence.
    loud: AtomicU64,
    /// When the last picture came that is shown before an earlier one.
    reordered: AtomicU64,
    /// Pictures that may be.
    orderable: AtomicU64,
    /// When the latest picture is shown.
    shown: AtomicI64,
    /// The last picture's time in the stream's own clock.
    time: AtomicU64,
    /// The encoder's first time and its latest in that clock, of pictures and sound.
    first_time: AtomicU64,
    latest_time: AtomicU64,
    keys: AtomicU64,
    /// The times of the last key frames, of the first in the first place.
    key_times: [AtomicU64; KEPT],
}

impl Signs {
    /// Counts a frame with its time in the stream's own clock, and when it came.
    pub(super) fn count(&self, kind: Kind, payload: &[u8], time: i64, arrived_ms: i64) {
        if !kind.is_timed() || !is_default_track(kind, payload) {
            return;
        }
        let (arrived, bytes) = (moment(arrived_ms), u64::try_from(payload.len()).unwrap_or(0));
        self.note_time(moment(time));
        if kind.is_audio() {
            add(&self.audio_bytes, bytes);
            self.sound.store(arrived, Relaxed);
            if !is_digital_silence(payload) {
                self.loud.store(arrived, Relaxed);
            }
            return;
        }
        add(&self.pictures, 1);
        add(&self.video_bytes, bytes);
        self.picture.store(arrived, Relaxed);
        self.time.store(moment(time), Relaxed);
        self.note_order(kind, payload, time, arrived);
        if kind == Kind::VideoKey {
            let keys = self.keys.load(Relaxed);
            if let Some(slot) = self.key_times.get(slot(keys)) {
                slot.store(moment(time), Relaxed);
            }
            self.keys.store(keys.wrapping_add(1), Relaxed);
        }
    }

    fn note_time(&self, time: u64) {
        if self.first_time.load(Relaxed) == 0 {
            self.first_time.store(time, Relaxed);
        }
        self.latest_time.store(time.max(self.latest_time.load(Relaxed)), Relaxed);
    }

    /// A picture that is shown before an earlier one tells of B-frames. That it is shown later than it comes does
    /// not: some encoders say so of all their pictures.
    fn note_order(&self, kind: Kind, payload: &[u8], time: i64, arrived: u64) {
        let codec = flv::codec(kind, payload).map(flv::Codec::name);
        if !matches!(codec, Some("avc" | "hevc" | "vvc")) {
            return;
        }
        let later_ms = flv::composition_ms(payload);
        if later_ms.abs() > LATEST_MS {
            return;
        }
        add(&self.orderable, 1);
        let shown = time.saturating_add(i64::from(later_ms));
        if shown < self.shown.load(Relaxed) {
            self.reordered.store(arrived, Relaxed);
        } else {
            self.shown.store(shown, Relaxed);
        }
    }

    /// Another encoder follows, of which nothing is known.
    pub(super) fn restart(&self, now_ms: i64) {
        for number in [&self.picture, &self.sound, &self.reordered, &self.orderable, &self.keys] {
            number.store(0, Relaxed);
        }
        for time in [&self.time, &self.first_time, &self.latest_time] {
            time.store(0, Relaxed);
        }
        self.shown.store(i64::MIN, Relaxed);
        // Nobody has been silent before they began.
        self.loud.store(moment(now_ms), Relaxed);
        self.began.store(moment(now_ms), Relaxed);
    }

    /// What was counted.
    pub(super) fn counts(&self) -> Counts {
        Counts {
            pictures: self.pictures.load(Relaxed),
            video_bytes: self.video_bytes.load(Relaxed),
            audio_bytes: self.audio_bytes.load(Relaxed),
            media_ms: self.latest_time.load(Relaxed).saturating_sub(self.first_time.load(Relaxed)),
        }
    }

    /// What can be told of the encoder by now; `None` while it is new, and while nothing at all comes from it.
    pub(super) fn tell(&self, now_ms: i64) -> Option<Told> {
        let now = moment(now_ms);
        let [began, picture, sound] = [&self.began, &self.picture, &self.sound].map(|at| at.load(Relaxed));
        let passed = |since: u64| Duration::from_millis(now.saturating_sub(since));
        if began == 0 || passed(began) < NEW || passed(picture.max(sound)) > LATE {
            return None;
        }
        let presence = |at: u64| match at {
            0 => Presence::Never,
            at if passed(at) > LATE => Presence::Stopped(passed(at)),
            _ => Presence::Here,
        };
        let audio = presence(sound);
        let silence = passed(self.loud.load(Relaxed));
        Some(Told {
            video: presence(picture),
            audio,
            silent_for: (audio == Presence::Here && silence > LATE).then_some(silence),
            has_b_frames: (self.orderable.load(Relaxed) >= ENOUGH).then(|| {
                let at = self.reordered.load(Relaxed);
                at > 0 && passed(at) < REMEMBERED
            }),
            key_frames: self.key_frames(),
        })
    }

    fn key_frames(&self) -> Option<KeyFrames> {
        let (keys, newest) = (self.keys.load(Relaxed), self.time.load(Relaxed));
        // Newest first; none of the encoder before.
        let times: Vec<u64> = (0..keys.min(KEPT as u64))
            .filter_map(|back| Some(self.key_times.get(slot(keys - 1 - back))?.load(Relaxed)))
            .collect();
        let last = *times.first()?;
        let gaps: Vec<u64> =
            times.windows(2).filter_map(|pair| Some(pair.first()?.saturating_sub(*pair.get(1)?))).collect();
        // One gap may be of frames that were lost on the way to here.
        let usual = gaps.iter().take(2).min().copied().unwrap_or(0);
        let are_uneven = gaps.len() >= EVENNESS && {
            let (least, most) = (gaps.iter().min().copied()?, gaps.iter().max().copied()?);
            most > 2 * least && most - least > 1_000
        };
        let gap = Duration::from_millis(usual.max(newest.saturating_sub(last)));
        Some(KeyFrames { gap, are_uneven })
    }
}

/// What can be told of an encoder by its frames.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) video: Presence,
    pub(super) audio: Presence,
    pub(super) silent_for: Option<Duration>,
    pub(super) has_b_frames: Option<bool>,
    pub(super) key_frames: Option<KeyFrames>,
}

/// The place of the key frame before which there were so many.
fn slot(keys: u64) -> usize {
    usize::try_from(keys % KEPT as u64).unwrap_or(0)
}

fn moment(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or(0).saturating_add(1)
}

/// Adds where nobody else writes.
fn add(number: &AtomicU64, more: u64) {
    number.store(number.load(Relaxed).wrapping_add(more), Relaxed);
}

/// Key frames remembered.
const KEPT: usize = 6;
/// Gaps between key frames that tell whether they are even.
const EVENNESS: usize = 4;
/// Pictures that tell whether they are in order.
const ENOUGH: u64 = 30;
/// Nothing is said of the first seconds: tracks begin one after the other.
const NEW: Duration = Duration::from_secs(5);
/// What has not come for so long has stopped.
const LATE: Duration = Duration::from_secs(3);
/// For how long pictures that were out of order count.
const REMEMBERED: Duration = Duration::from_secs(10);
/// How much later than it comes a picture may be shown: more is a mistake, which 24 bits have room for.
const LATEST_MS: i32 = 10_000;

#[cfg(test)]
mod tests;
