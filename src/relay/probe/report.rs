//! What a test tells.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::outcome::ProbeOutcome;
use crate::model::{ErrorKind, words};
use crate::net::{self, Shown};

/// A step of a test. A push has fewer: it need not tell as much apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeStep {
    /// Looking up the host name.
    Dns,
    /// Opening the TCP connection.
    Tcp,
    /// Agreeing on TLS.
    Tls,
    /// The RTMP handshake.
    Handshake,
    /// RTMP's `connect`, which names the application.
    Connect,
    /// RTMP's `createStream`.
    CreateStream,
    /// RTMP's `publish`, which names the stream key.
    Publish,
    /// Sending a first message and listening to what the server has against it.
    Listen,
}

words!(ProbeStep {
    Dns = "dns",
    Tcp = "tcp",
    Tls = "tls",
    Handshake = "handshake",
    Connect = "connect",
    CreateStream = "create_stream",
    Publish = "publish",
    Listen = "listen",
});

impl From<net::Step> for ProbeStep {
    fn from(step: net::Step) -> Self {
        match step {
            net::Step::Resolving => Self::Dns,
            net::Step::Connecting => Self::Tcp,
            net::Step::Tls => Self::Tls,
            net::Step::Handshake => Self::Handshake,
            net::Step::Connect => Self::Connect,
            net::Step::CreateStream => Self::CreateStream,
            net::Step::Publish => Self::Publish,
        }
    }
}

/// A step that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stepped {
    /// Which.
    pub step: ProbeStep,
    /// How long it took.
    pub took: Duration,
    /// Whether it went well.
    pub passed: bool,
    /// What was seen, in one sentence or two.
    pub words: String,
    /// The same as facts.
    pub found: Found,
}

/// What was found in a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The host's addresses.
    pub addresses: Vec<IpAddr>,
    /// The one that answered, with the port.
    pub peer: Option<SocketAddr>,
    /// The version of TLS.
    pub tls_version: Option<&'static str>,
    /// The server's certificate, good or not.
    pub certificate: Option<Shown>,
}

/// How a test went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeReport {
    /// The steps, up to the last or the one that failed.
    pub steps: Vec<Stepped>,
    /// How it ended.
    pub outcome: ProbeOutcome,
    /// What kind of failure a push would have had.
    pub kind: Option<ErrorKind>,
    /// How it ended and what to do about it, in words.
    pub sentence: String,
    /// The platform was told that it is a test, so that nobody sees it.
    pub off_air: bool,
    /// What this does not tell, or may have done, in sentences.
    pub caveats: Vec<String>,
}
