//! Replays what real encoders and servers sent, byte for byte, into the two roles.
//!
//! The recordings in `tests/fixtures` were taken on loopback from the programs their names say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use bytes::{Buf, BytesMut};
use splitcast::media::{Kind, Tag, Timeline, flv};
use splitcast::rtmp::{Client, RtmpUrl, Server, Session, StreamKey, client, handshake, server};

/// What a server made of a recording.
struct Replay {
    app: String,
    keys: Vec<String>,
    tags: Vec<Tag>,
    ended: bool,
    refused: bool,
    error: Option<String>,
    said: usize,
}

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Feeds a recording in pieces of the given size; every publisher is accepted.
fn replay(name: &str, piece: usize) -> Replay {
    let mut session = Session::<Server>::server(Box::new([9; handshake::BLOCK]));
    let mut replay = Replay {
        app: String::new(),
        keys: vec![],
        tags: vec![],
        ended: false,
        refused: false,
        error: None,
        said: 0,
    };
    let mut input = BytesMut::new();
    for bytes in fixture(name).chunks(piece) {
        input.extend_from_slice(bytes);
        let mut result = session.handle_input(&mut input);
        while let Some(event) = session.poll_event() {
            match event {
                server::Event::Publish { app, keys } => {
                    app.expose().clone_into(&mut replay.app);
                    replay.keys = keys.iter().map(|key| key.expose().to_owned()).collect();
                    session.accept_publish();
                    result = session.handle_input(&mut input);
                }
                server::Event::Tag(tag) => replay.tags.push(tag),
                server::Event::Unpublish => replay.ended = true,
                server::Event::Refused(_) => replay.refused = true,
            }
        }
        let said = session.unsent();
        session.output().advance(said);
        replay.said += said;
        if let Err(error) = result {
            replay.error = Some(error.to_string());
            break;
        }
    }
    replay
}

fn count(tags: &[Tag], what: impl Fn(Kind) -> bool) -> usize {
    tags.iter().filter(|tag| what(tag.kind)).count()
}

/// Recording, key, and what is in it: video and audio messages, key frames, headers of either kind,
/// whether the encoder says that it ends.
type Expected = (&'static str, &'static str, usize, usize, usize, usize, usize, bool);

const ENCODERS: [Expected; 11] = [
    ("ffmpeg-5.1.bin", "lab-ffmpeg-5.1", 94, 131, 4, 1, 1, true),
    ("ffmpeg-5.1-ts24.bin", "lab-ffmpeg-5.1-ts24", 94, 131, 4, 1, 1, true),
    ("ffmpeg-5.1-audio-only.bin", "lab-ffmpeg-5.1-audio-only", 0, 131, 0, 0, 1, true),
    ("ffmpeg-5.1-query-key.bin", "lab-ffmpeg-5.1-query-key?token=a%20b&x=1", 64, 88, 3, 1, 1, true),
    ("ffmpeg-9.0-av1.bin", "lab-ffmpeg-9.0-av1", 92, 131, 2, 2, 1, true),
    ("ffmpeg-9.0-hevc.bin", "lab-ffmpeg-9.0-hevc", 94, 131, 2, 2, 1, true),
    ("ffmpeg-9.0-list.bin", "lab-ffmpeg-9.0-list", 77, 153, 3, 2, 2, true),
    ("ffmpeg-9.0-opus.bin", "lab-ffmpeg-9.0-opus", 62, 102, 1, 1, 2, true),
    ("obs-29.bin", "lab-obs-29", 96, 135, 2, 1, 1, true),
    ("gst-rtmpsink.bin", "lab-gst-rtmpsink", 128, 179, 5, 1, 1, true),
    ("push-nginx-rtmp.bin", "lab-push-nginx-rtmp", 64, 127, 3, 1, 1, false),
];

#[test]
fn every_encoders_recording_replays_without_a_protocol_error() {
    for (name, key, video, audio, key_frames, video_headers, audio_headers, ends) in ENCODERS {
        for piece in [1, 1_448, 65_536] {
            let replay = replay(name, piece);
            assert_eq!(replay.error, None, "{name}");
            assert_eq!((replay.app.as_str(), replay.keys[0].as_str()), ("live", key), "{name}");
            assert_eq!(count(&replay.tags, Kind::is_video), video, "{name}: video");
            assert_eq!(count(&replay.tags, Kind::is_audio), audio, "{name}: audio");
            assert_eq!(count(&replay.tags, |kind| kind == Kind::VideoKey), key_frames, "{name}: key frames");
            let headers = |header| count(&replay.tags, |kind| kind == header);
            assert_eq!(headers(Kind::VideoHeader), video_headers, "{name}: video headers");
            assert_eq!(headers(Kind::AudioHeader), audio_headers, "{name}: audio headers");
            assert!(headers(Kind::Metadata) >= 1, "{name}: metadata");
            assert_eq!(replay.ended, ends, "{name}: end");
        }
    }
}

#[test]
fn times_rise_in_each_track_also_beyond_24_bits() {
    for (name, ..) in ENCODERS {
        for track in [Kind::is_video, Kind::is_audio] {
            let tags = replay(name, 1_448).tags;
            let times: Vec<u32> = tags
                .iter()
                .filter(|tag| track(tag.kind) && tag.kind.is_timed())
                .map(|tag| tag.timestamp)
                .collect();
            assert!(times.is_sorted(), "{name}");
        }
    }
    let tags = replay("ffmpeg-5.1-ts24.bin", 1_448).tags;
    let first = tags.iter().find(|tag| tag.kind == Kind::VideoKey).unwrap();
    assert_eq!(first.timestamp, 16_775_956);
    assert!(tags.iter().any(|tag| tag.kind.is_timed() && tag.timestamp > 0x0100_0000));
}

