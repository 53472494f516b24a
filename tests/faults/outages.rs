//! Target servers that go away and come back.

use std::time::Duration;

use crate::lab::encoder::Encoder;
use crate::lab::footage::Footage;
use crate::lab::line::Line;
use crate::rig::flv::{Kind, Packet};
use crate::rig::nginx::Nginx;
use crate::rig::patience::{self, Stopwatch};
use crate::rig::relay_process::Relay;

#[test]
fn a_server_that_was_restarted_is_given_headers_and_a_key_frame_again() {
    let mut nginx = Nginx::start();
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Outage", "source");
    let target = api.add_target(stream, "Restarted", &nginx.url(), "before");
    let encoder = Encoder::start(&relay, "source", Footage::new(1_000));
    // Ten seconds of good service: what is lost after that is wanted back at once.
    patience::wait_until("ten seconds to be recorded", || {
        nginx.recorded("before").last().is_some_and(|packet| packet.time > 10_000)
    });
    nginx.kill();
    api.wait_for_target(target, "backing_off");
    let out = encoder.sent();
    encoder.wait_until_sent(out + Footage::frames_in(OUTAGE));
    nginx.restart();
    let back = Stopwatch::start();
    let recording = patience::wait_for("a second recording", || {
        let recordings = nginx.all_recorded("before");
        recordings.into_iter().nth(1).filter(|recording| recording.iter().any(Packet::is_key_frame))
    });
    println!("fed {:?} after it accepts connections", back.elapsed());
    assert_begins_well(&recording);
    assert_eq!(api.target(target)["reconnects"], 1);
    encoder.end();
}

/// The relay lost its connection, and the server has not noticed: to it somebody is publishing, and
/// nobody else may.
#[test]
fn an_old_session_that_blocks_the_key_is_outwaited() {
    let nginx = Nginx::start();
    let line = Line::to(nginx.port());
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Outage", "source");
    let url = format!("rtmp://127.0.0.1:{}/live", line.port());
    let target = api.add_target(stream, "Busy", &url, "busy");
    let encoder = Encoder::start(&relay, "source", Footage::new(1_000));
    patience::wait_until("the first recording", || {
        nginx.recorded("busy").last().is_some_and(|packet| packet.time > 1_000)
    });
    line.cut_near();
    patience::wait_until("the relay to be told that the key is in use", || {
        let target = api.target(target);
        let is_told = target["kind"] == "publish_busy" && target["state"] == "backing_off";
        is_told && target["reason"].as_str().unwrap().contains("lready publishing")
    });
    line.release();
    api.wait_for_target(target, "live");
    let recording = patience::wait_for("a second recording", || {
        let recordings = nginx.all_recorded("busy");
        recordings.into_iter().nth(1).filter(|recording| recording.iter().any(Packet::is_key_frame))
    });
    assert_begins_well(&recording);
    encoder.end();
}

/// Fails unless both headers come first and then a key frame.
fn assert_begins_well(recording: &[Packet]) {
    let key_frame = recording.iter().position(Packet::is_key_frame).unwrap();
    let before: Vec<&Packet> = recording[..key_frame].iter().filter(|packet| packet.is_media()).collect();
    assert!(before.is_empty(), "{before:?}");
    for kind in [Kind::Video, Kind::Audio] {
        let is_there = |packet: &Packet| packet.kind == kind && packet.is_header();
        assert!(recording[..key_frame].iter().any(is_there), "there is no {kind:?} header");
    }
}

const OUTAGE: Duration = Duration::from_secs(2);
