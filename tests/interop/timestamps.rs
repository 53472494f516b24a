//! Streams whose times are large: an encoder that has run for hours, or for weeks. Both receivers used
//! here are strict about extended timestamps and lose the stream when one byte of them is missing.

use serde_json::json;

use crate::clip::Clip;
use crate::compare::Comparison;
use crate::ffmpeg;
use crate::flv;
use crate::nginx::Nginx;
use crate::patience;
use crate::port;
use crate::publisher::Publisher;
use crate::recorded_target::RecordedTarget;
use crate::relay_process::Relay;

#[test]
fn a_stream_that_begins_at_the_end_of_24_bits_arrives_rising() {
    arrives_rising(|relay| {
        let from_0xffff00_ms = ["-output_ts_offset", "16776.960"];
        let url = relay.ingest_url("source");
        let mut publisher = ffmpeg::publish_with(&from_0xffff00_ms, Clip::BFrames, &url, relay.folder());
        assert!(publisher.wait().success(), "{}", publisher.output());
    });
}

#[test]
fn a_stream_that_crosses_32_bits_arrives_rising() {
    arrives_rising(|relay| {
        let mut publisher = Publisher::connect(relay.rtmp_port(), "live", "source").unwrap();
        publisher.send_all(&Clip::BFrames.packets(), 0_u32.wrapping_sub(2000)).unwrap();
        publisher.finish().unwrap();
    });
}

/// Lets `publish` send the clip with B-frames, and compares what nginx and ffmpeg receive.
fn arrives_rising(publish: impl FnOnce(&Relay)) {
    let nginx = Nginx::start();
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Timestamps", "source");
    let at_nginx = RecordedTarget::add(&api, stream, &nginx, "nginx");
    let (port, file) = (port::free(), relay.folder().join("received.flv"));
    let mut listener = ffmpeg::listen(port, &file);
    let at_ffmpeg = api.add_target(stream, "ffmpeg", &format!("rtmp://127.0.0.1:{port}/live"), "any");
    publish(&relay);

    let sent = Clip::BFrames.packets();
    at_nginx.finish(&Comparison::with(&sent));
    patience::wait_until("ffmpeg to be sent all", || api.target(at_ffmpeg)["lag_ms"] == 0);
    api.patch_target(at_ffmpeg, &json!({ "enabled": false }));
    listener.wait();
    let received = flv::read(&file);
    Comparison::with(&sent).check(&received).unwrap();
    assert!(received.iter().all(|packet| packet.time < 60_000), "times did not begin near zero");
}
