//! A stream's and a target's entry at one moment.

use std::net::SocketAddr;
use std::time::Duration;

use super::facts::Facts;
use super::histogram::HistogramSnapshot;
use super::stream::SourceState;
use crate::model::{EndpointRole, ErrorKind, Finding, Step, StreamId, TargetState};
use crate::net::TcpStats;
use crate::relay::lint::SourceFacts;

/// One connection's entry at one moment. What is counted is counted for as long as the relay runs and the
/// target is there, through edits, stops and broadcasts; [`Self::reconnects`] begins anew with each edit.
#[derive(Debug, Clone)]
pub struct TargetSnapshot {
    /// The stream it belongs to.
    pub stream: StreamId,
    /// What it is doing.
    pub state: TargetState,
    /// The step it is at or failed at; `None` in mid-stream and at rest.
    pub step: Option<Step>,
    /// What kind of failure it suffers from.
    pub kind: Option<ErrorKind>,
    /// Why, in one sentence for a person.
    pub reason: String,
    /// How long it has been in this state and at this step.
    pub in_state_for: Duration,
    /// When it tries again, if it waits for that.
    pub next_try_in: Option<Duration>,
    /// Tries since it was last fed for a while or waiting for the encoder; 0 while it is fed.
    pub attempts: u32,
    /// How long it has been connected.
    pub connected_for: Option<Duration>,
    /// The address that is used or tried.
    pub endpoint: EndpointRole,
    /// Bytes handed to the kernel for media and protocol, those of TLS included.
    pub bytes_sent: u64,
    /// The same as a rate, over the last three seconds.
    pub bits_per_second: u64,
    /// Pictures handed over.
    pub sent_video: u64,
    /// Frames of sound handed over.
    pub sent_audio: u64,
    /// Pictures left out because the target was too slow.
    pub skipped_video: u64,
    /// Frames of sound left out because the target was too slow.
    pub skipped_audio: u64,
    /// How far behind the stream's newest frame it is, in milliseconds.
    pub lag_ms: u64,
    /// Bytes that the relay keeps for it and has not handed to the kernel yet.
    pub queue_bytes: u64,
    /// What the kernel knows of the connection, at most a second old; `None` without one, and where the
    /// kernel does not tell.
    pub connection: Option<TcpStats>,
    /// Sessions begun after the first. One that is moved to another connection goes on.
    pub reconnects: u64,
    /// What its platform would mind in what the encoder sends; of a target with two connections, the first one
    /// has it.
    pub warnings: Vec<WarningShown>,
    /// What else is counted.
    pub totals: Totals,
    /// The second connection, of a target that is fed at both of its addresses.
    pub backup: Option<Box<Self>>,
}

/// Something that a platform would mind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WarningShown {
    /// What, with the last numbers.
    pub finding: Finding,
    /// For how long it has been so.
    pub lasts_for: Duration,
}

/// What is counted of a connection, besides what it is given.
#[derive(Debug, Clone)]
pub struct Totals {
    /// Tries to connect.
    pub attempts: u64,
    /// Tries that failed before the target took the stream. One that was called off is no failure.
    pub failed_attempts: u64,
    /// Sessions that the target accepted.
    pub sessions: u64,
    /// Failures, before and after the target took the stream, of each kind that there was.
    pub failures: Vec<(ErrorKind, u64)>,
    /// Time spent live.
    pub live: Duration,
    /// Segments that the kernel sent again.
    pub retransmits: u64,
    /// How long frames took from their arrival until they were handed to the kernel. One frame is looked
    /// at about once a second.
    pub delay: HistogramSnapshot,
    /// How long it took from the beginning of a try until the target took the stream.
    pub connecting: HistogramSnapshot,
}

/// A stream's entry at one moment.
#[derive(Debug, Clone)]
pub struct StreamSnapshot {
    /// Whether an encoder publishes.
    pub state: SourceState,
    /// How long it has been so.
    pub in_state_for: Duration,
    /// How much longer targets are kept connected without it.
    pub held_for: Option<Duration>,
    /// The encoder's address, while there is one.
    pub peer: Option<SocketAddr>,
    /// Bytes that encoders sent, over all sessions.
    pub bytes_received: u64,
    /// The same as a rate, over the last three seconds.
    pub bits_per_second: u64,
    /// Pictures that came, over all sessions.
    pub video_frames: u64,
    /// Frames of sound that came.
    pub audio_frames: u64,
    /// Those of the pictures that need no other.
    pub key_frames: u64,
    /// Pictures per second, over the last three seconds.
    pub frame_rate: f64,
    /// From the last key frame but one to the last, by the encoder's clock; `None` before there were two.
    pub key_frame_interval: Option<Duration>,
    /// How long ago the last key frame came, while an encoder publishes.
    pub since_key_frame: Option<Duration>,
    /// What the encoder says of its sound and pictures, or the last encoder said.
    pub facts: Facts,
    /// What is measured of its default tracks; `None` while there is no encoder, and of a new one.
    pub known: Option<SourceFacts>,
    /// Encoders that were let in.
    pub publications: u64,
    /// How often one took over from another that still published.
    pub takeovers: u64,
    /// Bytes kept for newcomers and for targets that are behind, at most a second old.
    pub kept_bytes: u64,
}
