//! Targets as they are asked for.
//!
//! An address comes with its key, which is a field of its own or, for those who were given one long
//! address, its last part.

use utoipa::ToSchema;

use super::super::error::Error;
use super::super::request::Fields;
use super::super::words;
use super::takes::{TakesFields, takes_patch};
use crate::model::{
    BackupPolicy, Coalesce, Endpoint, Name, NewTarget, Notes, StartMode, Takes, TargetPatch, completed,
    completed_with_key,
};
use crate::rtmp::url::{self, RtmpUrl, StreamKey};

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
    /// A second address.
    #[schema(max_length = 2048, pattern = "^ *[Rr][Tt][Mm][Pp][Ss]?://")]
    backup_url: Option<String>,
    /// The key to publish with at the second address.
    #[schema(min_length = 1, max_length = 1024, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]+$")]
    backup_key: Option<String>,
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
    /// A second address; null for none any more.
    #[schema(max_length = 2048, pattern = "^ *[Rr][Tt][Mm][Pp][Ss]?://")]
    backup_url: Option<String>,
    /// The key to publish with at the second address.
    #[schema(min_length = 1, max_length = 1024, pattern = r"^[^\s\x00-\x1f\x7f-\x9f]+$")]
    backup_key: Option<String>,
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
        endpoint: endpoint(&mut fields, "url", "key")?.ok_or_else(|| Error::missing("url"))?,
        backup: endpoint(&mut fields, "backup_url", "backup_key")?,
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
    let (backup_url, backup_key) = backup_patch(&mut fields, has_backup)?;
    Ok(TargetPatch {
        name: fields.text("name", Name::parse)?,
        url: fields.text("url", server)?,
        key: fields.text("key", StreamKey::parse)?,
        backup_url,
        backup_key,
        backup_policy: fields.text("backup_policy", str::parse::<BackupPolicy>)?,
        enabled: fields.flag("enabled")?,
        start_mode: fields.text("start_mode", str::parse::<StartMode>)?,
        coalesce: fields.nullable_number("coalesce_ms", Coalesce::from_ms)?,
        takes: takes_patch(&mut fields)?,
        notes: fields.text("notes", Notes::parse)?,
    })
}

/// An address without its key.
fn server(text: &str) -> Result<RtmpUrl, url::Error> {
    RtmpUrl::parse(&completed(text))
}

/// An address with its key; `None` if neither is given.
pub(super) fn endpoint(fields: &mut Fields, url: &str, key: &str) -> Result<Option<Endpoint>, Error> {
    let given = fields.nullable_text(key, StreamKey::parse)?.flatten();
    let parsed = fields.nullable_text(url, |text| match &given {
        Some(key) => server(text).map(|url| Some((url, key.clone()))),
        // One fault, two fields: a whole URL that lacks only its key is not to blame itself.
        None => match RtmpUrl::parse_with_key(&completed_with_key(text)) {
            Err(url::Error::NoKey) => Ok(None),
            parsed => parsed.map(Some),
        },
    })?;
    match parsed.flatten() {
        Some(Some((url, key))) => Ok(Some(Endpoint { url, key })),
        Some(None) => Err(Error::field(key, &url::Error::NoKey)),
        None if given.is_some() => Err(Error::missing(url)),
        None => Ok(None),
    }
}

/// A change to the second address, and one to its key, which stays as it was unless given too.
fn backup_patch(
    fields: &mut Fields,
    has_backup: bool,
) -> Result<(Option<Option<RtmpUrl>>, Option<StreamKey>), Error> {
    if !has_backup {
        let backup = endpoint(fields, "backup_url", "backup_key")?;
        return Ok(backup.map(|Endpoint { url, key }| (Some(url), key)).unzip());
    }
    let url = fields.nullable_text("backup_url", server)?;
    let key = match url {
        Some(None) => fields.nullable_text("backup_key", StreamKey::parse)?.flatten(),
        _ => fields.text("backup_key", StreamKey::parse)?,
    };
    Ok((url, key))
}

const KNOWN: [&str; 11] = [
    "name",
    "url",
    "key",
    "backup_url",
    "backup_key",
    "backup_policy",
    "start_mode",
    "enabled",
    "coalesce_ms",
    "takes",
    "notes",
];
