use super::*;
use crate::model::Takes;

fn frame(kind: Kind, payload: &'static [u8]) -> Frame {
    Frame { kind, time: 7, payload: Bytes::from_static(payload) }
}

fn at(host: &str, takes: &Takes) -> Form {
    Form::of(&Intake::at(host, takes))
}

fn sent(form: Form, kind: Kind, payload: &'static [u8]) -> Option<Bytes> {
    form.reduce(&frame(kind, payload)).map(|frame| frame.payload)
}

const SECOND_SOUND: &[u8] = b"\x95\x01mp4a\x01snd";
const OLD_SECOND_SOUND: &[u8] = b"\x02\x00\x0fadditionalMedia\x03";
const ANNOUNCED: &[u8] = b"\x02\x00\x0d@setDataFrame\x02\x00\x17onExpectAdditionalMedia\x03";

#[test]
fn a_server_of_which_nothing_is_known_is_sent_the_original() {
    assert_eq!(at("10.0.0.1", &Takes::default()), Form::ORIGINAL);
}

#[test]
fn a_second_track_of_sound_reaches_those_alone_who_take_it() {
    let (twitch, youtube) =
        (at("live.twitch.tv", &Takes::default()), at("a.rtmp.youtube.com", &Takes::default()));
    for (kind, tag) in [(Kind::Audio, SECOND_SOUND), (Kind::Data, OLD_SECOND_SOUND), (Kind::Data, ANNOUNCED)]
    {
        assert_eq!(sent(twitch, kind, tag).as_deref(), Some(tag));
        assert_eq!(sent(youtube, kind, tag), None);
        assert_eq!(sent(Form::ORIGINAL, kind, tag).as_deref(), Some(tag));
    }
    for (kind, tag) in [
        (Kind::Audio, &b"\xaf\x01snd"[..]),
        (Kind::VideoKey, b"\x17\x01\0\0\0pic"),
        (Kind::Metadata, b"\x02\x00\x0aonMetaData\x08"),
        (Kind::Data, b"\x02\x00\x0aonTextData\x08"),
    ] {
        assert_eq!(sent(youtube, kind, tag).as_deref(), Some(tag));
    }
}

#[test]
fn targets_that_differ_in_nothing_that_is_sent_share_a_form() {
    // One takes HEVC too, but of one track it is asked beforehand.
    let facebook = at("live-api-s.facebook.com", &Takes::default());
    assert_eq!(at("a.rtmp.youtube.com", &Takes::default()), facebook);
    assert_ne!(at("live.twitch.tv", &Takes::default()), facebook);
}

#[test]
fn who_takes_no_sound_is_sent_none() {
    let takes = Takes { audio_codecs: Some(Vec::new()), ..Takes::default() };
    assert_eq!(sent(at("10.0.0.1", &takes), Kind::Audio, b"\xaf\x01snd"), None);
    assert!(sent(at("10.0.0.1", &takes), Kind::VideoKey, b"\x17\x01\0\0\0pic").is_some());
}

#[test]
fn the_kind_of_what_is_left_is_told_anew() {
    let takes = Takes { tracks: Some(Tracks::One), video_track: Some(1), ..Takes::default() };
    let reduced = at("10.0.0.1", &takes).reduce(&frame(Kind::VideoInter, b"\x96\x01hvc1\x01pic")).unwrap();
    assert_eq!((reduced.kind, &reduced.payload[..], reduced.time), (Kind::VideoKey, &b"\x91hvc1pic"[..], 7));
}
