//! The nouns shared by relay, store, control and API, with their rules.
//!
//! Values are parsed once, at the edge, into types that cannot be wrong: what holds a [`Name`] or an
//! [`IngestKey`] need not check it again.

mod access;
mod allow_from;
mod audit;
mod coalesce;
mod codec;
mod configuration;
mod event;
mod finding;
mod happening;
mod intake;
mod invisible;
mod key;
mod name;
mod notes;
mod platform;
mod stream;
mod target;
mod wanted;
mod webhook;
mod webhook_url;
mod word;

pub use access::{
    Actor, ApiToken, MAX_TOKENS, MAX_USERS, Pass, PassDigest, Password, PasswordHash, Role, Scope, Session,
    SessionId, TokenId, User, UserId,
};
pub use allow_from::AllowFrom;
pub use audit::{ActorKind, Asked, AuditEntry, Expected, GivenAnswer, Outcome, SubjectKind};
pub use coalesce::Coalesce;
pub use codec::{AudioCodec, CodecName, CodecSet, VideoCodec};
pub use configuration::{Configuration, ConfiguredStream, ConfiguredTarget, ConfiguredWebhook};
pub use event::{EndpointRole, ErrorKind, Step, TargetEvent, TargetState};
pub use finding::{Finding, FindingKind, Severity, Unit, Warning, WarningChange};
pub use happening::{Edit, Happening, HappeningState, HistoryOf, News, StreamChange, StreamEvent, Subject};
pub use intake::{Intake, TagForm, Takes, TakesPatch, Tracks};
pub use invisible::INVISIBLE;
pub use key::{IngestKey, KeyDigest, KeyHasher};
pub use name::{AppName, Invalid, Name};
pub use notes::Notes;
pub use platform::{
    Fact, FetchedServer, FetchedServers, KeyLife, Limits, OnAir, Platform, Server, ServerFrom, Source,
    Standby, WordOf, completed, completed_with_key,
};
pub use stream::{
    Hold, MAX_STREAMS, NewStream, OnUnpublish, Rules, Stream, StreamId, StreamPatch, StreamSettings, Takeover,
};
pub use target::{
    Backup, BackupPolicy, Endpoint, LoginPatch, MAX_TARGETS_PER_STREAM, NewTarget, StartMode, Target,
    TargetId, TargetPatch,
};
pub use wanted::{Wanted, WantedStream, WantedTarget};
pub use webhook::{
    Delivery, MAX_WEBHOOKS, NewWebhook, WantedWebhook, Webhook, WebhookFormat, WebhookId, WebhookKind,
    WebhookPatch, WebhookSecret,
};
pub use webhook_url::{BadWebhookUrl, WebhookUrl};
pub(crate) use word::words;
pub use word::{Choice, UnknownWord};

#[cfg(test)]
mod tests;
