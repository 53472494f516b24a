//! The table of targets.

use sqlx::FromRow;

use super::error::Error;
use super::pool::Store;
use super::seal::{Place, Sealer};
use crate::model::{BackupPolicy, Name, NewTarget, StartMode, StreamId, Target, TargetId, TargetPatch};

impl Store {
    /// A stream's targets in the order they were made.
    ///
    /// # Errors
    /// [`Error::NoStream`].
    pub async fn targets(&self, stream: StreamId) -> Result<Vec<Target>, Error> {
        let rows: Vec<TargetRow> =
            sqlx::query_as(SELECT_OF_STREAM).bind(stream.0).fetch_all(&self.pool).await?;
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
        let row: Option<TargetRow> = sqlx::query_as(SELECT_ONE).bind(id.0).fetch_optional(&self.pool).await?;
        row.ok_or(Error::NoTarget(id))?.unseal(&self.sealer)
    }

    /// Makes a target. The stream must be there.
    ///
    /// # Errors
    /// [`Error::Taken`] for a name that another target of the stream has.
    pub async fn create_target(&self, stream: StreamId, new: &NewTarget) -> Result<TargetId, Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        // The row comes first: its number is part of the seal.
        let id: i64 = sqlx::query_scalar(
            "insert into targets (stream_id, name, url, key, enabled)
             values (?, ?, x'', x'', ?) returning id",
        )
        .bind(stream.0)
        .bind(new.name.as_str())
        .bind(new.enabled)
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query("update targets set url = ?, key = ? where id = ?")
            .bind(self.sealer.seal_url(url_at(id), &new.endpoint.url)?)
            .bind(self.sealer.seal_key(key_at(id), &new.endpoint.key)?)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(TargetId(id))
    }

    /// Changes what the patch names.
    ///
    /// # Errors
    /// [`Error::NoTarget`], or [`Error::Taken`] for a name that another target of the stream has.
    pub async fn update_target(&self, id: TargetId, patch: &TargetPatch) -> Result<(), Error> {
        let url = patch.url.as_ref();
        let key = patch.key.as_ref();
        let url = url.map(|url| self.sealer.seal_url(url_at(id.0), url));
        let key = key.map(|key| self.sealer.seal_key(key_at(id.0), key));
        let done = sqlx::query(
            "update targets set name = coalesce(?, name), url = coalesce(?, url),
             key = coalesce(?, key), enabled = coalesce(?, enabled), updated_at = unixepoch()
             where id = ?",
        )
        .bind(patch.name.as_ref().map(Name::as_str))
        .bind(url.transpose()?)
        .bind(key.transpose()?)
        .bind(patch.enabled)
        .bind(id.0)
        .execute(&self.pool)
        .await?;
        found(done.rows_affected(), id)
    }

    /// Removes a target.
    ///
    /// # Errors
    /// [`Error::NoTarget`].
    pub async fn delete_target(&self, id: TargetId) -> Result<(), Error> {
        let done = sqlx::query("delete from targets where id = ?").bind(id.0).execute(&self.pool).await?;
        found(done.rows_affected(), id)
    }
}

/// A row as it stands, but for the key, which only `wanted` reads.
#[derive(FromRow)]
pub(super) struct TargetRow {
    id: i64,
    stream_id: i64,
    name: String,
    url: Vec<u8>,
    enabled: bool,
    created_at: i64,
    updated_at: i64,
}

