//! What can go wrong between us and a peer.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use super::Step;
use crate::rtmp::session;

/// Why a connection could not be made or kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such host name, says the name service.
    #[error("there is no such host name, so check the address for a typing error")]
    UnknownHost,
    /// The name service could not tell the host's address now.
    #[error("the name service could not tell the server's address just now")]
    Lookup(#[source] io::Error),
    /// The address policy forbids every address of the host.
    #[error(
        "the address {address} is not allowed as a target. If you trust it, start splitcast with \
         --allow-targets {suggestion}"
    )]
    Forbidden {
        /// One of the host's addresses.
        address: IpAddr,
        /// What to write after `--allow-targets`.
        suggestion: String,
    },
    /// The port is one that no RTMP server uses.
    #[error(
        "port {0} is not allowed as a target: below 1024 only 80 and 443 are, unless the address is listed \
         in --allow-targets"
    )]
    Port(u16),
    /// The target is this relay.
    #[error("the target is this relay itself, so the stream would go round in circles")]
    Loop,
    /// No address could be connected to.
    #[error("the connection was not accepted: {}", plain(.0))]
    Connect(#[source] io::Error),
    /// The certificate is not good.
    #[error("the server's TLS certificate is not valid: {}", flaw(.0))]
    Certificate(rustls::CertificateError),
    /// TLS failed otherwise.
    #[error("TLS could not be agreed on: {0}")]
    Tls(#[source] io::Error),
    /// A step took too long.
    #[error("no answer within {} s while {step}", limit.as_secs())]
    Timeout {
        /// The step.
        step: Step,
        /// How long was waited.
        limit: Duration,
    },
    /// The peer closed the connection.
    #[error("the connection was closed by the other side")]
    Closed,
    /// The peer took no byte for too long.
    #[error("the other side accepted no data for {} s", .0.as_secs())]
    Stalled(Duration),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(#[source] io::Error),
    /// The peer does not keep to the protocol.
    #[error("RTMP error: {0}")]
    Rtmp(#[from] session::Error),
}

impl Error {
    /// A broken connection; one that the peer reset counts as closed.
    pub(super) fn from_io(error: io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
        match error.kind() {
            BrokenPipe | ConnectionReset | UnexpectedEof => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

/// The operating system's words, but for what happens daily to people who never saw them.
fn plain(error: &io::Error) -> String {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
    match error.kind() {
        ConnectionRefused => "nothing answers there, so check the address and the port".to_owned(),
        HostUnreachable | NetworkUnreachable => "there is no way to its network from here".to_owned(),
        _ => error.to_string(),
    }
}

/// The TLS library's words, but for its name of what a server of one's own most often has.
fn flaw(error: &rustls::CertificateError) -> String {
    match error {
        rustls::CertificateError::UnknownIssuer => "it is signed by nobody known here; if the server is \
             yours, name its certificate with --target-ca"
            .to_owned(),
        _ => error.to_string(),
    }
}
