//! Encoders that vanish and come back: the targets' connections outlive them.

use std::time::Duration;

use serde_json::{Value, json};
use splitcast::media::Kind;

use crate::lab::encoder::Encoder;
use crate::lab::footage::{Codec, Footage};
use crate::lab::line::Line;
use crate::lab::manner::Manner;
use crate::lab::sink::Sink;
use crate::lab::visit::Visit;
use crate::rig::patience::Stopwatch;
use crate::rig::relay_process::Relay;
use crate::rig::rest::Api;

/// A machine that lost its network says nothing; when it is back, its encoder's old connection is still
/// there, and may even have been heard from a moment ago.
#[test]
fn an_encoder_that_vanished_without_a_word_is_accepted_at_its_first_try() {
    let stage = Stage::set();
    let line = Line::to(stage.relay.rtmp_port());
    let encoder = Encoder::connect(line.port(), "source", Footage::new(1_000)).unwrap();
    stage.sink.wait_for_frame(20);
    line.swallow();
    let footage = encoder.vanish();
    let away = Stopwatch::start();
    let resumed_at = footage.serial;
    let encoder = Encoder::connect(stage.relay.rtmp_port(), "source", footage)
        .unwrap_or_else(|error| panic!("refused after {:?}: {error}", away.elapsed()));
    let accepted = away.elapsed();
    stage.sink.wait_for_frame(resumed_at + 20);
    assert!(accepted < AT_MOST, "accepted after {accepted:?}");
    let sent = encoder.end().serial;
    stage.sink.wait_for_frame(sent - 1);
    let visit = stage.only_visit();
    visit.assert_well_begun();
    visit.assert_rising();
    assert_eq!(visit.headers().len(), 2, "what is known was said again");
}

#[test]
fn an_encoder_that_returns_as_it_was_goes_on_in_the_same_session() {
    let stage = Stage::set();
    let encoder = stage.encoder(Footage::new(1_000));
    stage.sink.wait_for_frame(40);
    let left = encoder.vanish();
    stage.api.wait_for_target(stage.target, "holding");
    // A new process counts its time from zero.
    let encoder = stage.encoder(Footage { time: 0, ..left });
    stage.sink.wait_for_frame(left.serial + 40);
    let sent = encoder.end().serial;
    stage.sink.wait_for_frame(sent - 1);
    let visit = stage.only_visit();
    visit.assert_whole(sent);
    assert_eq!(visit.headers().len(), 2, "what is known was said again");
    assert!(visit.said_goodbye);
}

#[test]
fn an_encoder_that_returns_with_other_settings_sends_new_headers_in_the_same_session() {
    let stage = Stage::set();
    let encoder = stage.encoder(Footage::new(1_000));
    stage.sink.wait_for_frame(40);
    let left = encoder.vanish();
    stage.api.wait_for_target(stage.target, "holding");
    let encoder = stage.encoder(Footage { settings: 2, ..left });
    stage.sink.wait_for_frame(left.serial + 40);
    let sent = encoder.end().serial;
    stage.sink.wait_for_frame(sent - 1);
    let visit = stage.only_visit();
    visit.assert_whole(sent);
    let expected = Footage { settings: 2, ..left }.headers();
    let first_after = visit.frames.iter().position(|arrival| arrival.is_frame(left.serial)).unwrap();
    let before = &visit.frames[..first_after];
    assert!(before.iter().any(|arrival| arrival.is_header(&expected[0].payload)), "{before:?}");
}

