//! `/platforms`: what is known of the places that many people push to.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Error;
use super::router::Api;
use super::targets::IntakeBody;
use super::words::{self, Word};
use crate::control::Control;
use crate::model::{FetchedServer, FetchedServers, Limits, Platform, Server, Source, Standby};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_platforms)).routes(routes!(fetch_platform_servers))
}

/// The platforms that are known: their servers, where their keys are, and what they take.
#[utoipa::path(
    get, path = "/platforms", tag = "Targets", security(("token" = ["read"])),
    responses((status = 200, description = "All of them, those first that most people want.", body = PlatformsBody)),
)]
async fn list_platforms(State(control): State<Arc<Control>>) -> Result<Json<PlatformsBody>, Error> {
    let fetched = control.platform_servers().await?;
    let platforms = Platform::all().iter().map(|platform| PlatformBody::new(platform, &fetched)).collect();
    Ok(Json(PlatformsBody { platforms }))
}

/// Asks a platform which servers it has now, which replaces those that are listed but for the ones for
/// everywhere.
#[utoipa::path(
    post, path = "/platforms/{platform}/servers", tag = "Targets", security(("token" = ["edit"])),
    params(("platform" = String, Path, description = "The `id` of a platform that `has_list`.", pattern = "^[a-z]+$")),
    responses(
        (status = 200, description = "The platform with the servers that it has now.", body = PlatformBody),
        (status = 404, description = "There is no such platform, or it has no list."),
        (status = 502, description = "The platform could not be asked, or did not answer with its list: what was listed stays."),
    ),
)]
async fn fetch_platform_servers(
    State(control): State<Arc<Control>>,
    Path(platform): Path<String>,
) -> Result<Json<PlatformBody>, Error> {
    let platform = control.fetch_servers(&platform).await?;
    Ok(Json(PlatformBody::new(platform, &control.platform_servers().await?)))
}

/// All platforms that are known.
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformList)]
struct PlatformsBody {
    platforms: Vec<PlatformBody>,
}

/// A place that many people push to. `rtmp` and `rtmps` stand for any other.
#[derive(Serialize, ToSchema)]
#[schema(as = Platform)]
struct PlatformBody {
    /// What it is called here; it never changes.
    #[schema(example = "youtube")]
    id: &'static str,
    name: &'static str,
    /// Its servers' names are these, or end with a dot and one of these.
    domains: &'static [&'static str],
    /// Its servers, the one for most people first.
    servers: Vec<ServerBody>,
    /// When it was last asked for its servers: seconds since 1970; null if never.
    servers_at: Option<i64>,
    /// Whether it tells which servers it has, so that they can be asked for.
    has_list: bool,
    /// Where a person gets the address from: it is one of the `list`; it is shown in their `account`, where
    /// the first of the list is the usual one; or it is another one for each `broadcast`.
    server_from: words::ServerFrom,
    /// Where a person sees their key.
    key_page: Option<&'static str>,
    /// How long a key is good for.
    key_life: words::KeyLife,
    /// What puts a broadcast on air: pushing, a person on the platform's page, or either, as it is set there.
    on_air: words::OnAir,
    /// It wants a user name and a password, too.
    needs_login: bool,
    limits: LimitsBody,
    /// The kinds of picture it takes; empty if that is not known.
    codecs: Vec<words::VideoCodec>,
    /// What its targets take, unless something else is said for one.
    intake: IntakeBody,
    /// Where all this was read.
    sources: Vec<SourceBody>,
}

/// One of a platform's servers.
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformServer)]
struct ServerBody {
    /// What it is called here.
    #[schema(example = "frankfurt")]
    id: String,
    name: String,
    /// What a target's `url` would be.
    url: String,
    /// A second address that takes the same key.
    backup: Option<StandbyBody>,
}

/// A platform's second address.
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformBackup)]
struct StandbyBody {
    /// What a target's `backup_url` would be.
    url: &'static str,
    policy: words::BackupPolicy,
}

/// What a platform takes at most, or wants. It is advice; null is not known.
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformLimits)]
struct LimitsBody {
    video_kbps: Option<u32>,
    audio_kbps: Option<u32>,
    /// The time from one key frame to the next that it wants.
    key_frame_seconds: Option<u8>,
    /// The longest such time it takes.
    key_frame_max_seconds: Option<u8>,
    /// How long a broadcast may be.
    hours: Option<u8>,
    /// The shorter side of the picture: 720 for 720p.
    lines: Option<u16>,
    frame_rate: Option<u8>,
    /// The picture stands upright, 9:16.
    portrait: bool,
    no_b_frames: bool,
}

/// Where something was read.
#[derive(Serialize, ToSchema)]
#[schema(as = PlatformSource)]
struct SourceBody {
    of: words::Fact,
    url: &'static str,
    /// Whose word it is. That of `others` may be wrong.
    word: words::WordOf,
    /// Year and month.
    #[schema(example = "2026-11")]
    checked: &'static str,
}

impl PlatformBody {
    fn new(platform: &'static Platform, fetched: &HashMap<String, FetchedServers>) -> Self {
        let fetched = fetched.get(platform.id);
        Self {
            id: platform.id,
            name: platform.name,
            domains: platform.domains,
            servers: servers(platform, fetched),
            servers_at: fetched.map(|fetched| fetched.at),
            has_list: platform.list.is_some(),
            server_from: Word(platform.server_from),
            key_page: platform.key_page,
            key_life: Word(platform.key_life),
            on_air: Word(platform.on_air),
            needs_login: platform.needs_login,
            limits: LimitsBody::from(&platform.limits),
            intake: platform.intake().into(),
            codecs: platform.codecs.iter().map(|codec| Word(*codec)).collect(),
            sources: platform.sources.iter().map(SourceBody::from).collect(),
        }
    }
}

/// Those that are built in, or those for everywhere and what the platform told of the others.
fn servers(platform: &'static Platform, fetched: Option<&FetchedServers>) -> Vec<ServerBody> {
    let Some(fetched) = fetched else { return platform.servers.iter().map(ServerBody::from).collect() };
    platform
        .for_everywhere()
        .map(ServerBody::from)
        .chain(fetched.servers.iter().map(ServerBody::from))
        .collect()
}

impl From<&Server> for ServerBody {
    fn from(server: &Server) -> Self {
        let backup = server.backup.as_ref().map(StandbyBody::from);
        Self { id: server.id.to_owned(), name: server.name.to_owned(), url: server.url.to_owned(), backup }
    }
}

impl From<&FetchedServer> for ServerBody {
    fn from(FetchedServer { id, name, url }: &FetchedServer) -> Self {
        Self { id: id.clone(), name: name.clone(), url: url.clone(), backup: None }
    }
}

impl From<&Standby> for StandbyBody {
    fn from(standby: &Standby) -> Self {
        Self { url: standby.url, policy: Word(standby.policy) }
    }
}

impl From<&Limits> for LimitsBody {
    fn from(limits: &Limits) -> Self {
        Self {
            video_kbps: limits.video_kbps,
            audio_kbps: limits.audio_kbps,
            key_frame_seconds: limits.key_frame_seconds,
            key_frame_max_seconds: limits.key_frame_max_seconds,
            hours: limits.hours,
            lines: limits.lines,
            frame_rate: limits.frame_rate,
            portrait: limits.portrait,
            no_b_frames: limits.no_b_frames,
        }
    }
}

impl From<&Source> for SourceBody {
    fn from(source: &Source) -> Self {
        Self { of: Word(source.of), url: source.url, word: Word(source.word), checked: source.checked }
    }
}
