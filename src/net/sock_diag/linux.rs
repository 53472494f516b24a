//! The question and the answer on the wire. Numbers are in the machine's own order, but for addresses and
//! ports.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::{Buf, BufMut};
use socket2::{Domain, Protocol, Socket, Type};

use super::{Identity, TcpStats};

#[derive(Debug)]
pub(super) struct Service {
    socket: Socket,
    asked: u32,
}

impl Service {
    pub(super) fn open() -> io::Result<Self> {
        let (netlink, protocol) = (Domain::from(AF_NETLINK), Protocol::from(NETLINK_SOCK_DIAG));
        let socket = Socket::new(netlink, Type::DGRAM, Some(protocol))?;
        // It has answered by the time that it was asked, or will not.
        socket.set_nonblocking(true)?;
        Ok(Self { socket, asked: 0 })
    }

    pub(super) fn ask(&mut self, connection: &Identity) -> Option<TcpStats> {
        self.asked = self.asked.wrapping_add(1);
        self.socket.write_all(&question(connection, self.asked)).ok()?;
        let mut answer = [0; 1024];
        loop {
            let read = self.socket.read(&mut answer).ok()?;
            if let Some((asked, stats)) = read_answer(answer.get(..read)?)
                && asked == self.asked
            {
                return stats;
            }
        }
    }
}

/// A `nlmsghdr` and an `inet_diag_req_v2`.
fn question(connection: &Identity, number: u32) -> Vec<u8> {
    let Identity { local, peer, cookie } = connection;
    let mut wire = Vec::with_capacity(QUESTION);
    wire.put_u32_ne(u32::try_from(QUESTION).unwrap_or(0));
    wire.put_u16_ne(SOCK_DIAG_BY_FAMILY);
    wire.put_u16_ne(NLM_F_REQUEST);
    wire.put_u32_ne(number);
    wire.put_u32_ne(0);

    wire.put_u8(if local.is_ipv4() { AF_INET } else { AF_INET6 });
    wire.put_u8(IPPROTO_TCP);
    wire.put_u8(1 << (INET_DIAG_INFO - 1));
    wire.put_u8(0);
    wire.put_u32_ne(u32::MAX);
    wire.put_u16(local.port());
    wire.put_u16(peer.port());
    put_address(&mut wire, local);
    put_address(&mut wire, peer);
    wire.put_u32_ne(0);
    // The lower half first, whatever the machine's order.
    wire.put_u32_ne(u32::try_from(cookie & u64::from(u32::MAX)).unwrap_or(0));
    wire.put_u32_ne(u32::try_from(cookie >> 32).unwrap_or(0));
    wire
}

fn put_address(wire: &mut Vec<u8>, address: &SocketAddr) {
    match address.ip() {
        IpAddr::V4(address) => {
            wire.put_slice(&address.octets());
            wire.put_bytes(0, 12);
        }
        IpAddr::V6(address) => wire.put_slice(&address.octets()),
    }
}

/// The number of the question, and what is known; `None` if it is no whole message. An answer that the
/// connection is unknown has another type.
fn read_answer(mut wire: &[u8]) -> Option<(u32, Option<TcpStats>)> {
    let length = usize::try_from(wire.try_get_u32_ne().ok()?).ok()?;
    let kind = wire.try_get_u16_ne().ok()?;
    wire = wire.get(2..)?;
    let number = wire.try_get_u32_ne().ok()?;
    wire = wire.get(4..length.checked_sub(12)?)?;
    let stats = if kind == SOCK_DIAG_BY_FAMILY { read_stats(wire) } else { None };
    Some((number, stats))
}

/// An `inet_diag_msg`, and attributes.
fn read_stats(message: &[u8]) -> Option<TcpStats> {
    let held = message.get(WRITE_QUEUE..)?.try_get_u32_ne().ok()?;
    let mut attributes = message.get(MESSAGE..)?;
    loop {
        let mut header = attributes;
        let length = usize::from(header.try_get_u16_ne().ok()?);
        let kind = header.try_get_u16_ne().ok()?;
        let value = attributes.get(4..length)?;
        if kind == INET_DIAG_INFO {
            return read_info(value, held);
        }
        attributes = attributes.get(length.next_multiple_of(4)..)?;
    }
}

