//! What a target costs in memory.

use serde_json::{Value, json};
use splitcast::relay::footprint::Footprint;

use crate::affinity::Place;
use crate::contest::{self, Entry};
use crate::contestant::Contestant;
use crate::footage::Pictures;
use crate::options::{Common, at_least_one};
use crate::table::range;
use crate::trial::{Outcome, Trial};

/// What a target costs in memory: runs with few and with many, and what lies between
#[derive(clap::Args)]
pub(crate) struct Memory {
    /// How many targets, separated by commas; the relay may use all CPUs
    #[arg(long, value_delimiter = ',', default_value = "1,100,1000", value_parser = at_least_one())]
    targets: Vec<usize>,
    /// How many targets with TLS, separated by commas
    #[arg(long, value_delimiter = ',', default_value = "1,100", value_parser = at_least_one())]
    tls_targets: Vec<usize>,
    /// Megabits a second, at 30 frames a second
    #[arg(long, default_value_t = 2.5)]
    rate: f64,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl Memory {
    pub(crate) fn run(&self) -> Vec<Value> {
        let plain = self.measure(&self.targets, false, &USUAL);
        let tls = self.measure(&self.tls_targets, true, &USUAL_WITH_TLS);
        vec![plain, tls]
    }

    fn measure(&self, targets: &[usize], tls: bool, usual: &[Contestant]) -> Value {
        let title = format!("memory, 1 stream of {} Mb/s to {} targets", self.rate, scheme(tls));
        let contestants = self.common.contestants(usual, tls);
        let mut columns = Vec::new();
        for &count in targets {
            let trial = Trial {
                tls,
                place: Place::AllCpus,
                coalesce_ms: self.common.coalesce,
                ..Trial::plain(1, count, Pictures::new(self.rate, 30), self.common.length())
            };
            let title = format!("{title}, {count} of them");
            columns.push((count, contest::hold(&title, &trial, &contestants, self.common.rounds).entries));
        }
        println!("\n{title}: PSS at its highest, MB\n");
        print!("{:16}", "");
        targets.iter().for_each(|count| print!(" {:>22}", format!("{count} targets")));
        println!("   between them");
        print!("{:16}", "formula");
        targets.iter().for_each(|count| print!(" {:>22.2}", formula(self.rate, *count, tls)));
        println!();
        let rows = contestants.iter().enumerate().map(|(at, contestant)| {
            let points: Vec<(usize, &Entry)> =
                columns.iter().map(|(count, entries)| (*count, &entries[at])).collect();
            row(contestant, &points)
        });
        json!({ "title": title, "results": rows.collect::<Vec<_>>() })
    }
}

fn row(contestant: &Contestant, points: &[(usize, &Entry)]) -> Value {
    print!("{contestant:16}");
    for (_, entry) in points {
        print!(" {:>22}", range(entry.spread(peak), 2));
    }
    let slopes: Vec<Value> = points.windows(2).map(slope).collect();
    println!();
    json!({
        "contestant": contestant.to_string(),
        "peak_mb": points.iter().map(|(count, entry)| {
            json!({ "targets": count, "mb": entry.outcomes.iter().map(peak).collect::<Vec<_>>() })
        }).collect::<Vec<_>>(),
        "between": slopes,
    })
}

/// The line through two points: so much for no target, and so much for each.
fn slope(points: &[(usize, &Entry)]) -> Value {
    let [(few, less), (many, more)] = points else { return Value::Null };
    let [less, more] = [less, more].map(|entry| entry.spread(peak).median);
    let each = (more - less) / (*many as f64 - *few as f64);
    let base = less - each * *few as f64;
    print!("   {base:.2} MB + {:.1} kB a target", 1e3 * each);
    json!({ "from": few, "to": many, "base_mb": base, "kb_per_target": 1e3 * each })
}

/// What splitcast says of itself, in megabytes.
fn formula(rate: f64, targets: usize, tls: bool) -> f64 {
    let targets = targets as u64;
    let footprint = Footprint {
        streams: 1,
        key_frame_intervals: (rate * 1e6 / 8.0 * SECONDS_BETWEEN_KEY_FRAMES) as u64,
        plain_targets: if tls { 0 } else { targets },
        tls_targets: if tls { targets } else { 0 },
    };
    footprint.bytes() as f64 / 1e6
}

fn peak(outcome: &Outcome) -> f64 {
    outcome.memory_peak as f64 / 1e6
}

fn scheme(tls: bool) -> &'static str {
    if tls { "RTMPS" } else { "RTMP" }
}

const USUAL: [Contestant; 2] = [Contestant::Splitcast, Contestant::NginxRtmp];
const USUAL_WITH_TLS: [Contestant; 2] = [Contestant::Splitcast, Contestant::NginxStunnel];

/// As the publisher's footage has them.
const SECONDS_BETWEEN_KEY_FRAMES: f64 = 2.0;
