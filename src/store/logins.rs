//! User names with their passwords, in whichever row they stand.

use sqlx::SqliteConnection;

use super::error::Error;
use super::seal::{Place, Sealer};
use crate::model::{AppName, LoginPatch, StreamId, TargetId, TargetPatch};
use crate::rtmp::auth::{Login, User};

/// A login, or a change to one, as its row takes it.
#[derive(Debug, Default)]
pub(super) struct LoginColumns {
    /// Whether what was there goes.
    pub(super) clears: bool,
    pub(super) user: Option<String>,
    pub(super) password: Option<Vec<u8>>,
}

impl LoginColumns {
    /// A whole login, for the row of a new one.
    pub(super) fn of(login: Option<&Login>, sealer: &Sealer, at: Place) -> Result<Self, Error> {
        let password = login.map(|login| sealer.seal_password(at, &login.password)).transpose()?;
        let user = login.map(|login| login.user.as_str().to_owned());
        Ok(Self { clears: login.is_none(), user, password })
    }

    /// A change.
    pub(super) fn changed(patch: &LoginPatch, sealer: &Sealer, at: Place) -> Result<Self, Error> {
        let LoginPatch::Change { user, password } = patch else {
            return Ok(Self { clears: true, ..Self::default() });
        };
        let password = password.as_ref().map(|password| sealer.seal_password(at, password)).transpose()?;
        Ok(Self { clears: false, user: user.as_ref().map(User::as_str).map(str::to_owned), password })
    }
}

/// Looks whether a target's logins stay whole under a change.
pub(super) async fn check_target(
    db: &mut SqliteConnection,
    id: TargetId,
    patch: &TargetPatch,
) -> Result<(), Error> {
    let (has_login, has_backup_login, has_backup): (bool, bool, bool) = sqlx::query_as(
        "select user is not null, backup_user is not null, backup_url is not null from targets where id = ?",
    )
    .bind(id.0)
    .fetch_optional(db)
    .await?
    .ok_or(Error::NoTarget(id))?;
    check(&patch.login, has_login, ["user", "password"])?;
    let is_backup_left = patch.backup_url.as_ref().map_or(has_backup, Option::is_some);
    if !is_backup_left
        && matches!(patch.backup_login, LoginPatch::Change { .. })
        && !patch.backup_login.is_empty()
    {
        return Err(Error::NoBackupUrl);
    }
    check(&patch.backup_login, has_backup_login, ["backup_user", "backup_password"])
}

/// Looks whether a stream's login stays whole under a change.
pub(super) async fn check_stream(
    db: &mut SqliteConnection,
    id: StreamId,
    patch: &LoginPatch,
) -> Result<(), Error> {
    let has_login: Option<bool> =
        sqlx::query_scalar("select ingest_user is not null from streams where id = ?")
            .bind(id.0)
            .fetch_optional(db)
            .await?;
    check(patch, has_login.ok_or(Error::NoStream(id))?, ["ingest_user", "ingest_password"])
}

/// A user name and its password come and go together.
fn check(patch: &LoginPatch, has_login: bool, [user, password]: [&'static str; 2]) -> Result<(), Error> {
    match patch {
        LoginPatch::Change { user: Some(_), password: None } if !has_login => {
            Err(Error::NoPassword { field: password })
        }
        LoginPatch::Change { user: None, password: Some(_) } if !has_login => {
            Err(Error::NoUserName { field: user })
        }
        _ => Ok(()),
    }
}

/// Looks, after a change, whether encoders can still be told apart that must log in. They are asked when
/// they name their application, before they name their stream.
pub(super) async fn check_apps(db: &mut SqliteConnection) -> Result<(), Error> {
    let lacks_app: bool = sqlx::query_scalar(
        "select exists (select 1 from streams where ingest_user is not null and (app is null or app = ?))",
    )
    .bind(AppName::EVERYBODYS)
    .fetch_one(&mut *db)
    .await?;
    if lacks_app {
        return Err(Error::NoOwnApp);
    }
    let shares_app: bool = sqlx::query_scalar(
        "select exists (select 1 from streams a join streams b on a.app = b.app
         where a.ingest_user is not null and b.ingest_user is null)",
    )
    .fetch_one(db)
    .await?;
    match shares_app {
        true => Err(Error::SharedApp),
        false => Ok(()),
    }
}
