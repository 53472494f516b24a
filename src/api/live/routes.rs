//! How somebody begins to follow.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::Event;
use futures_util::Stream;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::Credential;
use super::super::error::Error;
use super::super::history::HappeningBody;
use super::super::router::Api;
use super::body::{EditBody, ResyncBody, StatsBody};
use super::follower::Follower;

pub(in super::super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(follow_events))
}

/// The data of each kind of event, under the event's name.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is sent one by one")]
struct Events {
    /// Something happened to a stream or a target.
    state: HappeningBody,
    /// What is wanted was changed.
    edit: EditBody,
    /// How it goes, each second.
    stats: StatsBody,
    /// Events were missed, because they were not read soon enough: ask for `/status` anew.
    resync: ResyncBody,
}

/// Follows what happens, as it happens, and how it goes each second.
///
/// An answer that does not end, of server-sent events: `state`, `edit`, `stats` and `resync`, whose data are
/// described by `Events`. Ask for `/status` after it has begun: then nothing is missed in between. Who does
/// not read is cut off.
#[utoipa::path(
    get, path = "/events", tag = "Relay", security(("token" = ["read"])),
    responses((status = 200, description = "Events, until either side ends it.", body = inline(Events),
        content_type = "text/event-stream")),
)]
async fn follow_events(
    State(api): State<Api>,
    Extension(credential): Extension<Credential>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Error> {
    let _place = Arc::clone(&api.live.places).try_acquire_owned().map_err(|_| Error::TooManyFollowers)?;
    let news = api.control.subscribe();
    let (pulse, stop) = (Arc::clone(&api.live.pulse), api.live.stop);
    let follower = Follower { control: api.control, pulse, credential, news, stop, _place };
    Ok(Sse::new(follower.into_stream()))
}
