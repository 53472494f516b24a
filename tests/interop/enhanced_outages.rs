//! A current ffmpeg is killed in mid-stream and comes back after five seconds: its targets' sessions
//! outlive it, with HEVC and AV1 as with H.264.

use std::collections::HashSet;
use std::time::Duration;

use crate::enhanced::{Stage, Watched};
use crate::flv::{Kind, Packet};
use crate::modern::Modern;
use crate::patience::{self, Stopwatch};

#[test]
fn h264_that_returns_goes_on_in_the_same_session() {
    goes_on(Modern::AvcOpus);
}

#[test]
fn hevc_that_returns_goes_on_in_the_same_session() {
    goes_on(Modern::HevcAac);
}

#[test]
fn av1_that_returns_goes_on_in_the_same_session() {
    goes_on(Modern::Av1Opus);
}

#[test]
fn two_tracks_of_each_that_return_go_on_in_the_same_session() {
    goes_on(Modern::TwoOfEach);
}

/// A decoder that is set up for one codec can make nothing of another, so no session may see both.
#[test]
fn another_codec_of_pictures_gets_new_sessions() {
    let stage = Stage::set("source");
    let target = stage.watched("watched");
    die_in_mid_stream(&stage, &target, Modern::HevcAac);
    let mut publisher = stage.publish(Modern::LongAv1, &[]);
    assert!(publisher.wait().success(), "{}", publisher.output());
    patience::wait_until("the second session to end", || {
        let visits = target.sink.visits();
        visits.len() == 2 && visits.iter().all(|visit| visit.is_over)
    });
    for (number, four_cc) in [b"hvc1", b"av01"].into_iter().enumerate() {
        let received = target.tap.packets(number);
        assert_well_begun(&received);
        let codecs: HashSet<[u8; 4]> = received
            .iter()
            .filter(|packet| packet.kind == Kind::Video)
            .map(|packet| packet.enhanced().unwrap().four_cc)
            .collect();
        assert_eq!(codecs, HashSet::from([*four_cc]));
        assert_rising(&received);
    }
    assert!(!target.sink.visits()[0].said_goodbye, "the broadcast was ended");
}

fn goes_on(clip: Modern) {
    let stage = Stage::set("source");
    let (target, late) = (stage.watched("watched"), stage.watched("other"));
    let killed = die_in_mid_stream(&stage, &target, clip);
    killed.sleep_until(Duration::from_secs(5));
    let before = late.received().len();
    let mut publisher = stage.publish(clip, &[]);
    assert!(publisher.wait().success(), "{}", publisher.output());
    for target in [target, late] {
        patience::wait_until("the session to end", || {
            target.sink.visits().first().is_some_and(|visit| visit.is_over)
        });
        assert_eq!(target.tap.callers(), 1, "{:#}", stage.api.target(target.id));
        let received = target.received();
        assert_well_begun(&received);
        assert_rising(&received);
        let headers = received.iter().filter(|packet| packet.header_slot() == Some((0, 0)));
        assert_eq!(headers.count(), 2, "what is known was said again");
        assert_all_of_second(&received[before..], &stage.sent(1));
    }
}

/// Publishes `clip` until it plays at `target`, and kills its encoder; the time since then.
fn die_in_mid_stream(stage: &Stage, target: &Watched, clip: Modern) -> Stopwatch {
    let mut publisher = stage.publish(clip, &[]);
    patience::wait_until("a second of it", || {
        target.received().iter().any(|packet| packet.is_media() && packet.time > 1_500)
    });
    publisher.kill();
    let killed = Stopwatch::start();
    stage.api.wait_for_target(target.id, "holding");
    killed
}

/// Fails unless headers come first, then a key frame.
fn assert_well_begun(received: &[Packet]) {
    let first = received.iter().find(|packet| packet.is_media()).unwrap();
    assert!(first.is_key_frame(), "it begins with {first:?}");
    let headers = received.iter().take_while(|packet| !packet.is_media()).filter(|packet| packet.is_header());
    let kinds: HashSet<u8> = headers.map(|packet| packet.kind as u8).collect();
    assert_eq!(kinds.len(), 2, "sound and pictures have headers");
}

/// Fails unless the times of decoding rise in each track, and every key frame is shown after all that
/// came before it.
fn assert_rising(received: &[Packet]) {
    let media = || received.iter().filter(|packet| packet.is_media() && !packet.is_end_mark());
    let track = |packet: &Packet| (packet.kind as u8, packet.enhanced().and_then(|tag| tag.track));
    let tracks: HashSet<_> = media().map(track).collect();
    for one in tracks {
        let times: Vec<u32> =
            media().filter(|packet| track(packet) == one).map(|packet| packet.time).collect();
        for pair in times.windows(2) {
            assert!(pair[0] < pair[1], "{one:?}: {} then {} ms", pair[0], pair[1]);
        }
    }
    let mut latest = i64::MIN;
    for picture in media().filter(|packet| track(packet) == (Kind::Video as u8, None)) {
        assert!(!picture.is_key_frame() || picture.shown_at() > latest, "{} ms", picture.shown_at());
        latest = latest.max(picture.shown_at());
    }
}

/// Fails unless all media of the second publisher from its first key frame on is there, byte by byte
/// and at one distance to what it was sent at.
fn assert_all_of_second(received: &[Packet], sent: &[Packet]) {
    let media = |packets: &[Packet]| -> Vec<Packet> {
        packets.iter().filter(|packet| packet.is_media() && !packet.is_end_mark()).cloned().collect()
    };
    let (sent, received) = (media(sent), media(received));
    let first = sent.iter().position(Packet::is_key_frame).unwrap();
    let sent = &sent[first..];
    let received = &received[received.len() - sent.len()..];
    let shift = received[0].time - sent[0].time;
    for (sent, received) in sent.iter().zip(received) {
        assert!(sent.payload == received.payload, "another packet at {} ms", received.time);
        assert_eq!(received.time, sent.time + shift);
    }
}
