//! What an encoder says about what it sends: in its metadata, and in its tags' first bytes.
//!
//! A fact that cannot be read is unknown, never an error. Metadata is text and numbers of a stranger's
//! choice: bounded, and without characters that do something to who reads them.

use crate::media::flv::codecs;
use crate::media::{Kind, Picture, Sound, Tag};
use crate::model::INVISIBLE;
use crate::rtmp::amf0::{self, Value};

/// What is known of a publisher's sound and pictures.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The codec of the pictures.
    pub video_codec: Option<&'static str>,
    /// The codec of the sound.
    pub audio_codec: Option<&'static str>,
    /// The pictures' width in pixels.
    pub width: Option<u32>,
    /// The pictures' height in pixels.
    pub height: Option<u32>,
    /// Pictures per second, as declared.
    pub frame_rate: Option<f64>,
    /// The encoder's name for itself.
    pub encoder: Option<String>,
    /// What decoders are told of the pictures.
    pub picture: Picture,
    /// What decoders are told of the sound.
    pub sound: Sound,
    /// Whether the size is what decoders go by, and not just what was said.
    is_size_certain: bool,
}

impl Facts {
    /// Takes in what a tag tells.
    pub fn learn(&mut self, tag: &Tag) {
        match tag.kind {
            Kind::Metadata => self.learn_metadata(&tag.payload),
            kind if kind.is_video() => self.learn_video(tag),
            kind if kind.is_audio() => self.learn_audio(tag),
            _ => {}
        }
    }

    fn learn_video(&mut self, tag: &Tag) {
        let Some(found) = codec_name(tag) else {
            return;
        };
        if self.video_codec.is_some_and(|known| known != found) {
            self.picture = Picture::default();
        }
        self.video_codec = Some(found);
        let Some(picture) = Picture::of_header(&tag.payload).filter(|_| tag.kind == Kind::VideoHeader) else {
            return;
        };
        self.picture = picture;
        if let Some((width, height)) = picture.size {
            (self.width, self.height) = (Some(width), Some(height));
            self.is_size_certain = true;
        }
    }

    fn learn_audio(&mut self, tag: &Tag) {
        let Some(found) = codec_name(tag) else {
            return;
        };
        if self.audio_codec.is_some_and(|known| known != found) {
            self.sound = Sound::default();
        }
        self.audio_codec = Some(found);
        if tag.kind == Kind::AudioHeader {
            self.sound = Sound::of_header(&tag.payload).unwrap_or(self.sound);
        }
    }

    fn learn_metadata(&mut self, payload: &[u8]) {
        let values = amf0::decode_all(payload).unwrap_or_default();
        let Some(said) = values.iter().find(|value| is_container(value)) else {
            return;
        };
        if !self.is_size_certain {
            self.width = pixels(said, "width").or(self.width);
            self.height = pixels(said, "height").or(self.height);
        }
        self.frame_rate = number(said, "framerate").filter(is_frame_rate).or(self.frame_rate);
        let name = said.property("encoder").and_then(Value::as_str).map(clean);
        self.encoder = name.filter(|name| !name.is_empty()).or_else(|| self.encoder.take());
    }
}

/// The codec of the default track.
fn codec_name(tag: &Tag) -> Option<&'static str> {
    codecs(tag.kind, &tag.payload).find(|(track, _)| *track == 0).map(|(_, codec)| codec.name())
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::EcmaArray(_) | Value::TypedObject { .. })
}

fn number(said: &Value, name: &str) -> Option<f64> {
    said.property(name).and_then(Value::as_number)
}

fn pixels(said: &Value, name: &str) -> Option<u32> {
    // What is no number becomes 0, and what is too much the most.
    number(said, name).map(|pixels| pixels as u32).filter(|pixels| (1..=MOST_PIXELS).contains(pixels))
}

fn is_frame_rate(rate: &f64) -> bool {
    *rate > 0.0 && *rate <= MOST_PICTURES
}

/// Text without control characters and what changes the direction of reading, cut.
fn clean(text: &str) -> String {
    let is_plain = |letter: &char| !letter.is_control() && !INVISIBLE.contains(letter);
    let text: String = text.chars().filter(is_plain).take(LONGEST_NAME).collect();
    text.trim().to_owned()
}

/// Characters of an encoder's name that are shown.
const LONGEST_NAME: usize = 100;