#[test]
fn every_encoders_times_are_passed_on_moved_by_one_constant() {
    for (name, ..) in ENCODERS {
        let mut timeline = Timeline::default();
        let mut offsets = Vec::new();
        for tag in replay(name, 1_448).tags {
            let (timed, raw) = (tag.kind.is_timed(), i64::from(tag.timestamp));
            let time = timeline.map(tag, raw).time;
            if timed {
                offsets.push(time - raw);
            }
        }
        offsets.dedup();
        assert_eq!(offsets.len(), 1, "{name}: {offsets:?}");
        assert_eq!(timeline.repairs(), 0, "{name}");
    }
}

#[test]
fn an_encoder_that_returns_begins_after_all_that_was_shown_and_heard() {
    for (name, ..) in ENCODERS {
        let tags = replay(name, 1_448).tags;
        let mut timeline = Timeline::default();
        let (mut shown, mut heard, mut seam) = (HashSet::new(), -1, -1);
        for return_ms in [0, 30_000, 60_000] {
            let before = heard;
            for (nth, tag) in tags.iter().filter(|tag| tag.kind.is_timed()).enumerate() {
                let frame = timeline.map(tag.clone(), return_ms + i64::from(tag.timestamp));
                if tag.kind.is_audio() {
                    // GStreamer's first two share a time.
                    assert!(
                        frame.time > before && frame.time >= heard,
                        "{name}: {} after {heard}",
                        frame.time
                    );
                    heard = frame.time;
                } else {
                    let time = frame.time + i64::from(flv::composition_ms(&tag.payload));
                    assert!(time > seam && shown.insert(time), "{name}: {time} after {seam}");
                }
                assert!(nth > 0 || (1..50).contains(&(frame.time - seam)), "{name}: the gap is closed");
            }
            seam = shown.iter().copied().max().unwrap_or(heard).max(heard);
            timeline.restart();
        }
    }
}

#[test]
fn codecs_and_reordered_pictures_are_recognised() {
    let pictures = |name| {
        let tags = replay(name, 1_448).tags;
        tags.into_iter().filter(|tag| matches!(tag.kind, Kind::VideoKey | Kind::VideoInter))
    };
    for (name, most) in [
        ("obs-29.bin", 166),
        ("ffmpeg-5.1.bin", 134),
        ("ffmpeg-9.0-hevc.bin", 167),
        ("ffmpeg-9.0-av1.bin", 0),
    ] {
        let (mut offsets, mut shown) = (Vec::new(), HashSet::new());
        for tag in pictures(name) {
            let offset = flv::composition_ms(&tag.payload);
            offsets.push(offset);
            assert!(shown.insert(i64::from(tag.timestamp) + i64::from(offset)), "{name}: shown at once");
        }
        assert_eq!(offsets.into_iter().max(), Some(most), "{name}");
    }
    let codec = |name| {
        let codecs: HashSet<_> = pictures(name).map(|tag| flv::codec(tag.kind, &tag.payload)).collect();
        assert_eq!(codecs.len(), 1, "{name}");
        codecs
    };
    assert_eq!(codec("obs-29.bin"), codec("ffmpeg-5.1.bin"));
    assert_ne!(codec("obs-29.bin"), codec("ffmpeg-9.0-hevc.bin"));
    assert_ne!(codec("ffmpeg-9.0-av1.bin"), codec("ffmpeg-9.0-hevc.bin"));
}

#[test]
fn a_query_after_the_key_is_not_part_of_every_meaning_of_it() {
    let replay = replay("ffmpeg-5.1-query-key.bin", 1_448);
    assert_eq!(replay.keys, ["lab-ffmpeg-5.1-query-key?token=a%20b&x=1", "lab-ffmpeg-5.1-query-key"]);
}

#[test]
fn strangers_are_refused_in_words() {
    for (name, words) in [
        ("not-rtmp-http.bin", "speaks HTTP"),
        ("not-rtmp-rtmpt.bin", "speaks HTTP"),
        ("not-rtmp-rtmpe.bin", "RTMPE"),
        ("not-rtmp-tls.bin", "speaks TLS"),
    ] {
        let replay = replay(name, 1_448);
        assert!(
            replay.error.as_ref().is_some_and(|error| error.contains(words)),
            "{name}: {:?}",
            replay.error
        );
        assert_eq!(replay.said, 0, "{name}");
    }
}

#[test]
fn a_player_is_refused_and_its_session_stays_in_order() {
    let replay = replay("player-ffmpeg.bin", 1_448);
    assert_eq!(replay.error, None);
    assert!(replay.refused);
    assert!(replay.tags.is_empty());
}

/// What our client makes of a server's recording.
fn answers(name: &str) -> Vec<client::Event> {
    let url = RtmpUrl::parse("rtmp://host/live").unwrap();
    let mut session = Session::<Client>::client(url, StreamKey::new("busy"), &[9; handshake::BLOCK]);
    let mut events = Vec::new();
    let mut input = BytesMut::new();
    for bytes in fixture(name).chunks(700) {
        input.extend_from_slice(bytes);
        session.handle_input(&mut input).unwrap();
        events.extend(std::iter::from_fn(|| session.poll_event()));
    }
    events
}

#[test]
fn every_servers_answers_are_understood() {
    for name in ["ffmpeg-listen.bin", "nginx-rtmp.bin", "nginx-rtmp-deny.bin", "nms-4.bin", "srs-7.bin"] {
        assert_eq!(answers(&format!("server/{name}")), [client::Event::Publishing], "{name}");
    }
}

#[test]
fn an_early_on_fc_publish_and_silence_are_no_success() {
    assert_eq!(answers("server/srs-7-busy.bin"), []);
    assert_eq!(answers("server/nginx-rtmp-noapp.bin"), []);
}
