//! What was used in the window of a run, and by whom.

use std::time::Duration;

use super::clock;
use super::process::{self, Threads, Usage};
use super::sink::Sinks;

/// What meters show at one moment.
pub(crate) struct Reading {
    at: u64,
    relay: Threads,
    own: Threads,
    machine: u64,
    bytes: u64,
}

/// What lies between two readings. Times are in nanoseconds.
pub(crate) struct Expense {
    pub(crate) length: Duration,
    /// What sinks read.
    pub(crate) bytes: u64,
    /// Of the relay.
    pub(crate) usage: Usage,
    /// The CPU time of source and sinks.
    pub(crate) own_cpu: u64,
    /// The CPU time of all other programs, which disturb the measurement.
    pub(crate) others_cpu: u64,
}

impl Reading {
    pub(crate) fn take(relay: &[u32], sinks: &Sinks) -> Self {
        Self {
            at: clock::now(),
            relay: Threads::of_trees(relay),
            own: Threads::of_self(),
            machine: process::machine(),
            bytes: sinks.bytes(),
        }
    }

    pub(crate) fn since(&self, before: &Self) -> Expense {
        let usage = self.relay.used_since(&before.relay);
        let own_cpu = self.own.used_since(&before.own).cpu;
        let machine = self.machine.saturating_sub(before.machine);
        Expense {
            length: Duration::from_nanos(self.at - before.at),
            bytes: self.bytes - before.bytes,
            usage,
            own_cpu,
            others_cpu: machine.saturating_sub(usage.cpu + own_cpu),
        }
    }
}
