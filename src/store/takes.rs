//! What a person says that a target takes, as it stands in the target's row.

use sqlx::sqlite::SqliteArguments;
use sqlx::{FromRow, Sqlite, SqliteConnection};

use super::error::Error;
use crate::model::{Choice, Takes, TakesPatch, TargetId};

/// The columns, for whoever reads a [`TakesRow`].
#[derive(FromRow)]
pub(super) struct TakesRow {
    takes_video: Option<String>,
    takes_audio: Option<String>,
    takes_tracks: Option<String>,
    takes_video_track: Option<u8>,
    takes_audio_track: Option<u8>,
    takes_tags: Option<String>,
}

impl TakesRow {
    /// The columns of the given row as what they mean.
    pub(super) fn parse(&self, id: i64) -> Result<Takes, Error> {
        let damaged = |_| Error::Row { table: "targets", id };
        Ok(Takes {
            video_codecs: self.takes_video.as_deref().map(codecs).transpose().map_err(damaged)?,
            audio_codecs: self.takes_audio.as_deref().map(codecs).transpose().map_err(damaged)?,
            tracks: self.takes_tracks.as_deref().map(str::parse).transpose().map_err(damaged)?,
            video_track: self.takes_video_track,
            audio_track: self.takes_audio_track,
            tags: self.takes_tags.as_deref().map(str::parse).transpose().map_err(damaged)?,
        })
    }
}

/// Changes what a target takes. It must be there.
pub(super) async fn change_takes(
    db: &mut SqliteConnection,
    id: TargetId,
    patch: TakesPatch,
) -> Result<(), Error> {
    let before: TakesRow = sqlx::query_as(SELECT).bind(id.0).fetch_one(&mut *db).await?;
    write_takes(db, id, &patch.applied_to(before.parse(id.0)?)).await
}

/// Writes down what a target takes.
pub(super) async fn write_takes(db: &mut SqliteConnection, id: TargetId, takes: &Takes) -> Result<(), Error> {
    bound(sqlx::query(UPDATE), takes).bind(id.0).execute(db).await?;
    Ok(())
}

type Query<'a> = sqlx::query::Query<'a, Sqlite, SqliteArguments>;

fn bound<'a>(query: Query<'a>, takes: &Takes) -> Query<'a> {
    query
        .bind(takes.video_codecs.as_deref().map(words))
        .bind(takes.audio_codecs.as_deref().map(words))
        .bind(takes.tracks.map(Choice::word))
        .bind(takes.video_track)
        .bind(takes.audio_track)
        .bind(takes.tags.map(Choice::word))
}

fn codecs<C: std::str::FromStr>(words: &str) -> Result<Vec<C>, C::Err> {
    words.split_whitespace().map(str::parse).collect()
}

fn words<C: Choice + Copy>(codecs: &[C]) -> String {
    codecs.iter().map(|codec| codec.word()).collect::<Vec<_>>().join(" ")
}

const SELECT: &str = "select takes_video, takes_audio, takes_tracks, takes_video_track, takes_audio_track,
    takes_tags from targets where id = ?";

const UPDATE: &str = "update targets set takes_video = ?, takes_audio = ?, takes_tracks = ?,
    takes_video_track = ?, takes_audio_track = ?, takes_tags = ? where id = ?";
