//! Healthy sinks and bad ones fed by one encoder for a while, and what came of it.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::Value;

use super::encoder::Encoder;
use super::footage::Footage;
use super::manner::Manner;
use super::memory;
use super::sink::Sink;
use super::visit::Visit;
use crate::rig::patience;
use crate::rig::relay_process::{Options, Relay};
use crate::rig::rest::Api;

/// What is tried.
pub(crate) struct Trial {
    pub(crate) healthy: usize,
    pub(crate) bad: Vec<Manner>,
    /// Of the encoder's video, a second.
    pub(crate) kilobits: usize,
    /// How long the encoder sends.
    pub(crate) length: Duration,
}

/// What came of it. Memory is the most there was at any time, in bytes.
pub(crate) struct Outcome {
    /// How many frames the encoder sent.
    pub(crate) sent: u32,
    pub(crate) healthy: Vec<Receipt>,
    /// What the relay's resident memory grew by.
    pub(crate) resident: usize,
    /// What the kernel held for the connections to bad sinks.
    pub(crate) in_kernel: usize,
    /// What the kernel's memory for TCP grew by, all programs' connections taken together.
    pub(crate) in_kernel_in_all: usize,
}

/// What a healthy sink got.
pub(crate) struct Receipt {
    /// The first of its connections.
    pub(crate) visit: Visit,
    pub(crate) connections: usize,
    /// The target as the relay showed it in the end.
    pub(crate) target: Value,
}

impl Trial {
    /// Takes as long as the encoder sends, and a little for the last frames to arrive.
    pub(crate) fn run(&self) -> Outcome {
        let relay = Relay::start_with(Options { log: "warn", ..Options::default() });
        let api = relay.api();
        let stream = api.create_stream("Trial", "source");
        let healthy = vec![Manner::Healthy; self.healthy];
        let healthy: Vec<_> = healthy.into_iter().map(|manner| add(&api, stream, manner)).collect();
        let bad: Vec<_> = self.bad.iter().map(|manner| add(&api, stream, manner.clone())).collect();
        let ports: HashSet<u16> = bad.iter().map(|(sink, _)| sink.port()).collect();
        let measure = || {
            let in_kernel = memory::of_connections(&ports);
            [memory::of_process(relay.process_id()), in_kernel, memory::of_all_tcp()]
        };

        let before = measure();
        let mut most = before;
        let encoder = Encoder::start(&relay, "source", Footage::new(self.kilobits));
        let frames = Footage::frames_in(self.length);
        patience::wait_until("all to be sent", || {
            for (most, now) in most.iter_mut().zip(measure()) {
                *most = now.max(*most);
            }
            encoder.sent() > frames
        });
        let sent = encoder.end().serial;
        let receipt = |(sink, target): &(Sink, i64)| {
            sink.wait_for_frame(sent - 1);
            let mut visits = sink.visits();
            let connections = visits.len();
            Receipt { visit: visits.swap_remove(0), connections, target: api.target(*target) }
        };
        let [resident, in_kernel, in_kernel_in_all] = [0, 1, 2].map(|at| most[at] - before[at]);
        let healthy = healthy.iter().map(receipt).collect();
        Outcome { sent, healthy, resident, in_kernel, in_kernel_in_all }
    }
}

fn add(api: &Api, stream: i64, manner: Manner) -> (Sink, i64) {
    let name = format!("{manner:?}");
    let sink = Sink::start(manner);
    let target = api.add_target(stream, &format!("{name} at {}", sink.port()), &sink.url(), "key");
    (sink, target)
}
