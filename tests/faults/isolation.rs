//! Targets in trouble are nobody else's trouble: a healthy one beside them loses no frame, and neither
//! the relay nor the kernel under it gathers what the others do not take.

use std::collections::HashSet;
use std::time::Duration;

use crate::lab::encoder::Encoder;
use crate::lab::footage::Footage;
use crate::lab::manner::Manner;
use crate::lab::memory;
use crate::lab::sink::Sink;
use crate::rig::patience;
use crate::rig::relay_process::{Options, Relay};

/// At six megabits a second, that those who do not read are soon full.
#[test]
fn five_bad_targets_cost_a_sixth_nothing() {
    let bad = [
        Manner::NeverRead,
        Manner::Trickle(40_000),
        Manner::ResetAfter(Duration::from_secs(1)),
        Manner::CloseAfterPublish,
        Manner::Garbage,
    ];
    beside(&bad, 1, 6_000, Duration::from_secs(15));
}

#[test]
fn targets_that_talk_nonsense_disturb_nobody() {
    let bad = [
        Manner::WrongAcknowledgements,
        Manner::Giants,
        Manner::GarbageInStream,
        Manner::ResetAfterBytes(20_000),
        Manner::Mute,
        Manner::HangUp,
    ];
    beside(&bad, 1, 1_000, Duration::from_secs(8));
}

#[test]
fn a_hundred_targets_that_never_read_cost_a_hundred_others_nothing() {
    beside(&vec![Manner::NeverRead; 100], 100, 500, Duration::from_secs(12));
}

/// An encoder sends for `length` to as many healthy sinks as wanted and to `bad` ones; looks at what
/// the healthy ones got, and at what memory it took meanwhile.
fn beside(bad: &[Manner], healthy: usize, kilobits: usize, length: Duration) {
    let relay = Relay::start_with(Options { log: "info", ..Options::default() });
    let api = relay.api();
    let stream = api.create_stream("Beside", "source");
    let start = |manner: &Manner| {
        let sink = Sink::start(manner.clone());
        let name = format!("{manner:?} at {}", sink.port());
        (manner.clone(), api.add_target(stream, &name, &sink.url(), "key"), sink)
    };
    let healthy: Vec<_> = (0..healthy).map(|_| start(&Manner::Healthy)).collect();
    let bad: Vec<_> = bad.iter().map(start).collect();
    let ports: HashSet<u16> = bad.iter().map(|(.., sink)| sink.port()).collect();

    let before = memory::of_process(relay.process_id());
    let encoder = Encoder::start(&relay, "source", Footage::new(kilobits));
    let frames = Footage::frames_in(length);
    let (mut resident, mut in_kernel) = (0, 0);
    patience::wait_until("all to be sent", || {
        resident = resident.max(memory::of_process(relay.process_id()));
        in_kernel = in_kernel.max(memory::of_connections(&ports));
        encoder.sent() > frames
    });
    let sent = encoder.end().serial;

    for (_, target, sink) in &healthy {
        sink.wait_for_frame(sent - 1);
        sink.only_visit().assert_whole(sent);
        let target = api.target(*target);
        assert_eq!([&target["reconnects"], &target["skipped_frames"]], [0, 0], "{target:#}");
    }
    let targets = healthy.len() + bad.len();
    let allowed = kilobits * 125 * RING_SECONDS + THE_STREAMS_OWN + targets * A_TARGETS_OWN;
    let grown = resident.saturating_sub(before);
    assert!(grown <= allowed, "the relay grew by {grown} bytes, {allowed} are allowed");
    let stalled = bad.iter().filter(|(manner, ..)| manner.stalls()).count();
    let allowed = stalled * A_STALLED_TARGETS + (bad.len() - stalled) * A_BUSY_TARGETS;
    assert!(in_kernel <= allowed, "the kernel holds {in_kernel} bytes, {allowed} are allowed");
}

/// What the ring holds, with a group of pictures that it may not yet let go of.
const RING_SECONDS: usize = 10;
/// What the first stream brings to life: code, buffers for reading, the allocator's reserves.
const THE_STREAMS_OWN: usize = 4 << 20;
/// What a target may cost the relay whatever happens to it.
const A_TARGETS_OWN: usize = 128 << 10;
/// What the kernel may hold for a target that takes too little.
const A_STALLED_TARGETS: usize = 256 << 10;
/// What it may hold for one that takes, or talks, or is gone again.
const A_BUSY_TARGETS: usize = 64 << 10;
