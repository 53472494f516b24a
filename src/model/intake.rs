//! What a target takes of a stream: codecs, tracks, and the form of its tags.
//!
//! A person may say it for a target ([`Takes`]); what is not said is as the platform has it, and a server of
//! which nothing is known is sent the stream as it came. [`Intake`] is what comes of both.

use super::codec::{AudioCodec, CodecSet, VideoCodec};
use super::platform::Platform;
use super::word::words;

/// Which tracks of a stream a target takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tracks {
    /// One of pictures and one of sound.
    One,
    /// One of pictures and all of sound: Twitch keeps a second one for its recordings.
    AllAudio,
    /// All there are.
    All,
}

words!(Tracks { One = "one", AllAudio = "all_audio", All = "all" });

/// In which form a target takes tags for which Enhanced RTMP has another one than classic RTMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TagForm {
    /// As the encoder sent them.
    AsSent,
    /// In the form that most servers understand: H.264, AAC and MP3 as classic RTMP has them, all else by FourCC,
    /// and without extensions.
    Common,
}

words!(TagForm { AsSent = "as_sent", Common = "common" });

/// What a person says that a target takes. What is `None` is as its platform has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Takes {
    /// The codecs of pictures; none means that it takes no pictures.
    pub video_codecs: Option<Vec<VideoCodec>>,
    /// The codecs of sound; none means that it takes no sound.
    pub audio_codecs: Option<Vec<AudioCodec>>,
    /// Which tracks.
    pub tracks: Option<Tracks>,
    /// The number of the track of pictures that is sent where one is; 0 if not said.
    pub video_track: Option<u8>,
    /// The number of the track of sound that is sent where one is; 0 if not said.
    pub audio_track: Option<u8>,
    /// The form of tags.
    pub tags: Option<TagForm>,
}

/// A change to what a person says that a target takes. What is `None` stays; what is `Some(None)` is as the
/// platform has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakesPatch {
    /// The codecs of pictures.
    pub video_codecs: Option<Option<Vec<VideoCodec>>>,
    /// The codecs of sound.
    pub audio_codecs: Option<Option<Vec<AudioCodec>>>,
    /// Which tracks.
    pub tracks: Option<Option<Tracks>>,
    /// The track of pictures.
    pub video_track: Option<Option<u8>>,
    /// The track of sound.
    pub audio_track: Option<Option<u8>>,
    /// The form of tags.
    pub tags: Option<Option<TagForm>>,
}

impl TakesPatch {
    /// All as the platform has it.
    pub fn nothing_said() -> Self {
        Self {
            video_codecs: Some(None),
            audio_codecs: Some(None),
            tracks: Some(None),
            video_track: Some(None),
            audio_track: Some(None),
            tags: Some(None),
        }
    }

    /// What was said, with this change.
    #[must_use]
    pub fn applied_to(self, before: Takes) -> Takes {
        Takes {
            video_codecs: self.video_codecs.unwrap_or(before.video_codecs),
            audio_codecs: self.audio_codecs.unwrap_or(before.audio_codecs),
            tracks: self.tracks.unwrap_or(before.tracks),
            video_track: self.video_track.unwrap_or(before.video_track),
            audio_track: self.audio_track.unwrap_or(before.audio_track),
            tags: self.tags.unwrap_or(before.tags),
        }
    }
}

/// What a target takes, with nothing left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Intake {
    /// The codecs of pictures.
    pub video_codecs: CodecSet<VideoCodec>,
    /// The codecs of sound.
    pub audio_codecs: CodecSet<AudioCodec>,
    /// Which tracks.
    pub tracks: Tracks,
    /// The track of pictures that is sent where one is.
    pub video_track: u8,
    /// The track of sound that is sent where one is.
    pub audio_track: u8,
    /// The form of tags.
    pub tags: TagForm,
}

impl Intake {
    /// All, just as it came.
    pub const EVERYTHING: Self = Self {
        video_codecs: CodecSet::ANY,
        audio_codecs: CodecSet::ANY,
        tracks: Tracks::All,
        video_track: 0,
        audio_track: 0,
        tags: TagForm::AsSent,
    };

    /// What a server on `host` takes, of whose target `takes` was said.
    pub fn at(host: &str, takes: &Takes) -> Self {
        Self::with(takes, Platform::of_host(host).map_or(Self::EVERYTHING, Platform::intake))
    }

    /// The same by what anybody says of the platform: what is advice.
    pub fn said_at(host: &str, takes: &Takes) -> Self {
        Self::with(takes, Platform::of_host(host).map_or(Self::EVERYTHING, Platform::said_intake))
    }

    fn with(takes: &Takes, usual: Self) -> Self {
        Self {
            video_codecs: takes.video_codecs.as_deref().map_or(usual.video_codecs, CodecSet::of),
            audio_codecs: takes.audio_codecs.as_deref().map_or(usual.audio_codecs, CodecSet::of),
            tracks: takes.tracks.unwrap_or(usual.tracks),
            video_track: takes.video_track.unwrap_or(usual.video_track),
            audio_track: takes.audio_track.unwrap_or(usual.audio_track),
            tags: takes.tags.unwrap_or(usual.tags),
        }
    }

    /// The track of the encoder's pictures that comes first in what is sent; `None` if no pictures are.
    pub fn main_video(&self) -> Option<u8> {
        let track = if self.tracks == Tracks::All { 0 } else { self.video_track };
        (!self.video_codecs.is_empty()).then_some(track)
    }

    /// The track of the encoder's sound that comes first in what is sent; `None` if no sound is.
    pub fn main_audio(&self) -> Option<u8> {
        let track = if self.tracks == Tracks::One { self.audio_track } else { 0 };
        (!self.audio_codecs.is_empty()).then_some(track)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_the_platform_has_it() {
        let twitch = Intake::at("live.twitch.tv", &Takes::default());
        assert_eq!(twitch.video_codecs, CodecSet::of(&[VideoCodec::H264]));
        assert_eq!((twitch.tracks, twitch.tags), (Tracks::AllAudio, TagForm::Common));
        let takes = Takes {
            video_codecs: Some(vec![VideoCodec::Hevc]),
            tracks: Some(Tracks::One),
            audio_track: Some(1),
            ..Takes::default()
        };
        let chosen = Intake::at("live.twitch.tv", &takes);
        assert_eq!(chosen.video_codecs, CodecSet::of(&[VideoCodec::Hevc]));
        assert_eq!(chosen.audio_codecs, twitch.audio_codecs);
        assert_eq!((chosen.tracks, chosen.audio_track, chosen.video_track), (Tracks::One, 1, 0));
    }

    #[test]
    fn a_server_of_which_nothing_is_known_is_sent_all_as_it_came() {
        assert_eq!(Intake::at("10.0.0.1", &Takes::default()), Intake::EVERYTHING);
    }
}
