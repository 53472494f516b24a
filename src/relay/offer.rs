//! What a stream has to offer, and whether a target takes it.
//!
//! To publish a codec that a target does not take does no good: platforms stay dark, or call it healthy and show
//! nothing. So such a target is not asked to publish at all, and told why.

use std::fmt;
use std::future::pending;
use std::sync::Arc;

use tokio::sync::watch;

use crate::media::flv::Codec;
use crate::model::{AudioCodec, CodecName, CodecSet, Intake, VideoCodec};

/// A track of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Offered {
    /// Of pictures, or else of sound.
    pub(super) is_video: bool,
    /// Its number; 0 is the default track.
    pub(super) track: u8,
    pub(super) codec: Codec,
}

/// The tracks of a stream, as far as its encoder has shown them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    pub(super) tracks: Arc<[Offered]>,
    /// Whether so much was sent that a track which was not shown will not come.
    pub(super) is_settled: bool,
}

/// Why a target cannot be fed: what it does not take, or what is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untaken {
    /// Pictures of a codec that it does not take.
    #[error("does not take {}", refusal(.codec.map_or(UNKNOWN, CodecName::title), "video", .takes))]
    Video {
        /// What they are; `None` if it has no name here.
        codec: Option<VideoCodec>,
        /// What it takes.
        takes: CodecSet<VideoCodec>,
    },
    /// Sound of a codec that it does not take.
    #[error("does not take {}", refusal(.codec.map_or(UNKNOWN, CodecName::title), "audio", .takes))]
    Audio {
        /// What it is; `None` if it has no name here.
        codec: Option<AudioCodec>,
        /// What it takes.
        takes: CodecSet<AudioCodec>,
    },
    /// The track that was chosen for it is not there.
    #[error(
        "is to be sent {media} track {track}, which the encoder does not send: choose another track for this \
         target, or add it in the encoder"
    )]
    NoTrack {
        /// "video" or "audio".
        media: &'static str,
        /// The number of the track.
        track: u8,
    },
}

/// As in "HEVC video, only H.264: set the encoder to H.264, or change what this target takes".
fn refusal(codec: &str, media: &str, takes: &impl fmt::Display) -> String {
    format!("{codec} {media}, only {takes}: set the encoder to {takes}, or change what this target takes")
}

impl Offer {
    /// Whether anything is known.
    pub(super) fn is_known(&self) -> bool {
        self.is_settled || self.tracks.iter().any(|offered| offered.is_video)
    }

    /// Whether a target that takes `intake` can be fed with this, as far as it is known.
    ///
    /// # Errors
    /// What stands against it.
    pub(super) fn suits(&self, intake: &Intake) -> Result<(), Untaken> {
        self.video_suits(intake)?;
        self.audio_suits(intake)
    }

    /// As [`Offer::suits`], for the pictures. Who takes none refuses none.
    pub(super) fn video_suits(&self, intake: &Intake) -> Result<(), Untaken> {
        let Some(sent) = self.codec_of(true, intake.main_video())? else {
            return Ok(());
        };
        let (codec, takes) = (video_codec(sent), intake.video_codecs);
        if takes.takes(codec) { Ok(()) } else { Err(Untaken::Video { codec, takes }) }
    }

    /// As [`Offer::suits`], for the sound. Who takes none refuses none.
    pub(super) fn audio_suits(&self, intake: &Intake) -> Result<(), Untaken> {
        let Some(sent) = self.codec_of(false, intake.main_audio())? else {
            return Ok(());
        };
        let (codec, takes) = (audio_codec(sent), intake.audio_codecs);
        if takes.takes(codec) { Ok(()) } else { Err(Untaken::Audio { codec, takes }) }
    }

    /// Whether one of these takes it, as far as it is known.
    pub(super) fn suits_any(&self, intakes: &[Intake]) -> bool {
        self.is_known() && intakes.iter().any(|intake| self.suits(intake).is_ok())
    }

    /// The codec of a track that is to be sent, if one is and it is known.
    fn codec_of(&self, is_video: bool, track: Option<u8>) -> Result<Option<Codec>, Untaken> {
        let Some(track) = track else {
            return Ok(None);
        };
        let found = self.tracks.iter().find(|offered| offered.is_video == is_video && offered.track == track);
        match found {
            Some(offered) => Ok(Some(offered.codec)),
            // Sound alone, or pictures alone, are what the encoder wants to send.
            None if track == 0 || !self.is_settled => Ok(None),
            None => Err(Untaken::NoTrack { media: if is_video { "video" } else { "audio" }, track }),
        }
    }
}

