//! Many streams to a few targets each.

use serde_json::Value;

use crate::contestant::Contestant;
use crate::footage::Pictures;
use crate::options::{Common, at_least_one};
use crate::trial::Trial;

/// Many streams to a few targets each
#[derive(clap::Args)]
pub(crate) struct Streams {
    /// How many streams
    #[arg(long, default_value_t = 50, value_parser = at_least_one())]
    streams: usize,
    /// How many targets each stream has
    #[arg(long, default_value_t = 3, value_parser = at_least_one())]
    targets: usize,
    /// Megabits a second of each stream, at 60 frames a second
    #[arg(long, default_value_t = 4.0)]
    rate: f64,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl Streams {
    pub(crate) fn run(&self) -> Vec<Value> {
        let (streams, targets, rate) = (self.streams, self.targets, self.rate);
        let trial = Trial::plain(streams, targets, Pictures::new(rate, 60), self.common.length());
        let title = format!("{streams} streams of {rate} Mb/s to {targets} targets each");
        vec![super::hold(&title, &trial, &USUAL, &self.common)]
    }
}

const USUAL: [Contestant; 4] =
    [Contestant::Splitcast, Contestant::FLOOR, Contestant::RECHUNK, Contestant::NginxRtmp];