/// A `tcp_info`, which has only ever grown at its end: an older kernel's is shorter.
fn read_info(info: &[u8], held: u32) -> Option<TcpStats> {
    let number = |at: usize| info.get(at..)?.try_get_u32_ne().ok();
    let micros = |at| Some(Duration::from_micros(number(at)?.into()));
    let unsent = number(NOTSENT_BYTES)?.min(held);
    Some(TcpStats {
        round_trip: micros(RTT)?,
        round_trip_variation: micros(RTTVAR)?,
        retransmits: number(TOTAL_RETRANS)?,
        unsent,
        unconfirmed: held - unsent,
    })
}

const AF_NETLINK: i32 = 16;
const NETLINK_SOCK_DIAG: i32 = 4;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;
const INET_DIAG_INFO: u16 = 2;

/// Bytes of the question.
const QUESTION: usize = 72;
/// Bytes of an `inet_diag_msg`, and where in it stands what the connection holds.
const MESSAGE: usize = 72;
const WRITE_QUEUE: usize = 60;

// Where numbers stand in a `tcp_info`.
const RTT: usize = 68;
const RTTVAR: usize = 72;
const TOTAL_RETRANS: usize = 100;
const NOTSENT_BYTES: usize = 144;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    async fn pair(address: &str) -> Option<(TcpStream, TcpStream)> {
        let listener = TcpListener::bind(address).await.ok()?;
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        Some((near, listener.accept().await.unwrap().0))
    }

    #[tokio::test]
    async fn a_connection_tells_what_it_holds() {
        let mut kernel = Service::open().unwrap();
        for address in ["127.0.0.1:0", "[::1]:0"] {
            // A machine may have no IPv6.
            let Some((mut near, mut far)) = pair(address).await else { continue };
            let identity = Identity::of(&near).unwrap();
            near.write_all(&[1; 1000]).await.unwrap();
            far.read_exact(&mut [0; 1000]).await.unwrap();
            let stats = kernel.ask(&identity).unwrap();
            assert!(stats.round_trip > Duration::ZERO && stats.round_trip < Duration::from_secs(1));
            assert_eq!((stats.unsent, stats.unconfirmed), (0, 0));

            let mut filled = 0;
            while let Ok(written) = near.try_write(&[2; 64 << 10]) {
                filled += written;
            }
            let stats = kernel.ask(&identity).unwrap();
            let held = usize::try_from(stats.unsent + stats.unconfirmed).unwrap();
            assert!(stats.unsent > 0 && held <= filled, "{stats:?} of {filled}");
        }
    }

    #[tokio::test]
    async fn another_connection_is_never_taken_for_the_one_that_is_asked_for() {
        let mut kernel = Service::open().unwrap();
        let (near, _far) = pair("127.0.0.1:0").await.unwrap();
        let identity = Identity::of(&near).unwrap();
        assert!(kernel.ask(&identity).is_some());
        let stale = Identity { cookie: identity.cookie + 1, ..identity };
        assert!(kernel.ask(&stale).is_none());
        let nowhere = Identity { peer: "127.0.0.1:1".parse().unwrap(), ..identity };
        assert!(kernel.ask(&nowhere).is_none());
        assert!(kernel.ask(&identity).is_some(), "an answer of no use is not in the way of the next");
    }

    #[test]
    fn a_kernel_that_knows_less_says_less() {
        let mut info = vec![0_u8; NOTSENT_BYTES + 4];
        info[RTT..RTT + 4].copy_from_slice(&20_000_u32.to_ne_bytes());
        info[NOTSENT_BYTES..].copy_from_slice(&700_u32.to_ne_bytes());
        let stats = read_info(&info, 1_000).unwrap();
        assert_eq!(stats.round_trip, Duration::from_millis(20));
        assert_eq!((stats.unsent, stats.unconfirmed), (700, 300));
        assert_eq!(read_info(&info[..104], 1_000), None);
    }

    proptest! {
        #[test]
        fn no_answer_is_too_strange(wire in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read_answer(&wire);
            let _ = read_stats(&wire);
        }
    }
}
