//! Results as a table for people.

use super::clock::MILLISECOND;
use super::contest::{Entry, Results, Spread};
use super::footage::MEDIA;
use super::histogram::Histogram;
use super::trial::Outcome;

/// Prints everything about a contest. The first contestant is the one that ratios are about.
pub(crate) fn print(results: &Results) {
    println!("\n{}", results.title);
    let Some(subject) = results.entries.first() else { return };
    println!(
        "\n{:16} {:>20} {:>20} {:>6} {:>6} {:>8} {:>7} {:>10} {:>8} {:>7}",
        "",
        "CPU s/GB",
        format!("{} / it", subject.contestant),
        "CPU %",
        "rig %",
        "others %",
        "Gb/s",
        "switches/s",
        "late ms",
        "PSS MB"
    );
    for entry in &results.entries {
        let ratio = entry.ratio(subject, Outcome::cpu_per_gigabyte);
        println!(
            "{:16} {:>20} {:>20} {:>6.1} {:>6.1} {:>8.1} {:>7.3} {:>10.0} {:>8.1} {:>7.1}",
            entry.contestant,
            range(entry.spread(Outcome::cpu_per_gigabyte), 2),
            range(ratio, 2),
            100.0 * entry.spread(Outcome::cpu_share).median,
            100.0 * entry.spread(Outcome::own_share).median,
            100.0 * entry.spread(Outcome::others_share).median,
            entry.spread(Outcome::bits_per_second).median / 1e9,
            entry.spread(switches_per_second).median,
            entry.spread(|outcome| milliseconds(outcome.late)).greatest,
            entry.spread(|outcome| outcome.memory_peak as f64 / 1e6).greatest,
        );
    }
    print_latencies(&results.entries);
    print_faults(&results.entries);
}

fn print_latencies(entries: &[Entry]) {
    println!(
        "\n{:16} {:>20} {:>20} {:>20} {:>8} {:>14} {:>14}",
        "latency, ms", "p50", "p99", "p99.9", "max", "pictures p99", "sound p99"
    );
    for entry in entries {
        let at = |part: f64| range(entry.spread(|outcome| milliseconds(all(outcome).quantile(part))), 2);
        let of = |medium: usize| entry.spread(|outcome| milliseconds(outcome.latency[medium].quantile(0.99)));
        println!(
            "{:16} {:>20} {:>20} {:>20} {:>8.1} {:>14.2} {:>14.2}",
            entry.contestant,
            at(0.5),
            at(0.99),
            at(0.999),
            entry.spread(|outcome| milliseconds(all(outcome).greatest())).greatest,
            of(0).median,
            of(1).median,
        );
    }
}

fn print_faults(entries: &[Entry]) {
    println!(
        "\n{:16} {:>6} {:>8} {:>9} {:>8} {:>11} {:>7} {:>14} {:>26}",
        "all rounds",
        "lost",
        "doubled",
        "reordered",
        "damaged",
        "reconnects",
        "absent",
        "longest pause",
        "first key frame, ms (max)"
    );
    for entry in entries {
        let median = entry.spread(|outcome| start_up(outcome, outcome.start_up.len() / 2));
        let latest = entry.spread(|outcome| start_up(outcome, outcome.start_up.len().saturating_sub(1)));
        println!(
            "{:16} {:>6} {:>8} {:>9} {:>8} {:>11} {:>7} {:>14.1} {:>17.1} ({:.1})",
            entry.contestant,
            entry.sum(|outcome| outcome.faults.lost),
            entry.sum(|outcome| outcome.faults.doubled),
            entry.sum(|outcome| outcome.faults.reordered),
            entry.sum(|outcome| outcome.faults.damaged),
            entry.sum(|outcome| outcome.reconnects.into()),
            entry.sum(|outcome| outcome.absent as u64),
            entry.spread(|outcome| milliseconds(outcome.longest_pause)).greatest,
            median.median,
            latest.greatest,
        );
    }
}

/// The latency of all frames, pictures and sounds.
pub(crate) fn all(outcome: &Outcome) -> Histogram {
    let mut all = Histogram::new();
    for medium in 0..MEDIA {
        all.add(&outcome.latency[medium]);
    }
    all
}

fn start_up(outcome: &Outcome, place: usize) -> f64 {
    outcome.start_up.get(place).map_or(f64::NAN, |delay| milliseconds(*delay))
}

fn switches_per_second(outcome: &Outcome) -> f64 {
    outcome.expense.usage.switches as f64 / outcome.expense.length.as_secs_f64()
}

pub(crate) fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / MILLISECOND as f64
}

/// Median, least and greatest.
pub(crate) fn range(spread: Spread, digits: usize) -> String {
    format!("{:.digits$} [{:.digits$}-{:.digits$}]", spread.median, spread.least, spread.greatest)
}
