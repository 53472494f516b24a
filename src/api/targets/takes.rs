//! What a target takes, as it is asked for and as it is shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::error::Error;
use super::super::request::Fields;
use super::super::words::{self, Word};
use crate::model::{AudioCodec, Choice, Intake, TagForm, Takes, TakesPatch, Tracks, VideoCodec};

/// What a target takes, where that is not as its platform has it: what is null is. What is left out of a change
/// stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
#[schema(as = NewTakes)]
pub(super) struct TakesFields {
    /// The codecs of pictures. An empty list is no pictures.
    video_codecs: Option<Vec<words::VideoCodec>>,
    /// The codecs of sound. An empty list is no sound.
    audio_codecs: Option<Vec<words::AudioCodec>>,
    tracks: Option<words::Tracks>,
    /// The number of the track of pictures that is sent where one is.
    video_track: Option<u8>,
    /// The number of the track of sound that is sent where one is.
    audio_track: Option<u8>,
    tags: Option<words::TagForm>,
}

/// What was said that a target takes. What is null is as its platform has it.
#[derive(Serialize, ToSchema)]
#[schema(as = Takes)]
pub(in super::super) struct TakesBody {
    /// The codecs of pictures.
    video_codecs: Option<Vec<words::VideoCodec>>,
    /// The codecs of sound.
    audio_codecs: Option<Vec<words::AudioCodec>>,
    tracks: Option<words::Tracks>,
    /// The track of pictures that is sent where one is.
    video_track: Option<u8>,
    /// The track of sound that is sent where one is.
    audio_track: Option<u8>,
    tags: Option<words::TagForm>,
}

/// What is taken, with nothing left open.
#[derive(Serialize, ToSchema)]
#[schema(as = Intake)]
pub(in super::super) struct IntakeBody {
    /// The codecs of pictures; null is any.
    video_codecs: Option<Vec<words::VideoCodec>>,
    /// The codecs of sound; null is any.
    audio_codecs: Option<Vec<words::AudioCodec>>,
    /// One of pictures and one of sound, one of pictures and all of sound, or all there are.
    tracks: words::Tracks,
    /// The track of pictures that is sent where one is.
    video_track: u8,
    /// The track of sound that is sent where one is.
    audio_track: u8,
    /// Whether H.264, AAC and MP3 are sent as classic RTMP has them, which all servers understand, and everything
    /// else plainly by its FourCC; or all just as the encoder sent it.
    tags: words::TagForm,
}

/// Reads a change to what a target takes, if there is one.
pub(super) fn takes_patch(fields: &mut Fields) -> Result<Option<TakesPatch>, Error> {
    match fields.nullable_object("takes")? {
        None => Ok(None),
        Some(None) => Ok(Some(TakesPatch::nothing_said())),
        Some(Some(takes)) => patch(takes).map(Some).map_err(|error| error.below("takes")),
    }
}

fn patch(fields: Fields) -> Result<TakesPatch, Error> {
    let mut fields = fields.only(&KNOWN)?;
    Ok(TakesPatch {
        video_codecs: fields.nullable_texts("video_codecs", str::parse::<VideoCodec>)?.map(each_once),
        audio_codecs: fields.nullable_texts("audio_codecs", str::parse::<AudioCodec>)?.map(each_once),
        tracks: fields.nullable_text("tracks", str::parse::<Tracks>)?,
        video_track: fields.nullable_number("video_track", track)?,
        audio_track: fields.nullable_number("audio_track", track)?,
        tags: fields.nullable_text("tags", str::parse::<TagForm>)?,
    })
}

fn each_once<C: PartialEq>(codecs: Option<Vec<C>>) -> Option<Vec<C>> {
    codecs.map(|codecs| {
        let mut kept = Vec::new();
        codecs.into_iter().for_each(|codec| {
            if !kept.contains(&codec) {
                kept.push(codec)
            }
        });
        kept
    })
}

fn track(number: u64) -> Result<u8, &'static str> {
    u8::try_from(number).map_err(|_| "a track has a number from 0 to 255")
}

impl From<&Takes> for TakesBody {
    fn from(takes: &Takes) -> Self {
        // Every field is named, so that none that is added later is forgotten here.
        let Takes { video_codecs, audio_codecs, tracks, video_track, audio_track, tags } = takes;
        Self {
            video_codecs: video_codecs.as_deref().map(words),
            audio_codecs: audio_codecs.as_deref().map(words),
            tracks: tracks.map(Word),
            video_track: *video_track,
            audio_track: *audio_track,
            tags: tags.map(Word),
        }
    }
}

impl From<Intake> for IntakeBody {
    fn from(intake: Intake) -> Self {
        Self {
            video_codecs: intake.video_codecs.list().as_deref().map(words),
            audio_codecs: intake.audio_codecs.list().as_deref().map(words),
            tracks: Word(intake.tracks),
            video_track: intake.video_track,
            audio_track: intake.audio_track,
            tags: Word(intake.tags),
        }
    }
}

fn words<C: Choice>(codecs: &[C]) -> Vec<Word<C>> {
    codecs.iter().copied().map(Word).collect()
}

const KNOWN: [&str; 6] = ["video_codecs", "audio_codecs", "tracks", "video_track", "audio_track", "tags"];
