//! What a target is doing, and what happened to it.

use std::time::Duration;

use super::stream::StreamId;
use super::target::TargetId;
use super::word::words;

/// What a target is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetState {
    /// It is switched off.
    Disabled,
    /// It waits to be started by hand.
    Stopped,
    /// Nobody publishes to its stream.
    WaitingForSource,
    /// Looking up the host name.
    Resolving,
    /// Opening the TCP connection.
    Connecting,
    /// Agreeing on TLS.
    Tls,
    /// Agreeing on RTMP, up to the server's word that it accepts the stream.
    Publishing,
    /// Being fed.
    Live,
    /// Connected, while the encoder is gone.
    Holding,
    /// Waiting before the next try.
    BackingOff,
    /// It needs a person; tried once in a while all the same.
    Blocked,
}

words!(TargetState {
    Disabled = "disabled",
    Stopped = "stopped",
    WaitingForSource = "waiting_for_source",
    Resolving = "resolving",
    Connecting = "connecting",
    Tls = "tls",
    Publishing = "publishing",
    Live = "live",
    Holding = "holding",
    BackingOff = "backing_off",
    Blocked = "blocked",
});

/// One step on the way to a target that takes the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Looking up the host name.
    Resolving,
    /// Opening the TCP connection.
    Connecting,
    /// Agreeing on TLS.
    Tls,
    /// RTMP's handshake.
    Handshake,
    /// RTMP's `connect`.
    Connect,
    /// RTMP's `createStream` and `publish`.
    Publish,
}

words!(Step {
    Resolving = "resolving",
    Connecting = "connecting",
    Tls = "tls",
    Handshake = "handshake",
    Connect = "connect",
    Publish = "publish",
});

/// What kind of failure it is: what decides how a target goes on, and what its owner can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The host name does not exist.
    DnsNxdomain,
    /// The host name could not be looked up now.
    DnsTemp,
    /// Nothing listens there.
    TcpRefused,
    /// Nothing answers there.
    TcpTimeout,
    /// There is no way there.
    Unreachable,
    /// The certificate is not good.
    TlsVerify,
    /// TLS failed otherwise.
    TlsIo,
    /// No RTMP handshake in time.
    HandshakeTimeout,
    /// No answer to `connect` or `publish` in time.
    AnswerTimeout,
    /// `connect` was refused.
    ConnectRejected,
    /// A user name and a password are wanted, or other ones.
    Auth,
    /// `publish` was refused, or an error was reported in mid-stream.
    PublishRejected,
    /// Somebody publishes with the key already; most likely our own lost session.
    PublishBusy,
    /// The connection was closed on the way.
    ClosedBeforePublish,
    /// The connection was closed at `publish` or soon after: how some platforms refuse a key.
    ClosedAfterPublish,
    /// The connection was closed while all went well.
    ClosedMidstream,
    /// The target took no byte for too long.
    WriteStall,
    /// The network to the target died.
    PeerDead,
    /// The target does not speak RTMP well.
    Protocol,
    /// The target does not take the codec or the track that it would be sent.
    Codec,
    /// The address may not be dialled.
    Policy,
    /// A fault of ours.
    Internal,
}

words!(ErrorKind {
    DnsNxdomain = "dns_nxdomain",
    DnsTemp = "dns_temp",
    TcpRefused = "tcp_refused",
    TcpTimeout = "tcp_timeout",
    Unreachable = "unreachable",
    TlsVerify = "tls_verify",
    TlsIo = "tls_io",
    HandshakeTimeout = "handshake_timeout",
    AnswerTimeout = "answer_timeout",
    ConnectRejected = "connect_rejected",
    Auth = "auth",
    PublishRejected = "publish_rejected",
    PublishBusy = "publish_busy",
    ClosedBeforePublish = "closed_before_publish",
    ClosedAfterPublish = "closed_after_publish",
    ClosedMidstream = "closed_midstream",
    WriteStall = "write_stall",
    PeerDead = "peer_dead",
    Protocol = "protocol",
    Codec = "codec",
    Policy = "policy",
    Internal = "internal",
});

/// Which of a target's two addresses is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EndpointRole {
    /// The first.
    #[default]
    Primary,
    /// The second.
    Backup,
}

words!(EndpointRole { Primary = "primary", Backup = "backup" });

/// A change in what a target is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetEvent {
    /// Whose.
    pub target: TargetId,
    /// The stream that target belongs to.
    pub stream: StreamId,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// At which of its addresses.
    pub endpoint: EndpointRole,
    /// What it was doing.
    pub from: TargetState,
    /// For how long.
    pub lasted: Duration,
    /// What it is doing now.
    pub state: TargetState,
    /// The step it is at, or failed at.
    pub step: Option<Step>,
    /// What kind of failure it was, if one.
    pub kind: Option<ErrorKind>,
    /// Why, in a sentence for a person.
    pub reason: String,
    /// How many tries it has made since it was last fed for a while or waiting; 0 while it is fed.
    pub attempts: u32,
    /// When it tries again, in milliseconds since 1970, if it waits for that.
    pub next_try_at_ms: Option<i64>,
}
