//! What targets in trouble cost the healthy ones beside them: how long a frame is on its way from the
//! encoder to a healthy sink, alone and in bad company, all in one run.
//!
//! `cargo bench --bench isolation` prints a table and judges nothing. Encoder, sinks and the relay's
//! release binary share the machine, so only differences between rows mean something. Each frame
//! carries the time at which it was sent; the first of them are left out, because targets are still being
//! dialled then (fifty a second) and begin with what is kept for them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement that cannot go on has failed, and says where"
)]
#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use std::time::Duration;

use lab::footage::Footage;
use lab::manner::Manner;
use lab::trial::{Outcome, Trial};

#[path = "../tests/lab/mod.rs"]
#[expect(dead_code, reason = "the laboratory serves tests too")]
mod lab;
#[path = "../tests/rig/mod.rs"]
#[expect(dead_code, reason = "the rig serves tests too")]
mod rig;

fn main() {
    let five = vec![
        Manner::NeverRead,
        Manner::Trickle(40_000),
        Manner::ResetAfter(Duration::from_secs(1)),
        Manner::CloseAfterPublish,
        Manner::Garbage,
    ];
    println!("{:44} {:>8} {:>8} {:>8} {:>8}   memory, MB", "", "p50 ms", "p99 ms", "max ms", "lost");
    println!("{:81} {:>6} {:>8} {:>8}", "", "relay", "stalled", "all TCP");
    row("one target at 6 Mb/s", 1, Vec::new(), 6_000);
    row("with five bad ones", 1, five, 6_000);
    row("a hundred targets at 1 Mb/s", 100, Vec::new(), 1_000);
    row("with a hundred that never read", 100, vec![Manner::NeverRead; 100], 1_000);
}

/// Tries it and prints how it went.
fn row(name: &str, healthy: usize, bad: Vec<Manner>, kilobits: usize) {
    let trial = Trial { healthy, bad, kilobits, length: Duration::from_secs(24) };
    let outcome = trial.run();
    let latencies = latencies(&outcome);
    let at = |part: f64| milliseconds(latencies[(part * (latencies.len() - 1) as f64) as usize]);
    println!(
        "{name:44} {:8.2} {:8.2} {:8.2} {:8}   {:6.1} {:8.2} {:8.1}",
        at(0.5),
        at(0.99),
        at(1.0),
        lost(&outcome),
        megabytes(outcome.resident),
        megabytes(outcome.in_kernel),
        megabytes(outcome.in_kernel_in_all),
    );
}

/// How long the frames were on their way to healthy sinks, shortest first.
fn latencies(outcome: &Outcome) -> Vec<Duration> {
    let first = Footage::frames_in(LEFT_OUT);
    let visits = outcome.healthy.iter().map(|receipt| &receipt.visit);
    let mut latencies: Vec<Duration> = visits
        .flat_map(|visit| visit.latencies())
        .filter(|(stamp, _)| stamp.serial >= first)
        .map(|(_, latency)| latency)
        .collect();
    latencies.sort_unstable();
    latencies
}

/// How many frames healthy sinks lack, of those sent after their first one.
fn lost(outcome: &Outcome) -> u32 {
    let lacking = |visit: &lab::visit::Visit| {
        let first = visit.stamps().next().map_or(outcome.sent, |stamp| stamp.serial);
        outcome.sent - first - u32::try_from(visit.stamps().count()).unwrap()
    };
    outcome.healthy.iter().map(|receipt| lacking(&receipt.visit)).sum()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Long enough to dial two hundred targets.
const LEFT_OUT: Duration = Duration::from_secs(6);
