//! What the kernel knows of TCP connections: round-trip times, and what they hold that was not sent or not
//! confirmed yet.
//!
//! Linux tells it by netlink (`linux/sock_diag.h`, `linux/inet_diag.h`), which needs neither the
//! connection's descriptor nor unsafe code: a connection is named by its addresses and by a cookie that no
//! other socket ever gets, so that an answer is never about another one. Where there is no such service,
//! as on other systems or under a filter that forbids netlink, nothing is known.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

#[cfg(target_os = "linux")]
use self::linux::Service;
#[cfg(not(target_os = "linux"))]
use self::nothing::Service;

/// What the kernel knows of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpStats {
    /// The smoothed round-trip time.
    pub round_trip: Duration,
    /// How much round-trip times vary.
    pub round_trip_variation: Duration,
    /// Segments sent again, over the connection's life.
    pub retransmits: u32,
    /// Bytes that wait in the kernel and were never sent.
    pub unsent: u32,
    /// Bytes that were sent and are not confirmed yet.
    pub unconfirmed: u32,
}

/// What names a connection for as long as the system runs.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    local: SocketAddr,
    peer: SocketAddr,
    cookie: u64,
}

impl Identity {
    /// What names a connection; `None` if it is gone, or has no such name on this system.
    pub(super) fn of(stream: &TcpStream) -> Option<Self> {
        let (local, peer) = (stream.local_addr().ok()?, stream.peer_addr().ok()?);
        Some(Self { local, peer, cookie: cookie(stream)? })
    }
}

#[cfg(target_os = "linux")]
fn cookie(stream: &TcpStream) -> Option<u64> {
    socket2::SockRef::from(stream).cookie().ok()
}

#[cfg(not(target_os = "linux"))]
fn cookie(_stream: &TcpStream) -> Option<u64> {
    None
}

/// The kernel's desk for such questions.
#[derive(Debug)]
pub struct SockDiag(Service);

impl SockDiag {
    /// Opens it.
    ///
    /// # Errors
    /// Where there is none, or it may not be asked.
    pub fn open() -> io::Result<Self> {
        Service::open().map(Self)
    }

    /// Asks about a connection. The kernel answers at once; `None` if it does not know it.
    pub fn ask(&mut self, connection: &Identity) -> Option<TcpStats> {
        self.0.ask(connection)
    }
}

#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
mod nothing {
    use std::io;

    use super::{Identity, TcpStats};

    #[derive(Debug)]
    pub(super) struct Service;

    impl Service {
        pub(super) fn open() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) fn ask(&mut self, _connection: &Identity) -> Option<TcpStats> {
            None
        }
    }
}
