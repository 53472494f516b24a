//! What this machine gives the process, and what is left of it.
//!
//! A question that the system does not answer is `None`, and nobody's trouble: it is asked to warn
//! people in time, and nothing here decides what the relay does.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The wall clock's time since 1970, which is only written down and compared with what was, never waited
/// by.
#[expect(clippy::disallowed_methods, reason = "what is kept or told cannot go by the time since the start")]
pub fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

pub mod terminal;

/// File descriptors: every connection and every open file is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptors {
    /// How many this process has open.
    pub open: u64,
    /// How many it may have open.
    pub limit: u64,
}

/// Room on a disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What this user may still write.
    pub free: u64,
    /// All there is.
    pub total: u64,
}

/// Memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// What could be had without swapping.
    pub available: u64,
    /// All there is.
    pub total: u64,
}

impl Descriptors {
    /// As it is now. Costs a system call for some hundred descriptors.
    pub fn now() -> Option<Self> {
        let open = u64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()?;
        Some(Self { open, limit: Self::limit() })
    }

    /// How many this process may have open; `u64::MAX` where nothing bounds it.
    pub fn limit() -> u64 {
        system::descriptor_limit()
    }
}

impl Space {
    /// On the disk that holds `path`.
    pub fn beside(path: &Path) -> Option<Self> {
        system::space(path)
    }

    /// Whether so little is left that the database may soon not be written to.
    pub fn is_low(self) -> bool {
        self.free < SPACE_RESERVE.min(self.total / 20)
    }
}

impl Memory {
    /// The whole machine's, whatever a container may be allowed of it.
    pub fn now() -> Option<Self> {
        let table = fs::read_to_string("/proc/meminfo").ok()?;
        Some(Self { available: kilobytes(&table, "MemAvailable:")?, total: kilobytes(&table, "MemTotal:")? })
    }

    /// How much a container or service manager allows, if it is bounded.
    pub fn allowed() -> Option<u64> {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let limit = Path::new("/sys/fs/cgroup").join(group).join("memory.max");
        fs::read_to_string(limit).ok()?.trim().parse().ok()
    }
}

/// Whether this user may make files in a folder.
pub fn is_writable(folder: &Path) -> bool {
    system::is_writable(folder)
}

/// Whether others than its owner may read a file or folder.
pub fn is_open_to_others(path: &Path) -> bool {
    system::is_open_to_others(path)
}

/// The system's own name for itself, as in "Debian GNU/Linux 12 (bookworm)".
pub fn name() -> Option<String> {
    let release = fs::read_to_string("/etc/os-release").ok()?;
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?.trim_matches('"');
    Some(name.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(80).collect())
}

/// The kernel's version: numbers only, since who builds a kernel may add any name.
pub fn kernel() -> Option<String> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    Some(release.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect())
}

fn kilobytes(table: &str, name: &str) -> Option<u64> {
    let line = table.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.split_whitespace().next()?.parse().ok()?;
    number.checked_mul(1024)
}

#[cfg(unix)]
mod system {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use rustix::fs::{Access, access, statvfs};
    use rustix::process::{Resource, getrlimit};

    use super::Space;

    pub(super) fn descriptor_limit() -> u64 {
        getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
    }

    pub(super) fn space(path: &Path) -> Option<Space> {
        let disk = statvfs(path).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        Some(Space { free: bytes(disk.f_bavail), total: bytes(disk.f_blocks) })
    }

    pub(super) fn is_writable(folder: &Path) -> bool {
        access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
    }

    pub(super) fn is_open_to_others(path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs;
    use std::path::Path;

    use super::Space;

    pub(super) fn descriptor_limit() -> u64 {
        u64::MAX
    }

    pub(super) fn space(_path: &Path) -> Option<Space> {
        None
    }

    pub(super) fn is_writable(folder: &Path) -> bool {
        fs::metadata(folder).is_ok_and(|folder| !folder.permissions().readonly())
    }

    pub(super) fn is_open_to_others(_path: &Path) -> bool {
        false
    }
}

/// What the database and its log need at the very most in a busy day; on a small disk, a twentieth of it.
const SPACE_RESERVE: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_file_counts() {
        let before = Descriptors::now().unwrap();
        let files: Vec<_> = (0..50).map(|_| fs::File::open("/dev/null").unwrap()).collect();
        let after = Descriptors::now().unwrap();
        assert!(after.open + 20 >= before.open + 50 && after.open < after.limit, "{before:?} {after:?}");
        drop(files);
    }

    #[test]
    fn a_disk_is_low_when_its_reserve_is_touched() {
        let gib = 1 << 30;
        for (free, total, low) in
            [(gib, 100 * gib, false), (63 << 20, 100 * gib, true), (6 << 20, 100 << 20, false), (1, 9, false)]
        {
            assert_eq!(Space { free, total }.is_low(), low, "{free} of {total}");
        }
        assert!(Space { free: 4 << 20, total: 100 << 20 }.is_low());
        assert!(Space::beside(Path::new("/")).unwrap().total > 0);
        assert_eq!(Space::beside(Path::new("/no/such/place")), None);
    }

    #[test]
    fn memory_is_read_from_the_kernels_table() {
        assert_eq!(kilobytes("MemTotal:       16 kB\nMemFree: 1 kB\n", "MemTotal:"), Some(16_384));
        for bad in ["", "MemTotal:", "MemTotal: x kB", "MemTotal: 18446744073709551615 kB"] {
            assert_eq!(kilobytes(bad, "MemTotal:"), None, "{bad}");
        }
        let memory = Memory::now().unwrap();
        assert!(memory.available <= memory.total);
    }

    #[test]
    fn a_kernel_tells_numbers_only() {
        let version = kernel().unwrap();
        assert!(version.chars().all(|c| c.is_ascii_digit() || c == '.'), "{version}");
    }
}
