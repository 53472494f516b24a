//! The one currency: an FLV tag body with its time, exactly what RTMP carries, byte for byte.
//!
//! A restreamer's promise is "unchanged". Payloads are opaque here: they are carried as they came,
//! whatever codec they hold, and read only as far as [`Kind`] needs.

use bytes::Bytes;

/// All the relay must know of a tag in order to relay it well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `onMetaData`: kept for late joiners.
    Metadata,
    /// Any other script data, such as cue points.
    Data,
    /// An audio decoder's configuration: kept for late joiners.
    AudioHeader,
    /// Audio.
    Audio,
    /// The end of an audio track; its time means nothing (OBS sends 0).
    AudioEnd,
    /// A video decoder's configuration, or colour metadata: kept for late joiners.
    VideoHeader,
    /// A picture of the default track that needs no other.
    VideoKey,
    /// Any other picture.
    VideoInter,
    /// The end of a video track; its time means nothing (OBS sends 0).
    VideoEnd,
}

impl Kind {
    /// Whether the RTMP message is of the video type.
    pub fn is_video(self) -> bool {
        matches!(self, Self::VideoHeader | Self::VideoKey | Self::VideoInter | Self::VideoEnd)
    }

    /// Whether the RTMP message is of the audio type.
    pub fn is_audio(self) -> bool {
        matches!(self, Self::AudioHeader | Self::Audio | Self::AudioEnd)
    }

    /// Whether newcomers need the last one of it before anything else.
    pub fn is_header(self) -> bool {
        matches!(self, Self::Metadata | Self::AudioHeader | Self::VideoHeader)
    }

    /// Whether its time belongs to the stream's clock: sound and pictures, not what describes them.
    pub fn is_timed(self) -> bool {
        matches!(self, Self::Audio | Self::VideoKey | Self::VideoInter)
    }
}

/// A tag as it stands on the wire, in the peer's own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// What it is.
    pub kind: Kind,
    /// Milliseconds, modulo 2^32, from a start of the peer's choice.
    pub timestamp: u32,
    /// The tag's body.
    pub payload: Bytes,
}

/// A tag in the stream's own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: Kind,
    /// Milliseconds from the stream's start; see [`super::Timeline`].
    pub time: i64,
    /// The tag's body.
    pub payload: Bytes,
}
