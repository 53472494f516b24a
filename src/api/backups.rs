//! `/backup` and `/backups`: copies of the database that are kept beside it.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use serde::Serialize;
use tokio::fs::File;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Error;
use super::router::Api;
use crate::control::{self, Control};
use crate::store::{self, BackupName, KeptBackup};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(make_backup))
        .routes(routes!(list_backups))
        .routes(routes!(download_backup))
}

/// The backups that are kept.
#[derive(Serialize, ToSchema)]
#[schema(as = BackupList)]
struct BackupsBody {
    /// Newest first.
    backups: Vec<BackupBody>,
}

/// A copy of the database, as it was at one moment.
#[derive(Serialize, ToSchema)]
#[schema(as = Backup)]
struct BackupBody {
    /// Its file's name.
    #[schema(example = "splitcast-20261123-025817.db")]
    name: String,
    /// Its size in bytes.
    size: u64,
    /// Seconds since 1970.
    made_at: i64,
}

impl From<KeptBackup> for BackupBody {
    fn from(KeptBackup { name, size, made_at }: KeptBackup) -> Self {
        Self { name: name.to_string(), size, made_at }
    }
}

/// Copies the database to a file beside it. The newest seven are kept.
#[utoipa::path(
    post, path = "/backup", tag = "Relay", security(("token" = ["admin"])),
    responses(
        (status = 201, description = "The new backup.", body = BackupBody),
        (status = 409, description = "Another one is under way."),
        (status = 422, description = "The header Idempotency-Key is not what it should be."),
    ),
)]
async fn make_backup(State(control): State<Arc<Control>>) -> Result<(StatusCode, Json<BackupBody>), Error> {
    Ok((StatusCode::CREATED, Json(control.back_up().await?.into())))
}

/// The backups that are kept.
#[utoipa::path(
    get, path = "/backups", tag = "Relay", security(("token" = ["admin"])),
    responses((status = 200, description = "All backups.", body = BackupsBody)),
)]
async fn list_backups(State(control): State<Arc<Control>>) -> Result<Json<BackupsBody>, Error> {
    Ok(Json(BackupsBody { backups: control.backups()?.into_iter().map(BackupBody::from).collect() }))
}

/// One backup, as a file. The key file is not in it, and is needed to use it.
#[utoipa::path(
    get, path = "/backups/{name}", tag = "Relay", security(("token" = ["admin"])), 
    params(("name" = String, Path, description = "As listed.", example = "splitcast-20261123-025817.db")),
    responses(
        (status = 200, description = "An SQLite database.", body = [u8], content_type = "application/vnd.sqlite3"),
        (status = 404, description = "There is no backup of this name."),
    ),
)]
async fn download_backup(
    State(control): State<Arc<Control>>,
    name: Result<Path<String>, PathRejection>,
) -> Result<([(HeaderName, String); 3], Body), Error> {
    let none = || control::Error::from(store::Error::NoBackup);
    let name: BackupName = name.map_err(|_| none())?.parse().map_err(|_| none())?;
    // It may be pushed out by a newer one in this moment.
    let file = File::open(control.backup_file(&name)?).await.map_err(|_| none())?;
    let size = file.metadata().await.map_err(|_| none())?.len();
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.sqlite3".to_owned()),
        (header::CONTENT_LENGTH, size.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))))
}