/// Waits until the encoder sends what a target does not take that is fed already. Cancel-safe.
pub(super) async fn unsuited(offer: &mut watch::Receiver<Offer>, intake: &Intake) -> Untaken {
    if *intake == Intake::EVERYTHING {
        // Who takes all need not be woken.
        return pending().await;
    }
    loop {
        if let Err(untaken) = offer.borrow_and_update().suits(intake) {
            return untaken;
        }
        if offer.changed().await.is_err() {
            return pending().await;
        }
    }
}

/// The model's word for a codec of pictures.
pub(super) fn video_codec(codec: Codec) -> Option<VideoCodec> {
    match codec.name() {
        "avc" => Some(VideoCodec::H264),
        name => name.parse().ok(),
    }
}

/// The model's word for a codec of sound.
pub(super) fn audio_codec(codec: Codec) -> Option<AudioCodec> {
    codec.name().parse().ok()
}

/// What stands for a codec that has no name here.
const UNKNOWN: &str = "this kind of";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Kind;
    use crate::media::flv::codec;
    use crate::model::{TagForm, Takes, Tracks};

    fn offer(tracks: &[(bool, u8, &[u8])]) -> Offer {
        let offered = |(is_video, track, tag): &(bool, u8, &[u8])| {
            let kind = if *is_video { Kind::VideoHeader } else { Kind::AudioHeader };
            Offered { is_video: *is_video, track: *track, codec: codec(kind, tag).unwrap() }
        };
        Offer { tracks: tracks.iter().map(offered).collect(), is_settled: true }
    }

    const AVC: (bool, u8, &[u8]) = (true, 0, b"\x17\0");
    const HEVC: (bool, u8, &[u8]) = (true, 0, b"\x90hvc1");
    const AAC: (bool, u8, &[u8]) = (false, 0, b"\xaf\0");
    const OPUS: (bool, u8, &[u8]) = (false, 0, b"\x90Opus");

    fn refusal_at(host: &str, takes: &Takes, offer: &Offer) -> Option<String> {
        offer.suits(&Intake::at(host, takes)).err().map(|untaken| untaken.to_string())
    }

    #[test]
    fn a_platform_is_not_sent_what_it_cannot_show() {
        let takes = Takes::default();
        assert_eq!(refusal_at("live.twitch.tv", &takes, &offer(&[AVC, AAC])), None);
        assert_eq!(
            refusal_at("live.twitch.tv", &takes, &offer(&[HEVC, AAC])).as_deref(),
            Some(
                "does not take HEVC video, only H.264: set the encoder to H.264, or change what this target takes"
            )
        );
        assert_eq!(refusal_at("a.rtmp.youtube.com", &takes, &offer(&[HEVC, AAC])), None);
        let opus = refusal_at("a.rtmp.youtube.com", &takes, &offer(&[AVC, OPUS])).unwrap();
        assert!(opus.starts_with("does not take Opus audio, only AAC or MP3"), "{opus}");
        let odd = refusal_at("live.twitch.tv", &takes, &offer(&[(true, 0, b"\x22"), AAC])).unwrap();
        assert!(odd.starts_with("does not take this kind of video, only H.264"), "{odd}");
    }

    #[test]
    fn a_server_of_which_nothing_is_known_is_sent_anything() {
        for tracks in [&[HEVC, OPUS][..], &[(true, 0, b"\x22")], &[]] {
            assert_eq!(refusal_at("10.0.0.1", &Takes::default(), &offer(tracks)), None);
        }
    }

    #[test]
    fn a_person_may_know_better_than_the_table() {
        let takes = Takes { video_codecs: Some(vec![VideoCodec::Hevc]), ..Takes::default() };
        assert_eq!(refusal_at("live.twitch.tv", &takes, &offer(&[HEVC, AAC])), None);
        assert!(refusal_at("live.twitch.tv", &takes, &offer(&[AVC, AAC])).is_some());
    }

    #[test]
    fn the_track_that_was_chosen_is_the_one_that_counts() {
        let second = Takes { video_track: Some(1), tracks: Some(Tracks::One), ..Takes::default() };
        let both = offer(&[HEVC, (true, 1, b"\x90avc1"), AAC]);
        assert_eq!(refusal_at("live.twitch.tv", &second, &both), None);
        let alone = offer(&[AVC, AAC]);
        let missing = refusal_at("live.twitch.tv", &second, &alone).unwrap();
        assert!(missing.contains("video track 1, which the encoder does not send"), "{missing}");
        // It may come yet.
        assert_eq!(refusal_at("live.twitch.tv", &second, &Offer { is_settled: false, ..alone }), None);
    }

    #[test]
    fn who_takes_no_sound_takes_any() {
        let silent = Intake { audio_codecs: CodecSet::of(&[]), tags: TagForm::Common, ..Intake::EVERYTHING };
        assert_eq!(offer(&[AVC, OPUS]).suits(&silent), Ok(()));
    }
}
