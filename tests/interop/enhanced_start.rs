//! Targets that begin, or begin again, in the midst of a stream of Enhanced RTMP.

use crate::compare::Comparison;
use crate::enhanced::Stage;
use crate::flv::{Kind, Packet};
use crate::modern::Modern;
use crate::patience;

#[test]
fn a_late_target_begins_at_the_newest_key_frame_of_hevc() {
    begins_at_the_newest_key_frame(Modern::LongHevc);
}

#[test]
fn a_late_target_begins_at_the_newest_key_frame_of_av1() {
    begins_at_the_newest_key_frame(Modern::LongAv1);
}

#[test]
fn a_late_target_begins_at_a_key_frame_of_two_video_tracks() {
    begins_at_the_newest_key_frame(Modern::TwoPictures);
}

/// A target that joins in mid-group begins with what came before it, and no other target notices.
fn begins_at_the_newest_key_frame(clip: Modern) {
    let stage = Stage::set("source");
    let there_before = stage.watched("before");
    let mut publisher = stage.publish(clip, &[]);
    let key_frames = |packets: &[Packet]| packets.iter().filter(|packet| packet.is_key_frame()).count();
    patience::wait_until("a picture behind the second key frame", || {
        let packets = there_before.received();
        let pictures = packets.iter().rev().take_while(|packet| !packet.is_key_frame());
        key_frames(&packets) == 2 && pictures.filter(|packet| packet.kind == Kind::Video).count() > 4
    });
    let late = stage.watched("late");
    assert!(publisher.wait().success(), "{}", publisher.output());
    let sent = stage.sent(0);
    there_before.finish(&Comparison::with(&sent));
    let found = late.finish(&Comparison::with(&sent).starting_at_any_key_frame());
    let media: Vec<Packet> = sent.into_iter().filter(Packet::is_media).collect();
    assert!(key_frames(&media[..found.first]) >= 1, "it began with what was long gone: {found:?}");
    assert!(stage.api.target(there_before.id)["reconnects"] == 0);
    // What a decoder needs to be told comes first, and nothing else before the key frame.
    let received = late.received();
    let until_key_frame: Vec<&Packet> = received.iter().take_while(|packet| !packet.is_key_frame()).collect();
    assert!(until_key_frame.iter().all(|packet| packet.is_header() || packet.kind == Kind::Data));
    assert!(until_key_frame.iter().any(|packet| packet.kind == Kind::Video));
    assert!(until_key_frame.iter().any(|packet| packet.kind == Kind::Audio));
}
