//! The table of targets.

use sqlx::{FromRow, SqliteConnection};

use super::error::Error;
use super::logins::{self, LoginColumns};
use super::orders::forget_key_use;
use super::pool::Store;
use super::seal::{Place, Sealer, parse_user};
use super::takes::{TakesRow, change_takes, write_takes};
use crate::model::{
    BackupPolicy, Coalesce, Name, NewTarget, Notes, StartMode, StreamId, Takes, Target, TargetId, TargetPatch,
};

impl Store {
    /// A stream's targets in their order.
    ///
    /// # Errors
    /// [`Error::NoStream`].
    pub async fn targets(&self, stream: StreamId) -> Result<Vec<Target>, Error> {
        let rows: Vec<TargetRow> =
            sqlx::query_as(SELECT_OF_STREAM).bind(stream.0).fetch_all(&self.reads).await?;
        if rows.is_empty() {
            self.stream(stream).await?;
        }
        rows.into_iter().map(|row| row.unseal(&self.sealer)).collect()
    }

    /// One target.
    ///
    /// # Errors
    /// [`Error::NoTarget`].
    pub async fn target(&self, id: TargetId) -> Result<Target, Error> {
        let row: Option<TargetRow> =
            sqlx::query_as(SELECT_ONE).bind(id.0).fetch_optional(&self.reads).await?;
        row.ok_or(Error::NoTarget(id))?.unseal(&self.sealer)
    }

    /// Makes a target, after its stream's others. The stream must be there.
    ///
    /// # Errors
    /// [`Error::Taken`] for a name that another target of the stream has.
    pub async fn create_target(&self, stream: StreamId, new: &NewTarget) -> Result<TargetId, Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let id = self.insert_target(&mut tx, stream, new).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Makes a target's row.
    pub(super) async fn insert_target(
        &self,
        db: &mut SqliteConnection,
        stream: StreamId,
        new: &NewTarget,
    ) -> Result<TargetId, Error> {
        // The row comes first: its number is part of the seal.
        let id: i64 = sqlx::query_scalar(
            "insert into targets
             (stream_id, name, url, key, backup_policy, enabled, start_mode, started, coalesce_ms, notes, position)
             values (?1, ?2, x'', x'', ?3, ?4, ?5, ?6, ?7, ?8,
             (select coalesce(max(position), 0) + 1 from targets where stream_id = ?1)) returning id",
        )
        .bind(stream.0)
        .bind(new.name.as_str())
        .bind(new.backup_policy.as_str())
        .bind(new.enabled)
        .bind(new.start_mode.as_str())
        .bind(new.starts_by_itself())
        .bind(new.coalesce.map(Coalesce::as_ms))
        .bind(new.notes.as_str())
        .fetch_one(&mut *db)
        .await?;
        let (first, second) = (&new.endpoint, new.backup.as_ref());
        let backup_url = second.map(|second| self.sealer.seal_url(backup_url_at(id), &second.url));
        let backup_key = second.map(|second| self.sealer.seal_key(backup_key_at(id), &second.key));
        let login = LoginColumns::of(first.login.as_ref(), &self.sealer, password_at(id))?;
        let backup_login = second.and_then(|second| second.login.as_ref());
        let backup_login = LoginColumns::of(backup_login, &self.sealer, backup_password_at(id))?;
        sqlx::query(
            "update targets set url = ?, key = ?, user = ?, password = ?, backup_url = ?, backup_key = ?,
             backup_user = ?, backup_password = ? where id = ?",
        )
        .bind(self.sealer.seal_url(url_at(id), &first.url)?)
        .bind(self.sealer.seal_key(key_at(id), &first.key)?)
        .bind(login.user)
        .bind(login.password)
        .bind(backup_url.transpose()?)
        .bind(backup_key.transpose()?)
        .bind(backup_login.user)
        .bind(backup_login.password)
        .bind(id)
        .execute(&mut *db)
        .await?;
        if new.takes != Takes::default() {
            write_takes(db, TargetId(id), &new.takes).await?;
        }
        Ok(TargetId(id))
    }

