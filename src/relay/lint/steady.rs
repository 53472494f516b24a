//! What lasts of all that is found, so that nothing flaps.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::{Finding, FindingKind};

/// What was found lately, and what of it is told.
#[derive(Debug, Default)]
pub struct Steady {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    finding: Finding,
    since: Instant,
    is_raised: bool,
    /// It was not found since then.
    fine_since: Option<Instant>,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raised {
    /// What was found, with the last numbers.
    pub finding: Finding,
    /// When it was found first.
    pub since: Instant,
}

/// What is new.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// It has lasted, and is told from now on.
    Raised(Finding),
    /// It is over for a while, and told no more; it lasted so long.
    Cleared(FindingKind, Duration),
}

impl Steady {
    /// Takes in all that is found now; tells what is new.
    pub fn look(&mut self, found: &[Finding], now: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        for finding in found {
            if !self.entries.iter().any(|entry| topic(entry.finding.kind) == topic(finding.kind)) {
                self.entries.push(Entry {
                    finding: *finding,
                    since: now,
                    is_raised: false,
                    fine_since: None,
                });
            }
        }
        self.entries.retain_mut(|entry| {
            let is_of_it = |finding: &&Finding| topic(finding.kind) == topic(entry.finding.kind);
            match found.iter().find(is_of_it) {
                Some(finding) => {
                    changes.extend(entry.go_on(*finding, now));
                    true
                }
                None if entry.is_raised => {
                    let fine_since = *entry.fine_since.get_or_insert(now);
                    if now < fine_since + CALM {
                        return true;
                    }
                    changes.push(Change::Cleared(entry.finding.kind, fine_since - entry.since));
                    false
                }
                None => false,
            }
        });
        changes
    }

    /// What is told now.
    pub fn raised(&self) -> impl Iterator<Item = Raised> {
        let raised = self.entries.iter().filter(|entry| entry.is_raised);
        raised.map(|entry| Raised { finding: entry.finding, since: entry.since })
    }

    /// Nothing can be found for a while: what has not lasted yet begins anew after it, as does what is about to
    /// be over.
    pub fn pause(&mut self) {
        self.entries.retain(|entry| entry.is_raised);
        self.entries.iter_mut().for_each(|entry| entry.fine_since = None);
    }

