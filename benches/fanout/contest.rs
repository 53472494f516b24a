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
    let mut pairs: Vec<(&Contestant, &'a str, &Trial)> = Vec::new();
    for contestant in contestants {
        pairs.extend(trials.iter().map(|(name, trial)| (contestant, *name, *trial)));
    }
    let names: Vec<String> =
        pairs.iter().map(|(contestant, name, _)| format!("{contestant} {name}")).collect();
    let outcomes = take_turns(title, &names, rounds, |at| {
        let (contestant, _, trial) = pairs[at];
        trial.run(contestant)
    });
    let named = pairs.iter().zip(outcomes);
    named.map(|((who, name, _), outcomes)| (*name, Entry { contestant: (*who).clone(), outcomes })).collect()
}

/// Does `run` for each of `names`, by its place, once a round; gives what came of it by place and round.
pub(crate) fn take_turns<T>(
    title: &str,
    names: &[String],
    rounds: usize,
    run: impl Fn(usize) -> T,
) -> Vec<Vec<T>> {
    let mut outcomes: Vec<Vec<T>> = names.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for turn in 0..names.len() {
            let at = (round + turn) % names.len();
            let name = names[at].trim_end();
            eprintln!("{title}: round {} of {rounds}, {name}", round + 1);
            outcomes[at].push(try_hard(name, || run(at)));
        }
    }
    outcomes
}

/// Tries it, and again if that fails: on a machine that others use too, something may take too long, and an
/// hour's measurements should not be lost for it. Why it failed has been said by then.
fn try_hard<T>(name: &str, run: impl Fn() -> T) -> T {
    for _ in 1..TRIES {
        if let Ok(outcome) = catch_unwind(AssertUnwindSafe(&run)) {
            return outcome;
        }
        eprintln!("{name} failed, and is tried again");
    }
    run()
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
    /// All rounds together.
    pub(crate) fn sum(&self, count: impl Fn(&Outcome) -> u64) -> u64 {
        self.outcomes.iter().map(count).sum()
    }

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
