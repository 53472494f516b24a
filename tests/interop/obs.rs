//! OBS publishes, in the clear and over RTMPS: what it has recorded itself is what arrives.

use serde_json::json;

use crate::compare::Comparison;
use crate::ffmpeg;
use crate::flv::{Kind, Packet};
use crate::nginx::Nginx;
use crate::own_trust::OwnTrust;
use crate::patience;
use crate::relay_process::Relay;
use crate::rig::obs::{self, Obs};
use crate::rtmps_relay::RtmpsRelay;

#[test]
fn obs_is_relayed_exactly() {
    let relay = Relay::start();
    assert_relayed_exactly(&relay, || Obs::publish(obs::command(), &relay.ingest_url(KEY)));
}

#[test]
fn obs_that_trusts_is_relayed_exactly_over_rtmps() {
    let secured = RtmpsRelay::start();
    let Some(trust) = OwnTrust::of(secured.authority()) else { return };
    assert_relayed_exactly(&secured.relay, || {
        Obs::publish(trust.command(&obs::command()), &RtmpsRelay::url(secured.rtmps, KEY))
    });
}

#[test]
fn obs_that_does_not_trust_is_told_apart() {
    let secured = RtmpsRelay::start();
    secured.relay.api().create_stream("OBS", KEY);
    let _obs = Obs::publish(obs::command(), &RtmpsRelay::url(secured.rtmps, KEY));
    let words = "the client refuses the TLS certificate";
    patience::wait_until(words, || secured.relay.log().contains(words));
}

/// Looks at some seconds of what OBS publishes, and then at what is left when it vanishes.
fn assert_relayed_exactly(relay: &Relay, publish: impl FnOnce() -> Obs) {
    let (api, nginx) = (relay.api(), Nginx::start());
    let stream = api.create_stream("OBS", KEY);
    let target = api.add_target(stream, RECORDING, &nginx.url(), RECORDING);
    let obs = publish();
    api.wait_for_source(stream, "live");
    let arrived = patience::wait_for("some seconds to arrive", || {
        Some(nginx.recorded(RECORDING)).filter(|arrived| key_frames(arrived).count() > SECONDS)
    });
    let arrived = from_second_key_frame(&arrived);
    for kind in [Kind::Video, Kind::Audio] {
        assert_made_by(&obs, &only(kind, &arrived), kind);
    }
    drop(obs);
    api.patch_target(target, &json!({ "enabled": false }));
    nginx.recording(RECORDING);
    let complaints = ffmpeg::complaints_about(&nginx.recording_file(RECORDING), relay.folder());
    assert_eq!(complaints, "");
}

/// Waits until OBS has written down all that arrived. Of what comes at the same time either kind may be
/// first in its file, so they are compared one by one.
fn assert_made_by(obs: &Obs, arrived: &[Packet], kind: Kind) {
    let check = || {
        let made = only(kind, &obs.recorded());
        let anywhere = Comparison::with(&made).starting_at_any_key_frame().lacking_at_end(usize::MAX);
        anywhere.check(arrived)
    };
    // When it never does, the comparison below says what is wrong.
    patience::poll(patience::LIMIT, || check().ok());
    check().unwrap_or_else(|difference| panic!("{kind:?}: {difference}"));
}

/// Leaves the first pictures out, not their headers: OBS puts what x264 says of itself before the first one
/// of each output, and the file may have begun earlier.
fn from_second_key_frame(packets: &[Packet]) -> Vec<Packet> {
    let second = key_frames(packets).nth(1).unwrap();
    let is_kept = |(at, packet): &(usize, &Packet)| packet.is_header() || *at >= second;
    packets.iter().enumerate().filter(is_kept).map(|(_, packet)| packet.clone()).collect()
}

fn key_frames(packets: &[Packet]) -> impl Iterator<Item = usize> {
    packets.iter().enumerate().filter(|(_, packet)| packet.is_key_frame()).map(|(at, _)| at)
}

fn only(kind: Kind, packets: &[Packet]) -> Vec<Packet> {
    packets.iter().filter(|packet| packet.kind == kind).cloned().collect()
}

const KEY: &str = "source";

/// The target, and what nginx makes of it.
const RECORDING: &str = "recording";

/// How much is looked at; OBS sends a key frame every second.
const SECONDS: usize = 3;
