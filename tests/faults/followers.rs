//! Those who follow the events and do not read them.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use crate::lab::encoder::Encoder;
use crate::lab::footage::Footage;
use crate::lab::manner::Manner;
use crate::lab::memory;
use crate::lab::sink::Sink;
use crate::rig::patience;
use crate::rig::relay_process::{Relay, TOKEN};
use crate::visitor::Visitor;

#[test]
fn followers_that_do_not_read_are_cut_off_and_cost_the_media_nothing() {
    let mut relay = Relay::start();
    let (api, port) = (relay.api(), relay.http_port());
    let stream = api.create_stream("Followed", "source");
    let sink = Sink::start(Manner::Healthy);
    api.add_target(stream, "Healthy", &sink.url(), "key");
    // Those who wait for a stream that never comes, so that there is much to tell.
    let quiet = api.create_stream("Quiet", "nobody");
    for number in 0..50 {
        api.add_target(quiet, &format!("Quiet {number}"), &sink.url(), "key");
    }
    let encoder = Encoder::start(&relay, "source", Footage::new(1_000));
    encoder.wait_for(Duration::from_secs(3));

    let ports = HashSet::from([port]);
    let before = memory::of_process(relay.process_id());
    let reader = follow(port, 200).unwrap();
    let reader = thread::spawn(move || reader.listen());
    let silent: Vec<Visitor> = (1..64).map(|_| follow(port, 200).unwrap()).collect();
    assert!(follow(port, 503).is_some(), "there is room for more");
    let (mut resident, mut held, mut came_back) = (0, 0, false);
    patience::poll(CUT_OFF, || {
        resident = resident.max(memory::of_process(relay.process_id()).saturating_sub(before));
        held = held.max(memory::of_connections(&ports));
        came_back = follow(port, 200).is_some();
        came_back.then_some(())
    });
    assert!(came_back, "they are not cut off");
    assert!(resident < 64 * (256 << 10), "the relay grew by {resident} bytes");
    assert!(held < 64 * (384 << 10), "the kernel held {held} bytes");

    let sent = encoder.end().serial;
    sink.wait_for_frame(sent - 1);
    sink.only_visit().assert_whole(sent);
    drop(silent);
    relay.terminate();
    let heard = reader.join().unwrap().0;
    assert!(heard.matches("event: stats").count() >= 10, "who reads was cut off too");
}

/// Begins to follow, if the answer has this status.
fn follow(port: u16, status: u16) -> Option<Visitor> {
    let mut visitor = Visitor::of_few_words(port);
    visitor.say(
        format!("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")
            .as_bytes(),
    );
    (visitor.status() == status).then_some(visitor)
}

/// Some time until all that waits for them is full, and 20 s of patience.
const CUT_OFF: Duration = Duration::from_secs(90);
