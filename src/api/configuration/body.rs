//! Documents as they are written, and what became of one that was read.

use data_encoding::BASE64;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::targets::TakesBody;
use super::super::words::{BackupPolicy, OnUnpublish, StartMode, Takeover, WebhookFormat, WebhookKind, Word};
use super::read::{LeftOut, Read};
use super::{FORMAT, VERSION};
use crate::control::Sealed;
use crate::model::{
    AppName, Coalesce, Configuration, ConfiguredStream, ConfiguredTarget, ConfiguredWebhook, NewStream,
    NewTarget, NewWebhook, Rules, StreamSettings,
};
use crate::rtmp::auth::Login;
use crate::secret::Secret;
use crate::store::Imported;

/// All that is wanted: streams with their targets, and webhooks.
#[derive(Serialize, ToSchema)]
#[schema(as = Configuration)]
pub(super) struct DocumentBody {
    /// Always `splitcast-configuration`.
    format: &'static str,
    version: u64,
    #[serde(flatten)]
    parts: Parts,
    /// Streams and webhooks once more, with all secrets, if a passphrase was given.
    sealed: Option<SealedBody>,
}

impl DocumentBody {
    /// A document without secrets but for those that are sealed.
    pub(super) fn new(configuration: &Configuration, sealed: Option<Sealed>) -> Self {
        let parts = Parts::new(configuration, Secrets::LeftOut);
        Self { format: FORMAT, version: VERSION, parts, sealed: sealed.map(SealedBody::from) }
    }
}

/// What is to be sealed.
pub(super) fn with_secrets(configuration: &Configuration) -> Secret {
    let parts = Parts::new(configuration, Secrets::Shown);
    Secret::new(serde_json::to_string(&parts).unwrap_or_default())
}

/// Whether keys and whole addresses are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secrets {
    LeftOut,
    Shown,
}

impl Secrets {
    fn show(self, secret: &str) -> Option<String> {
        (self == Self::Shown).then(|| secret.to_owned())
    }

    fn password_of(self, login: Option<&Login>) -> Option<String> {
        login.and_then(|login| self.show(login.password.expose()))
    }

    /// An address as it is shown, or whole.
    fn address(self, shown: &impl ToString, whole: &Secret) -> String {
        self.show(whole.expose()).unwrap_or_else(|| shown.to_string())
    }
}

fn user_of(login: Option<&Login>) -> Option<String> {
    login.map(|login| login.user.as_str().to_owned())
}

#[derive(Serialize, ToSchema)]
#[schema(as = ConfigurationParts)]
struct Parts {
    /// In the order they were made.
    streams: Vec<StreamPart>,
    /// In the order they were made.
    webhooks: Vec<WebhookPart>,
}

impl Parts {
    fn new(configuration: &Configuration, secrets: Secrets) -> Self {
        let Configuration { streams, webhooks } = configuration;
        Self {
            streams: streams.iter().map(|stream| StreamPart::new(stream, secrets)).collect(),
            webhooks: webhooks.iter().map(|webhook| WebhookPart::new(webhook, secrets)).collect(),
        }
    }
}

/// A stream with its targets.
#[derive(Serialize, ToSchema)]
#[schema(as = ConfigurationStream)]
struct StreamPart {
    name: String,
    /// Only in what is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    app: Option<String>,
    hold_seconds: u16,
    takeover: Takeover,
    on_unpublish: OnUnpublish,
    coalesce_ms: Option<u8>,
    allow_from: Vec<String>,
    ingest_user: Option<String>,
    /// Only in what is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    ingest_password: Option<String>,
    notes: String,
    /// In their order.
    targets: Vec<TargetPart>,
}

impl StreamPart {
    fn new(configured: &ConfiguredStream, secrets: Secrets) -> Self {
        // Every field is named, so that none that is added later is forgotten here.
        let ConfiguredStream { stream: NewStream { name, settings, key }, targets } = configured;
        let StreamSettings { app, allow_from, ingest_login, rules, notes } = settings;
        let Rules { hold, takeover, on_unpublish, coalesce } = rules;
        Self {
            name: name.as_str().to_owned(),
            key: secrets.show(key.as_stream_key().expose()),
            app: app.as_ref().map(|app| AppName::as_str(app).to_owned()),
            hold_seconds: hold.as_seconds(),
            takeover: Word(*takeover),
            on_unpublish: Word(*on_unpublish),
            coalesce_ms: coalesce.map(Coalesce::as_ms),
            allow_from: allow_from.words().collect(),
            ingest_user: user_of(ingest_login.as_ref()),
            ingest_password: secrets.password_of(ingest_login.as_ref()),
            notes: notes.as_str().to_owned(),
            targets: targets.iter().map(|target| TargetPart::new(target, secrets)).collect(),
        }
    }
}

/// A target.
#[derive(Serialize, ToSchema)]
#[schema(as = ConfigurationTarget)]
struct TargetPart {
    name: String,
    /// With the values of its query masked, but in what is sealed.
    url: String,
    /// Only in what is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    user: Option<String>,
    /// Only in what is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    /// With the values of its query masked, but in what is sealed.
    backup_url: Option<String>,
    /// Only in what is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_key: Option<String>,
    backup_user: Option<String>,
    /// Only in what is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_password: Option<String>,
    backup_policy: BackupPolicy,
    start_mode: StartMode,
    enabled: bool,
    started: bool,
    coalesce_ms: Option<u8>,
    takes: TakesBody,
    notes: String,
}

