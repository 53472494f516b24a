//! Streams as they are asked for.

use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, SchemaType};
use utoipa::openapi::{ObjectBuilder, Schema, Type};

use super::super::error::Error;
use super::super::logins::{login, login_patch};
use super::super::request::Fields;
use super::super::words;
use crate::model::{
    AllowFrom, AppName, Coalesce, Hold, IngestKey, Invalid, Name, Notes, OnUnpublish, Rules, StreamPatch,
    StreamSettings, Takeover,
};
use crate::rtmp::url::Halves;

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
    /// The only addresses and networks that encoders may publish from; null or none is from everywhere.
    #[schema(schema_with = networks)]
    allow_from: Option<Vec<String>>,
    /// The user name that its encoder must log in with, by Adobe's scheme. Needs an `app` that no stream
    /// without a user name has. None if left out.
    #[schema(min_length = 1, max_length = 128, pattern = r"^[^\s\x00-\x1f\x7f-\x9f&?/#]+$")]
    ingest_user: Option<String>,
    /// The password that goes with it. It is never shown again.
    #[schema(min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    ingest_password: Option<String>,
    /// What people note; line breaks are kept.
    #[serde(default)]
    #[schema(max_length = 2000, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")]
    notes: String,
}

/// A stream to be made, and its key if one was given.
pub(in super::super) fn new_stream(
    fields: Fields,
) -> Result<(Name, StreamSettings, Option<IngestKey>), Error> {
    let mut fields = fields.only(&[
        "name",
        "key",
        "app",
        "hold_seconds",
        "takeover",
        "on_unpublish",
        "coalesce_ms",
        "allow_from",
        "ingest_user",
        "ingest_password",
        "notes",
    ])?;
    let name = fields.required_text("name", Name::parse)?;
    let key = fields.nullable_text("key", IngestKey::parse)?.flatten();
    let app = fields.nullable_text("app", AppName::parse)?.flatten();
    let rules = Rules {
        hold: fields.number("hold_seconds", Hold::from_seconds)?.unwrap_or_default(),
        takeover: fields.text("takeover", str::parse::<Takeover>)?.unwrap_or_default(),
        on_unpublish: fields.text("on_unpublish", str::parse::<OnUnpublish>)?.unwrap_or_default(),
        coalesce: fields.nullable_number("coalesce_ms", Coalesce::from_ms)?.flatten(),
    };
    let allow_from = allow_from(&mut fields)?.unwrap_or_default();
    let ingest_login = login(&mut fields, "ingest_user", "ingest_password", Halves::default())?;
    let notes = fields.text("notes", Notes::parse)?.unwrap_or_default();
    Ok((name, StreamSettings { app, allow_from, ingest_login, rules, notes }, key))
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
    /// The only addresses and networks that encoders may publish from; null or none is from everywhere.
    #[schema(schema_with = networks)]
    allow_from: Option<Vec<String>>,
    /// The user name that its encoder must log in with, by Adobe's scheme. Needs an `app` that no stream
    /// without a user name has. Null for none any more.
    #[schema(min_length = 1, max_length = 128, pattern = r"^[^\s\x00-\x1f\x7f-\x9f&?/#]+$")]
    ingest_user: Option<String>,
    /// The password that goes with it. It is never shown again.
    #[schema(min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    ingest_password: Option<String>,
    /// What people note; line breaks are kept.
    #[serde(default)]
    #[schema(max_length = 2000, pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")]
    notes: String,
}

/// Reads a change to a stream.
pub(super) fn stream_patch(fields: Fields) -> Result<StreamPatch, Error> {
    let mut fields = fields.only(&[
        "name",
        "app",
        "hold_seconds",
        "takeover",
        "on_unpublish",
        "coalesce_ms",
        "allow_from",
        "ingest_user",
        "ingest_password",
        "notes",
    ])?;
    Ok(StreamPatch {
        name: fields.text("name", Name::parse)?,
        app: fields.nullable_text("app", AppName::parse)?,
        hold: fields.number("hold_seconds", Hold::from_seconds)?,
        takeover: fields.text("takeover", str::parse::<Takeover>)?,
        on_unpublish: fields.text("on_unpublish", str::parse::<OnUnpublish>)?,
        coalesce: fields.nullable_number("coalesce_ms", Coalesce::from_ms)?,
        allow_from: allow_from(&mut fields)?,
        ingest_login: login_patch(&mut fields, "ingest_user", "ingest_password", Halves::default())?,
        notes: fields.text("notes", Notes::parse)?,
    })
}

/// From where encoders may come, if that is said.
fn allow_from(fields: &mut Fields) -> Result<Option<AllowFrom>, Error> {
    let Some(list) = fields.nullable_texts("allow_from", |text| Ok::<_, Invalid>(text.to_owned()))? else {
        return Ok(None);
    };
    let networks = AllowFrom::parse(list.iter().flatten().map(String::as_str));
    networks.map(Some).map_err(|error| Error::field("allow_from", &error))
}

/// A list of addresses and networks, or null.
fn networks() -> Schema {
    let network = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(2))
        .max_length(Some(64))
        .pattern(Some(r"^\s*[0-9A-Fa-f.:]+(/[0-9]+)?\s*$"))
        .examples(["192.0.2.7", "2001:db8::/32"]);
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .items(network)
        .max_items(Some(AllowFrom::MOST))
        .description(Some(
            "The only addresses and networks that encoders may publish from; null or none is from everywhere.",
        ))
        .into()
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