/// Beyond what any codec can have.
const MOST_PIXELS: u32 = 65_536;
const MOST_PICTURES: f64 = 1_000.0;

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BytesMut;

    fn metadata(properties: Vec<(String, Value)>) -> Tag {
        let mut payload = BytesMut::new();
        Value::string("@setDataFrame").encode(&mut payload);
        Value::string("onMetaData").encode(&mut payload);
        Value::EcmaArray(properties).encode(&mut payload);
        Tag { kind: Kind::Metadata, timestamp: 0, payload: payload.freeze() }
    }

    fn said(name: &str, value: Value) -> (String, Value) {
        (name.to_owned(), value)
    }

    fn learnt(tags: &[Tag]) -> Facts {
        let mut facts = Facts::default();
        tags.iter().for_each(|tag| facts.learn(tag));
        facts
    }

    fn tag(kind: Kind, payload: &'static [u8]) -> Tag {
        Tag { kind, timestamp: 0, payload: payload.into() }
    }

    #[test]
    fn what_obs_says_is_known() {
        let facts = learnt(&[
            metadata(vec![
                said("width", Value::Number(1_280.0)),
                said("height", Value::Number(720.0)),
                said("framerate", Value::Number(29.97)),
                said("encoder", Value::string("obs-output module (libobs version 29.1.3)")),
            ]),
            tag(Kind::AudioHeader, b"\xaf\x00\x12\x10"),
            tag(Kind::VideoHeader, b"\x90hvc1\x01"),
        ]);
        assert_eq!((facts.width, facts.height, facts.frame_rate), (Some(1_280), Some(720), Some(29.97)));
        assert_eq!((facts.video_codec, facts.audio_codec), (Some("hevc"), Some("aac")));
        assert_eq!(facts.encoder.as_deref(), Some("obs-output module (libobs version 29.1.3)"));
    }

    #[test]
    fn what_decoders_go_by_outranks_what_was_said() {
        let header = tag(
            Kind::VideoHeader,
            b"\x17\0\0\0\0\x01\x42\xc0\x1f\xff\xe1\0\x19\x67\x42\xc0\x1f\xd9\0\x50\x05\xbb\x01\x10\0\0\x03\0\x10\0\0\x03\x03\x20\xf1\x83\x24\x80",
        );
        let wrong = metadata(vec![said("width", Value::Number(99.0)), said("height", Value::Number(9.0))]);
        for tags in [[wrong.clone(), header.clone()], [header, wrong]] {
            let facts = learnt(&tags);
            assert_eq!((facts.width, facts.height), (Some(1_280), Some(720)));
            assert_eq!(facts.picture.profile, Some("Constrained Baseline"));
        }
    }

    #[test]
    fn another_codec_is_not_described_by_the_last_ones_header_and_other_tracks_tell_nothing() {
        let sound = tag(Kind::AudioHeader, b"\xaf\x00\x11\x90");
        let other_track = tag(Kind::AudioHeader, b"\x95\x00Opus\x01OpusHead\x01\x02");
        let facts = learnt(&[sound.clone(), other_track]);
        assert_eq!((facts.audio_codec, facts.sound.sample_rate), (Some("aac"), Some(48_000)));
        let facts = learnt(&[sound, tag(Kind::Audio, b"\x2f\xff\xfb")]);
        assert_eq!((facts.audio_codec, facts.sound), (Some("mp3"), Sound::default()));
    }

    #[test]
    fn what_makes_no_sense_is_unknown() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300] {
            let names = ["width", "height", "framerate"];
            let tag = metadata(names.map(|name| said(name, Value::Number(number))).into());
            assert_eq!(learnt(&[tag]), Facts::default(), "{number}");
        }
        let text = metadata(vec![said("width", Value::string("1280")), said("encoder", Value::Number(1.0))]);
        assert_eq!(
            learnt(&[text, tag(Kind::Metadata, b"\x02\x00\xff"), tag(Kind::Data, b"")]),
            Facts::default()
        );
    }

    #[test]
    fn an_encoders_name_can_do_no_harm() {
        let name = |name: &str| learnt(&[metadata(vec![said("encoder", Value::string(name))])]).encoder;
        assert_eq!(name("a\x1b[31mb\nc\u{202e}d\u{feff}\0").as_deref(), Some("a[31mbcd"));
        assert_eq!(name(&"ü".repeat(9_000)).map(|name| name.chars().count()), Some(LONGEST_NAME));
        assert_eq!(name(" \n\t "), None);
    }
}
