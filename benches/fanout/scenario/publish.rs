//! The source alone, for looking at its footage or at a relay of one's own.

use std::time::Duration;

use crate::clock::{self, SECOND};
use crate::footage::Pictures;
use crate::source::{Programme, Source};

/// The source alone: publishes to any RTMP server on this machine
#[derive(clap::Args)]
pub(crate) struct Publish {
    /// The port of the server
    #[arg(long)]
    port: u16,
    /// The keys to publish, in the application "live", separated by commas
    #[arg(long, value_delimiter = ',', default_value = "s0")]
    keys: Vec<String>,
    /// Megabits a second
    #[arg(long, default_value_t = 6.0)]
    rate: f64,
    /// Frames a second
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    frequency: u64,
    /// How long it publishes, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

impl Publish {
    pub(crate) fn run(&self) {
        let pictures = Pictures::new(self.rate, self.frequency);
        let source = Source::start(Programme { port: self.port, pictures, keys: self.keys.clone() });
        let end = clock::now() + self.seconds * SECOND;
        while clock::now() < end && !source.has_failed() {
            clock::sleep(Duration::from_millis(20));
        }
        source.end();
    }
}
