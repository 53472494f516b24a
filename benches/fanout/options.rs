//! The command line.

use std::time::Duration;

use clap::{Args, CommandFactory, Parser, Subcommand};

use super::affinity;
use super::contestant::Contestant;
use super::floor::Floor;
use super::scenario;

/// Measures what fanning out costs, beside other relays and beside floors.
#[derive(Parser)]
#[command(name = "cargo bench --bench fanout --", max_term_width = 110)]
struct CommandLine {
    #[command(subcommand)]
    scenario: Scenario,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Scenario {
    /// One stream to many targets
    Fanout {
        /// How many targets, separated by commas; with 500 or more the relay may use all CPUs
        #[arg(long, value_delimiter = ',', default_value = "20")]
        targets: Vec<usize>,
        /// Megabits a second [default: 6; with 500 targets or more 2.5, at 30 frames a second]
        #[arg(long)]
        rate: Option<f64>,
        #[command(flatten)]
        common: Common,
    },
    #[command(hide = true)]
    Floor(Floor),
}

/// What all scenarios are told.
#[derive(Args, Clone)]
pub(crate) struct Common {
    /// How often each contestant runs
    #[arg(long, default_value_t = 4)]
    pub(crate) rounds: usize,
    /// How long is measured in each run, in seconds
    #[arg(long, default_value_t = 12)]
    pub(crate) seconds: u64,
    /// Contestants instead of the usual ones: splitcast, floor, floor-rechunk, floor-tls, nginx-rtmp,
    /// nginx-stunnel, or NAME=PATH, another binary of splitcast. Others are compared with the first
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    only: Vec<Contestant>,
    /// Contestants besides the usual ones
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    with: Vec<Contestant>,
    /// The streams' coalesce_ms, if splitcast's own default is not wanted
    #[arg(long, value_name = "MS")]
    pub(crate) coalesce: Option<u32>,
}

impl Common {
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Who takes part, if `usual` are the usual ones.
    pub(crate) fn contestants(&self, usual: &[Contestant]) -> Vec<Contestant> {
        let chosen = if self.only.is_empty() { usual } else { &self.only };
        chosen.iter().chain(&self.with).cloned().collect()
    }
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
        scenario => {
            affinity::hold_self().unwrap_or_else(|error| panic!("{error}"));
            scenario.run();
        }
    }
}

impl Scenario {
    fn run(self) {
        match self {
            Self::Fanout { targets, rate, common } => scenario::fanout::run(&targets, rate, &common),
            Self::Floor(_) => {}
        }
    }
}
