//! The command line.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use clap::{Args, CommandFactory, Parser, Subcommand, value_parser};
use serde_json::json;

use super::contestant::Contestant;
use super::floor::Floor;
use super::scenario::drop::Drop;
use super::scenario::fanout::Fanout;
use super::scenario::memory::Memory;
use super::scenario::publish::Publish;
use super::scenario::rtmps::Rtmps;
use super::scenario::saturation::Saturation;
use super::scenario::streams::Streams;
use super::scenario::trouble::Trouble;
use super::{affinity, machine};

/// Measures what fanning out costs, beside other relays and beside floors.
#[derive(Parser)]
#[command(bin_name = "cargo bench --bench fanout --", max_term_width = 110)]
struct CommandLine {
    #[command(subcommand)]
    scenario: Scenario,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Scenario {
    Fanout(Fanout),
    Streams(Streams),
    Rtmps(Rtmps),
    Saturation(Saturation),
    Trouble(Trouble),
    Drop(Drop),
    Memory(Memory),
    Publish(Publish),
    #[command(hide = true)]
    Floor(Floor),
}

/// What all scenarios are told.
#[derive(Args, Clone)]
pub(crate) struct Common {
    /// How often each contestant runs
    #[arg(long, default_value_t = 4, value_parser = at_least_one())]
    pub(crate) rounds: usize,
    /// How long is measured in each run, in seconds
    #[arg(long, default_value_t = 12, value_parser = value_parser!(u64).range(1..))]
    pub(crate) seconds: u64,
    /// Contestants instead of the usual ones, separated by commas: splitcast, floor, floor-rechunk,
    /// floor-tls, nginx-rtmp, nginx-stunnel, or NAME=PATH, another binary of splitcast, after which
    /// arguments may stand. Each is compared with the first. Who cannot do what the scenario asks for, TLS
    /// or none, is left out
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    only: Vec<Contestant>,
    /// Contestants besides these, named as with --only
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    with: Vec<Contestant>,
    /// The streams' coalesce_ms in splitcast, if its own default is not wanted
    #[arg(long, value_name = "MS")]
    pub(crate) coalesce: Option<u32>,
    /// Writes all figures of all rounds to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Common {
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Who takes part, if `usual` are the usual ones. Who cannot push to targets with TLS, or without it,
    /// does not.
    pub(crate) fn contestants(&self, usual: &[Contestant], tls: bool) -> Vec<Contestant> {
        let chosen = if self.only.is_empty() { usual } else { &self.only };
        chosen.iter().chain(&self.with).filter(|contestant| contestant.can_push(tls)).cloned().collect()
    }
}

/// For numbers of which none would mean nothing.
pub(crate) fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

/// Does what the command line says.
pub(crate) fn run() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().skip(1).all(|argument| argument == "--bench") {
        CommandLine::command().print_long_help().unwrap();
        return;
    }
    match CommandLine::parse().scenario {
        Scenario::Floor(floor) => floor.run().unwrap_or_else(|error| panic!("the floor ends: {error}")),
        Scenario::Publish(publish) => publish.run(),
        scenario => {
            affinity::hold_self().unwrap_or_else(|error| panic!("{error}"));
            scenario.measure();
        }
    }
}

impl Scenario {
    fn measure(&self) {
        let machine = machine::describe();
        println!("{}", machine::line(&machine));
        let (common, results) = match self {
            Self::Fanout(fanout) => (&fanout.common, fanout.run()),
            Self::Streams(streams) => (&streams.common, streams.run()),
            Self::Rtmps(rtmps) => (&rtmps.common, rtmps.run()),
            Self::Saturation(saturation) => (&saturation.common, saturation.run()),
            Self::Trouble(trouble) => (&trouble.common, trouble.run()),
            Self::Drop(drop) => (&drop.common, drop.run()),
            Self::Memory(memory) => (&memory.common, memory.run()),
            Self::Publish(_) | Self::Floor(_) => return,
        };
        if let Some(file) = &common.json {
            let all = json!({ "machine": machine, "results": results });
            fs::write(file, format!("{all:#}\n"))
                .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    }
}