    /// Changes what the patch names. Switching a target on, or giving it another start, leaves it
    /// started or not as a new one would be; only a change to `manual` does not stop one that runs.
    ///
    /// # Errors
    /// [`Error::NoTarget`], [`Error::Taken`] for a name that another target of the stream has,
    /// [`Error::NoBackupKey`], [`Error::NoBackupUrl`], [`Error::NoPassword`], or [`Error::NoUserName`].
    pub async fn update_target(&self, id: TargetId, patch: &TargetPatch) -> Result<(), Error> {
        let url = |at, url: Option<&_>| url.map(|url| self.sealer.seal_url(at, url)).transpose();
        let key = |at, key: Option<&_>| key.map(|key| self.sealer.seal_key(at, key)).transpose();
        let backup_url = patch.backup_url.as_ref().and_then(Option::as_ref);
        let mut tx = self.pool.begin_with("begin immediate").await?;
        check_backup(&mut tx, id, patch).await?;
        logins::check_target(&mut tx, id, patch).await?;
        let login = LoginColumns::changed(&patch.login, &self.sealer, password_at(id.0))?;
        let backup_login =
            LoginColumns::changed(&patch.backup_login, &self.sealer, backup_password_at(id.0))?;
        sqlx::query(UPDATE)
            .bind(id.0)
            .bind(patch.name.as_ref().map(Name::as_str))
            .bind(url(url_at(id.0), patch.url.as_ref())?)
            .bind(key(key_at(id.0), patch.key.as_ref())?)
            .bind(patch.backup_url == Some(None))
            .bind(url(backup_url_at(id.0), backup_url)?)
            .bind(key(backup_key_at(id.0), patch.backup_key.as_ref())?)
            .bind(patch.backup_policy.map(BackupPolicy::as_str))
            .bind(patch.enabled)
            .bind(patch.start_mode.map(StartMode::as_str))
            .bind(patch.coalesce.is_some())
            .bind(patch.coalesce.flatten().map(Coalesce::as_ms))
            .bind(patch.notes.as_ref().map(Notes::as_str))
            .bind(login.clears)
            .bind(login.user)
            .bind(login.password)
            .bind(backup_login.clears || patch.backup_url == Some(None))
            .bind(backup_login.user)
            .bind(backup_login.password)
            .execute(&mut *tx)
            .await?;
        if let Some(takes) = &patch.takes {
            change_takes(&mut tx, id, takes.clone()).await?;
        }
        if patch.key.is_some() {
            forget_key_use(&mut tx, id).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Removes a target.
    ///
    /// # Errors
    /// [`Error::NoTarget`].
    pub async fn delete_target(&self, id: TargetId) -> Result<(), Error> {
        let done = sqlx::query("delete from targets where id = ?").bind(id.0).execute(&self.pool).await?;
        match done.rows_affected() {
            0 => Err(Error::NoTarget(id)),
            _ => Ok(()),
        }
    }
}

/// A second address and its key come and go together.
async fn check_backup(db: &mut SqliteConnection, id: TargetId, patch: &TargetPatch) -> Result<(), Error> {
    let has_backup: Option<bool> =
        sqlx::query_scalar("select backup_url is not null from targets where id = ?")
            .bind(id.0)
            .fetch_optional(db)
            .await?;
    let has_backup = has_backup.ok_or(Error::NoTarget(id))?;
    match (&patch.backup_url, &patch.backup_key) {
        (Some(Some(_)), None) if !has_backup => Err(Error::NoBackupKey),
        (None, Some(_)) if !has_backup => Err(Error::NoBackupUrl),
        (Some(None), Some(_)) => Err(Error::NoBackupUrl),
        _ => Ok(()),
    }
}

/// A row as it stands, but for the keys, which only `wanted` reads.
#[derive(FromRow)]
pub(super) struct TargetRow {
    id: i64,
    stream_id: i64,
    name: String,
    url: Vec<u8>,
    user: Option<String>,
    backup_url: Option<Vec<u8>>,
    backup_user: Option<String>,
    backup_policy: String,
    enabled: bool,
    start_mode: String,
    started: bool,
    coalesce_ms: Option<u8>,
    #[sqlx(flatten)]
    takes: TakesRow,
    notes: String,
    key_was_used: bool,
    position: u32,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

impl TargetRow {
    /// The row as what it means.
    pub(super) fn unseal(self, sealer: &Sealer) -> Result<Target, Error> {
        let damaged = || Error::Row { table: TABLE, id: self.id };
        let backup_url = self.backup_url.map(|url| sealer.unseal_url(backup_url_at(self.id), &url));
        Ok(Target {
            id: TargetId(self.id),
            stream_id: StreamId(self.stream_id),
            name: Name::parse(&self.name).map_err(|_| damaged())?,
            url: sealer.unseal_url(url_at(self.id), &self.url)?,
            user: parse_user(password_at(self.id), self.user.as_deref())?,
            backup_url: backup_url.transpose()?,
            backup_user: parse_user(backup_password_at(self.id), self.backup_user.as_deref())?,
            backup_policy: parse_policy(&self.backup_policy, self.id)?,
            enabled: self.enabled,
            start_mode: self.start_mode.parse().map_err(|_| damaged())?,
            started: self.started,
            coalesce: parse_coalesce(self.coalesce_ms, self.id)?,
            takes: self.takes.parse(self.id)?,
            notes: Notes::parse(&self.notes).map_err(|_| damaged())?,
            key_was_used: self.key_was_used,
            position: self.position,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        })
    }
}

/// Reads the column `backup_policy` of the given row.
pub(super) fn parse_policy(word: &str, id: i64) -> Result<BackupPolicy, Error> {
    word.parse().map_err(|_| Error::Row { table: TABLE, id })
}

/// Reads the column `coalesce_ms` of the given row.
pub(super) fn parse_coalesce(ms: Option<u8>, id: i64) -> Result<Option<Coalesce>, Error> {
    let coalesce = ms.map(|ms| Coalesce::from_ms(ms.into())).transpose();
    coalesce.map_err(|_| Error::Row { table: TABLE, id })
}

/// Where a target's address is sealed.
pub(super) fn url_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "url" }
}

/// Where a target's key is sealed.
pub(super) fn key_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "key" }
}

