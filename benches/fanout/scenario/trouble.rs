//! What targets in trouble cost the healthy ones beside them.

use serde_json::{Value, json};

use crate::contest::{self, Entry};
use crate::contestant::Contestant;
use crate::footage::Pictures;
use crate::json;
use crate::options::{Common, at_least_one};
use crate::sink::Manner;
use crate::table::{self, milliseconds, range};
use crate::trial::Trial;

/// What targets in trouble cost the healthy ones beside them
#[derive(clap::Args)]
pub(crate) struct Trouble {
    /// How many targets read all they are sent
    #[arg(long, default_value_t = 3, value_parser = at_least_one())]
    healthy: usize,
    /// How many read no more after their first key frame
    #[arg(long, default_value_t = 1)]
    stalled: usize,
    /// How many read 300 kB a second after it
    #[arg(long, default_value_t = 1)]
    slow: usize,
    /// How many close the connection with their first key frame, and each later one at once
    #[arg(long, default_value_t = 0)]
    closing: usize,
    /// Megabits a second, at 60 frames a second
    #[arg(long, default_value_t = 6.0)]
    rate: f64,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl Trouble {
    pub(crate) fn run(&self) -> Vec<Value> {
        let plain = Trial {
            coalesce_ms: self.common.coalesce,
            ..Trial::plain(1, self.healthy, Pictures::new(self.rate, 60), self.common.length())
        };
        let mut troubled = plain.clone();
        troubled.manners.extend(vec![Manner::Stalls; self.stalled]);
        troubled.manners.extend(vec![Manner::Trickles(SLOW); self.slow]);
        troubled.manners.extend(vec![Manner::HangsUp; self.closing]);
        let contestants = self.common.contestants(&USUAL, false);
        let title = format!(
            "1 stream of {} Mb/s to {} healthy targets: alone, and beside {} stalled, {} slow and {} that close",
            self.rate, self.healthy, self.stalled, self.slow, self.closing
        );
        let trials = [("alone", &plain), ("in trouble", &troubled)];
        let entries = contest::hold_each(&title, &trials, &contestants, self.common.rounds);
        println!("\n{title}\n");
        print(&entries);
        vec![json!({ "title": title, "results": entries.iter().map(to_json).collect::<Vec<_>>() })]
    }
}

fn print(entries: &[(&str, Entry)]) {
    println!(
        "{:16} {:10} {:>20} {:>20} {:>8} {:>14} {:>6} {:>7} {:>10} {:>15}",
        "healthy targets",
        "",
        "p50 ms",
        "p99 ms",
        "max ms",
        "longest pause",
        "lost",
        "PSS MB",
        "kernel MB",
        "bad ones missed"
    );
    for (name, entry) in entries {
        let at = |part| range(entry.spread(|outcome| milliseconds(table::all(outcome).quantile(part))), 2);
        println!(
            "{:16} {:10} {:>20} {:>20} {:>8.1} {:>14.1} {:>6} {:>7.1} {:>10.1} {:>13.0} %",
            entry.contestant,
            name,
            at(0.5),
            at(0.99),
            entry.spread(|outcome| milliseconds(table::all(outcome).greatest())).greatest,
            entry.spread(|outcome| milliseconds(outcome.longest_pause)).greatest,
            entry.sum(|outcome| outcome.faults.lost),
            entry.spread(|outcome| outcome.memory_peak as f64 / 1e6).greatest,
            entry.spread(|outcome| outcome.in_kernel_peak as f64 / 1e6).greatest,
            100.0 * entry.spread(|outcome| outcome.missed_by_bad).median,
        );
    }
}

fn to_json((name, entry): &(&str, Entry)) -> Value {
    let outcomes: Vec<Value> = entry.outcomes.iter().map(json::outcome).collect();
    json!({ "contestant": entry.contestant.to_string(), "company": name, "rounds": outcomes })
}

const USUAL: [Contestant; 2] = [Contestant::Splitcast, Contestant::NginxRtmp];
/// Bytes a second: 6 Mb/s with sound and headers are about 770 kB.
const SLOW: u64 = 300_000;