/// A decoder that is set up for one codec can make nothing of another, so no session may see both.
#[test]
fn an_encoder_that_returns_with_another_codec_gets_new_sessions() {
    let stage = Stage::set();
    let encoder = stage.encoder(Footage::new(1_000));
    stage.sink.wait_for_frame(40);
    let left = encoder.vanish();
    stage.api.wait_for_target(stage.target, "holding");
    let other = Footage { codec: Codec::Hevc, ..left };
    let encoder = stage.encoder(other);
    stage.sink.wait_for_acceptance(2);
    stage.sink.wait_for_frame(left.serial + 40);
    let sent = encoder.end().serial;
    stage.sink.wait_for_frame(sent - 1);
    let visits = stage.sink.visits();
    assert_eq!(visits.len(), 2);
    visits[0].assert_whole(left.serial);
    visits[1].assert_whole(sent);
    let header = other.headers()[0].payload.clone();
    assert!(!visits[0].frames.iter().any(|arrival| arrival.is_header(&header)));
    assert!(visits[1].frames[0].is_header(&header));
    assert!(!visits[0].said_goodbye, "the broadcast was ended");
}

#[test]
fn an_encoder_whose_clock_jumps_is_relayed_without_a_gap() {
    let stage = Stage::set();
    let encoder = stage.encoder(Footage::new(1_000));
    stage.sink.wait_for_frame(40);
    for time in [4_000_000_000, 0, 3_600_000] {
        encoder.jump(time);
        stage.sink.wait_for_frame(encoder.sent() + 20);
    }
    let sent = encoder.end().serial;
    stage.sink.wait_for_frame(sent - 1);
    let visit = stage.only_visit();
    visit.assert_whole(sent);
    let pictures = |kind| matches!(kind, Kind::VideoKey | Kind::VideoInter);
    let times: Vec<u32> =
        visit.frames.iter().filter(|arrival| pictures(arrival.kind)).map(|arrival| arrival.time).collect();
    let largest = times.windows(2).map(|pair| pair[1] - pair[0]).max();
    assert!(largest < Some(1_000), "a gap of {largest:?} ms");
}

#[test]
fn an_encoder_is_waited_for_as_long_as_the_stream_says() {
    let stage = Stage::set();
    stage.change_stream(&json!({ "hold_seconds": 2 }));
    let encoder = stage.encoder(Footage::new(1_000));
    stage.sink.wait_for_frame(40);
    encoder.vanish();
    stage.api.wait_for_target(stage.target, "holding");
    stage.api.wait_for_source(stage.stream, "offline");
    stage.api.wait_for_target(stage.target, "waiting_for_source");
    assert!(stage.only_visit().said_goodbye);
}

/// Some encoders say that they end when they only lose their network.
#[test]
fn an_encoder_that_ends_is_waited_for_where_the_stream_says_so() {
    let stage = Stage::set();
    stage.change_stream(&json!({ "on_unpublish": "hold" }));
    let encoder = stage.encoder(Footage::new(1_000));
    stage.sink.wait_for_frame(40);
    let left = encoder.end();
    stage.api.wait_for_target(stage.target, "holding");
    let encoder = stage.encoder(left);
    stage.sink.wait_for_frame(left.serial + 20);
    let sent = encoder.vanish().serial;
    stage.sink.wait_for_frame(sent - 1);
    let visit = stage.only_visit();
    visit.assert_whole(sent);
    assert!(!visit.said_goodbye);
}

/// A relay with a stream that has one healthy target.
struct Stage {
    relay: Relay,
    api: Api,
    stream: i64,
    sink: Sink,
    target: i64,
}

impl Stage {
    fn set() -> Self {
        let relay = Relay::start();
        let api = relay.api();
        let stream = api.create_stream("Returns", "source");
        let sink = Sink::start(Manner::Healthy);
        let target = api.add_target(stream, "Healthy", &sink.url(), "key");
        Self { relay, api, stream, sink, target }
    }

    fn encoder(&self, footage: Footage) -> Encoder {
        Encoder::start(&self.relay, "source", footage)
    }

    fn change_stream(&self, fields: &Value) {
        let answer = self.api.call("PATCH", &format!("/streams/{}", self.stream), Some(fields));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// The target's only connection, after a look at whether the relay agrees that it is the only one.
    fn only_visit(&self) -> Visit {
        let target = self.api.target(self.target);
        assert_eq!(target["reconnects"], 0, "{target:#}");
        self.sink.only_visit()
    }
}

/// Three seconds are promised, and the machine may be busy.
const AT_MOST: Duration = Duration::from_secs(10);
