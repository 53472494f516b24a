//! Targets as they are asked for.

use utoipa::ToSchema;

use super::super::error::Error;
use super::super::logins::not_text;
use super::super::request::Fields;
use super::super::words;
use super::endpoint::{EndpointPatch, FIRST, SECOND, endpoint, endpoint_patch};
use super::takes::{TakesFields, takes_patch};
use crate::model::{BackupPolicy, Coalesce, Name, NewTarget, Notes, StartMode, Takes, TargetPatch};

/// A target to be made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
#[schema(as = NewTarget)]
pub(super) struct NewTargetFields {
    /// What a person calls it; unique in its stream.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Twitch"
    )]
    name: String,
    /// Where to push to. Without `key`, its last part is the key.
    #[schema(
        max_length = 2048,
        pattern = "^ *[Rr][Tt][Mm][Pp][Ss]?://",
        example = "rtmps://live.example.com/app"
    )]
    url: String,
    /// The key to publish with there. It is never shown again.
    #[schema(min_length = 1, max_length = 1024, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]+$")]
    key: Option<String>,
    /// The user name to log in with there, if the server asks for one; `user:password@` in `url` is the same.
    #[schema(min_length = 1, max_length = 128, pattern = r"^[^\s\x00-\x1f\x7f-\x9f&?/#]+$")]
    user: Option<String>,
    /// The password that goes with it. It is never shown again.
    #[schema(min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    password: Option<String>,
    /// A second address.
    #[schema(max_length = 2048, pattern = "^ *[Rr][Tt][Mm][Pp][Ss]?://")]
    backup_url: Option<String>,
    /// The key to publish with at the second address.
    #[schema(min_length = 1, max_length = 1024, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]+$")]
    backup_key: Option<String>,
    /// The user name to log in with at the second address.
    #[schema(min_length = 1, max_length = 128, pattern = r"^[^\s\x00-\x1f\x7f-\x9f&?/#]+$")]
    backup_user: Option<String>,
    /// The password that goes with it. It is never shown again.
    #[schema(min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    backup_password: Option<String>,
    #[serde(default)]
    backup_policy: words::BackupPolicy,
    #[serde(default)]
    start_mode: words::StartMode,
    /// Whether it may run at all; yes if left out.
    #[serde(default)]
    enabled: bool,
    /// How long its frames may wait for those that follow; null or left out is as its stream has it.
    #[schema(maximum = 100)]
    coalesce_ms: Option<u8>,
    /// What it takes, where that is not as its platform has it.
    takes: Option<TakesFields>,
    /// What people note; line breaks are kept.
    #[serde(default)]
    #[schema(max_length = 2000, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")]
    notes: String,
}

/// A change to a target; what is left out stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub(super) struct TargetChanges {
    /// What a person calls it; unique in its stream.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Twitch"
    )]
    name: String,
    /// Where to push to. The key stays unless given too.
    #[serde(default)]
    #[schema(
        max_length = 2048,
        pattern = "^ *[Rr][Tt][Mm][Pp][Ss]?://",
        example = "rtmps://live.example.com/app"
    )]
    url: String,
    /// The key to publish with there.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1024, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]+$")]
    key: String,
    /// The user name to log in with there; null for none any more, which forgets its password, too.
    #[schema(min_length = 1, max_length = 128, pattern = r"^[^\s\x00-\x1f\x7f-\x9f&?/#]+$")]
    user: Option<String>,
    /// The password that goes with it. It is never shown again.
    #[schema(min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    password: Option<String>,
    /// A second address; null for none any more.
    #[schema(max_length = 2048, pattern = "^ *[Rr][Tt][Mm][Pp][Ss]?://")]
    backup_url: Option<String>,
    /// The key to publish with at the second address.
    #[schema(min_length = 1, max_length = 1024, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]+$")]
    backup_key: Option<String>,
    /// The user name to log in with at the second address; null for none any more.
    #[schema(min_length = 1, max_length = 128, pattern = r"^[^\s\x00-\x1f\x7f-\x9f&?/#]+$")]
    backup_user: Option<String>,
    /// The password that goes with it. It is never shown again.
    #[schema(min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    backup_password: Option<String>,
    #[serde(default)]
    backup_policy: words::BackupPolicy,
    #[serde(default)]
    start_mode: words::StartMode,
    #[serde(default)]
    enabled: bool,
    /// How long its frames may wait for those that follow; null is as its stream has it.
    #[schema(maximum = 100)]
    coalesce_ms: Option<u8>,
    /// What it takes, where that is not as its platform has it.
    takes: Option<TakesFields>,
    /// What people note; line breaks are kept.
    #[serde(default)]
    #[schema(max_length = 2000, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")]
    notes: String,
}

/// Reads a target to be made.
pub(in super::super) fn new_target(fields: Fields) -> Result<NewTarget, Error> {
    let mut fields = fields.only(&KNOWN)?;
    Ok(NewTarget {
        name: fields.required_text("name", Name::parse)?,
        endpoint: endpoint(&mut fields, &FIRST)?.ok_or_else(|| Error::missing("url"))?,
        backup: endpoint(&mut fields, &SECOND)?,
        backup_policy: fields.text("backup_policy", str::parse::<BackupPolicy>)?.unwrap_or_default(),
        enabled: fields.flag("enabled")?.unwrap_or(true),
        start_mode: fields.text("start_mode", str::parse::<StartMode>)?.unwrap_or_default(),
        coalesce: fields.nullable_number("coalesce_ms", Coalesce::from_ms)?.flatten(),
        takes: takes_patch(&mut fields)?.unwrap_or_default().applied_to(Takes::default()),
        notes: fields.text("notes", Notes::parse)?.unwrap_or_default(),
    })
}

/// Reads a change to a target that has a second address or not.
pub(super) fn target_patch(fields: Fields, has_backup: bool) -> Result<TargetPatch, Error> {
    let mut fields = fields.only(&KNOWN)?;
    let second = match has_backup {
        true => endpoint_patch(&mut fields, &SECOND)?,
        // A first one comes with its key.
        false => endpoint(&mut fields, &SECOND)?.map(EndpointPatch::from).unwrap_or_default(),
    };
    let first = endpoint_patch(&mut fields, &FIRST)?;
    Ok(TargetPatch {
        name: fields.text("name", Name::parse)?,
        url: first.url.map(|url| url.ok_or_else(|| not_text("url"))).transpose()?,
        key: first.key.map(|key| key.ok_or_else(|| not_text("key"))).transpose()?,
        login: first.login,
        backup_key: match second.url {
            Some(None) => second.key.flatten(),
            _ => second.key.map(|key| key.ok_or_else(|| not_text("backup_key"))).transpose()?,
        },
        backup_url: second.url,
        backup_login: second.login,
        backup_policy: fields.text("backup_policy", str::parse::<BackupPolicy>)?,
        enabled: fields.flag("enabled")?,
        start_mode: fields.text("start_mode", str::parse::<StartMode>)?,
        coalesce: fields.nullable_number("coalesce_ms", Coalesce::from_ms)?,
        takes: takes_patch(&mut fields)?,
        notes: fields.text("notes", Notes::parse)?,
    })
}

const KNOWN: [&str; 15] = [
    "name",
    "url",
    "key",
    "user",
    "password",
    "backup_url",
    "backup_key",
    "backup_user",
    "backup_password",
    "backup_policy",
    "start_mode",
    "enabled",
    "coalesce_ms",
    "takes",
    "notes",
];
