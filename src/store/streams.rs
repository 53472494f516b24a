//! The table of streams.

use sqlx::{FromRow, SqliteConnection};

use super::error::Error;
use super::logins::{self, LoginColumns};
use super::pool::Store;
use super::seal::{Place, parse_user};
use crate::model::{
    AllowFrom, AppName, Coalesce, Hold, IngestKey, Name, NewStream, Notes, OnUnpublish, Rules, Stream,
    StreamId, StreamPatch, StreamSettings, Takeover,
};

impl Store {
    /// Whether no stream was ever made here.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn never_had_streams(&self) -> Result<bool, Error> {
        let sql = "select not exists (select 1 from sqlite_sequence where name = 'streams')";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.reads).await?)
    }

    /// How many streams there are.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn count_streams(&self) -> Result<usize, Error> {
        let count: i64 = sqlx::query_scalar("select count(*) from streams").fetch_one(&self.reads).await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// All streams in the order they were made.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn streams(&self) -> Result<Vec<Stream>, Error> {
        let rows: Vec<StreamRow> = sqlx::query_as(SELECT_ALL).fetch_all(&self.reads).await?;
        rows.into_iter().map(Stream::try_from).collect()
    }

    /// One stream.
    ///
    /// # Errors
    /// [`Error::NoStream`].
    pub async fn stream(&self, id: StreamId) -> Result<Stream, Error> {
        let row: Option<StreamRow> =
            sqlx::query_as(SELECT_ONE).bind(id.0).fetch_optional(&self.reads).await?;
        row.ok_or(Error::NoStream(id))?.try_into()
    }

    /// Makes a stream.
    ///
    /// # Errors
    /// [`Error::Taken`] for a name or key that another stream has.
    pub async fn create_stream(&self, new: &NewStream) -> Result<StreamId, Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let id = self.insert_stream(&mut tx, new).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Makes a stream's row.
    pub(super) async fn insert_stream(
        &self,
        db: &mut SqliteConnection,
        new: &NewStream,
    ) -> Result<StreamId, Error> {
        let key = new.key.as_stream_key();
        let StreamSettings { app, allow_from, ingest_login, rules, notes } = &new.settings;
        // The row comes first: its number is part of the seal.
        let id: i64 = sqlx::query_scalar(
            "insert into streams
             (name, app, hold_seconds, takeover, on_unpublish, coalesce_ms, allow_from, notes, key, key_digest,
             key_is_weak) values (?, ?, ?, ?, ?, ?, ?, ?, x'', ?, ?) returning id",
        )
        .bind(new.name.as_str())
        .bind(app.as_ref().map(AppName::as_str))
        .bind(rules.hold.as_seconds())
        .bind(rules.takeover.as_str())
        .bind(rules.on_unpublish.as_str())
        .bind(rules.coalesce.map(Coalesce::as_ms))
        .bind(allow_from.to_string())
        .bind(notes.as_str())
        .bind(self.hasher.digest(key).0.as_slice())
        .bind(new.key.is_weak())
        .fetch_one(&mut *db)
        .await?;
        let login = LoginColumns::of(ingest_login.as_ref(), &self.sealer, password_at(id))?;
        sqlx::query("update streams set key = ?, ingest_user = ?, ingest_password = ? where id = ?")
            .bind(self.sealer.seal_key(key_at(id), key)?)
            .bind(login.user)
            .bind(login.password)
            .bind(id)
            .execute(&mut *db)
            .await?;
        logins::check_apps(db).await?;
        Ok(StreamId(id))
    }

    /// Changes what the patch names.
    ///
    /// # Errors
    /// [`Error::NoStream`], [`Error::Taken`] for a name that another stream has, [`Error::NoPassword`],
    /// [`Error::NoUserName`], [`Error::NoOwnApp`], or [`Error::SharedApp`].
    pub async fn update_stream(&self, id: StreamId, patch: &StreamPatch) -> Result<(), Error> {
        let app = patch.app.as_ref();
        let mut tx = self.pool.begin_with("begin immediate").await?;
        logins::check_stream(&mut tx, id, &patch.ingest_login).await?;
        let login = LoginColumns::changed(&patch.ingest_login, &self.sealer, password_at(id.0))?;
        let done = sqlx::query(
            "update streams set name = coalesce(?, name), app = case when ? then ? else app end,
             hold_seconds = coalesce(?, hold_seconds), takeover = coalesce(?, takeover),
             on_unpublish = coalesce(?, on_unpublish),
             coalesce_ms = case when ? then ? else coalesce_ms end,
             allow_from = coalesce(?, allow_from), notes = coalesce(?, notes),
             ingest_user = case when ? then null else coalesce(?, ingest_user) end,
             ingest_password = case when ? then null else coalesce(?, ingest_password) end where id = ?",
        )
        .bind(patch.name.as_ref().map(Name::as_str))
        .bind(app.is_some())
        .bind(app.and_then(|app| app.as_ref().map(AppName::as_str)))
        .bind(patch.hold.map(Hold::as_seconds))
        .bind(patch.takeover.map(Takeover::as_str))
        .bind(patch.on_unpublish.map(OnUnpublish::as_str))
        .bind(patch.coalesce.is_some())
        .bind(patch.coalesce.flatten().map(Coalesce::as_ms))
        .bind(patch.allow_from.as_ref().map(AllowFrom::to_string))
        .bind(patch.notes.as_ref().map(Notes::as_str))
        .bind(login.clears)
        .bind(login.user)
        .bind(login.clears)
        .bind(login.password)
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
        found(done.rows_affected(), id)?;
        logins::check_apps(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Removes a stream with its targets.
    ///
    /// # Errors
    /// [`Error::NoStream`].
    pub async fn delete_stream(&self, id: StreamId) -> Result<(), Error> {
        let done = sqlx::query("delete from streams where id = ?").bind(id.0).execute(&self.pool).await?;
        found(done.rows_affected(), id)
    }

    /// A stream's key, for its owner.
    ///
    /// # Errors
    /// [`Error::NoStream`].
    pub async fn stream_key(&self, id: StreamId) -> Result<IngestKey, Error> {
        let sealed: Option<Vec<u8>> = sqlx::query_scalar("select key from streams where id = ?")
            .bind(id.0)
            .fetch_optional(&self.reads)
            .await?;
        self.sealer.unseal_ingest_key(key_at(id.0), &sealed.ok_or(Error::NoStream(id))?)
    }

    /// Gives a stream another key.
    ///
    /// # Errors
    /// [`Error::NoStream`], or [`Error::Taken`] for a key that another stream has.
    pub async fn replace_stream_key(&self, id: StreamId, new: &IngestKey) -> Result<(), Error> {
        let key = new.as_stream_key();
        let done = sqlx::query("update streams set key = ?, key_digest = ?, key_is_weak = ? where id = ?")
            .bind(self.sealer.seal_key(key_at(id.0), key)?)
            .bind(self.hasher.digest(key).0.as_slice())
            .bind(new.is_weak())
            .bind(id.0)
            .execute(&self.pool)
            .await?;
        found(done.rows_affected(), id)
    }
}

/// A row as it stands; see [`SELECT_ALL`].
#[derive(FromRow)]
pub(super) struct StreamRow {
    id: i64,
    name: String,
    app: Option<String>,
    allow_from: String,
    ingest_user: Option<String>,
    notes: String,
    #[sqlx(flatten)]
    rules: RulesRow,
    key_is_weak: bool,
    created_at: i64,
    version: i64,
    target_count: u32,
}

impl TryFrom<StreamRow> for Stream {
    type Error = Error;

    fn try_from(row: StreamRow) -> Result<Self, Error> {
        let damaged = |_| Error::Row { table: TABLE, id: row.id };
        Ok(Self {
            id: StreamId(row.id),
            name: Name::parse(&row.name).map_err(damaged)?,
            app: parse_app(row.app.as_deref(), row.id)?,
            allow_from: parse_allow_from(&row.allow_from, row.id)?,
            ingest_user: parse_user(password_at(row.id), row.ingest_user.as_deref())?,
            notes: Notes::parse(&row.notes).map_err(damaged)?,
            rules: row.rules.parse(row.id)?,
            key_is_weak: row.key_is_weak,
            created_at: row.created_at,
            version: row.version,
            target_count: row.target_count,
        })
    }
}

/// [`Rules`] as they stand in a stream's row.
#[derive(FromRow)]
pub(super) struct RulesRow {
    hold_seconds: u16,
    takeover: String,
    on_unpublish: String,
    coalesce_ms: Option<u8>,
}

impl RulesRow {
    /// The columns of the given row as what they mean.
    pub(super) fn parse(&self, id: i64) -> Result<Rules, Error> {
        let damaged = || Error::Row { table: TABLE, id };
        let coalesce = self.coalesce_ms.map(|ms| Coalesce::from_ms(ms.into())).transpose();
        Ok(Rules {
            hold: Hold::from_seconds(self.hold_seconds.into()).map_err(|_| damaged())?,
            takeover: self.takeover.parse().map_err(|_| damaged())?,
            on_unpublish: self.on_unpublish.parse().map_err(|_| damaged())?,
            coalesce: coalesce.map_err(|_| damaged())?,
        })
    }
}

/// Reads the column `app` of the given row.
pub(super) fn parse_app(app: Option<&str>, id: i64) -> Result<Option<AppName>, Error> {
    app.map(AppName::parse).transpose().map_err(|_| Error::Row { table: TABLE, id })
}

/// Reads the column `allow_from` of the given row.
pub(super) fn parse_allow_from(words: &str, id: i64) -> Result<AllowFrom, Error> {
    AllowFrom::parse(words.split_whitespace()).map_err(|_| Error::Row { table: TABLE, id })
}

fn found(rows: u64, id: StreamId) -> Result<(), Error> {
    match rows {
        0 => Err(Error::NoStream(id)),
        _ => Ok(()),
    }
}

/// Where a stream's key is sealed.
pub(super) fn key_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "key" }
}

/// Where the password is sealed that a stream's encoders must know.
pub(super) fn password_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "ingest_password" }
}

const TABLE: &str = "streams";

/// What [`StreamRow`] reads.
pub(super) const SELECT_ALL: &str =
    "select id, name, app, allow_from, ingest_user, notes, hold_seconds, takeover, on_unpublish, coalesce_ms, key_is_weak,
    created_at, version, (select count(*) from targets where stream_id = streams.id) as target_count
    from streams order by id";

const SELECT_ONE: &str =
    "select id, name, app, allow_from, ingest_user, notes, hold_seconds, takeover, on_unpublish, coalesce_ms, key_is_weak,
    created_at, version, (select count(*) from targets where stream_id = streams.id) as target_count
    from streams where id = ?";

#[cfg(test)]
mod tests;
