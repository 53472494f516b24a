//! One stream as large as can be.

use serde_json::Value;

use crate::contest::{self, Results};
use crate::contestant::Contestant;
use crate::footage::Pictures;
use crate::json;
use crate::options::{Common, at_least_one};
use crate::table::{milliseconds, range};
use crate::trial::{Outcome, Trial};

/// One stream as large as can be, until the relay has no more CPU
#[derive(clap::Args)]
pub(crate) struct Saturation {
    /// Megabits a second, separated by commas; at 60 frames a second, or at more from 480 on
    #[arg(long, value_delimiter = ',', default_value = "400,1600,3200,5000")]
    rate: Vec<f64>,
    /// How many targets
    #[arg(long, default_value_t = 10, value_parser = at_least_one())]
    targets: usize,
    /// Pushes over TLS
    #[arg(long)]
    tls: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl Saturation {
    pub(crate) fn run(&self) -> Vec<Value> {
        self.rate.iter().map(|rate| self.at(*rate)).collect()
    }

    fn at(&self, rate: f64) -> Value {
        let pictures = Pictures::new(rate, frequency(rate));
        let trial = Trial {
            tls: self.tls,
            coalesce_ms: self.common.coalesce,
            hash_one_of: HASH_ONE_OF,
            ..Trial::plain(1, self.targets, pictures, self.common.length())
        };
        let usual: &[Contestant] = if self.tls { &USUAL_WITH_TLS } else { &USUAL };
        let tls = if self.tls { " over TLS" } else { "" };
        let title = format!("1 stream of {rate} Mb/s to {} targets{tls}", self.targets);
        let results =
            contest::hold(&title, &trial, &self.common.contestants(usual, self.tls), self.common.rounds);
        print(&results);
        json::results(&results)
    }
}

fn print(results: &Results) {
    println!("\n{}\n", results.title);
    println!(
        "{:16} {:>20} {:>20} {:>20} {:>6} {:>6} {:>8} {:>8} {:>7} {:>6} {:>8}",
        "",
        "GB/s a core",
        "CPU s/GB",
        "Gb/s out",
        "CPU %",
        "rig %",
        "others %",
        "late ms",
        "PSS MB",
        "lost",
        "damaged"
    );
    for entry in &results.entries {
        println!(
            "{:16} {:>20} {:>20} {:>20} {:>6.0} {:>6.0} {:>8.0} {:>8.0} {:>7.1} {:>6} {:>8}",
            entry.contestant,
            range(entry.spread(|outcome| 1.0 / outcome.cpu_per_gigabyte()), 2),
            range(entry.spread(Outcome::cpu_per_gigabyte), 3),
            range(entry.spread(|outcome| outcome.bits_per_second() / 1e9), 1),
            100.0 * entry.spread(Outcome::cpu_share).median,
            100.0 * entry.spread(Outcome::own_share).median,
            100.0 * entry.spread(Outcome::others_share).median,
            entry.spread(|outcome| milliseconds(outcome.late)).greatest,
            entry.spread(|outcome| outcome.memory_peak as f64 / 1e6).greatest,
            entry.sum(|outcome| outcome.faults.lost),
            entry.sum(|outcome| outcome.faults.damaged),
        );
    }
}

/// Frames of up to 1 MB, 60 of them a second or more: beyond that a stream has more frames, not larger ones,
/// because relays refuse messages that are too large.
fn frequency(megabits: f64) -> u64 {
    ((megabits / 8.0).ceil() as u64).max(60)
}

const USUAL: [Contestant; 4] =
    [Contestant::Splitcast, Contestant::FLOOR, Contestant::RECHUNK, Contestant::NginxRtmp];
const USUAL_WITH_TLS: [Contestant; 3] = [Contestant::Splitcast, Contestant::TLS, Contestant::NginxStunnel];

/// A checksum of every byte would make the sinks slower than the relay.
const HASH_ONE_OF: u32 = 32;