impl TargetPart {
    fn new(configured: &ConfiguredTarget, secrets: Secrets) -> Self {
        let ConfiguredTarget { target, started } = configured;
        let NewTarget { name, endpoint, backup, backup_policy, enabled, start_mode, coalesce, takes, notes } =
            target;
        let backup_login = backup.as_ref().and_then(|backup| backup.login.as_ref());
        Self {
            name: name.as_str().to_owned(),
            url: secrets.address(&endpoint.url, &endpoint.url.tc_url()),
            key: secrets.show(endpoint.key.expose()),
            user: user_of(endpoint.login.as_ref()),
            password: secrets.password_of(endpoint.login.as_ref()),
            backup_url: backup.as_ref().map(|backup| secrets.address(&backup.url, &backup.url.tc_url())),
            backup_key: backup.as_ref().and_then(|backup| secrets.show(backup.key.expose())),
            backup_user: user_of(backup_login),
            backup_password: secrets.password_of(backup_login),
            backup_policy: Word(*backup_policy),
            start_mode: Word(*start_mode),
            enabled: *enabled,
            started: *started,
            coalesce_ms: coalesce.map(Coalesce::as_ms),
            takes: TakesBody::from(takes),
            notes: notes.as_str().to_owned(),
        }
    }
}

/// A webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = ConfigurationWebhook)]
struct WebhookPart {
    name: String,
    /// Masked after the host, but in what is sealed.
    url: String,
    /// Only in what is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    format: WebhookFormat,
    kinds: Vec<WebhookKind>,
    /// The name of the only stream it is told of; null for all.
    stream: Option<String>,
    enabled: bool,
}

impl WebhookPart {
    fn new(configured: &ConfiguredWebhook, secrets: Secrets) -> Self {
        let ConfiguredWebhook { webhook, stream, secret } = configured;
        let NewWebhook { name, url, format, kinds, stream: _, enabled } = webhook;
        Self {
            name: name.as_str().to_owned(),
            url: secrets.address(url, &url.whole()),
            secret: secrets.show(secret.text().expose()),
            format: Word(*format),
            kinds: kinds.iter().copied().map(Word).collect(),
            stream: stream.as_ref().map(|name| name.as_str().to_owned()),
            enabled: *enabled,
        }
    }
}

/// What only the passphrase opens.
#[derive(Serialize, ToSchema)]
#[schema(as = SealedConfiguration)]
struct SealedBody {
    /// Always `xchacha20-poly1305`.
    cipher: &'static str,
    /// How the key is made of the passphrase: always `argon2id`.
    key: &'static str,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    /// In base64, as are the next.
    salt: String,
    nonce: String,
    data: String,
}

impl From<Sealed> for SealedBody {
    fn from(Sealed { cost, salt, nonce, data }: Sealed) -> Self {
        Self {
            cipher: "xchacha20-poly1305",
            key: "argon2id",
            memory_kib: cost.memory_kib,
            passes: cost.passes,
            lanes: cost.lanes,
            salt: BASE64.encode(&salt),
            nonce: BASE64.encode(&nonce),
            data: BASE64.encode(&data),
        }
    }
}

/// What was made of a document, or would be.
#[derive(Serialize, ToSchema)]
#[schema(as = Import)]
pub(super) struct ImportBody {
    /// Whether it was only tried out, so that nothing was made.
    dry_run: bool,
    streams: Vec<MadeStream>,
    webhooks: Vec<MadeWebhook>,
    /// What lacks a secret that it cannot do without.
    left_out: Vec<LeftOutBody>,
}

/// A stream that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportedStream)]
struct MadeStream {
    /// Null if nothing was made.
    id: Option<i64>,
    name: String,
    /// How many targets it has.
    target_count: usize,
    /// Whether the document had no key for it, so that it has another one.
    has_new_key: bool,
}

/// A webhook that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportedWebhook)]
struct MadeWebhook {
    /// Null if nothing was made.
    id: Option<i64>,
    name: String,
    /// Whether the document had no secret for it, so that it has another one.
    has_new_secret: bool,
}

/// What was not made.
#[derive(Serialize, ToSchema)]
#[schema(as = LeftOut)]
struct LeftOutBody {
    /// `target`, `webhook`, or `login`: what a stream of this name asks its encoder for.
    what: &'static str,
    name: String,
    /// The stream of a target.
    stream: Option<String>,
    /// Why not, and what to do about it.
    reason: &'static str,
}

impl ImportBody {
    pub(super) fn new(read: Read, imported: &Imported, dry_run: bool) -> Self {
        let Read { configuration, new_keys, new_secrets, left_out } = read;
        let number = |id: i64| (!dry_run).then_some(id);
        let streams = configuration.streams.into_iter().zip(&imported.streams);
        let webhooks = configuration.webhooks.into_iter().zip(&imported.webhooks);
        Self {
            dry_run,
            streams: streams
                .map(|(made, id)| MadeStream {
                    id: number(id.0),
                    has_new_key: new_keys.contains(&made.stream.name),
                    name: made.stream.name.as_str().to_owned(),
                    target_count: made.targets.len(),
                })
                .collect(),
            webhooks: webhooks
                .map(|(made, id)| MadeWebhook {
                    id: number(id.0),
                    has_new_secret: new_secrets.contains(&made.webhook.name),
                    name: made.webhook.name.as_str().to_owned(),
                })
                .collect(),
            left_out: left_out.into_iter().map(LeftOutBody::from).collect(),
        }
    }
}

impl From<LeftOut> for LeftOutBody {
    fn from(LeftOut { what, name, stream, reason }: LeftOut) -> Self {
        let stream = stream.map(|name| name.as_str().to_owned());
        Self { what, name: name.as_str().to_owned(), stream, reason }
    }
}
