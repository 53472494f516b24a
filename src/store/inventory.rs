//! Everything at once, as it stood at one moment.

use std::collections::HashMap;

use sqlx::FromRow;

use super::error::Error;
use super::pool::Store;
use super::seal::Sealer;
use super::streams::{self, RulesRow, StreamRow, parse_allow_from, parse_app};
use super::takes::TakesRow;
use super::targets::{
    self, TargetRow, backup_key_at, backup_password_at, backup_url_at, key_at, parse_coalesce, parse_policy,
    password_at, url_at,
};
use crate::model::{
    Backup, Endpoint, KeyDigest, Stream, StreamId, Target, TargetId, Wanted, WantedStream, WantedTarget,
};

impl Store {
    /// All that should run, with its secrets, read in one transaction.
    ///
    /// # Errors
    /// [`Error::Row`] where something cannot be unsealed, or as the database fails.
    pub async fn wanted(&self) -> Result<Wanted, Error> {
        let mut tx = self.reads.begin().await?;
        let streams: Vec<WantedStreamRow> = sqlx::query_as(SELECT_STREAMS).fetch_all(&mut *tx).await?;
        let targets: Vec<WantedTargetRow> = sqlx::query_as(SELECT_TARGETS).fetch_all(&mut *tx).await?;
        tx.commit().await?;
        let mut of_stream = HashMap::<i64, Vec<WantedTarget>>::new();
        for row in targets {
            let targets = of_stream.entry(row.stream_id).or_default();
            targets.push(row.unseal(&self.sealer)?);
        }
        let streams = streams
            .into_iter()
            .map(|row| {
                let targets = of_stream.remove(&row.id).unwrap_or_default();
                row.with_targets(targets, &self.sealer)
            })
            .collect::<Result<_, _>>()?;
        Ok(Wanted { streams })
    }

    /// All streams with all their targets, for showing; read in one transaction.
    ///
    /// # Errors
    /// [`Error::Row`] where something cannot be unsealed, or as the database fails.
    pub async fn inventory(&self) -> Result<Vec<(Stream, Vec<Target>)>, Error> {
        let mut tx = self.reads.begin().await?;
        let streams: Vec<StreamRow> = sqlx::query_as(streams::SELECT_ALL).fetch_all(&mut *tx).await?;
        let targets: Vec<TargetRow> = sqlx::query_as(targets::SELECT_ALL).fetch_all(&mut *tx).await?;
        tx.commit().await?;
        let mut of_stream = HashMap::<StreamId, Vec<Target>>::new();
        for row in targets {
            let target = row.unseal(&self.sealer)?;
            of_stream.entry(target.stream_id).or_default().push(target);
        }
        streams
            .into_iter()
            .map(|row| {
                let stream = Stream::try_from(row)?;
                let targets = of_stream.remove(&stream.id).unwrap_or_default();
                Ok((stream, targets))
            })
            .collect()
    }
}

#[derive(FromRow)]
struct WantedStreamRow {
    id: i64,
    name: String,
    app: Option<String>,
    allow_from: String,
    ingest_user: Option<String>,
    ingest_password: Option<Vec<u8>>,
    #[sqlx(flatten)]
    rules: RulesRow,
    key_digest: Vec<u8>,
}

impl WantedStreamRow {
    fn with_targets(self, targets: Vec<WantedTarget>, sealer: &Sealer) -> Result<WantedStream, Error> {
        let (user, password) = (self.ingest_user.as_deref(), self.ingest_password.as_deref());
        let ingest_login = sealer.unseal_login(streams::password_at(self.id), user, password)?;
        let digest = <[u8; 32]>::try_from(self.key_digest)
            .map_err(|_| Error::Row { table: "streams", id: self.id })?;
        Ok(WantedStream {
            id: StreamId(self.id),
            name: self.name,
            app: parse_app(self.app.as_deref(), self.id)?,
            allow_from: parse_allow_from(&self.allow_from, self.id)?,
            ingest_login,
            key: KeyDigest(digest),
            rules: self.rules.parse(self.id)?,
            targets,
        })
    }
}

#[derive(FromRow)]
struct WantedTargetRow {
    id: i64,
    stream_id: i64,
    name: String,
    url: Vec<u8>,
    key: Vec<u8>,
    user: Option<String>,
    password: Option<Vec<u8>>,
    backup_url: Option<Vec<u8>>,
    backup_key: Option<Vec<u8>>,
    backup_user: Option<String>,
    backup_password: Option<Vec<u8>>,
    backup_policy: String,
    coalesce_ms: Option<u8>,
    #[sqlx(flatten)]
    takes: TakesRow,
}

impl WantedTargetRow {
    fn unseal(self, sealer: &Sealer) -> Result<WantedTarget, Error> {
        let backup = self.unseal_backup(sealer)?;
        let (user, password) = (self.user.as_deref(), self.password.as_deref());
        Ok(WantedTarget {
            id: TargetId(self.id),
            name: self.name,
            endpoint: Endpoint {
                url: sealer.unseal_url(url_at(self.id), &self.url)?,
                key: sealer.unseal_key(key_at(self.id), &self.key)?,
                login: sealer.unseal_login(password_at(self.id), user, password)?,
            },
            backup,
            takes: self.takes.parse(self.id)?,
            coalesce: parse_coalesce(self.coalesce_ms, self.id)?,
        })
    }

    fn unseal_backup(&self, sealer: &Sealer) -> Result<Option<Backup>, Error> {
        let (Some(url), Some(key)) = (&self.backup_url, &self.backup_key) else {
            return Ok(None);
        };
        let (user, password) = (self.backup_user.as_deref(), self.backup_password.as_deref());
        let endpoint = Endpoint {
            url: sealer.unseal_url(backup_url_at(self.id), url)?,
            key: sealer.unseal_key(backup_key_at(self.id), key)?,
            login: sealer.unseal_login(backup_password_at(self.id), user, password)?,
        };
        Ok(Some(Backup { endpoint, policy: parse_policy(&self.backup_policy, self.id)? }))
    }
}

const SELECT_STREAMS: &str =
    "select id, name, app, allow_from, ingest_user, ingest_password, hold_seconds, takeover, on_unpublish,
    coalesce_ms, key_digest from streams order by id";

const SELECT_TARGETS: &str = "select id, stream_id, name, url, key, user, password, backup_url, backup_key,
    backup_user, backup_password, backup_policy, coalesce_ms, takes_video, takes_audio, takes_tracks,
    takes_video_track, takes_audio_track, takes_tags
    from targets where enabled and started order by position, id";
