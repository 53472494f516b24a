//! What decoders are told before the first picture and the first sound.
//!
//! What an encoder writes into its metadata may be anything; this is what decoders go by. What cannot be read
//! is unknown and nothing worse.

use std::fmt;

use super::enhanced::{ExTag, Media, Packet};
use super::flv::{SOUND_AAC, audio_kind, codecs, configuration, video_kind};
use super::{Kind, aac, av1, avc, hevc, opus};

/// What a video header says of the pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Picture {
    /// Width and height in pixels.
    pub size: Option<Size>,
    /// The codec's profile.
    pub profile: Option<&'static str>,
    /// The codec's level.
    pub level: Option<Level>,
    /// Bits of a sample.
    pub bit_depth: Option<u8>,
    /// How much of the colour is kept, as in `4:2:0`.
    pub chroma: Option<&'static str>,
    /// Pictures per second, as declared; some encoders lie.
    pub frame_rate: Option<f64>,
    /// Whether pictures may be made of two fields.
    pub is_interlaced: Option<bool>,
}

/// Width and height in pixels.
pub type Size = (u32, u32);

/// A codec's level, as in `4.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// What stands before the point.
    pub major: u8,
    /// What stands behind it.
    pub minor: u8,
}

/// What an audio header says of the sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sound {
    /// The codec's profile.
    pub profile: Option<&'static str>,
    /// Samples per second, as they are heard.
    pub sample_rate: Option<u32>,
    /// Channels.
    pub channels: Option<u8>,
}

impl Picture {
    /// What a video header says of the default track.
    pub fn of_header(payload: &[u8]) -> Option<Self> {
        let (codec, record) = configuration(video_kind(payload), payload)?;
        match codec.name() {
            "avc" => avc::read(record),
            "hevc" => hevc::read(record),
            "av1" => av1::read(record),
            _ => None,
        }
    }
}

impl Sound {
    /// What an audio header says of the default track.
    pub fn of_header(payload: &[u8]) -> Option<Self> {
        let (codec, record) = configuration(audio_kind(payload), payload)?;
        match codec.name() {
            "aac" => aac::read(record),
            "opus" => opus::read(record),
            _ => None,
        }
    }
}

/// Whether a frame of the default track's sound is nothing at all: not quiet, but without a single sample that
/// is not zero. `false` where that cannot be told.
pub fn is_digital_silence(payload: &[u8]) -> bool {
    if let [first, 1, frame @ ..] = payload
        && first >> 4 == SOUND_AAC
    {
        return aac::is_silence(frame).unwrap_or(false);
    }
    let tag = ExTag::read(Media::Audio, payload).filter(|tag| tag.packet == Packet::CodedFrames);
    let Some(track) = tag.and_then(|tag| tag.track(0)) else {
        return false;
    };
    match &track.four_cc {
        b"mp4a" => aac::is_silence(track.body).unwrap_or(false),
        b"Opus" => opus::is_silence(track.body),
        _ => false,
    }
}

/// Whether pictures or sound, or a header of them, are of the track that those get who take one.
pub fn is_default_track(kind: Kind, payload: &[u8]) -> bool {
    codecs(kind, payload).any(|(track, _)| track == 0)
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Pictures per second out of ticks per second and ticks per picture; `None` for what no encoder sends.
pub(super) fn rate(ticks: u32, per_picture: u64) -> Option<f64> {
    let rate = f64::from(ticks) / per_picture as f64;
    (0.1..=1_000.0).contains(&rate).then_some(rate)
}

/// What stands for a share of colour in H.264, HEVC and others.
pub(super) fn chroma(format: u32) -> Option<&'static str> {
    Some(match format {
        0 => "4:0:0",
        1 => "4:2:0",
        2 => "4:2:2",
        3 => "4:4:4",
        _ => return None,
    })
}
