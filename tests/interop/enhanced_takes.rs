//! A current ffmpeg publishes several tracks, or a codec that not every target takes: each target is sent
//! what it takes in a form that it understands, or told why it is sent nothing.

use serde_json::{Value, json};

use crate::clip::Clip;
use crate::compare::Comparison;
use crate::enhanced::Stage;
use crate::ffmpeg;
use crate::flv::{Kind, Packet};
use crate::modern::Modern;
use crate::nginx::Nginx;
use crate::patience;
use crate::recorded_target::RecordedTarget;

#[test]
fn one_of_two_audio_tracks_or_both_are_sent() {
    sends_what_is_taken(
        Modern::TwoSounds,
        &[
            (json!({}), |packet| Some(packet.payload.clone())),
            (one(0, 0), plain),
            (json!({ "tracks": "all_audio", "tags": "common" }), |packet| Some(packet.payload.clone())),
            (one(0, 1), |packet| if packet.kind == Kind::Audio { second(packet) } else { plain(packet) }),
        ],
    );
}

#[test]
fn one_of_two_video_tracks_or_both_are_sent() {
    sends_what_is_taken(
        Modern::TwoPictures,
        &[
            (json!({}), |packet| Some(packet.payload.clone())),
            (one(0, 0), plain),
            (one(1, 0), |packet| match packet.kind {
                // Colours have no number.
                Kind::Video if packet.enhanced().is_some_and(|tag| tag.track.is_none()) => None,
                Kind::Video => second(packet),
                _ => plain(packet),
            }),
        ],
    );
}

/// nginx-rtmp knows neither tracks nor FourCCs.
#[test]
fn an_old_server_records_the_first_track_of_each_and_notices_nothing_of_the_others() {
    let nginx = Nginx::start();
    let stage = Stage::set("source");
    let target = RecordedTarget::add(&stage.api, stage.stream, &nginx, "old");
    stage.api.patch_target(target.id(), &json!({ "takes": one(0, 0) }));
    let mut publisher = stage.publish(Modern::TwoOfEach, &[]);
    assert!(publisher.wait().success(), "{}", publisher.output());
    let expected = reduced(&stage.sent(0), plain);
    assert!(expected.iter().all(|packet| packet.enhanced().is_none()));
    target.finish(&Comparison::with(&expected));
    let complaints = ffmpeg::complaints_about(&nginx.recording_file("old"), stage.relay.folder());
    assert_eq!(complaints, "");
}

#[test]
fn a_target_of_h264_is_not_asked_to_take_hevc_and_goes_on_with_h264() {
    let stage = Stage::set("source");
    let (all, h264) = (stage.watched("all"), stage.watched("h264"));
    stage.api.patch_target(h264.id, &json!({ "takes": { "video_codecs": ["h264"] } }));
    let mut publisher = stage.publish(Modern::HevcAac, &[]);
    let told = stage.api.wait_for_target(h264.id, "blocked");
    let reason = told["reason"].as_str().unwrap();
    assert!(reason.contains("HEVC") && reason.contains("only H.264"), "{reason}");
    stage.api.wait_for_target(all.id, "live");
    assert!(publisher.wait().success(), "{}", publisher.output());
    all.finish(&Comparison::with(&stage.sent(0)));
    assert_eq!(h264.tap.callers(), 0, "it was connected to");
    let url = format!("rtmp://127.0.0.1:{}/live/source", stage.ingest.port());
    let mut publisher = ffmpeg::publish(Clip::Plain, &url, stage.relay.folder());
    assert!(publisher.wait().success(), "{}", publisher.output());
    h264.finish(&Comparison::with(&stage.sent(1)));
}

/// The encoder is killed, and the same one comes back with other settings.
#[test]
fn an_encoder_that_comes_back_with_hevc_ends_what_cannot_go_on_and_one_with_h264_begins_it_again() {
    let stage = Stage::set("source");
    let h264 = stage.watched("h264");
    stage.api.patch_target(h264.id, &json!({ "takes": { "video_codecs": ["h264"] } }));
    for (clip, state) in [(Modern::AvcOpus, "live"), (Modern::LongHevc, "blocked"), (Modern::AvcFlac, "live")]
    {
        let mut publisher = stage.publish(clip, &[]);
        stage.api.wait_for_target(h264.id, state);
        if state == "live" {
            let session = h264.tap.callers() - 1;
            patience::wait_until("pictures", || {
                h264.tap.packets(session).iter().filter(|packet| packet.kind == Kind::Video).count() > 20
            });
        }
        publisher.kill();
    }
    assert_eq!(h264.tap.callers(), 2);
    for session in 0..2 {
        let packets = h264.tap.packets(session);
        let pictures = packets.iter().filter(|packet| packet.kind == Kind::Video);
        assert!(pictures.clone().all(|packet| packet.enhanced().is_none()), "session {session}");
        assert!(packets.iter().find(|packet| packet.is_media()).unwrap().is_key_frame());
    }
}

fn one(video_track: u8, audio_track: u8) -> Value {
    json!({ "tracks": "one", "video_track": video_track, "audio_track": audio_track, "tags": "common" })
}

/// What is left of a packet, if anything.
type Reduce = fn(&Packet) -> Option<Vec<u8>>;

/// Publishes `clip` to a target for each of `expectations`, which is what it takes and what it has to be
/// sent of it.
fn sends_what_is_taken(clip: Modern, expectations: &[(Value, Reduce)]) {
    let stage = Stage::set("source");
    let targets: Vec<_> = (0..expectations.len()).map(|number| stage.watched(&number.to_string())).collect();
    for (target, (takes, _)) in targets.iter().zip(expectations) {
        stage.api.patch_target(target.id, &json!({ "takes": takes }));
    }
    let mut publisher = stage.publish(clip, &[]);
    assert!(publisher.wait().success(), "{}", publisher.output());
    let sent = stage.sent(0);
    for (target, (_, expected)) in targets.iter().zip(expectations) {
        target.finish(&Comparison::with(&reduced(&sent, *expected)));
    }
}

/// A packet of a default track; ffmpeg sends those plainly. Colours have no number, and are those of the
/// default track if that is of Enhanced RTMP.
fn plain(packet: &Packet) -> Option<Vec<u8>> {
    let is_plain = match packet.enhanced() {
        Some(tag) => tag.track.is_none() && tag.four_cc != *b"av01",
        None => true,
    };
    is_plain.then(|| packet.payload.clone())
}

/// A packet of track 1 in plain form; AAC in the classic one.
fn second(packet: &Packet) -> Option<Vec<u8>> {
    let tag = packet.enhanced().filter(|tag| tag.track == Some(1))?;
    let body = &packet.payload[tag.body..];
    match (&tag.four_cc, tag.packet_type) {
        (b"mp4a", 0 | 1) => Some([&[0xaf, tag.packet_type][..], body].concat()),
        (b"mp4a", _) => None,
        _ => Some([&[0x80 | tag.frame_type << 4 | tag.packet_type][..], &tag.four_cc, body].concat()),
    }
}

fn reduced(sent: &[Packet], of: Reduce) -> Vec<Packet> {
    let reduced = |packet: &Packet| of(packet).map(|payload| Packet { payload, ..packet.clone() });
    sent.iter().filter_map(reduced).collect()
}
