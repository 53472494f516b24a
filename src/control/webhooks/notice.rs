//! What is to be told, before it is put into words.

use std::net::SocketAddr;

use crate::model::{EndpointRole, ErrorKind, FindingKind, StreamId, TargetId, Warning, WebhookKind};
use crate::relay::status::unix_ms;

/// Something to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    /// By this its receiver knows it again.
    pub(super) event_id: String,
    pub(super) kind: WebhookKind,
    pub(super) at_ms: i64,
    pub(super) about: About,
    /// What its subject came to be, in a word.
    pub(super) state: &'static str,
    /// What kind of failure it suffers from.
    pub(super) error_kind: Option<ErrorKind>,
    /// What of the encoder's stream is minded.
    pub(super) warning: Option<FindingKind>,
    /// Why, in sentences.
    pub(super) reason: String,
    /// At which of a target's addresses.
    pub(super) endpoint: Option<EndpointRole>,
    /// The encoder.
    pub(super) peer: Option<SocketAddr>,
    /// The encoder that it replaced.
    pub(super) replaced: Option<SocketAddr>,
    /// Until when the encoder is waited for.
    pub(super) until_ms: Option<i64>,
}

/// Whom a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Relay,
    Stream(StreamId),
    Target(TargetId),
}

impl Notice {
    /// A notice of what happens now.
    pub(super) fn new(
        kind: WebhookKind,
        about: About,
        state: &'static str,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            event_id: new_id(),
            kind,
            at_ms: unix_ms(),
            about,
            state,
            error_kind: None,
            warning: None,
            reason: reason.into(),
            endpoint: None,
            peer: None,
            replaced: None,
            until_ms: None,
        }
    }

    /// What a target's platform would mind. Who looks for it sees to it that it does not come and go.
    pub(super) fn of_warning(warning: &Warning) -> Self {
        let (about, state) = (About::Target(warning.target), warning.change.as_str());
        Self {
            at_ms: warning.at_ms,
            warning: Some(warning.kind),
            ..Self::new(WebhookKind::TargetWarning, about, state, warning.reason.clone())
        }
    }
}

fn new_id() -> String {
    let random: [u8; 16] = rand::random();
    format!("evt_{}", data_encoding::BASE32_NOPAD.encode(&random).to_ascii_lowercase())
}
