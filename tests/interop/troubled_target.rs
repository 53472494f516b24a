//! Targets in trouble are tried again and are nobody else's trouble.

use std::net::TcpListener;

use crate::clip::Clip;
use crate::compare::Comparison;
use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::patience;
use crate::port;
use crate::recorded_target::RecordedTarget;
use crate::relay_process::Relay;

/// One target says yes and hangs up, one has nobody listening, one listens and never answers.
#[test]
fn a_good_target_is_not_touched_by_bad_ones() {
    let nginx = Nginx::start();
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Troubled", "source");
    let refusing = api.add_target(stream, "Refusing", &nginx.refusing_url(), "refused");
    let absent = api.add_target(stream, "Absent", &here(port::free()), "absent");
    let silent = api.add_target(stream, "Silent", &here(silent_port), "silent");
    let good = RecordedTarget::add(&api, stream, &nginx, "good");
    let mut publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    for target in [refusing, absent] {
        patience::wait_until("it to fail", || !api.target(target)["kind"].is_null());
    }
    assert!(publisher.wait().success(), "{}", publisher.output());
    assert_ne!(api.target(silent)["state"], "live");
    good.finish(&Comparison::with(&Clip::Plain.packets()));
}

#[test]
fn a_target_that_appears_later_is_found_without_being_asked_for() {
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Troubled", "source");
    let port = port::free();
    let target = api.add_target(stream, "Late", &here(port), "any");
    let _publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    api.wait_for_target(target, "backing_off");
    let _listener = ffmpeg::listen(port, &relay.folder().join("received.flv"));
    patience::wait_until("bytes to be sent", || api.target(target)["bytes_sent"].as_u64() > Some(0));
}

fn here(port: u16) -> String {
    format!("rtmp://127.0.0.1:{port}/live")
}
