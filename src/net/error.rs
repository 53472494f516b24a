//! What can go wrong between us and a peer.

use std::io;
use std::io::ErrorKind::{HostUnreachable, NetworkDown, NetworkUnreachable, TimedOut};
use std::net::IpAddr;
use std::time::Duration;

use super::dial::PER_ADDRESS;
use super::{Step, certificate};
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
    /// The machine is there, and nobody listens.
    #[error("the connection was not accepted: nothing answers there, so check the address and the port")]
    Refused,
    /// No way leads to any address of the host.
    #[error("there is no way to the server's network from here, so check this machine's own connection")]
    Unreachable,
    /// No address could be connected to, for any other reason.
    #[error("the connection could not be opened: {0}")]
    Connect(#[source] io::Error),
    /// The certificate is not good.
    #[error("the server's TLS certificate is not valid: {}", certificate::flaw(.0))]
    Certificate(rustls::CertificateError),
    /// What answers is not TLS.
    #[error(
        "the server does not speak TLS there; if it speaks plain RTMP, write rtmp:// instead of rtmps://"
    )]
    NotTls,
    /// The peer closed the connection instead of agreeing on TLS.
    #[error(
        "the server closed the connection while TLS was being agreed on; if it speaks plain RTMP, write \
         rtmp:// instead of rtmps://"
    )]
    TlsClosed,
    /// TLS could not be agreed on, for any other reason.
    #[error("TLS could not be agreed on: {0}")]
    Tls(#[source] io::Error),
    /// Plain RTMP was spoken to a peer that speaks TLS.
    #[error("the server speaks TLS there, so write rtmps:// instead of rtmp://")]
    WantsTls,
    /// A step took too long.
    #[error("no answer within {} s while {step}{}", limit.as_secs(), advice(*step))]
    Timeout {
        /// The step.
        step: Step,
        /// How long was waited.
        limit: Duration,
    },
    /// The peer closed the connection.
    #[error("the connection was closed by the other side")]
    Closed,
    /// The peer closed the connection at the first bytes of plain RTMP.
    #[error(
        "the server closed the connection before it said anything; if it speaks TLS, write rtmps:// instead \
         of rtmp://"
    )]
    ClosedUnheard,
    /// The peer's system, or the network to it, fell silent: what was sent was never confirmed.
    #[error("the other side, or the network to it, does not answer any more")]
    Dead,
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
    /// Why no connection was opened.
    pub(super) fn from_connect(error: io::Error) -> Self {
        use io::ErrorKind::ConnectionRefused;
        match error.kind() {
            ConnectionRefused => Self::Refused,
            TimedOut => Self::Timeout { step: Step::Connecting, limit: PER_ADDRESS },
            HostUnreachable | NetworkUnreachable | NetworkDown => Self::Unreachable,
            _ => Self::Connect(error),
        }
    }

    /// Why TLS was not agreed on. A bad certificate is told from the rest, for a person must see to it.
    pub(super) fn from_tls(error: io::Error) -> Self {
        if is_closing(&error) {
            return Self::TlsClosed;
        }
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(why)) => Self::Certificate(why.clone()),
            Some(rustls::Error::InvalidMessage(_)) => Self::NotTls,
            _ => Self::Tls(error),
        }
    }

    /// Why a connection broke that was open.
    pub(super) fn from_io(error: io::Error) -> Self {
        match error.kind() {
            _ if is_closing(&error) => Self::Closed,
            // The kernel gave up on unconfirmed bytes or unanswered keepalives.
            TimedOut | HostUnreachable | NetworkUnreachable | NetworkDown => Self::Dead,
            _ => Self::Io(error),
        }
    }
}

/// Whether the peer ended the connection, politely or by a reset.
pub(super) fn is_closing(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
}

/// A server that knows no TLS may wait for the rest of what it takes for RTMP.
fn advice(step: Step) -> &'static str {
    match step {
        Step::Tls => "; if the server speaks plain RTMP, write rtmp:// instead of rtmps://",
        Step::Handshake => "; what listens there may be no RTMP server, so check the port",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use io::ErrorKind;

    #[test]
    fn a_dead_peer_is_told_from_one_that_closed() {
        for kind in [TimedOut, HostUnreachable, NetworkUnreachable] {
            assert!(matches!(Error::from_io(kind.into()), Error::Dead), "{kind}");
        }
        for kind in [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe, ErrorKind::UnexpectedEof] {
            assert!(matches!(Error::from_io(kind.into()), Error::Closed), "{kind}");
        }
        assert!(matches!(Error::from_io(ErrorKind::InvalidData.into()), Error::Io(_)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_kernel_says_is_understood() {
        let (etimedout, ehostunreach, enetunreach, econnrefused) = (110, 113, 101, 111);
        let connect = |errno| Error::from_connect(io::Error::from_raw_os_error(errno));
        assert!(matches!(connect(econnrefused), Error::Refused));
        assert!(matches!(connect(ehostunreach), Error::Unreachable));
        assert!(matches!(connect(enetunreach), Error::Unreachable));
        assert!(matches!(connect(etimedout), Error::Timeout { step: Step::Connecting, .. }));
        assert!(matches!(Error::from_io(io::Error::from_raw_os_error(etimedout)), Error::Dead));
    }

    #[test]
    fn silence_while_agreeing_on_tls_names_the_other_scheme() {
        let silence = |step| Error::Timeout { step, limit: Step::limit(step) }.to_string();
        assert!(silence(Step::Tls).contains("rtmp://"));
        assert_eq!(silence(Step::Connect), "no answer within 10 s while asking for the application");
    }
}
