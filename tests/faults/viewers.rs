//! Those who watch a stream and do not read it.

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
fn viewers_that_do_not_read_are_cut_off_and_cost_the_targets_nothing() {
    let mut relay = Relay::start();
    let (api, port) = (relay.api(), relay.http_port());
    let stream = api.create_stream("Watched", "source");
    let sink = Sink::start(Manner::Healthy);
    api.add_target(stream, "Healthy", &sink.url(), "key");
    // A rich stream: what is kept for who does not read it would be seen.
    let encoder = Encoder::start(&relay, "source", Footage::new(20_000));
    encoder.wait_for(Duration::from_secs(3));

    let ports = HashSet::from([port]);
    let before = memory::of_process(relay.process_id());
    let reader = watch(Visitor::connect(port), stream, 200).unwrap();
    let reader = thread::spawn(move || reader.listen());
    let silent: Vec<Visitor> =
        (1..8).map(|_| watch(Visitor::of_few_words(port), stream, 200).unwrap()).collect();
    assert!(watch(Visitor::of_few_words(port), stream, 503).is_some(), "there is room for more");
    let (mut resident, mut held, mut came_back) = (0, 0, false);
    patience::poll(CUT_OFF, || {
        resident = resident.max(memory::of_process(relay.process_id()).saturating_sub(before));
        held = held.max(memory::of_connections(&ports));
        came_back = watch(Visitor::of_few_words(port), stream, 200).is_some();
        came_back.then_some(())
    });
    assert!(came_back, "they are not cut off");
    // A basket and an answer under way each: twenty seconds of this stream are 50 MB.
    assert!(resident < 8 * (3 << 20), "the relay grew by {resident} bytes");
    assert!(held < 8 * (1 << 20), "the kernel held {held} bytes");

    let sent = encoder.end().serial;
    sink.wait_for_frame(sent - 1);
    sink.only_visit().assert_whole(sent);
    drop(silent);
    relay.terminate();
    let heard = reader.join().unwrap().0;
    assert!(heard.len() > 40 << 20, "who reads was cut off too, after {} bytes", heard.len());
}

/// Begins to watch, if the answer has this status.
fn watch(mut visitor: Visitor, stream: i64, status: u16) -> Option<Visitor> {
    visitor.say(
        format!(
            "GET /api/v1/streams/{stream}/preview.flv HTTP/1.1\r\nHost: localhost\r\nAuthorization: \
             Bearer {TOKEN}\r\n\r\n"
        )
        .as_bytes(),
    );
    (visitor.status() == status).then_some(visitor)
}

/// Some time until all that waits for them is full, and 20 s of patience.
const CUT_OFF: Duration = Duration::from_secs(60);
