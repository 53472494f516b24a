//! What can be measured, each by one command.

use serde_json::Value;

use crate::contest;
use crate::contestant::Contestant;
use crate::json;
use crate::options::Common;
use crate::table;
use crate::trial::Trial;

pub(crate) mod drop;
pub(crate) mod fanout;
pub(crate) mod memory;
pub(crate) mod publish;
pub(crate) mod rtmps;
pub(crate) mod saturation;
pub(crate) mod streams;
pub(crate) mod trouble;

/// Holds a contest, prints what came of it, and gives it for programs.
fn hold(title: &str, trial: &Trial, usual: &[Contestant], common: &Common) -> Value {
    let trial = Trial { coalesce_ms: common.coalesce, ..trial.clone() };
    let results = contest::hold(title, &trial, &common.contestants(usual, trial.tls), common.rounds);
    table::print(&results);
    json::results(&results)
}
