//! What happens to streams, all that happens, and what is told to those who listen.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use super::event::{TargetEvent, TargetState};
use super::finding::{Warning, WarningChange};
use super::stream::StreamId;
use super::target::TargetId;
use super::webhook::WebhookId;
use super::word::{UnknownWord, words};

/// What happened to a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StreamChange {
    /// An encoder publishes.
    Live,
    /// The encoder vanished, and is waited for.
    Held,
    /// The broadcast is over.
    Ended,
    /// An encoder replaced another.
    Takeover,
    /// An encoder was refused, since another publishes, or since it may not come from where it does.
    Refused,
}

words!(StreamChange {
    Live = "live",
    Held = "held",
    Ended = "ended",
    Takeover = "takeover",
    Refused = "refused",
});

/// Something that happened to a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEvent {
    /// Which.
    pub stream: StreamId,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// What.
    pub change: StreamChange,
    /// The encoder that came or was refused.
    pub peer: Option<SocketAddr>,
    /// The encoder that it replaced.
    pub replaced: Option<SocketAddr>,
    /// Until when the encoder is waited for, in milliseconds since 1970.
    pub until_ms: Option<i64>,
}

/// Something that happened by itself, not by an operator's hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// To a target.
    Target(TargetEvent),
    /// To a stream.
    Stream(StreamEvent),
    /// To what a target's platform would mind.
    Warning(Warning),
}

impl Happening {
    /// The stream, or the target's stream.
    pub fn stream(&self) -> StreamId {
        match self {
            Self::Target(event) => event.stream,
            Self::Stream(event) => event.stream,
            Self::Warning(warning) => warning.stream,
        }
    }

    /// The word for what its subject came to be.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Target(event) => event.state.as_str(),
            Self::Stream(event) => event.change.as_str(),
            Self::Warning(warning) => warning.change.as_str(),
        }
    }
}

/// Any word that [`Happening::state`] gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HappeningState(&'static str);

impl HappeningState {
    /// The word.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl FromStr for HappeningState {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let of_stream = word.parse::<StreamChange>().map(StreamChange::as_str);
        let of_target = word.parse::<TargetState>().map(TargetState::as_str);
        let of_warning = word.parse::<WarningChange>().map(WarningChange::as_str);
        of_stream.or(of_warning).or(of_target).map(Self)
    }
}

/// Whose history is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryOf {
    /// That of streams, without their targets'.
    Streams,
    /// That of targets.
    Targets,
}

words!(HistoryOf { Streams = "streams", Targets = "targets" });

/// What an operator, or the end of a broadcast, did to what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// It was made.
    Created,
    /// It was changed, or ordered to start or stop; a stream also with all its targets.
    Changed,
    /// It was removed; a stream with all its targets.
    Removed,
}

words!(Edit { Created = "created", Changed = "changed", Removed = "removed" });

/// What an [`Edit`] was made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A stream.
    Stream(StreamId),
    /// A target.
    Target(TargetId),
    /// A webhook.
    Webhook(WebhookId),
}

/// What is told as it happens to those who listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Something happened.
    Happened(Arc<Happening>),
    /// What is wanted was changed.
    Edited(Subject, Edit),
}
