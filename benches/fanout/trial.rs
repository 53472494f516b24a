//! One contestant, once: started, warmed up, measured for a while, and held to account.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tempfile::TempDir;

use super::affinity::Place;
use super::clock::{self, SECOND};
use super::contestant::{Contestant, Entrant, Task};
use super::footage::{MEDIA, Pictures};
use super::histogram::Histogram;
use super::kernel_memory;
use super::meter::{Expense, Reading};
use super::process;
use super::sink::ledger::{Ledger, Window};
use super::sink::{Audience, Manner, Receipts, Sinks};
use super::source::{Programme, Sent, SentLog, Source};
use crate::rig::authority::Authority;

/// What is tried.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    pub(crate) streams: usize,
    /// The manner of each target of a stream.
    pub(crate) manners: Vec<Manner>,
    pub(crate) pictures: Pictures,
    pub(crate) tls: bool,
    pub(crate) place: Place,
    pub(crate) coalesce_ms: Option<u32>,
    /// Sinks compute the checksum of one frame of so many; of the others only that of the beginning.
    pub(crate) hash_one_of: u32,
    /// How long is measured.
    pub(crate) length: Duration,
}

/// What came of it. Times are in nanoseconds, memory in bytes.
pub(crate) struct Outcome {
    pub(crate) expense: Expense,
    pub(crate) memory_peak: u64,
    pub(crate) memory_end: u64,
    /// What the kernel held for the connections of all targets, at both ends.
    pub(crate) in_kernel_peak: u64,
    /// Of healthy targets.
    pub(crate) latency: [Histogram; MEDIA],
    pub(crate) faults: Faults,
    /// How far the source was behind its clock at most.
    pub(crate) late: u64,
    /// From the source's first key frame to the first that a target got, for those that got one; shortest
    /// first.
    pub(crate) start_up: Vec<u64>,
    /// Targets that got no key frame before the window.
    pub(crate) absent: usize,
    /// Connections that targets made beyond the first.
    pub(crate) reconnects: u32,
    /// The longest time in which a healthy target got nothing.
    pub(crate) longest_pause: u64,
    /// The part of their frames that targets missed which are not healthy.
    pub(crate) missed_by_bad: f64,
}

/// Frames that healthy targets should have got otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) reordered: u64,
    pub(crate) damaged: u64,
}

/// Everything that runs.
pub(crate) struct Stage {
    pub(crate) sinks: Sinks,
    pub(crate) entrant: Entrant,
    pub(crate) source: Source,
    _folder: TempDir,
}

impl Trial {
    /// Healthy targets and nothing special.
    pub(crate) fn plain(streams: usize, targets: usize, pictures: Pictures, length: Duration) -> Self {
        Self {
            streams,
            manners: vec![Manner::Healthy; targets],
            pictures,
            tls: false,
            place: Place::OneCpu,
            coalesce_ms: None,
            hash_one_of: 1,
            length,
        }
    }

    /// Starts sinks, the contestant and the source.
    pub(crate) fn set_up(&self, contestant: &Contestant) -> Stage {
        let folder = TempDir::new().unwrap();
        let certificates = self.tls.then(|| certificates(folder.path()));
        let (authority, tls) = certificates.unzip();
        let sinks = Sinks::start(Audience {
            streams: self.streams,
            manners: self.manners.clone(),
            tls,
            hash_one_of: self.hash_one_of,
        });
        let entrant = contestant.start(&Task {
            streams: self.streams,
            targets: self.manners.len(),
            sinks: sinks.port,
            authority,
            coalesce_ms: self.coalesce_ms,
            place: self.place,
        });
        let keys = (0..self.streams).map(|stream| format!("s{stream}")).collect();
        let source = Source::start(Programme { port: entrant.port, pictures: self.pictures, keys });
        Stage { sinks, entrant, source, _folder: folder }
    }

    fn all_targets(&self) -> usize {
        self.streams * self.manners.len()
    }

    /// Tries it.
    pub(crate) fn run(&self, contestant: &Contestant) -> Outcome {
        let stage = self.set_up(contestant);
        let absent = self.warm_up(&stage);
        let window = self.window();
        stage.sinks.open_window(window.from, window.to);
        let processes = stage.entrant.process_ids();
        let measure = || Reading::take(&processes, &stage.sinks);
        clock::sleep_until(window.from);
        let before = measure();
        let (mut memory_peak, mut in_kernel_peak) = (0, 0);
        let ports = HashSet::from([stage.sinks.port]);
        while clock::now() + SECOND < window.to {
            clock::sleep(Duration::from_secs(1));
            memory_peak = memory_peak.max(process::memory(&processes));
            in_kernel_peak = in_kernel_peak.max(kernel_memory::of_connections(&ports) as u64);
        }
        clock::sleep_until(window.to);
        let after = measure();
        let memory_end = process::memory(&processes);
        // What was sent in the window may be on its way.
        clock::sleep(TAIL);
        let sent = stage.source.end();
        let receipts = stage.sinks.end();
        let pauses = self.healthy(&receipts).map(|(_, ledger)| ledger.longest_pause(window));
        let longest_pause = pauses.max().unwrap_or(0);
        Outcome {
            expense: after.since(&before),
            memory_peak: memory_peak.max(memory_end),
            memory_end,
            in_kernel_peak,
            faults: self.faults(&sent, &receipts, window),
            missed_by_bad: self.missed_by_bad(&sent, &receipts, window),
            late: lateness(&sent, window),
            start_up: self.start_up(&sent, &receipts),
            absent,
            reconnects: receipts.ledgers.iter().map(|ledger| ledger.connections.saturating_sub(1)).sum(),
            longest_pause,
            latency: receipts.latency,
        }
    }

