//! Results for programs.

use serde_json::{Value, json};

use super::contest::{Results, Spread};
use super::histogram::Histogram;
use super::table;
use super::trial::Outcome;

/// Everything about a contest: each round of each contestant, and ratios.
pub(crate) fn results(results: &Results) -> Value {
    let subject = results.entries.first();
    let entries = results.entries.iter().map(|entry| {
        json!({
            "contestant": entry.contestant.to_string(),
            "cpu_seconds_per_gb": spread(entry.spread(Outcome::cpu_per_gigabyte)),
            "first_contestants_cpu_divided_by_this":
                subject.map(|subject| spread(entry.ratio(subject, Outcome::cpu_per_gigabyte))),
            "rounds": entry.outcomes.iter().map(outcome).collect::<Vec<_>>(),
        })
    });
    let trial = &results.trial;
    json!({
        "title": results.title,
        "streams": trial.streams,
        "targets_per_stream": trial.manners.len(),
        "bits_per_second": trial.pictures.rate,
        "frames_per_second": trial.pictures.frequency,
        "tls": trial.tls,
        "coalesce_ms": trial.coalesce_ms,
        "contestants": entries.collect::<Vec<_>>(),
    })
}

/// One run.
pub(crate) fn outcome(outcome: &Outcome) -> Value {
    let [pictures, sound] = outcome.latency.each_ref().map(latency);
    json!({
        "seconds": outcome.expense.length.as_secs_f64(),
        "bytes_out": outcome.expense.bytes,
        "cpu_seconds": outcome.expense.usage.cpu as f64 / 1e9,
        "cpu_seconds_of_source_and_sinks": outcome.expense.own_cpu as f64 / 1e9,
        "cpu_seconds_of_others": outcome.expense.others_cpu as f64 / 1e9,
        "context_switches": outcome.expense.usage.switches,
        "pss_peak_bytes": outcome.memory_peak,
        "pss_end_bytes": outcome.memory_end,
        "kernel_peak_bytes": outcome.in_kernel_peak,
        "latency_ms": { "all": latency(&table::all(outcome)), "pictures": pictures, "sound": sound },
        "frames": {
            "lost": outcome.faults.lost,
            "doubled": outcome.faults.doubled,
            "reordered": outcome.faults.reordered,
            "damaged": outcome.faults.damaged,
        },
        "source_late_ms": table::milliseconds(outcome.late),
        "first_key_frame_ms": outcome.start_up.iter().map(|delay| table::milliseconds(*delay)).collect::<Vec<_>>(),
        "targets_absent": outcome.absent,
        "reconnects": outcome.reconnects,
        "part_missed_by_bad_targets": outcome.missed_by_bad,
        "longest_pause_ms": table::milliseconds(outcome.longest_pause),
    })
}

fn latency(histogram: &Histogram) -> Value {
    let at = |part| table::milliseconds(histogram.quantile(part));
    json!({
        "p50": at(0.5),
        "p99": at(0.99),
        "p99.9": at(0.999),
        "max": table::milliseconds(histogram.greatest()),
    })
}

pub(crate) fn spread(spread: Spread) -> Value {
    json!({ "median": spread.median, "least": spread.least, "greatest": spread.greatest })
}
