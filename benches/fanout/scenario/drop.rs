//! The source vanishes and comes back.

use std::time::Duration;

use serde_json::{Value, json};

use crate::clock;
use crate::contest::{self, Spread};
use crate::contestant::Contestant;
use crate::footage::Pictures;
use crate::options::{Common, at_least_one};
use crate::sink::ledger::Ledger;
use crate::table::{milliseconds, range};
use crate::trial::Trial;

/// The source closes its connection for a while: do targets keep theirs, and when do they see it again
#[derive(clap::Args)]
pub(crate) struct Drop {
    /// How many targets
    #[arg(long, default_value_t = 5, value_parser = at_least_one())]
    targets: usize,
    /// How long the source is away, in seconds
    #[arg(long, default_value_t = 3)]
    away: u64,
    /// Megabits a second, at 60 frames a second
    #[arg(long, default_value_t = 6.0)]
    rate: f64,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What came of one run. Times are in nanoseconds since the first frame that the source sent after its
/// return, over all targets the longest.
struct Return {
    /// Targets whose first connection is still the only one.
    kept: usize,
    first: Option<u64>,
    key: Option<u64>,
}

impl Drop {
    pub(crate) fn run(&self) -> Vec<Value> {
        let trial = Trial {
            coalesce_ms: self.common.coalesce,
            ..Trial::plain(1, self.targets, Pictures::new(self.rate, 60), self.common.length())
        };
        let contestants = self.common.contestants(&USUAL, false);
        let title = format!("the source vanishes for {} s, {} targets", self.away, self.targets);
        let names: Vec<String> = contestants.iter().map(Contestant::to_string).collect();
        let returns = contest::take_turns(&title, &names, self.common.rounds, |at| {
            self.try_once(&trial, &contestants[at])
        });
        println!("\n{title}\n");
        println!(
            "{:16} {:>16} {:>24} {:>24}",
            "", "connections kept", "first frame after, ms", "key frame after, ms"
        );
        let rows = contestants.iter().zip(&returns);
        vec![
            json!({ "title": title, "results": rows.map(|(who, returns)| report(who, returns)).collect::<Vec<_>>() }),
        ]
    }

    fn try_once(&self, trial: &Trial, contestant: &Contestant) -> Return {
        let stage = trial.set_up(contestant);
        trial.warm_up(&stage);
        stage.source.vanish();
        clock::sleep(Duration::from_secs(self.away));
        let back = clock::now();
        stage.sinks.expect_return(back);
        stage.source.come_back();
        clock::sleep(trial.length);
        let sent = stage.source.end();
        let receipts = stage.sinks.end();
        let start = sent[0][0].iter().map(|sent| sent.at).find(|at| *at >= back).unwrap_or(u64::MAX);
        let latest = |moment: fn(&Ledger) -> Option<u64>| {
            let delays = receipts.ledgers.iter().map(|ledger| Some(moment(ledger)?.saturating_sub(start)));
            delays.collect::<Option<Vec<u64>>>().and_then(|delays| delays.into_iter().max())
        };
        Return {
            kept: receipts.ledgers.iter().filter(|ledger| ledger.connections == 1).count(),
            first: latest(|ledger| ledger.first_returned),
            key: latest(|ledger| ledger.key_returned),
        }
    }
}

fn report(contestant: &Contestant, returns: &[Return]) -> Value {
    let kept = Spread::of(returns.iter().map(|run| run.kept as f64));
    let over = |moment: fn(&Return) -> Option<u64>| {
        Spread::of(returns.iter().map(|run| moment(run).map_or(f64::INFINITY, milliseconds)))
    };
    let (first, key) = (over(|run| run.first), over(|run| run.key));
    println!("{contestant:16} {:>16} {:>24} {:>24}", range(kept, 0), range(first, 1), range(key, 1));
    json!({
        "contestant": contestant.to_string(),
        "connections_kept": returns.iter().map(|run| run.kept).collect::<Vec<_>>(),
        "first_frame_after_ms": returns.iter().map(|run| run.first.map(milliseconds)).collect::<Vec<_>>(),
        "key_frame_after_ms": returns.iter().map(|run| run.key.map(milliseconds)).collect::<Vec<_>>(),
    })
}

const USUAL: [Contestant; 2] = [Contestant::Splitcast, Contestant::NginxRtmp];
