//! What is known of the program itself, and of the memory that the kernel spends on TCP, which no
//! program's own memory shows.

use std::fmt;

use super::family::{Family, Labels, Writer};

pub(super) fn write(writer: &mut Writer<'_>) -> fmt::Result {
    let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    writer.info("splitcast_build", "The version that runs.", [version])?;
    write_system(writer)
}

#[cfg(target_os = "linux")]
fn write_system(writer: &mut Writer<'_>) -> fmt::Result {
    let own = linux::Own::read();
    let row = |value: Option<f64>| value.map(|value| (Labels::new(), value));
    let seconds = Family::seconds;
    writer.counter(&seconds("process_cpu", "Processor time taken, of all threads."), row(own.cpu_seconds))?;
    let started = seconds("process_start_time", "When the program began, in seconds since 1970.");
    writer.gauge(&started, row(own.started_at))?;
    let resident = Family::bytes("process_resident_memory", "Memory taken.");
    writer.gauge(&resident, row(own.resident_bytes))?;
    let reserved = Family::bytes("process_virtual_memory", "Memory reserved.");
    writer.gauge(&reserved, row(own.virtual_bytes))?;
    writer.gauge(&Family::new("process_threads", "Threads."), row(own.threads))?;
    writer
        .gauge(&Family::new("process_open_fds", "Files and connections that are open."), row(own.open_fds))?;
    writer.gauge(
        &Family::new("process_max_fds", "Files and connections that may be open."),
        row(own.max_fds),
    )?;
    let tcp = "Memory that the kernel spends on TCP, of all programs on this machine or in this container.";
    writer.gauge(&Family::bytes("splitcast_kernel_tcp_memory", tcp), row(linux::tcp_memory()))
}

#[cfg(not(target_os = "linux"))]
fn write_system(_writer: &mut Writer<'_>) -> fmt::Result {
    Ok(())
}

#[cfg(target_os = "linux")]
mod linux {
    use procfs::process::{LimitValue, Process};

    /// What cannot be read is not told.
    #[derive(Debug, Default)]
    pub(super) struct Own {
        pub(super) cpu_seconds: Option<f64>,
        pub(super) started_at: Option<f64>,
        pub(super) resident_bytes: Option<f64>,
        pub(super) virtual_bytes: Option<f64>,
        pub(super) threads: Option<f64>,
        pub(super) open_fds: Option<f64>,
        pub(super) max_fds: Option<f64>,
    }

    impl Own {
        pub(super) fn read() -> Self {
            let Ok(process) = Process::myself() else {
                return Self::default();
            };
            let stat = process.stat().ok();
            let ticks = procfs::ticks_per_second() as f64;
            let since_boot = stat.as_ref().map(|stat| stat.starttime as f64 / ticks);
            let limit = process.limits().ok().map(|limits| limits.max_open_files.soft_limit);
            Self {
                cpu_seconds: stat.as_ref().map(|stat| (stat.utime + stat.stime) as f64 / ticks),
                started_at: since_boot.zip(procfs::boot_time_secs().ok()).map(|(up, boot)| boot as f64 + up),
                resident_bytes: stat.as_ref().map(|stat| stat.rss as f64 * procfs::page_size() as f64),
                virtual_bytes: stat.as_ref().map(|stat| stat.vsize as f64),
                threads: stat.as_ref().map(|stat| stat.num_threads as f64),
                open_fds: process.fd_count().ok().map(|count| count as f64),
                max_fds: match limit {
                    Some(LimitValue::Value(most)) => Some(most as f64),
                    Some(LimitValue::Unlimited) => Some(f64::INFINITY),
                    None => None,
                },
            }
        }
    }

    /// The kernel counts it in pages.
    pub(super) fn tcp_memory() -> Option<f64> {
        let sockets = std::fs::read_to_string("/proc/net/sockstat").ok()?;
        Some(tcp_pages(&sockets)? as f64 * procfs::page_size() as f64)
    }

    /// The number after `mem` in the line of TCP.
    fn tcp_pages(sockets: &str) -> Option<u64> {
        let line = sockets.lines().find_map(|line| line.strip_prefix("TCP:"))?;
        let mut words = line.split_whitespace().skip_while(|word| *word != "mem");
        words.nth(1)?.parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_program_knows_of_itself() {
            let own = Own::read();
            let numbers = [
                own.cpu_seconds,
                own.resident_bytes,
                own.virtual_bytes,
                own.threads,
                own.open_fds,
                own.max_fds,
            ];
            assert!(numbers.iter().all(|number| number.is_some_and(|number| number >= 0.0)), "{own:?}");
            assert!(own.started_at.unwrap() > 1_600_000_000.0);
            assert!(own.resident_bytes < own.virtual_bytes);
        }

        #[test]
        fn memory_for_tcp_is_read() {
            let sockets =
                "sockets: used 290\nTCP: inuse 8 orphan 0 tw 3 alloc 9 mem 17\nUDP: inuse 2 mem 1\n";
            assert_eq!(tcp_pages(sockets), Some(17));
            assert_eq!(tcp_pages("TCP: inuse 8"), None);
            assert!(tcp_memory().is_some());
        }
    }
}
