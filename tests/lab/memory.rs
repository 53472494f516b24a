//! What memory is held: by a process, and by the kernel for its connections, which the process's own
//! figure does not show.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read, Write};

use socket2::{Domain, Protocol, Socket, Type};

/// The bytes of memory that the process `pid` has resident.
pub(crate) fn of_process(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: usize = line.trim().trim_end_matches("kB").trim().parse().unwrap();
    kilobytes << 10
}

/// The bytes that the kernel holds for all TCP connections of the machine.
pub(crate) fn of_all_tcp() -> usize {
    let stat = fs::read_to_string("/proc/net/sockstat").unwrap();
    let tcp = stat.lines().find(|line| line.starts_with("TCP:")).unwrap();
    let pages: usize = tcp.rsplit(' ').next().unwrap().parse().unwrap();
    pages * 4096
}

/// The bytes that the kernel holds for TCP connections with one of `ports` at either end, in every
/// state and also after their program has let go of them. Other programs' connections, which the
/// figure of the whole machine has in it, do not count.
pub(crate) fn of_connections(ports: &HashSet<u16>) -> usize {
    dump_sockets()
        .unwrap_or_else(|error| panic!("the kernel does not tell of its sockets: {error}"))
        .iter()
        .filter(|socket| ports.contains(&socket.local) || ports.contains(&socket.remote))
        .map(|socket| socket.bytes)
        .sum()
}

struct TcpSocket {
    local: u16,
    remote: u16,
    bytes: usize,
}

/// Asks the kernel's socket monitor (`sock_diag(7)`) for every IPv4 TCP socket.
fn dump_sockets() -> io::Result<Vec<TcpSocket>> {
    let mut netlink =
        Socket::new(Domain::from(AF_NETLINK), Type::RAW, Some(Protocol::from(NETLINK_SOCK_DIAG)))?;
    netlink.write_all(&request())?;
    let mut sockets = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = netlink.read(&mut buffer)?;
        let mut rest = &buffer[..count];
        while let Some((kind, body, after)) = split_message(rest) {
            match kind {
                DONE => return Ok(sockets),
                ERROR => return Err(io::Error::other("it answered with an error")),
                _ => sockets.extend(parse_socket(body)),
            }
            rest = after;
        }
    }
}

/// A header of 16 bytes, the question, and an empty socket to compare with.
fn request() -> Vec<u8> {
    const DUMP: u16 = 0x301;
    const ALL_STATES: u32 = u32::MAX;
    const NO_SOCKET: [u8; 48] = [0; 48];
    let [family, protocol, extensions, padding] = [2, 6, 1 << (MEMORY_INFO - 1), 0];
    let mut bytes = 72_u32.to_ne_bytes().to_vec();
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(DUMP.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend([family, protocol, extensions, padding]);
    bytes.extend(ALL_STATES.to_ne_bytes());
    bytes.extend(NO_SOCKET);
    bytes
}

/// The first message in `bytes`: its type, its body, and what follows it.
fn split_message(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = native_u32(bytes, 0)? as usize;
    let kind = u16::from_ne_bytes(*bytes.get(4..)?.first_chunk()?);
    Some((kind, bytes.get(16..length)?, bytes.get(length.next_multiple_of(4)..).unwrap_or_default()))
}

/// `struct inet_diag_msg`, whose ports begin at byte 4, and attributes after its 72 bytes. Sockets that
/// are only remembered, in `TIME_WAIT`, have none and hold nothing.
fn parse_socket(body: &[u8]) -> Option<TcpSocket> {
    let port = |at: usize| Some(u16::from_be_bytes(*body.get(at..)?.first_chunk()?));
    let (local, remote) = (port(4)?, port(6)?);
    let mut attributes = body.get(72..)?;
    loop {
        let length = u16::from_ne_bytes(*attributes.first_chunk()?) as usize;
        let kind = u16::from_ne_bytes(*attributes.get(2..)?.first_chunk()?);
        if kind == MEMORY_INFO {
            let field = |number: usize| Some(native_u32(attributes, 4 + 4 * number)? as usize);
            // Received and not read; allocated ahead; queued for sending.
            let bytes = field(0)? + field(4)? + field(5)?;
            return Some(TcpSocket { local, remote, bytes });
        }
        attributes = attributes.get(length.max(4).next_multiple_of(4)..)?;
    }
}

fn native_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

const AF_NETLINK: i32 = 16;
const NETLINK_SOCK_DIAG: i32 = 4;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
/// `INET_DIAG_SKMEMINFO`.
const MEMORY_INFO: u16 = 7;
const ERROR: u16 = 2;
const DONE: u16 = 3;