    /// Takes out what is told; all else is forgotten.
    pub fn take(&mut self) -> Self {
        self.pause();
        std::mem::take(self)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

impl Entry {
    /// It is found again; tells whether that is new, or worse than it was.
    fn go_on(&mut self, finding: Finding, now: Instant) -> Option<Change> {
        let is_worse = finding.kind != self.finding.kind && finding.kind == topic(finding.kind);
        self.finding = finding;
        self.fine_since = None;
        let is_new = !self.is_raised && now >= self.since + patience(finding.kind);
        self.is_raised |= is_new;
        (is_new || self.is_raised && is_worse).then_some(Change::Raised(finding))
    }
}

/// What a kind is about: of two that are one thing, the worse.
fn topic(kind: FindingKind) -> FindingKind {
    match kind {
        FindingKind::GopSizeLong => FindingKind::GopSizeOver,
        kind => kind,
    }
}

/// How long something lasts before it is told. What is measured over a time of its own need not last longer.
fn patience(kind: FindingKind) -> Duration {
    Duration::from_secs(match kind {
        FindingKind::BitrateHigh | FindingKind::AudioBitrateHigh | FindingKind::FrameRateHigh => 5,
        FindingKind::NoVideoStream | FindingKind::NoAudioStream | FindingKind::BFrames => 2,
        _ => 0,
    })
}

/// How long something is not found before it counts as over.
const CALM: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    fn finding(kind: FindingKind, measured: f64) -> Finding {
        let (measured, limit) = (Some(measured), Some(6_000.0));
        Finding { kind, severity: Severity::Warning, measured, limit, found: None, platform: None }
    }

    /// One look a second; what is new, with the second.
    fn looks(steady: &mut Steady, start: Instant, found: &[&[Finding]]) -> Vec<(u64, Change)> {
        let seconds = (0..).zip(found);
        seconds
            .flat_map(|(second, found)| {
                let changes = steady.look(found, start + Duration::from_secs(second));
                changes.into_iter().map(move |change| (second, change))
            })
            .collect()
    }

    #[test]
    fn what_lasts_is_told_once_and_over_when_it_stays_away() {
        let (start, mut steady) = (Instant::now(), Steady::default());
        let high = [finding(FindingKind::BitrateHigh, 8_000.0)];
        let found: Vec<&[Finding]> = [vec![&high[..]; 20], vec![&[][..]; 20]].concat();
        let changes = looks(&mut steady, start, &found);
        let cleared = Change::Cleared(FindingKind::BitrateHigh, Duration::from_secs(20));
        assert_eq!(changes, [(5, Change::Raised(high[0])), (30, cleared)]);
        assert_eq!(steady.raised().count(), 0);
    }

    #[test]
    fn what_comes_and_goes_is_told_neither_often_nor_for_a_moment() {
        let (start, mut steady) = (Instant::now(), Steady::default());
        let high = [finding(FindingKind::BitrateHigh, 8_000.0)];
        let moment: Vec<&[Finding]> = [vec![&high[..]; 4], vec![&[][..]]].concat();
        assert!(looks(&mut steady, start, &moment.repeat(20)).is_empty());
        let start = start + Duration::from_secs(1_000);
        let mostly: Vec<&[Finding]> = [vec![&high[..]; 8], vec![&[][..]; 8]].concat();
        assert_eq!(looks(&mut steady, start, &mostly.repeat(20)).len(), 1);
        assert_eq!(steady.raised().count(), 1);
    }

    #[test]
    fn what_becomes_worse_is_told_again_and_is_over_once() {
        let (start, mut steady) = (Instant::now(), Steady::default());
        let long = [finding(FindingKind::GopSizeLong, 5.0)];
        let over = [finding(FindingKind::GopSizeOver, 9.0)];
        let found: Vec<&[Finding]> =
            [vec![&long[..]; 4], vec![&over[..]; 3], vec![&long[..]; 2], vec![&[][..]; 12]].concat();
        let changes = looks(&mut steady, start, &found);
        let cleared = Change::Cleared(FindingKind::GopSizeLong, Duration::from_secs(9));
        assert_eq!(changes, [(0, Change::Raised(long[0])), (4, Change::Raised(over[0])), (19, cleared)]);
    }

    #[test]
    fn what_has_not_lasted_before_a_gap_is_not_told_right_after_it() {
        let (start, mut steady) = (Instant::now(), Steady::default());
        let high = [finding(FindingKind::BitrateHigh, 8_000.0)];
        assert!(looks(&mut steady, start, &[&high[..]; 4]).is_empty());
        steady.pause();
        let after = start + Duration::from_secs(60);
        assert_eq!(looks(&mut steady, after, &[&high[..]; 6]), [(5, Change::Raised(high[0]))]);
        assert_eq!(steady.raised().next().unwrap().since, after);
        // What is told is not over by a gap.
        looks(&mut steady, after + Duration::from_secs(6), &[&[][..]; 2]);
        steady.pause();
        let later = looks(&mut steady, after + Duration::from_secs(100), &[&[][..]; 11]);
        assert!(matches!(later[..], [(10, Change::Cleared(FindingKind::BitrateHigh, _))]), "{later:?}");
    }

    #[test]
    fn what_is_told_has_the_last_numbers_and_the_first_moment() {
        let (start, mut steady) = (Instant::now(), Steady::default());
        for second in 0..5_u32 {
            let found = finding(FindingKind::AudioSilent, f64::from(second));
            steady.look(&[found], start + Duration::from_secs(second.into()));
        }
        let raised: Vec<_> = steady.raised().collect();
        assert_eq!(raised, [Raised { finding: finding(FindingKind::AudioSilent, 4.0), since: start }]);
        steady.clear();
        assert_eq!(steady.raised().count(), 0);
    }
}
