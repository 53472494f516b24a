//! Frames, counted.

use std::ops::{Add, Sub};

use crate::media::Kind;

/// How many frames, without headers and data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pictures.
    pub video: u64,
    /// Frames of audio.
    pub audio: u64,
}

impl Counts {
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::VideoKey | Kind::VideoInter => Self { video: 1, audio: 0 },
            Kind::Audio => Self { video: 0, audio: 1 },
            _ => Self::default(),
        }
    }
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { video: self.video + other.video, audio: self.audio + other.audio }
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { video: self.video.saturating_sub(other.video), audio: self.audio.saturating_sub(other.audio) }
    }
}
