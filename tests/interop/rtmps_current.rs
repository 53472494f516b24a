//! A current ffmpeg publishes over RTMPS. It verifies certificates unless it is told not to.

use crate::compare::Comparison;
use crate::ffmpeg;
use crate::lab::manner::Manner;
use crate::lab::sink::Sink;
use crate::modern::Modern;
use crate::patience;
use crate::program::Running;
use crate::rtmps_relay::RtmpsRelay;
use crate::tap::Tap;

#[test]
fn what_a_current_ffmpeg_sends_over_rtmps_arrives_unchanged_from_both_ports() {
    let secured = RtmpsRelay::start();
    let api = secured.relay.api();
    let stream = api.create_stream("Secure", "source");
    let trust = secured.trust();
    let options = ["-ca_file", trust.to_str().unwrap()];
    for (port, clip) in [(secured.rtmps, Modern::AvcOpus), (secured.relay.rtmp_port(), Modern::TwoSounds)] {
        let sink = Sink::start(Manner::Healthy);
        let tap = Tap::to(sink.port());
        api.add_target(stream, &format!("{clip:?}"), &format!("rtmp://127.0.0.1:{}/live", tap.port()), "key");
        let mut publisher = publish(&secured, port, clip, &options);
        assert!(publisher.wait().success(), "{}", publisher.output());
        patience::wait_until("the stream to end", || {
            sink.visits().first().is_some_and(|visit| visit.is_over)
        });
        Comparison::with(&clip.packets()).check(&tap.packets(0)).unwrap();
    }
}

#[test]
fn a_current_ffmpeg_does_not_publish_to_whom_it_does_not_trust() {
    let secured = RtmpsRelay::start();
    secured.relay.api().create_stream("Secure", "source");
    let mut publisher = publish(&secured, secured.rtmps, Modern::HevcAac, &[]);
    assert!(!publisher.wait().success());
    let words = "the client refuses the TLS certificate";
    patience::wait_until(words, || secured.relay.log().contains(words));
}

fn publish(secured: &RtmpsRelay, port: u16, clip: Modern, options: &[&str]) -> Running {
    let url = RtmpsRelay::url(port, "source");
    ffmpeg::publish_file(ffmpeg::current(), &clip.path(), options, &url, secured.relay.folder())
}
