//! Unless told otherwise the relay pushes to public addresses only, and says how to tell it otherwise.

use crate::clip::Clip;
use crate::ffmpeg;
use crate::nginx::Nginx;
use crate::recorded_target::RecordedTarget;
use crate::relay_process::{Options, Relay};

#[test]
fn a_target_on_this_machine_is_refused_by_default_with_advice() {
    let nginx = Nginx::start();
    let relay = relay_that_allows("public");
    let api = relay.api();
    let stream = api.create_stream("Guarded", "source");
    let target = api.add_target(stream, "Here", &nginx.url(), "here");
    let _publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    let refused = api.wait_for_target(target, "blocked");
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.contains("--allow-targets"), "{reason}");
    assert!(nginx.recorded("here").is_empty());
}

#[test]
fn an_allow_list_admits_what_it_lists() {
    let nginx = Nginx::start();
    let relay = relay_that_allows("public,127.0.0.0/8");
    let api = relay.api();
    let stream = api.create_stream("Guarded", "source");
    let target = RecordedTarget::add(&api, stream, &nginx, "here");
    let _publisher = ffmpeg::publish(Clip::Plain, &relay.ingest_url("source"), relay.folder());
    api.wait_for_target(target.id(), "live");
}

fn relay_that_allows(allow_targets: &'static str) -> Relay {
    Relay::start_with(Options { allow_targets, ..Options::default() })
}
