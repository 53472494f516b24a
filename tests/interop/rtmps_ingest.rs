//! Encoders that publish over RTMPS: what they send arrives as if it had come in the clear, and one that does
//! not trust the certificate is told apart.

use crate::clip::Clip;
use crate::compare::Comparison;
use crate::ffmpeg;
use crate::flv;
use crate::gstreamer::{self, Sink};
use crate::nginx::Nginx;
use crate::patience;
use crate::recorded_target::RecordedTarget;
use crate::rtmps_relay::RtmpsRelay;

#[test]
fn ffmpeg_that_verifies_is_relayed_exactly_from_both_ports() {
    let (secured, nginx) = (RtmpsRelay::start(), Nginx::start());
    let relay = &secured.relay;
    let api = relay.api();
    let stream = api.create_stream("Secure", "source");
    let trust = secured.trust();
    let trust = trust.to_str().unwrap();
    for (port, recording) in [(secured.rtmps, "own-port"), (relay.rtmp_port(), "shared-port")] {
        let target = RecordedTarget::add(&api, stream, &nginx, recording);
        let verifying = ["-tls_verify", "1", "-ca_file", trust];
        let url = RtmpsRelay::url(port, "source");
        let mut publisher = ffmpeg::publish_with(&verifying, Clip::BFrames, &url, relay.folder());
        assert!(publisher.wait().success(), "{}", publisher.output());
        target.finish(&Comparison::with(&Clip::BFrames.packets()));
    }
}

#[test]
fn both_of_gstreamers_elements_are_relayed() {
    let (secured, nginx) = (RtmpsRelay::start(), Nginx::start());
    let relay = &secured.relay;
    let api = relay.api();
    let stream = api.create_stream("Secure", "source");
    for (sink, recording) in [(Sink::Rtmp, "rtmpsink"), (Sink::Rtmp2, "rtmp2sink")] {
        let target = RecordedTarget::add(&api, stream, &nginx, recording);
        let copy = relay.folder().join(format!("{recording}.flv"));
        let mut publisher =
            gstreamer::publish(sink, Clip::Plain, &RtmpsRelay::url(secured.rtmps, "source"), &copy);
        assert!(publisher.wait().success(), "{}", publisher.output());
        target.finish(&Comparison::with(&flv::read(&copy)));
    }
}

#[test]
fn ffmpeg_that_does_not_trust_is_told_apart() {
    let secured = RtmpsRelay::start();
    secured.relay.api().create_stream("Secure", "source");
    let url = RtmpsRelay::url(secured.rtmps, "source");
    let mut publisher =
        ffmpeg::publish_with(&["-tls_verify", "1"], Clip::Plain, &url, secured.relay.folder());
    assert!(!publisher.wait().success());
    let words = "most likely it refuses the certificate";
    patience::wait_until(words, || secured.relay.log().contains(words));
}
