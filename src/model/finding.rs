//! What a platform would mind in what an encoder sends.
//!
//! Where YouTube has a name for it in its live API (`gopSizeLong`), it has the same here (`gop_size_long`), so
//! that people find it; the rest is named in the same manner.

use std::time::Duration;

use super::stream::StreamId;
use super::target::TargetId;
use super::word::words;

/// What is minded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// No pictures come.
    NoVideoStream,
    /// Pictures stopped while sound goes on.
    VideoIngestionStarved,
    /// No sound comes, or none any more.
    NoAudioStream,
    /// Sound comes, and all of it is silence.
    AudioSilent,
    /// The pictures' codec is none that the platform takes.
    VideoCodec,
    /// The pictures' profile is none that platforms take.
    VideoProfile,
    /// The sound's codec is none that the platform takes.
    AudioCodec,
    /// There are more bits of pictures than the platform takes.
    BitrateHigh,
    /// There are more bits of sound than the platform takes.
    AudioBitrateHigh,
    /// Key frames are further apart than the platform takes, or than anybody should have them.
    GopSizeOver,
    /// Key frames are further apart than the platform wants.
    GopSizeLong,
    /// Key frames come at any time.
    GopSizeUneven,
    /// Pictures are sent in another order than they are shown, to a platform that wants none such.
    BFrames,
    /// There are more pictures a second than the platform takes.
    FrameRateHigh,
    /// The picture has more lines than the platform takes.
    VideoResolutionUnsupported,
    /// The picture lies, where the platform shows it upright.
    VideoResolutionSuboptimal,
    /// Pictures may be made of two fields.
    InterlacedVideo,
    /// The sound has a rate that platforms do not take.
    AudioSampleRate,
}

words!(FindingKind {
    NoVideoStream = "no_video_stream",
    VideoIngestionStarved = "video_ingestion_starved",
    NoAudioStream = "no_audio_stream",
    AudioSilent = "audio_silent",
    VideoCodec = "video_codec",
    VideoProfile = "video_profile",
    AudioCodec = "audio_codec",
    BitrateHigh = "bitrate_high",
    AudioBitrateHigh = "audio_bitrate_high",
    GopSizeOver = "gop_size_over",
    GopSizeLong = "gop_size_long",
    GopSizeUneven = "gop_size_uneven",
    BFrames = "b_frames",
    FrameRateHigh = "frame_rate_high",
    VideoResolutionUnsupported = "video_resolution_unsupported",
    VideoResolutionSuboptimal = "video_resolution_suboptimal",
    InterlacedVideo = "interlaced_video",
    AudioSampleRate = "audio_sample_rate",
});

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// It may go well: it is advice, or the limit is somebody else's word.
    Warning,
    /// The platform says itself that it does not take this, or nobody can see or hear anything.
    Bad,
}

words!(Severity { Warning = "warning", Bad = "bad" });

/// What measured values and limits of a finding are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Thousands of bits per second.
    Kbps,
    /// Seconds.
    Seconds,
    /// Pictures per second.
    Fps,
    /// Lines of a picture.
    Lines,
    /// Samples per second.
    Hertz,
}

words!(Unit { Kbps = "kbps", Seconds = "seconds", Fps = "fps", Lines = "lines", Hertz = "hertz" });

/// Something that a platform would mind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// How it is, where that is a number; see [`FindingKind::unit`].
    pub measured: Option<f64>,
    /// How it should be at most.
    pub limit: Option<f64>,
    /// How it is, where that is a name.
    pub found: Option<&'static str>,
    /// Who minds it; nobody in particular if `None`.
    pub platform: Option<&'static str>,
}

impl FindingKind {
    /// What its numbers are counted in, if it has any.
    pub fn unit(self) -> Option<Unit> {
        Some(match self {
            Self::BitrateHigh | Self::AudioBitrateHigh => Unit::Kbps,
            Self::GopSizeOver
            | Self::GopSizeLong
            | Self::GopSizeUneven
            | Self::NoAudioStream
            | Self::AudioSilent
            | Self::VideoIngestionStarved => Unit::Seconds,
            Self::FrameRateHigh => Unit::Fps,
            Self::VideoResolutionUnsupported => Unit::Lines,
            Self::AudioSampleRate => Unit::Hertz,
            _ => return None,
        })
    }
}

/// Something of what an encoder sends began to be minded for a target, or is minded no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The target.
    pub target: TargetId,
    /// The stream that target belongs to.
    pub stream: StreamId,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// What it is about.
    pub kind: FindingKind,
    /// Whether it is over.
    pub change: WarningChange,
    /// For how long it was so; nothing when it begins.
    pub lasted: Duration,
    /// What is wrong and what can be done, or that it is right again, in sentences for a person.
    pub reason: String,
}

/// What happened to a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WarningChange {
    /// It began.
    Warned,
    /// It is over.
    Cleared,
}

words!(WarningChange { Warned = "warned", Cleared = "cleared" });

mod sentence;
