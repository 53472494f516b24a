//! Ports for servers that tests start.
//!
//! They are taken below the range from which Linux serves outgoing connections: a port found by
//! binding port 0 could be given to some client between our letting go of it and the server's bind.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// A port on loopback that nothing listens on and that no other test of this run is given.
pub(crate) fn free() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let start = FIRST + u16::try_from(std::process::id() % 64).unwrap() * SHARE;
    loop {
        let port = start + TAKEN.fetch_add(1, Ordering::Relaxed) % SHARE;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Whether something listens on `port`, found without connecting to it: ffmpeg's RTMP server takes
/// the first connection for its publisher and would be used up by the question.
pub(crate) fn is_listening(port: u16) -> bool {
    let wanted = format!(":{port:04X}");
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .any(|table| table.lines().any(|line| is_listener(line, &wanted)))
}

/// Columns of the kernel's table: number, local address, remote address, state (0A is listening).
fn is_listener(line: &str, port: &str) -> bool {
    let columns: Vec<&str> = line.split_whitespace().collect();
    columns.len() > 3 && columns[1].ends_with(port) && columns[3] == "0A"
}

/// 64 shares of 200 ports from here on end below 32768, where outgoing connections begin.
const FIRST: u16 = 18_000;
const SHARE: u16 = 200;
