//! The table of streams.

use sqlx::FromRow;

use super::error::Error;
use super::pool::Store;
use super::seal::Place;
use crate::model::{
    AppName, Hold, IngestKey, Name, NewStream, OnUnpublish, Rules, Stream, StreamId, StreamPatch, Takeover,
};

impl Store {
    /// Whether no stream was ever made here.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn never_had_streams(&self) -> Result<bool, Error> {
        let sql = "select not exists (select 1 from sqlite_sequence where name = 'streams')";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.pool).await?)
    }

    /// How many streams there are.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn count_streams(&self) -> Result<usize, Error> {
        let count: i64 = sqlx::query_scalar("select count(*) from streams").fetch_one(&self.pool).await?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// All streams in the order they were made.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn streams(&self) -> Result<Vec<Stream>, Error> {
        let rows: Vec<StreamRow> = sqlx::query_as(SELECT_ALL).fetch_all(&self.pool).await?;
        rows.into_iter().map(Stream::try_from).collect()
    }

    /// One stream.
    ///
    /// # Errors
    /// [`Error::NoStream`].
    pub async fn stream(&self, id: StreamId) -> Result<Stream, Error> {
        let row: Option<StreamRow> = sqlx::query_as(SELECT_ONE).bind(id.0).fetch_optional(&self.pool).await?;
        row.ok_or(Error::NoStream(id))?.try_into()
    }

    /// Makes a stream.
    ///
    /// # Errors
    /// [`Error::Taken`] for a name or key that another stream has.
    pub async fn create_stream(&self, new: &NewStream) -> Result<StreamId, Error> {
        let key = new.key.as_stream_key();
        let mut tx = self.pool.begin_with("begin immediate").await?;
        // The row comes first: its number is part of the seal.
        let id: i64 = sqlx::query_scalar(
            "insert into streams
             (name, app, hold_seconds, takeover, on_unpublish, key, key_digest, key_is_weak)
             values (?, ?, ?, ?, ?, x'', ?, ?) returning id",
        )
        .bind(new.name.as_str())
        .bind(new.app.as_ref().map(AppName::as_str))
        .bind(new.rules.hold.as_seconds())
        .bind(new.rules.takeover.as_str())
        .bind(new.rules.on_unpublish.as_str())
        .bind(self.hasher.digest(key).0.as_slice())
        .bind(new.key.is_weak())
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query("update streams set key = ? where id = ?")
            .bind(self.sealer.seal_key(key_at(id), key)?)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(StreamId(id))
    }

    /// Changes what the patch names.
    ///
    /// # Errors
    /// [`Error::NoStream`], or [`Error::Taken`] for a name that another stream has.
    pub async fn update_stream(&self, id: StreamId, patch: &StreamPatch) -> Result<(), Error> {
        let app = patch.app.as_ref();
        let done = sqlx::query(
            "update streams set name = coalesce(?, name), app = case when ? then ? else app end,
             hold_seconds = coalesce(?, hold_seconds), takeover = coalesce(?, takeover),
             on_unpublish = coalesce(?, on_unpublish) where id = ?",
        )
        .bind(patch.name.as_ref().map(Name::as_str))
        .bind(app.is_some())
        .bind(app.and_then(|app| app.as_ref().map(AppName::as_str)))
        .bind(patch.hold.map(Hold::as_seconds))
        .bind(patch.takeover.map(Takeover::as_str))
        .bind(patch.on_unpublish.map(OnUnpublish::as_str))
        .bind(id.0)
        .execute(&self.pool)
        .await?;
        found(done.rows_affected(), id)
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
            .fetch_optional(&self.pool)
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
    #[sqlx(flatten)]
    rules: RulesRow,
    key_is_weak: bool,
    created_at: i64,
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
            rules: row.rules.parse(row.id)?,
            key_is_weak: row.key_is_weak,
            created_at: row.created_at,
            target_count: row.target_count,
        })
    }
}

/// How a stream treats its encoders, as it stands in its row.
#[derive(FromRow)]
pub(super) struct RulesRow {
    hold_seconds: u16,
    takeover: String,
    on_unpublish: String,
}

impl RulesRow {
    /// The columns of the given row as what they mean.
    pub(super) fn parse(&self, id: i64) -> Result<Rules, Error> {
        let damaged = || Error::Row { table: TABLE, id };
        Ok(Rules {
            hold: Hold::from_seconds(self.hold_seconds.into()).map_err(|_| damaged())?,
            takeover: self.takeover.parse().map_err(|_| damaged())?,
            on_unpublish: self.on_unpublish.parse().map_err(|_| damaged())?,
        })
    }
}

/// Reads the column `app` of the given row.
pub(super) fn parse_app(app: Option<&str>, id: i64) -> Result<Option<AppName>, Error> {
    app.map(AppName::parse).transpose().map_err(|_| Error::Row { table: TABLE, id })
}

fn found(rows: u64, id: StreamId) -> Result<(), Error> {
    match rows {
        0 => Err(Error::NoStream(id)),
        _ => Ok(()),
    }
}

fn key_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "key" }
}

const TABLE: &str = "streams";

/// What [`StreamRow`] reads.
pub(super) const SELECT_ALL: &str =
    "select id, name, app, hold_seconds, takeover, on_unpublish, key_is_weak, created_at,
    (select count(*) from targets where stream_id = streams.id) as target_count
    from streams order by id";

