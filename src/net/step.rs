//! The way to a target that takes the stream, and how long each step of it may last.

use std::fmt;
use std::time::Duration;

use crate::rtmp::client;

/// What is being done to reach a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Looking up the host name.
    Resolving,
    /// Opening the TCP connection.
    Connecting,
    /// Agreeing on TLS.
    Tls,
    /// The RTMP handshake.
    Handshake,
    /// RTMP's `connect`, which names the application.
    Connect,
    /// RTMP's `createStream`, which asks for a place in the connection.
    CreateStream,
    /// RTMP's `publish`, which names the stream key.
    Publish,
}

impl Step {
    /// How long it may take.
    pub fn limit(self) -> Duration {
        Duration::from_secs(match self {
            Self::Resolving | Self::Handshake => 5,
            Self::Connecting | Self::Tls | Self::Connect | Self::CreateStream | Self::Publish => 10,
        })
    }
}

impl From<client::Step> for Step {
    fn from(step: client::Step) -> Self {
        match step {
            client::Step::Handshake => Self::Handshake,
            client::Step::Connect => Self::Connect,
            client::Step::CreateStream => Self::CreateStream,
            client::Step::Publish => Self::Publish,
        }
    }
}

/// What is done, to go on after "while".
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolving => "looking up the host name",
            Self::Connecting => "connecting",
            Self::Tls => "agreeing on TLS",
            Self::Handshake => "agreeing on RTMP",
            Self::Connect => "asking for the application",
            // To most people it is one with what follows.
            Self::CreateStream | Self::Publish => "asking to publish",
        })
    }
}
