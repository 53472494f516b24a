//! Targets in trouble are nobody else's trouble: a healthy one beside them loses no frame, and neither
//! the relay nor the kernel under it gathers what the others do not take.

use std::time::Duration;

use crate::lab::manner::Manner;
use crate::lab::trial::Trial;

/// At six megabits a second, so that those who do not read are soon full.
#[test]
fn five_bad_targets_cost_a_sixth_nothing() {
    let bad = vec![
        Manner::NeverRead,
        Manner::Trickle(40_000),
        Manner::ResetAfter(Duration::from_secs(1)),
        Manner::CloseAfterPublish,
        Manner::Garbage,
    ];
    costs_nothing(&Trial { healthy: 1, bad, kilobits: 6_000, length: Duration::from_secs(15) });
}

#[test]
fn targets_that_talk_nonsense_disturb_nobody() {
    let bad = vec![
        Manner::WrongAcknowledgements,
        Manner::Giants,
        Manner::GarbageInStream,
        Manner::ResetAfterBytes(20_000),
        Manner::Mute,
        Manner::HangUp,
    ];
    costs_nothing(&Trial { healthy: 1, bad, kilobits: 1_000, length: Duration::from_secs(8) });
}

#[test]
fn a_hundred_targets_that_never_read_cost_a_hundred_others_nothing() {
    let bad = vec![Manner::NeverRead; 100];
    costs_nothing(&Trial { healthy: 100, bad, kilobits: 500, length: Duration::from_secs(12) });
}

/// Fails unless the healthy sinks of `trial` get every frame in one connection, and memory keeps within
/// its bounds.
fn costs_nothing(trial: &Trial) {
    let outcome = trial.run();
    for receipt in &outcome.healthy {
        receipt.visit.assert_whole(outcome.sent);
        let target = &receipt.target;
        assert_eq!(receipt.connections, 1, "{target:#}");
        assert_eq!([&target["reconnects"], &target["skipped_frames"]], [0, 0], "{target:#}");
    }
    let targets = trial.healthy + trial.bad.len();
    let allowed = trial.kilobits * 125 * RING_SECONDS + THE_STREAMS_OWN + targets * A_TARGETS_OWN;
    let resident = outcome.resident;
    assert!(resident <= allowed, "the relay grew by {resident} bytes, {allowed} are allowed");
    let stalled = trial.bad.iter().filter(|manner| manner.stalls()).count();
    let allowed = stalled * A_STALLED_TARGETS + (trial.bad.len() - stalled) * A_BUSY_TARGETS;
    let held = outcome.in_kernel;
    assert!(held <= allowed, "the kernel held {held} bytes, {allowed} are allowed");
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
const A_BUSY_TARGETS: usize = 128 << 10;
