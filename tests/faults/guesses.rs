//! Somebody who tries one stream key after another.

use std::thread;

use crate::lab::encoder::Encoder;
use crate::lab::footage::Footage;
use crate::lab::manner::Manner;
use crate::lab::memory;
use crate::lab::sink::Sink;
use crate::rig::patience::Stopwatch;
use crate::rig::publisher::Publisher;
use crate::rig::relay_process::Relay;

#[test]
fn a_thousand_wrong_keys_are_hardly_looked_at_and_harm_nobody() {
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Guessed at", "source");
    api.create_stream("Beside it", LONG);
    let sink = Sink::start(Manner::Healthy);
    api.add_target(stream, "Healthy", &sink.url(), "key");
    let encoder = Encoder::start(&relay, "source", Footage::new(1_000));
    sink.wait_for_frame(20);

    let (port, began) = (relay.rtmp_port(), Stopwatch::start());
    guess(port, 100);
    let before = memory::of_process(relay.process_id());
    let looked_at: usize = thread::scope(|scope| {
        let guessers: Vec<_> = (0..4).map(|_| scope.spawn(|| guess(port, 225))).collect();
        guessers.into_iter().map(|guesser| guesser.join().unwrap()).sum()
    });
    let allowed = began.elapsed().as_secs() / 6 + 1;
    assert!(looked_at as u64 <= allowed, "{looked_at} keys were looked at, {allowed} may be");
    let grown = memory::of_process(relay.process_id()).saturating_sub(before);
    assert!(grown < 4 << 20, "{grown} more bytes are held");

    // Another encoder comes from the same address, and the first has not noticed anything.
    let beside = Encoder::start(&relay, LONG, Footage::new(1_000));
    let sent = encoder.end().serial;
    sink.wait_for_frame(sent - 1);
    sink.only_visit().assert_whole(sent);
    beside.end();
}

/// Tries so many wrong keys; how many of them were looked at.
fn guess(port: u16, count: usize) -> usize {
    let answers = (0..count).map(|n| Publisher::guess(port, "live", &format!("guess{n}")).unwrap());
    answers.filter(|answer| !answer.contains("Too many wrong stream keys")).count()
}

/// A key like those that splitcast makes.
const LONG: &str = "k7d2m4q9x1w8r5t3b6n0v2c4z8";