/// Where a target's password is sealed.
pub(super) fn password_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "password" }
}

/// Where the password for a target's second address is sealed.
pub(super) fn backup_password_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "backup_password" }
}

/// Where a target's second address is sealed.
pub(super) fn backup_url_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "backup_url" }
}

/// Where the key for a target's second address is sealed.
pub(super) fn backup_key_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "backup_key" }
}

const TABLE: &str = "targets";

// ?1 id, ?2 name, ?3 url, ?4 key, ?5 whether the second address goes, ?6 it, ?7 its key, ?8 its use,
// ?9 enabled, ?10 start_mode, ?11 whether the wait changes, ?12 it,
// ?13 notes, ?14 whether the login goes, ?15 its user, ?16 its password, ?17 to ?19 the same of the second
// address. On the right stands what was there before.
const UPDATE: &str = "update targets set name = coalesce(?2, name), url = coalesce(?3, url),
    key = coalesce(?4, key), backup_url = case when ?5 then null else coalesce(?6, backup_url) end,
    backup_key = case when ?5 then null else coalesce(?7, backup_key) end,
    backup_policy = coalesce(?8, backup_policy), enabled = coalesce(?9, enabled),
    start_mode = coalesce(?10, start_mode),
    started = case
        when ?9 and not enabled then coalesce(?10, start_mode) = 'with_source'
        when ?10 = 'with_source' and start_mode <> 'with_source' then 1
        else started end,
    coalesce_ms = case when ?11 then ?12 else coalesce_ms end,
    notes = coalesce(?13, notes),
    user = case when ?14 then null else coalesce(?15, user) end,
    password = case when ?14 then null else coalesce(?16, password) end,
    backup_user = case when ?17 then null else coalesce(?18, backup_user) end,
    backup_password = case when ?17 then null else coalesce(?19, backup_password) end,
    updated_at = unixepoch() where id = ?1";

/// What [`TargetRow`] reads.
pub(super) const SELECT_ALL: &str = "select id, stream_id, name, url, user, backup_url, backup_user, backup_policy, enabled,
    start_mode, started, coalesce_ms, takes_video, takes_audio, takes_tracks, takes_video_track, takes_audio_track,
    takes_tags, notes, position, created_at, updated_at, version,
    exists (select 1 from used_keys where target_id = targets.id and is_over) as key_was_used from targets order by position, id";

const SELECT_OF_STREAM: &str = "select id, stream_id, name, url, user, backup_url, backup_user, backup_policy, enabled,
    start_mode, started, coalesce_ms, takes_video, takes_audio, takes_tracks, takes_video_track, takes_audio_track,
    takes_tags, notes, position, created_at, updated_at, version,
    exists (select 1 from used_keys where target_id = targets.id and is_over) as key_was_used from targets where stream_id = ?
    order by position, id";

/// The same of one target.
pub(super) const SELECT_ONE: &str = "select id, stream_id, name, url, user, backup_url, backup_user, backup_policy, enabled,
    start_mode, started, coalesce_ms, takes_video, takes_audio, takes_tracks, takes_video_track, takes_audio_track,
    takes_tags, notes, position, created_at, updated_at, version,
    exists (select 1 from used_keys where target_id = targets.id and is_over) as key_was_used from targets where id = ?";

pub(super) mod secrets;
#[cfg(test)]
mod tests;
