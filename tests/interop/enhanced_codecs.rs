//! A current ffmpeg publishes what only Enhanced RTMP carries: it arrives byte by byte as it was sent at
//! a target that takes all, and another current ffmpeg reads what it is pushed.

use crate::compare::Comparison;
use crate::enhanced::Stage;
use crate::flv::{Kind, Packet};
use crate::modern::Modern;

#[test]
fn hevc_with_aac_arrives_unchanged() {
    relays_exactly(Modern::HevcAac, &[]);
}

#[test]
fn av1_with_opus_arrives_unchanged() {
    relays_exactly(Modern::Av1Opus, &[]);
}

#[test]
fn vp9_with_opus_arrives_unchanged() {
    relays_exactly(Modern::Vp9Opus, &[]);
}

#[test]
fn h264_with_opus_arrives_unchanged() {
    relays_exactly(Modern::AvcOpus, &[]);
}

/// Its encoder says at the end once more, and otherwise, how it is to be decoded.
#[test]
fn h264_with_flac_arrives_unchanged() {
    relays_exactly(Modern::AvcFlac, &[]);
}

#[test]
fn h264_with_ac3_arrives_unchanged() {
    relays_exactly(Modern::AvcAc3, &[]);
}

#[test]
fn h264_with_six_channels_of_eac3_arrives_unchanged() {
    relays_exactly(Modern::AvcEac3, &[]);
}

#[test]
fn two_audio_tracks_arrive_unchanged() {
    relays_exactly(Modern::TwoSounds, &[]);
}

#[test]
fn two_video_tracks_arrive_unchanged() {
    relays_exactly(Modern::TwoPictures, &[]);
}

#[test]
fn two_tracks_of_each_of_four_codecs_arrive_unchanged() {
    relays_exactly(Modern::TwoOfEach, &[]);
}

#[test]
fn an_encoder_that_says_which_codecs_it_may_send_is_taken_in() {
    relays_exactly(Modern::HevcAac, &["-rtmp_enhanced_codecs", "hvc1,av01,vp09,Opus,fLaC,ac-3,ec-3"]);
}

/// Publishes `clip`, and compares what was sent with what two targets got.
fn relays_exactly(clip: Modern, options: &[&str]) {
    let stage = Stage::set("source");
    let (watched, listening) = (stage.watched("watched"), stage.listening("listening"));
    let mut publisher = stage.publish(clip, options);
    assert!(publisher.wait().success(), "{}", publisher.output());
    let sent = stage.sent(0);
    let found = watched.finish(&Comparison::with(&sent));
    assert!(found.packets > 100, "{found:?}");
    let metadata: Vec<Packet> = sent.iter().filter(|packet| packet.kind == Kind::Data).cloned().collect();
    let payloads =
        |packets: Vec<Packet>| packets.into_iter().map(|packet| packet.payload).collect::<Vec<_>>();
    assert_eq!(payloads(watched.metadata()), payloads(metadata));
    listening.finish(&stage.api, clip);
}