    /// Waits until all targets have got a key frame, and a little longer; gives the number of those that
    /// have not in a generous time.
    pub(crate) fn warm_up(&self, stage: &Stage) -> usize {
        let limit = clock::now() + START_LIMIT + START_LIMIT_EACH * self.all_targets() as u64;
        while stage.sinks.with_key() < self.all_targets() && clock::now() < limit {
            assert!(!stage.source.has_failed(), "the source fails");
            assert!(!stage.sinks.have_failed(), "the sinks fail");
            clock::sleep(Duration::from_millis(20));
        }
        clock::sleep(WARM_UP);
        self.all_targets() - stage.sinks.with_key()
    }

    /// The time in which frames count, which begins in a moment.
    pub(crate) fn window(&self) -> Window {
        let from = clock::now() + SECOND / 100;
        Window { from, to: from + self.length.as_nanos() as u64, returned: u64::MAX }
    }

    /// The accounts of targets that are healthy, or of those that are not, with the number of their stream.
    fn accounts<'a>(
        &self,
        receipts: &'a Receipts,
        healthy: bool,
    ) -> impl Iterator<Item = (usize, &'a Ledger)> {
        let manners = self.manners.clone();
        let places = receipts.ledgers.iter().enumerate();
        places.filter_map(move |(at, ledger)| {
            let is_healthy = manners[at % manners.len()] == Manner::Healthy;
            (is_healthy == healthy).then_some((at / manners.len(), ledger))
        })
    }

    fn healthy<'a>(&self, receipts: &'a Receipts) -> impl Iterator<Item = (usize, &'a Ledger)> {
        self.accounts(receipts, true)
    }

    fn faults(&self, sent: &SentLog, receipts: &Receipts, window: Window) -> Faults {
        let mut faults = Faults::default();
        for (stream, ledger) in self.healthy(receipts) {
            faults.lost += missed(ledger, &sent[stream], window).0;
            for track in &ledger.tracks {
                faults.doubled += track.doubled;
                faults.reordered += track.reordered;
                faults.damaged += track.damaged;
            }
        }
        faults
    }

    fn missed_by_bad(&self, sent: &SentLog, receipts: &Receipts, window: Window) -> f64 {
        let accounts = self.accounts(receipts, false);
        let (missed, all) = accounts.fold((0, 0), |(missed_before, all_before), (stream, ledger)| {
            let (missed, all) = missed(ledger, &sent[stream], window);
            (missed_before + missed, all_before + all)
        });
        if all == 0 { 0.0 } else { missed as f64 / all as f64 }
    }

    fn start_up(&self, sent: &SentLog, receipts: &Receipts) -> Vec<u64> {
        let delays = self.healthy(receipts).filter_map(|(stream, ledger)| {
            let first = sent[stream][0].first()?.at;
            Some(ledger.first_key?.saturating_sub(first))
        });
        let mut delays: Vec<u64> = delays.collect();
        delays.sort_unstable();
        delays
    }
}

/// How many of the frames sent in the window a target did not get, and how many there were.
fn missed(ledger: &Ledger, sent: &[Vec<Sent>; MEDIA], window: Window) -> (u64, u64) {
    let (mut missed, mut all) = (0, 0);
    for (track, sent) in ledger.tracks.iter().zip(sent) {
        for (serial, _) in (0..).zip(sent).filter(|(_, sent)| window.contains(sent.at)) {
            missed += u64::from(!track.has(serial));
            all += 1;
        }
    }
    (missed, all)
}

fn lateness(sent: &SentLog, window: Window) -> u64 {
    let all = sent.iter().flatten().flatten().filter(|sent| window.contains(sent.at));
    all.map(|sent| sent.at - sent.due).max().unwrap_or(0)
}

/// Whom to trust, as a file, and what sinks show.
fn certificates(folder: &Path) -> (PathBuf, Arc<ServerConfig>) {
    let authority = Authority::new();
    (authority.write_to(folder), authority.server_for("127.0.0.1"))
}

/// How long targets may take to start: in all, and in addition for each, in nanoseconds.
const START_LIMIT: u64 = 20 * SECOND;
const START_LIMIT_EACH: u64 = SECOND / 20;
/// Until everything has found its rhythm.
const WARM_UP: Duration = Duration::from_secs(3);
/// How long the source goes on after the window.
const TAIL: Duration = Duration::from_secs(1);