impl TargetRow {
    /// The row as what it means.
    pub(super) fn unseal(self, sealer: &Sealer) -> Result<Target, Error> {
        let damaged = |_| Error::Row { table: TABLE, id: self.id };
        Ok(Target {
            id: TargetId(self.id),
            stream_id: StreamId(self.stream_id),
            name: Name::parse(&self.name).map_err(damaged)?,
            url: sealer.unseal_url(url_at(self.id), &self.url)?,
            backup_url: None,
            backup_policy: BackupPolicy::default(),
            enabled: self.enabled,
            start_mode: StartMode::default(),
            started: true,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Where a target's address is sealed.
pub(super) fn url_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "url" }
}

/// Where a target's key is sealed.
pub(super) fn key_at(id: i64) -> Place {
    Place { table: TABLE, id, column: "key" }
}

fn found(rows: u64, id: TargetId) -> Result<(), Error> {
    match rows {
        0 => Err(Error::NoTarget(id)),
        _ => Ok(()),
    }
}

const TABLE: &str = "targets";

/// What [`TargetRow`] reads.
pub(super) const SELECT_ALL: &str =
    "select id, stream_id, name, url, enabled, created_at, updated_at from targets order by id";

const SELECT_OF_STREAM: &str = "select id, stream_id, name, url, enabled, created_at, updated_at
    from targets where stream_id = ? order by id";

const SELECT_ONE: &str = "select id, stream_id, name, url, enabled, created_at, updated_at
    from targets where id = ?";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Endpoint, IngestKey, NewStream, Rules};
    use crate::rtmp::url::{RtmpUrl, StreamKey};

    async fn with_stream(dir: &tempfile::TempDir) -> (Store, StreamId) {
        let store = Store::open(dir.path()).await.unwrap();
        let stream = NewStream {
            name: Name::parse("Main").unwrap(),
            app: None,
            rules: Rules::default(),
            key: IngestKey::parse("INGESTKEY").unwrap(),
        };
        let id = store.create_stream(&stream).await.unwrap();
        (store, id)
    }

    fn new(name: &str) -> NewTarget {
        NewTarget {
            name: Name::parse(name).unwrap(),
            endpoint: Endpoint {
                url: RtmpUrl::parse("rtmp://h/live?t=URLTOKEN").unwrap(),
                key: StreamKey::new("CANARYKEY"),
            },
            backup: None,
            backup_policy: BackupPolicy::default(),
            enabled: true,
            start_mode: StartMode::default(),
        }
    }

    #[tokio::test]
    async fn a_target_comes_back_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let (store, stream) = with_stream(&dir).await;
        let id = store.create_target(stream, &new("t")).await.unwrap();
        let target = store.target(id).await.unwrap();
        assert_eq!((target.id, target.stream_id), (id, stream));
        assert_eq!(target.url, new("t").endpoint.url);
        assert!(target.enabled && target.created_at > 1_700_000_000);
        assert_eq!(store.targets(stream).await.unwrap(), [target]);
        assert_eq!(store.stream(stream).await.unwrap().target_count, 1);
    }

    #[tokio::test]
    async fn a_patch_changes_only_what_it_names() {
        let dir = tempfile::tempdir().unwrap();
        let (store, stream) = with_stream(&dir).await;
        let id = store.create_target(stream, &new("t")).await.unwrap();
        let url = RtmpUrl::parse("rtmps://other/app").unwrap();
        let patch = TargetPatch { url: Some(url.clone()), ..TargetPatch::default() };
        store.update_target(id, &patch).await.unwrap();
        let wanted = store.wanted().await.unwrap();
        let target = &wanted.streams[0].targets[0];
        assert_eq!(target.endpoint.url, url);
        assert_eq!(target.endpoint.key, StreamKey::new("CANARYKEY"));
        assert_eq!(target.name, "t");

        let patch = TargetPatch {
            key: Some(StreamKey::new("other")),
            enabled: Some(false),
            ..TargetPatch::default()
        };
        store.update_target(id, &patch).await.unwrap();
        assert!(store.wanted().await.unwrap().streams[0].targets.is_empty());
        assert_eq!(store.target(id).await.unwrap().url, url);
    }

    #[tokio::test]
    async fn names_are_unique_within_a_stream() {
        let dir = tempfile::tempdir().unwrap();
        let (store, stream) = with_stream(&dir).await;
        store.create_target(stream, &new("t")).await.unwrap();
        let second = store.create_target(stream, &new("t")).await.unwrap_err();
        assert!(matches!(second, Error::Taken { field: "name" }));
    }

    #[tokio::test]
    async fn a_streams_targets_go_with_it() {
        let dir = tempfile::tempdir().unwrap();
        let (store, stream) = with_stream(&dir).await;
        let id = store.create_target(stream, &new("t")).await.unwrap();
        store.delete_stream(stream).await.unwrap();
        assert!(matches!(store.target(id).await, Err(Error::NoTarget(_))));
        assert!(matches!(store.targets(stream).await, Err(Error::NoStream(_))));
    }

    #[tokio::test]
    async fn no_file_in_the_folder_contains_a_secret() {
        let dir = tempfile::tempdir().unwrap();
        let (store, stream) = with_stream(&dir).await;
        store.create_target(stream, &new("t")).await.unwrap();
        let contains =
            |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        let mut searched = 0;
        for file in std::fs::read_dir(dir.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            searched += bytes.len();
            for secret in ["CANARYKEY", "URLTOKEN", "INGESTKEY"] {
                assert!(!contains(&bytes, secret), "{secret}");
            }
        }
        assert!(searched > 10_000, "the log is not written back yet");
    }
}
