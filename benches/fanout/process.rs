//! What a tree of processes has used, as Linux tells in /proc.

use std::collections::HashMap;
use std::fs;
use std::ops::Sub;

/// What all processes of a tree have used since they were started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Nanoseconds on a CPU, in user and system mode. The kernel counts work for the network that is done
    /// while a process runs as that process's.
    pub(crate) cpu: u64,
    /// How often their threads were taken off a CPU, by themselves or not.
    pub(crate) switches: u64,
}

impl Sub for Usage {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(before.cpu),
            switches: self.switches.saturating_sub(before.switches),
        }
    }
}

/// What the processes `roots` and all below them have used.
pub(crate) fn usage_of_trees(roots: &[u32]) -> Usage {
    let each = tree(roots).into_iter().map(usage);
    each.fold(Usage::default(), |sum, usage| Usage {
        cpu: sum.cpu + usage.cpu,
        switches: sum.switches + usage.switches,
    })
}

/// What a process has used. What threads of it used that have ended is not in it.
pub(crate) fn usage(process: u32) -> Usage {
    let mut usage = Usage::default();
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    for task in tasks.into_iter().flatten().flatten() {
        let read = |name: &str| fs::read_to_string(task.path().join(name)).unwrap_or_default();
        // Its first number is the time on a CPU, to the nanosecond; `stat` counts in hundredths of seconds.
        usage.cpu += number(&read("schedstat"));
        let status = read("status");
        let switches = status.lines().filter(|line| line.contains("ctxt_switches"));
        usage.switches += switches.map(|line| line.rsplit('\t').next().map_or(0, number)).sum::<u64>();
    }
    usage
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
