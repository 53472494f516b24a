//! The relay is asked to end while its targets, or its database, are at their worst.

use std::time::Duration;

use crate::lab::encoder::Encoder;
use crate::lab::footage::Footage;
use crate::lab::manner::Manner;
use crate::lab::sink::Sink;
use crate::lock::Lock;
use crate::rig::patience::{self, Stopwatch};
use crate::rig::publisher::Publisher;
use crate::rig::relay_process::{Options, Relay};

#[test]
fn ends_within_five_seconds_whatever_its_targets_do() {
    let mut relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Stop", "source");
    let manners = [
        Manner::Healthy,
        Manner::NeverRead,
        Manner::NeverRead,
        Manner::Trickle(10_000),
        Manner::Mute,
        Manner::Giants,
    ];
    let sinks = manners.map(Sink::start);
    let targets = sinks.each_ref().map(|sink| api.add_target(stream, &sink.url(), &sink.url(), "key"));
    let encoder = Encoder::start(&relay, "source", Footage::new(4_000));
    patience::wait_until("two targets to take nothing", || {
        targets[1..3].iter().all(|target| api.target(*target)["lag_ms"].as_u64() > Some(1_000))
    });
    let asked = Stopwatch::start();
    let status = relay.terminate();
    let took = asked.elapsed();
    assert_eq!(status.code(), Some(0), "{}", relay.log());
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    assert!(!sinks[0].only_visit().said_goodbye, "the broadcast was ended");
    drop(encoder);
}

#[test]
fn asks_encoders_to_come_back_that_understand_it_and_waits_for_none_for_long() {
    let mut relay = Relay::start();
    let api = relay.api();
    for key in ["able", "other"] {
        api.create_stream(key, key);
    }
    let mut able = Publisher::connect_able(relay.rtmp_port(), "live", "able").unwrap();
    let mut other = Publisher::connect(relay.rtmp_port(), "live", "other").unwrap();
    let asked = Stopwatch::start();
    let status = relay.terminate();
    let took = asked.elapsed();
    assert_eq!(status.code(), Some(0), "{}", relay.log());
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    able.hear_request().unwrap();
    assert!(other.hear_request().is_err());
}

#[test]
fn says_goodbye_at_its_end_where_it_is_told_to() {
    let mut relay = Relay::start_with(Options { on_exit: Some("end"), ..Options::default() });
    let api = relay.api();
    let stream = api.create_stream("Stop", "source");
    let sink = Sink::start(Manner::Healthy);
    api.add_target(stream, "Healthy", &sink.url(), "key");
    let _encoder = Encoder::start(&relay, "source", Footage::new(1_000));
    sink.wait_for_frame(20);
    assert_eq!(relay.terminate().code(), Some(0), "{}", relay.log());
    assert!(sink.only_visit().said_goodbye);
}

#[test]
fn ends_within_five_seconds_and_says_goodbye_while_its_database_hangs() {
    let mut relay = Relay::start_with(Options { on_exit: Some("end"), ..Options::default() });
    let api = relay.api();
    let stream = api.create_stream("Stop", "source");
    let sink = Sink::start(Manner::Healthy);
    let target = api.add_target(stream, "t", &sink.url(), "key");
    let encoder = Encoder::start(&relay, "source", Footage::new(4_000));
    api.wait_for_target(target, "live");
    let lock = Lock::of(&relay.data_dir());
    // Something that the relay wants to write down.
    drop(encoder);
    api.wait_for_source(stream, "held");
    let asked = Stopwatch::start();
    let status = relay.terminate();
    let took = asked.elapsed();
    assert_eq!(status.code(), Some(0), "{}", relay.log());
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    assert!(sink.only_visit().said_goodbye, "the broadcast was left open");
    drop(lock);
}
