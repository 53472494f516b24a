//! What can be done with a configuration as a whole.

use std::sync::Arc;

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::error::Error;
use super::super::request::Fields;
use super::super::router::Api;
use super::BODY_LIMIT;
use super::body::{DocumentBody, ImportBody, with_secrets};
use super::read::{Document, Read};
use crate::control::Control;
use crate::model::Password;

pub(in super::super) fn routes() -> OpenApiRouter<Api> {
    let import = OpenApiRouter::new().routes(routes!(import_configuration));
    OpenApiRouter::new()
        .routes(routes!(export_configuration, export_with_secrets))
        .merge(import.layer(DefaultBodyLimit::max(BODY_LIMIT)))
}

/// All streams, targets and webhooks as one document, without secrets.
#[utoipa::path(
    get, path = "/export", tag = "Relay", security(("token" = ["admin"])),
    responses((status = 200, description = "The document.", body = DocumentBody)),
)]
async fn export_configuration(State(control): State<Arc<Control>>) -> Result<Json<DocumentBody>, Error> {
    Ok(Json(DocumentBody::new(&control.configuration().await?, None)))
}

/// What the secrets of a document are to be sealed with.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct ExportOrder {
    /// Whoever has it and the document can read every key.
    #[schema(min_length = 10, max_length = 1024)]
    passphrase: String,
}

/// All streams, targets and webhooks as one document, with their secrets in a part that only the
/// passphrase opens.
#[utoipa::path(
    post, path = "/export", tag = "Relay", security(("token" = ["admin"])), request_body = ExportOrder,
    responses((status = 200, description = "The document.", body = DocumentBody)),
)]
async fn export_with_secrets(
    State(control): State<Arc<Control>>,
    fields: Fields,
) -> Result<Json<DocumentBody>, Error> {
    let mut fields = fields.only(&["passphrase"])?;
    let passphrase = fields.required_text("passphrase", |text| {
        Password::choose(text)
            .map_err(|_| "a passphrase needs 10 characters at least, and 1024 bytes at most")
    })?;
    let configuration = control.configuration().await?;
    let sealed = control.seal(passphrase, &with_secrets(&configuration)).await?;
    tracing::info!("configuration exported with its secrets, sealed");
    Ok(Json(DocumentBody::new(&configuration, Some(sealed))))
}

/// A document to be taken over.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct ImportOrder {
    /// What an export gave, with or without its sealed part.
    #[schema(value_type = Object)]
    document: String,
    /// What the sealed part was sealed with. Then only that part is read.
    #[schema(max_length = 1024)]
    passphrase: Option<String>,
    /// Whether it is only to be found out what would be made; false if left out.
    #[serde(default)]
    dry_run: bool,
}

/// Makes the streams, targets and webhooks of a document, all of them or none. What lacks a secret that it
/// cannot do without is left out and named.
#[utoipa::path(
    post, path = "/import", tag = "Relay", security(("token" = ["admin"])), request_body = ImportOrder,
    responses(
        (status = 200, description = "What was made, or would be.", body = ImportBody),
        (status = 409, description = "Names or keys are taken, or there would be too many."),
    ),
)]
async fn import_configuration(
    State(control): State<Arc<Control>>,
    fields: Fields,
) -> Result<Json<ImportBody>, Error> {
    let mut fields = fields.only(&["document", "passphrase", "dry_run"])?;
    let document = fields.object("document")?.ok_or_else(|| Error::missing("document"))?;
    let passphrase = fields.nullable_text("passphrase", Password::claim)?.flatten();
    let dry_run = fields.flag("dry_run")?.unwrap_or(false);
    let document = Document::read(document).map_err(|error| error.below("document"))?;
    let read = match (document.sealed, passphrase) {
        (None, None) => Read::parts(document.open).map_err(|error| error.below("document"))?,
        (Some(sealed), Some(passphrase)) => {
            let text = control.unseal(passphrase, &sealed).await?;
            let parts = Fields::parse(text.expose().as_bytes())?.only(&["streams", "webhooks"])?;
            Read::parts(parts).map_err(|error| error.below("document.sealed"))?
        }
        (Some(_), None) => return Err(Error::field("passphrase", &NEEDS_PASSPHRASE)),
        (None, Some(_)) => return Err(Error::field("passphrase", &NEEDS_NONE)),
    };
    let imported = control.import(&read.configuration, dry_run).await?;
    Ok(Json(ImportBody::new(read, &imported, dry_run)))
}

const NEEDS_PASSPHRASE: &str =
    "the document has a sealed part: give its passphrase, or remove \"sealed\" from it to go without secrets";

const NEEDS_NONE: &str = "the document has no sealed part that a passphrase could open: leave it out";
