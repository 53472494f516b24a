//! What a tree of processes has used, as Linux tells in /proc.

use std::collections::HashMap;
use std::fs;

/// What something has used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Nanoseconds on a CPU, in user and system mode. The kernel counts work for the network that is done
    /// while a process runs as that process's.
    pub(crate) cpu: u64,
    /// How often threads were taken off a CPU, by themselves or not.
    pub(crate) switches: u64,
}

/// What each thread of some processes has used since it was started, by its number.
#[derive(Default)]
pub(crate) struct Threads(HashMap<u32, Usage>);

impl Threads {
    /// Those of the processes `roots` and all below them.
    pub(crate) fn of_trees(roots: &[u32]) -> Self {
        let mut threads = Self::default();
        tree(roots).into_iter().for_each(|process| threads.add(process));
        threads
    }

    /// Those of this process.
    pub(crate) fn of_self() -> Self {
        let mut threads = Self::default();
        threads.add(std::process::id());
        threads
    }

    fn add(&mut self, process: u32) {
        let tasks = fs::read_dir(format!("/proc/{process}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let Some(id) = task.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let read = |name: &str| fs::read_to_string(task.path().join(name)).unwrap_or_default();
            // Its first number is the time on a CPU, to the nanosecond; `stat` counts in hundredths of seconds.
            let cpu = number(&read("schedstat"));
            let status = read("status");
            let switches = status.lines().filter(|line| line.contains("ctxt_switches"));
            let switches = switches.map(|line| line.rsplit('\t').next().map_or(0, number)).sum();
            self.0.insert(id, Usage { cpu, switches });
        }
    }

    /// What all of them have used since `before`. Those that have ended since are not in it, neither with
    /// what they used before nor with what they used after.
    pub(crate) fn used_since(&self, before: &Self) -> Usage {
        let mut used = Usage::default();
        for (id, now) in &self.0 {
            let before = before.0.get(id).copied().unwrap_or_default();
            used.cpu += now.cpu.saturating_sub(before.cpu);
            used.switches += now.switches.saturating_sub(before.switches);
        }
        used
    }
}

/// Nanoseconds that all CPUs together have worked for anybody, or were taken away by the host.
pub(crate) fn machine() -> u64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let columns = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    // User, nice, system, (idle, waiting,) interrupts, soft interrupts, stolen; hundredths of seconds.
    let busy = columns.take(8).enumerate().filter(|(column, _)| ![3, 4].contains(column));
    busy.map(|(_, ticks)| number(ticks)).sum::<u64>() * 10_000_000
}

/// The bytes of memory in use by the processes `roots` and all below them, each page shared out among
/// those who use it (PSS).
pub(crate) fn memory(roots: &[u32]) -> u64 {
    let pss = |process: u32| {
        let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
        rollup.lines().find_map(|line| line.strip_prefix("Pss:")).map_or(0, |line| number(line.trim()) << 10)
    };
    tree(roots).into_iter().map(pss).sum()
}

fn tree(roots: &[u32]) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The name, in brackets, may have anything in it; then follow the state and the parent.
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        if let Some(parent) = parent.and_then(|parent| parent.parse().ok()) {
            children.entry(parent).or_default().push(process);
        }
    }
    let mut found = roots.to_vec();
    let mut at = 0;
    while let Some(process) = found.get(at) {
        found.extend(children.get(process).into_iter().flatten());
        at += 1;
    }
    found
}

/// The number at the beginning of `text`.
fn number(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
