//! One stream to many targets.

use serde_json::Value;

use crate::affinity::Place;
use crate::contestant::Contestant;
use crate::footage::Pictures;
use crate::options::{Common, at_least_one};
use crate::trial::Trial;

/// One stream to many targets
#[derive(clap::Args)]
pub(crate) struct Fanout {
    /// How many targets, separated by commas; with 500 or more the relay may use all CPUs
    #[arg(long, value_delimiter = ',', default_value = "20", value_parser = at_least_one())]
    targets: Vec<usize>,
    /// Megabits a second [default: 6 at 60 frames a second; with 500 targets or more 2.5 at 30]
    #[arg(long)]
    rate: Option<f64>,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl Fanout {
    pub(crate) fn run(&self) -> Vec<Value> {
        self.targets.iter().map(|targets| self.to(*targets)).collect()
    }

    fn to(&self, targets: usize) -> Value {
        let is_crowd = targets >= CROWD;
        let (usual_rate, frequency) = if is_crowd { (2.5, 30) } else { (6.0, 60) };
        let megabits = self.rate.unwrap_or(usual_rate);
        let pictures = Pictures::new(megabits, frequency);
        let place = if is_crowd { Place::AllCpus } else { Place::OneCpu };
        let trial = Trial { place, ..Trial::plain(1, targets, pictures, self.common.length()) };
        let title = format!("1 stream of {megabits} Mb/s, {frequency} frames a second, to {targets} targets");
        super::hold(&title, &trial, &USUAL, &self.common)
    }
}

const USUAL: [Contestant; 4] =
    [Contestant::Splitcast, Contestant::FLOOR, Contestant::RECHUNK, Contestant::NginxRtmp];

/// From so many targets on a relay needs more than one CPU.
const CROWD: usize = 500;
