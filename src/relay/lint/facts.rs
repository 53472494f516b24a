//! What is known of what an encoder sends, as far as a platform may mind it.

use std::time::Duration;

use crate::media::{Picture, Size, Sound};
use crate::model::Intake;

/// What is known of an encoder's default tracks at one moment. What is not known is `None`, and minded by nobody.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SourceFacts {
    /// The codec of the pictures, as [`Codec::name`](crate::media::flv::Codec::name) has it.
    pub video_codec: Option<&'static str>,
    /// Width and height, as decoders know it or as it was said.
    pub size: Option<Size>,
    /// What decoders are told of the pictures.
    pub picture: Picture,
    /// What decoders are told of the sound.
    pub sound: Sound,
    /// Pictures per second, as they came.
    pub frame_rate: Option<f64>,
    /// Bits of pictures per second, as they came.
    pub video_bits_per_second: Option<f64>,
    /// Bits of sound per second, as they came.
    pub audio_bits_per_second: Option<f64>,
    /// How key frames come.
    pub key_frames: Option<KeyFrames>,
    /// Whether pictures come in another order than they are shown.
    pub has_b_frames: Option<bool>,
    /// Whether pictures come.
    pub video: Presence,
    /// Whether sound comes.
    pub audio: Presence,
    /// For how long the sound that comes has been nothing but zeros.
    pub silent_for: Option<Duration>,
}

impl SourceFacts {
    /// What is known of what a target is sent that takes this. Only default tracks are measured: nothing is known
    /// of another one that is sent instead, and nothing matters of what is not sent.
    pub(super) fn as_sent(&self, intake: &Intake) -> Self {
        let mut known = *self;
        if intake.main_video() != Some(0) {
            let Self { sound, audio_bits_per_second, audio, silent_for, .. } = known;
            known = Self { sound, audio_bits_per_second, audio, silent_for, ..Self::default() };
        }
        if intake.main_audio() != Some(0) {
            let Self { sound, audio_bits_per_second, audio, silent_for, .. } = Self::default();
            known = Self { sound, audio_bits_per_second, audio, silent_for, ..known };
        }
        known
    }
}

/// How key frames come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeyFrames {
    /// How far they are apart: the last ones, or the last and the newest picture if that is longer already.
    pub gap: Duration,
    /// Whether the distances differ much.
    pub are_uneven: bool,
}

/// Whether something comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Presence {
    /// Too little time has passed to tell.
    #[default]
    Unknown,
    /// It comes.
    Here,
    /// It has not come for so long.
    Stopped(Duration),
    /// It never came.
    Never,
}