const SELECT_ONE: &str =
    "select id, name, app, hold_seconds, takeover, on_unpublish, key_is_weak, created_at,
    (select count(*) from targets where stream_id = streams.id) as target_count
    from streams where id = ?";

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &str, key: &str) -> NewStream {
        NewStream {
            name: Name::parse(name).unwrap(),
            app: None,
            rules: Rules::default(),
            key: IngestKey::parse(key).unwrap(),
        }
    }

    #[tokio::test]
    async fn a_stream_is_kept_with_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        assert!(store.never_had_streams().await.unwrap());
        let id = store.create_stream(&new("Main", "k?1")).await.unwrap();
        store.close().await;
        drop(store);

        let store = Store::open(dir.path()).await.unwrap();
        let stream = store.stream(id).await.unwrap();
        assert_eq!((stream.name.as_str(), stream.key_is_weak, stream.app), ("Main", true, None));
        let key = store.stream_key(id).await.unwrap();
        assert_eq!(key, IngestKey::parse("k?1").unwrap());
        store.delete_stream(id).await.unwrap();
        assert!(!store.never_had_streams().await.unwrap());
    }

    #[tokio::test]
    async fn names_and_keys_are_unique_and_a_loser_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let one = store.create_stream(&new("one", "a")).await.unwrap();
        let name = store.create_stream(&new("one", "b")).await.unwrap_err();
        assert!(matches!(name, Error::Taken { field: "name" }));
        let key = store.create_stream(&new("two", "a")).await.unwrap_err();
        assert!(matches!(key, Error::Taken { field: "key" }));
        assert_eq!(store.count_streams().await.unwrap(), 1);

        store.create_stream(&new("two", "b")).await.unwrap();
        let key = IngestKey::parse("b").unwrap();
        let rotated = store.replace_stream_key(one, &key).await.unwrap_err();
        assert!(matches!(rotated, Error::Taken { field: "key" }));
        let kept = store.stream_key(one).await.unwrap();
        assert_eq!(kept, IngestKey::parse("a").unwrap());
    }

    #[tokio::test]
    async fn an_app_can_be_set_kept_and_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let id = store.create_stream(&new("Main", "a")).await.unwrap();
        let live = AppName::parse("live").unwrap();
        for (patch, expected) in
            [(Some(Some(live.clone())), Some(live.clone())), (None, Some(live.clone())), (Some(None), None)]
        {
            let patch = StreamPatch { app: patch, ..StreamPatch::default() };
            store.update_stream(id, &patch).await.unwrap();
            assert_eq!(store.stream(id).await.unwrap().app, expected);
        }
    }

    #[tokio::test]
    async fn rules_are_kept_and_changed_one_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let rules = Rules {
            hold: Hold::from_seconds(600).unwrap(),
            takeover: Takeover::Refuse,
            on_unpublish: OnUnpublish::Hold,
        };
        let id = store.create_stream(&NewStream { rules, ..new("Main", "a") }).await.unwrap();
        assert_eq!(store.stream(id).await.unwrap().rules, rules);
        assert_eq!(store.wanted().await.unwrap().streams[0].rules, rules);
        let hold = Hold::from_seconds(0).unwrap();
        let patches = [
            (StreamPatch { hold: Some(hold), ..StreamPatch::default() }, Rules { hold, ..rules }),
            (
                StreamPatch { takeover: Some(Takeover::NewestWins), ..StreamPatch::default() },
                Rules { hold, takeover: Takeover::NewestWins, ..rules },
            ),
            (
                StreamPatch { on_unpublish: Some(OnUnpublish::End), ..StreamPatch::default() },
                Rules { hold, takeover: Takeover::NewestWins, on_unpublish: OnUnpublish::End },
            ),
        ];
        for (patch, expected) in patches {
            store.update_stream(id, &patch).await.unwrap();
            assert_eq!(store.stream(id).await.unwrap().rules, expected);
        }
    }

    #[tokio::test]
    async fn numbers_are_never_used_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let first = store.create_stream(&new("one", "a")).await.unwrap();
        store.delete_stream(first).await.unwrap();
        let second = store.create_stream(&new("one", "a")).await.unwrap();
        assert_ne!(first, second);
        for gone in [
            store.stream(first).await.map(drop),
            store.stream_key(first).await.map(drop),
            store.delete_stream(first).await,
            store.update_stream(first, &StreamPatch::default()).await,
        ] {
            assert!(matches!(gone, Err(Error::NoStream(id)) if id == first));
        }
    }

    #[tokio::test]
    async fn a_sealed_key_opens_only_in_its_own_row() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        let one = store.create_stream(&new("one", "a")).await.unwrap();
        let two = store.create_stream(&new("two", "b")).await.unwrap();
        sqlx::query("update streams set key = (select key from streams where id = ?) where id = ?")
            .bind(one.0)
            .bind(two.0)
            .execute(&store.pool)
            .await
            .unwrap();
        assert!(store.stream_key(one).await.is_ok());
        let swapped = store.stream_key(two).await.unwrap_err();
        assert!(matches!(swapped, Error::Row { table: "streams", id } if id == two.0));
    }
}
