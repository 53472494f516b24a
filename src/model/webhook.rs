//! Webhooks: addresses that are told what happens.

use std::collections::BTreeSet;
use std::fmt;

use super::name::Name;
use super::stream::StreamId;
use super::webhook_url::WebhookUrl;
use super::word::words;
use crate::secret::Secret;

/// Most webhooks one relay keeps.
pub const MAX_WEBHOOKS: usize = 50;

/// A webhook's number; never used again after the webhook is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WebhookId(pub i64);

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a webhook can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WebhookKind {
    /// An encoder publishes.
    StreamLive,
    /// An encoder vanished and has not come back at once.
    StreamHeld,
    /// A broadcast is over.
    StreamEnded,
    /// An encoder replaced another.
    StreamTakeover,
    /// A target is fed, for the first time in a broadcast.
    TargetLive,
    /// A target has not been fed for a while, though there is something to feed it.
    TargetFailing,
    /// A target needs a person.
    TargetBlocked,
    /// A target that was told to fail, or to need a person, is fed again.
    TargetRecovered,
    /// A target's platform would mind something in what the encoder sends, or no longer.
    TargetWarning,
    /// The disk or the database fails, or does so no longer.
    RelayTrouble,
    /// Somebody wants to see whether the webhook works. Every webhook is told.
    Test,
}

words!(WebhookKind {
    StreamLive = "stream.live",
    StreamHeld = "stream.held",
    StreamEnded = "stream.ended",
    StreamTakeover = "stream.takeover",
    TargetLive = "target.live",
    TargetFailing = "target.failing",
    TargetBlocked = "target.blocked",
    TargetRecovered = "target.recovered",
    TargetWarning = "target.warning",
    RelayTrouble = "relay.trouble",
    Test = "test",
});

/// The shape of what is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebhookFormat {
    /// Our own, for programs.
    #[default]
    Plain,
    /// A message in a Discord channel.
    Discord,
    /// A message in a Slack channel.
    Slack,
}

words!(WebhookFormat { Plain = "plain", Discord = "discord", Slack = "slack" });

/// What a webhook's posts are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSecret(Secret);

impl WebhookSecret {
    /// A secret made of random bytes, with a beginning by which scanners of source code know it.
    pub fn generate(random: [u8; 32]) -> Self {
        let text = data_encoding::BASE32_NOPAD.encode(&random).to_ascii_lowercase();
        Self(Secret::new(format!("whsec_{text}")))
    }

    /// A secret as it was kept.
    pub fn kept(text: Secret) -> Self {
        Self(text)
    }

    /// Its text, every byte of which is the key.
    pub fn text(&self) -> &Secret {
        &self.0
    }
}

/// A webhook, without what it posts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its number.
    pub id: WebhookId,
    /// What a person calls it; unique.
    pub name: Name,
    /// Where it posts to.
    pub url: WebhookUrl,
    /// What its posts look like.
    pub format: WebhookFormat,
    /// What it is told.
    pub kinds: BTreeSet<WebhookKind>,
    /// The only stream it is told of, with its targets; the webhook goes with it. Or all.
    pub stream: Option<StreamId>,
    /// Whether it is told anything.
    pub enabled: bool,
    /// Whether it was switched off by its server's word that it is gone.
    pub is_gone: bool,
    /// Until when posts are signed with the secret before the present one, too; seconds since 1970.
    pub old_secret_until: Option<i64>,
    /// Messages that wait to be delivered.
    pub waiting: u32,
    /// Messages that were given up.
    pub given_up: i64,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// A webhook to be made.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// What a person calls it.
    pub name: Name,
    /// Where it posts to.
    pub url: WebhookUrl,
    /// What its posts look like.
    pub format: WebhookFormat,
    /// What it is told.
    pub kinds: BTreeSet<WebhookKind>,
    /// The only stream it is told of, or all.
    pub stream: Option<StreamId>,
    /// Whether it is told anything.
    pub enabled: bool,
}

/// A change to a webhook; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct WebhookPatch {
    /// A new name.
    pub name: Option<Name>,
    /// A new address.
    pub url: Option<WebhookUrl>,
    /// Another shape.
    pub format: Option<WebhookFormat>,
    /// Other things to be told.
    pub kinds: Option<BTreeSet<WebhookKind>>,
    /// Another stream, or `Some(None)` for all.
    pub stream: Option<Option<StreamId>>,
    /// On or off.
    pub enabled: Option<bool>,
}

/// A webhook with all that is needed to post.
#[derive(Debug, Clone)]
pub struct WantedWebhook {
    /// Its number.
    pub id: WebhookId,
    /// Where it posts to.
    pub url: WebhookUrl,
    /// What its posts look like.
    pub format: WebhookFormat,
    /// What it is told.
    pub kinds: BTreeSet<WebhookKind>,
    /// The only stream it is told of, or all.
    pub stream: Option<StreamId>,
    /// Whether it is told anything but tests.
    pub enabled: bool,
    /// What posts are signed with.
    pub secret: WebhookSecret,
    /// What they are signed with, too, until then; seconds since 1970.
    pub old_secret: Option<(WebhookSecret, i64)>,
}

/// One try to deliver a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message's.
    pub event_id: String,
    /// What it told.
    pub kind: WebhookKind,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Which try of this message it was, counted from 1.
    pub attempt: u32,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// Why it failed, in a sentence for a person.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_of_all_its_random_bytes() {
        let secret = WebhookSecret::generate([7; 32]);
        assert!(secret.text().expose().starts_with("whsec_") && secret.text().expose().len() == 6 + 52);
        assert_ne!(secret, WebhookSecret::generate([8; 32]));
        assert!(!format!("{secret:?}").contains("whsec"));
    }
}
