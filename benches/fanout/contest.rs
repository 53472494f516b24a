//! Contestants taking turns: in each round everyone runs once, and in each round somebody else is first, so
//! that what the machine does meanwhile befalls all alike. What counts are ratios within a round.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::contestant::Contestant;
use super::trial::{Outcome, Trial};

/// What came of all rounds.
pub(crate) struct Results {
    /// What was tried, for a heading.
    pub(crate) title: String,
    pub(crate) trial: Trial,
    pub(crate) entries: Vec<Entry>,
}

/// What came of all rounds of one contestant.
pub(crate) struct Entry {
    pub(crate) contestant: Contestant,
    /// By round.
    pub(crate) outcomes: Vec<Outcome>,
}

/// Lets all contestants try it `rounds` times.
pub(crate) fn hold(title: &str, trial: &Trial, contestants: &[Contestant], rounds: usize) -> Results {
    let entries = hold_each(title, &[("", trial)], contestants, rounds);
    let entries = entries.into_iter().map(|(_, entry)| entry).collect();
    Results { title: title.to_owned(), trial: trial.clone(), entries }
}

/// Lets all contestants try each of some trials, which have names, `rounds` times.
pub(crate) fn hold_each<'a>(
    title: &str,
    trials: &[(&'a str, &Trial)],
    contestants: &[Contestant],
    rounds: usize,
) -> Vec<(&'a str, Entry)> {
    let mut entries = Vec::new();
    for contestant in contestants {
        for (name, trial) in trials {
            entries.push((*name, *trial, Entry { contestant: contestant.clone(), outcomes: Vec::new() }));
        }
    }
    for round in 0..rounds {
        for turn in 0..entries.len() {
            let at = (round + turn) % entries.len();
            let (name, trial, entry) = &mut entries[at];
            eprintln!("{title}: round {} of {rounds}, {} {name}", round + 1, entry.contestant);
            entry.outcomes.push(try_hard(trial, &entry.contestant));
        }
    }
    entries.into_iter().map(|(name, _, entry)| (name, entry)).collect()
}

/// Tries it, and again if that fails: on a machine that others use too, something may take too long, and an
/// hour's measurements should not be lost for it. Why it failed has been said by then.
fn try_hard(trial: &Trial, contestant: &Contestant) -> Outcome {
    for _ in 1..TRIES {
        if let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| trial.run(contestant))) {
            return outcome;
        }
        eprintln!("{contestant} failed, and is tried again");
    }
    trial.run(contestant)
}

const TRIES: usize = 3;

/// The middle, the least and the greatest of some figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

impl Spread {
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_unstable_by(f64::total_cmp);
        let (Some(&least), Some(&greatest)) = (figures.first(), figures.last()) else {
            return Self { median: f64::NAN, least: f64::NAN, greatest: f64::NAN };
        };
        let middle = figures.len() / 2;
        let lower = figures[(figures.len() - 1) / 2];
        Self { median: f64::midpoint(figures[middle], lower), least, greatest }
    }
}

impl Entry {
    /// A figure over all rounds.
    pub(crate) fn spread(&self, figure: impl Fn(&Outcome) -> f64) -> Spread {
        Spread::of(self.outcomes.iter().map(figure))
    }

    /// A figure of another contestant divided by this one's, round by round.
    pub(crate) fn ratio(&self, subject: &Self, figure: impl Fn(&Outcome) -> f64) -> Spread {
        let pairs = subject.outcomes.iter().zip(&self.outcomes);
        Spread::of(pairs.map(|(subject, other)| figure(subject) / figure(other)))
    }
}

impl Outcome {
    /// CPU seconds for each 10^9 bytes that targets got.
    pub(crate) fn cpu_per_gigabyte(&self) -> f64 {
        self.expense.usage.cpu as f64 / self.expense.bytes as f64
    }

    /// The part of one CPU that was used.
    pub(crate) fn cpu_share(&self) -> f64 {
        self.expense.usage.cpu as f64 / self.expense.length.as_nanos() as f64
    }

    /// The part of one CPU that source and sinks used.
    pub(crate) fn own_share(&self) -> f64 {
        self.expense.own_cpu as f64 / self.expense.length.as_nanos() as f64
    }

    /// The part of one CPU that all other programs used.
    pub(crate) fn others_share(&self) -> f64 {
        self.expense.others_cpu as f64 / self.expense.length.as_nanos() as f64
    }

    /// Bits a second that targets got.
    pub(crate) fn bits_per_second(&self) -> f64 {
        8.0 * self.expense.bytes as f64 / self.expense.length.as_secs_f64()
    }
}
