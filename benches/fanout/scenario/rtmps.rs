//! One stream to many targets over TLS.

use serde_json::Value;

use crate::contestant::Contestant;
use crate::footage::Pictures;
use crate::options::{Common, at_least_one};
use crate::trial::Trial;

/// One stream to many targets over TLS
#[derive(clap::Args)]
pub(crate) struct Rtmps {
    /// How many targets, separated by commas
    #[arg(long, value_delimiter = ',', default_value = "20", value_parser = at_least_one())]
    targets: Vec<usize>,
    /// Megabits a second, at 60 frames a second
    #[arg(long, default_value_t = 6.0)]
    rate: f64,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl Rtmps {
    pub(crate) fn run(&self) -> Vec<Value> {
        let rate = self.rate;
        let to = |targets: &usize| {
            let trial = Trial::plain(1, *targets, Pictures::new(rate, 60), self.common.length());
            let title = format!("1 stream of {rate} Mb/s to {targets} targets over TLS");
            super::hold(&title, &Trial { tls: true, ..trial }, &USUAL, &self.common)
        };
        self.targets.iter().map(to).collect()
    }
}

const USUAL: [Contestant; 3] = [Contestant::Splitcast, Contestant::TLS, Contestant::NginxStunnel];
