//! The form in which a target takes the stream.

use bytes::Bytes;

use super::offer::{Offered, audio_codec, video_codec};
use crate::media::flv::{Codec, audio_kind, is_additional_media, video_kind};
use crate::media::reduce::{Kept, reduce};
use crate::media::{Frame, Kind};
use crate::model::{AudioCodec, CodecName, CodecSet, Intake, TagForm, Tracks, VideoCodec};

/// The form in which a target takes the stream. Targets of one form are sent the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    video: Which<VideoCodec>,
    audio: Which<AudioCodec>,
    tags: TagForm,
}

/// Which tracks of sound or of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which<C: 'static> {
    None,
    /// One, as the default track, whatever its codec: whether that is taken is asked beforehand.
    One(u8),
    /// All that have one of these codecs.
    Every(CodecSet<C>),
}

impl Form {
    /// As the encoder sent it.
    pub(super) const ORIGINAL: Self = Self {
        video: Which::Every(CodecSet::ANY),
        audio: Which::Every(CodecSet::ANY),
        tags: TagForm::AsSent,
    };

    /// What a target is sent that takes this.
    pub(super) fn of(intake: &Intake) -> Self {
        let is_one = |all: bool, track| (!all).then_some(track);
        Self {
            video: which(is_one(intake.tracks == Tracks::All, intake.video_track), intake.video_codecs),
            audio: which(is_one(intake.tracks != Tracks::One, intake.audio_track), intake.audio_codecs),
            tags: intake.tags,
        }
    }

    /// Whether a track is sent in this form.
    pub(super) fn sends(&self, offered: &Offered) -> bool {
        if offered.is_video {
            self.video.sends(offered.track, video_codec(offered.codec))
        } else {
            self.audio.sends(offered.track, audio_codec(offered.codec))
        }
    }

    /// A frame in this form; `None` if nothing is left of it. Most are left as they are.
    pub(super) fn reduce(&self, frame: &Frame) -> Option<Frame> {
        if *self == Self::ORIGINAL {
            return Some(frame.clone());
        }
        let is_common = self.tags == TagForm::Common;
        let Frame { kind, time, payload } = frame;
        let (kind, payload) = match kind {
            kind if kind.is_video() => {
                let payload = self.video.reduce(video_codec, *kind, payload, is_common)?;
                (video_kind(&payload), payload)
            }
            kind if kind.is_audio() => {
                let payload = self.audio.reduce(audio_codec, *kind, payload, is_common)?;
                (audio_kind(&payload), payload)
            }
            Kind::Data if is_additional_media(payload) && !matches!(self.audio, Which::Every(_)) => {
                return None;
            }
            _ => (*kind, payload.clone()),
        };
        Some(Frame { kind, time: *time, payload })
    }
}

impl<C: CodecName> Which<C> {
    fn sends(self, track: u8, codec: Option<C>) -> bool {
        match self {
            Self::None => false,
            Self::One(only) => track == only,
            Self::Every(codecs) => codecs.takes(codec),
        }
    }

    fn reduce(
        self,
        name: fn(Codec) -> Option<C>,
        kind: Kind,
        payload: &Bytes,
        is_common: bool,
    ) -> Option<Bytes> {
        let (only, codecs) = match self {
            Self::None => return None,
            Self::One(track) => (Some(track), CodecSet::ANY),
            Self::Every(codecs) => (None, codecs),
        };
        reduce(kind, payload, Kept { only, takes: &|codec| codecs.takes(name(codec)), is_common })
    }
}

fn which<C: CodecName>(one: Option<u8>, codecs: CodecSet<C>) -> Which<C> {
    match one {
        _ if codecs.is_empty() => Which::None,
        Some(track) => Which::One(track),
        None => Which::Every(codecs),
    }
}

#[cfg(test)]
mod tests;
