//! What is wanted of a relay, in a form that another relay can take over: by names instead of numbers,
//! and with its secrets.

use super::name::Name;
use super::stream::NewStream;
use super::target::NewTarget;
use super::webhook::{NewWebhook, WebhookSecret};

/// Everything that is wanted but for who may change it.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// In the order they were made.
    pub streams: Vec<ConfiguredStream>,
    /// In the order they were made.
    pub webhooks: Vec<ConfiguredWebhook>,
}

/// A stream with its targets.
#[derive(Debug, Clone)]
pub struct ConfiguredStream {
    /// The stream, with its key.
    pub stream: NewStream,
    /// What it is pushed to.
    pub targets: Vec<ConfiguredTarget>,
}

/// A target of a stream.
#[derive(Debug, Clone)]
pub struct ConfiguredTarget {
    /// The target, with its keys.
    pub target: NewTarget,
    /// Whether it is to run, as last ordered by hand.
    pub started: bool,
}

/// A webhook.
#[derive(Debug, Clone)]
pub struct ConfiguredWebhook {
    /// The webhook; its stream is [`ConfiguredWebhook::stream`].
    pub webhook: NewWebhook,
    /// The only stream it is told of, which is one of the same configuration; or all.
    pub stream: Option<Name>,
    /// What posts are signed with.
    pub secret: WebhookSecret,
}
