//! Streams as they are asked for.

use utoipa::ToSchema;

use super::super::error::Error;
use super::super::request::Fields;
use super::super::words;
use crate::model::{AppName, Coalesce, Hold, IngestKey, Name, OnUnpublish, Rules, StreamPatch, Takeover};

/// A stream to be made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub(super) struct NewStream {
    /// What a person calls it; unique.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Main"
    )]
    name: String,
    /// The key to publish with. Without one, a key is made that nobody can guess.
    #[schema(min_length = 1, max_length = 128, pattern = r"^[!-.0-~]+$")]
    key: Option<String>,
    /// The only application name that its encoder may use; any if left out.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^[!-.0->@-~]([!->@-~]*[!-.0->@-~])?$",
        example = "live"
    )]
    app: Option<String>,
    /// How long its targets are kept connected when its encoder vanishes; 60 if left out.
    #[schema(maximum = 600)]
    #[serde(default)]
    hold_seconds: u16,
    #[serde(default)]
    takeover: words::Takeover,
    #[serde(default)]
    on_unpublish: words::OnUnpublish,
    /// How long frames may wait for those that follow, so that they share one write. Null or left out
    /// is automatic.
    #[schema(maximum = 100)]
    coalesce_ms: Option<u8>,
}

/// A stream to be made, and its key if one was given.
pub(super) fn new_stream(fields: Fields) -> Result<(Name, Option<AppName>, Rules, Option<IngestKey>), Error> {
    let mut fields =
        fields.only(&["name", "key", "app", "hold_seconds", "takeover", "on_unpublish", "coalesce_ms"])?;
    let name = fields.required_text("name", Name::parse)?;
    let key = fields.nullable_text("key", IngestKey::parse)?.flatten();
    let app = fields.nullable_text("app", AppName::parse)?.flatten();
    let rules = Rules {
        hold: fields.number("hold_seconds", Hold::from_seconds)?.unwrap_or_default(),
        takeover: fields.text("takeover", str::parse::<Takeover>)?.unwrap_or_default(),
        on_unpublish: fields.text("on_unpublish", str::parse::<OnUnpublish>)?.unwrap_or_default(),
        coalesce: fields.nullable_number("coalesce_ms", Coalesce::from_ms)?.flatten(),
    };
    Ok((name, app, rules, key))
}

/// A change to a stream; what is left out stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub(super) struct StreamChanges {
    /// What a person calls it; unique.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Main"
    )]
    name: String,
    /// The only application name that its encoder may use; null for any.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"^[!-.0->@-~]([!->@-~]*[!-.0->@-~])?$",
        example = "live"
    )]
    app: Option<String>,
    /// How long its targets are kept connected when its encoder vanishes.
    #[serde(default)]
    #[schema(maximum = 600)]
    hold_seconds: u16,
    #[serde(default)]
    takeover: words::Takeover,
    #[serde(default)]
    on_unpublish: words::OnUnpublish,
    /// How long frames may wait for those that follow; null is automatic.
    #[schema(maximum = 100)]
    coalesce_ms: Option<u8>,
}

/// Reads a change to a stream.
pub(super) fn stream_patch(fields: Fields) -> Result<StreamPatch, Error> {
    let mut fields =
        fields.only(&["name", "app", "hold_seconds", "takeover", "on_unpublish", "coalesce_ms"])?;
    Ok(StreamPatch {
        name: fields.text("name", Name::parse)?,
        app: fields.nullable_text("app", AppName::parse)?,
        hold: fields.number("hold_seconds", Hold::from_seconds)?,
        takeover: fields.text("takeover", str::parse::<Takeover>)?,
        on_unpublish: fields.text("on_unpublish", str::parse::<OnUnpublish>)?,
        coalesce: fields.nullable_number("coalesce_ms", Coalesce::from_ms)?,
    })
}

/// Another key for a stream.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
pub(super) struct NewStreamKey {
    /// The key to publish with. Null or left out makes a key that nobody can guess.
    #[schema(min_length = 1, max_length = 128, pattern = r"^[!-.0-~]+$")]
    key: Option<String>,
}

/// Reads another key for a stream, if one is given.
pub(super) fn new_key(fields: Fields) -> Result<Option<IngestKey>, Error> {
    let mut fields = fields.only(&["key"])?;
    Ok(fields.nullable_text("key", IngestKey::parse)?.flatten())
}
