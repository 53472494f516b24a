//! Streams as they are shown.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::numbers::SourceNumbers;
use super::super::seconds::{Moment, Seconds};
use super::super::words::{OnUnpublish, SourceState, Takeover, Word};
use crate::control::StreamReport;
use crate::model::{AppName, Coalesce, IngestKey};
use crate::relay::status::{self, StreamSnapshot};

/// All streams.
#[derive(Serialize, ToSchema)]
#[schema(as = StreamList)]
pub(super) struct StreamsBody {
    /// In the order they were made.
    pub(super) streams: Vec<StreamBody>,
}

/// A place to publish to, without its key.
#[derive(Serialize, ToSchema)]
#[schema(as = Stream)]
pub(in super::super) struct StreamBody {
    /// Its number, which is never used again.
    id: i64,
    /// What a person calls it; unique.
    name: String,
    /// The only application name that its encoder may use; null for any.
    app: Option<String>,
    /// How long its targets are kept connected when its encoder vanishes.
    hold_seconds: u16,
    takeover: Takeover,
    on_unpublish: OnUnpublish,
    /// How long frames may wait for those that follow; null is automatic.
    coalesce_ms: Option<u8>,
    /// The only addresses and networks that encoders may publish from; none is from everywhere.
    allow_from: Vec<String>,
    /// As whom its encoder must log in; null for nobody.
    ingest_user: Option<String>,
    has_ingest_password: bool,
    /// What people note, as they wrote it.
    notes: String,
    /// Whether its key is so short or plain that it could be guessed.
    key_is_weak: bool,
    /// Seconds since 1970.
    created_at: i64,
    /// Grows with each change: what stands in the header `ETag`.
    version: i64,
    source: SourceBody,
    /// How many targets it has.
    target_count: u32,
}

impl From<StreamReport> for StreamBody {
    fn from(StreamReport { stream, status }: StreamReport) -> Self {
        Self {
            id: stream.id.0,
            name: stream.name.as_str().to_owned(),
            app: stream.app.map(|app| app.as_str().to_owned()),
            hold_seconds: stream.rules.hold.as_seconds(),
            takeover: Word(stream.rules.takeover),
            on_unpublish: Word(stream.rules.on_unpublish),
            coalesce_ms: stream.rules.coalesce.map(Coalesce::as_ms),
            allow_from: stream.allow_from.words().collect(),
            has_ingest_password: stream.ingest_user.is_some(),
            ingest_user: stream.ingest_user.map(|user| user.as_str().to_owned()),
            notes: stream.notes.as_str().to_owned(),
            key_is_weak: stream.key_is_weak,
            created_at: stream.created_at,
            version: stream.version,
            source: status.map_or_else(SourceBody::offline, SourceBody::from),
            target_count: stream.target_count,
        }
    }
}

/// A stream's encoder.
#[derive(Serialize, ToSchema)]
#[schema(as = Source)]
struct SourceBody {
    state: SourceState,
    /// How long it has been in this state.
    for_seconds: Seconds,
    /// Until when targets are kept connected without the encoder, while it is held.
    held_until: Option<Moment>,
    /// The encoder's address and port, while it is live.
    peer: Option<String>,
    /// The codec of its pictures, as they say themselves.
    video_codec: Option<String>,
    /// The codec of its sound.
    audio_codec: Option<String>,
    /// Its pictures' width in pixels.
    width: Option<u32>,
    /// Their height.
    height: Option<u32>,
    /// Pictures per second, as it declares.
    declared_frame_rate: Option<f64>,
    /// What it calls itself.
    encoder: Option<String>,
    /// The profile of its pictures' codec, as decoders are told.
    video_profile: Option<&'static str>,
    /// The level of it.
    #[schema(example = "4.1")]
    video_level: Option<String>,
    /// Bits of each of a picture's samples.
    bit_depth: Option<u8>,
    /// How much of the colour is kept.
    #[schema(example = "4:2:0")]
    chroma: Option<&'static str>,
    /// The profile of its sound's codec.
    audio_profile: Option<&'static str>,
    /// Samples of sound per second.
    audio_sample_rate: Option<u32>,
    /// Channels of sound.
    audio_channels: Option<u8>,
    #[serde(flatten)]
    numbers: SourceNumbers,
}

impl SourceBody {
    /// A stream that is not on the board yet.
    fn offline() -> Self {
        Self {
            state: Word(status::SourceState::Offline),
            for_seconds: Seconds(Duration::ZERO),
            held_until: None,
            peer: None,
            video_codec: None,
            audio_codec: None,
            width: None,
            height: None,
            declared_frame_rate: None,
            encoder: None,
            video_profile: None,
            video_level: None,
            bit_depth: None,
            chroma: None,
            audio_profile: None,
            audio_sample_rate: None,
            audio_channels: None,
            numbers: SourceNumbers::default(),
        }
    }
}

impl From<StreamSnapshot> for SourceBody {
    fn from(status: StreamSnapshot) -> Self {
        Self {
            state: Word(status.state),
            for_seconds: Seconds(status.in_state_for),
            held_until: status.held_for.map(Moment::after),
            peer: status.peer.map(|peer| peer.to_string()),
            numbers: SourceNumbers::from(&status),
            video_codec: status.facts.video_codec.map(str::to_owned),
            audio_codec: status.facts.audio_codec.map(str::to_owned),
            width: status.facts.width,
            height: status.facts.height,
            declared_frame_rate: status.facts.frame_rate.or(status.facts.picture.frame_rate),
            video_profile: status.facts.picture.profile,
            video_level: status.facts.picture.level.map(|level| level.to_string()),
            bit_depth: status.facts.picture.bit_depth,
            chroma: status.facts.picture.chroma,
            audio_profile: status.facts.sound.profile,
            audio_sample_rate: status.facts.sound.sample_rate,
            audio_channels: status.facts.sound.channels,
            encoder: status.facts.encoder,
        }
    }
}

/// What an encoder is set up with.
#[derive(Serialize, ToSchema)]
#[schema(as = StreamKey)]
pub(super) struct KeyBody {
    /// The stream key.
    key: String,
    /// What follows the host in the address of the server.
    #[schema(example = "/live")]
    server_path: String,
}

impl KeyBody {
    /// The one answer that holds a key: an encoder has to be told it.
    pub(super) fn new(app: Option<&AppName>, key: &IngestKey) -> Self {
        let app = app.map_or("live", AppName::as_str);
        Self { key: key.as_stream_key().expose().to_owned(), server_path: format!("/{app}") }
    }
}
