//! The laboratory measured without the relay: what an encoder sends straight to a sink arrives whole.

use std::collections::HashSet;
use std::time::Duration;

use crate::lab::encoder::Encoder;
use crate::lab::footage::{Codec, Footage};
use crate::lab::line::Line;
use crate::lab::manner::Manner;
use crate::lab::memory;
use crate::lab::sink::Sink;
use crate::rig::patience;

#[test]
fn an_encoder_to_a_healthy_sink_loses_nothing() {
    for codec in [Codec::H264, Codec::Hevc] {
        let sink = Sink::start(Manner::Healthy);
        let footage = Footage { codec, ..Footage::new(500) };
        let encoder = Encoder::connect(sink.port(), "key", footage).unwrap();
        encoder.wait_for(Duration::from_secs(1));
        let sent = encoder.end().serial;
        let visit = sink.only_visit();
        visit.assert_whole(sent);
        assert_eq!(visit.key.as_deref(), Some("key"));
        assert!(visit.said_goodbye);
    }
}

#[test]
fn a_line_swallows_and_lets_go() {
    let sink = Sink::start(Manner::Healthy);
    let line = Line::to(sink.port());
    let encoder = Encoder::connect(line.port(), "key", Footage::new(500)).unwrap();
    encoder.wait_for(Duration::from_millis(400));
    line.swallow();
    let sent = encoder.vanish().serial;
    assert!(sink.visits()[0].stamps().last().unwrap().serial < sent);
    assert!(!sink.visits()[0].is_over);
    line.release();
    patience::wait_until("the sink to be told", || sink.visits()[0].is_over);
}

#[test]
fn the_kernels_memory_for_a_connection_that_is_not_read_is_seen() {
    let sink = Sink::start(Manner::NeverRead);
    let ports = HashSet::from([sink.port()]);
    let encoder = Encoder::connect(sink.port(), "key", Footage::new(4_000)).unwrap();
    patience::wait_until("200 kB to wait", || memory::of_connections(&ports) > 200_000);
    encoder.vanish();
}
