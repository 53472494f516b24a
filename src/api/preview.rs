//! `/streams/{id}/preview.flv`: what a stream's encoder sends, as it comes, for people to see (HTTP-FLV).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderName, header};
use futures_util::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::Credential;
use super::error::Error;
use super::request::Id;
use super::router::Api;
use crate::control::Control;
use crate::model::StreamId;
use crate::relay::Viewer;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(watch_stream))
}

/// What those who watch share.
#[derive(Clone)]
pub(super) struct Previews {
    places: Arc<Semaphore>,
    /// Ends all of it.
    stop: CancellationToken,
}

impl Previews {
    /// Lets a bounded number watch, until `stop`.
    pub(super) fn new(stop: CancellationToken) -> Self {
        Self { places: Arc::new(Semaphore::new(MOST)), stop }
    }
}

/// Somebody who watches.
struct Watcher {
    viewer: Viewer,
    control: Arc<Control>,
    /// What they were let in with, which may end before they go.
    credential: Credential,
    seconds: Interval,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    /// Everything there is to see, until they go, may watch no longer, the encoder goes, or the relay stops.
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut watcher| async move { Some((Ok(watcher.next().await?), watcher)) })
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                _ = self.seconds.tick() => if !self.credential.is_good(&self.control) {
                    return None;
                },
                seen = self.viewer.next() => return seen,
            }
        }
    }
}

/// Watches what a stream's encoder sends, as it comes.
///
/// An answer that does not end, of FLV, unchanged but for its time, which begins at 0: from the newest key frame
/// on, for as long as this encoder sends. Who reads too slowly misses pictures, and who does not read is cut
/// off. At most eight watch at once.
#[utoipa::path(
    get, path = "/streams/{id}/preview.flv", tag = "Streams", security(("token" = ["read"])), params(Id),
    responses(
        (status = 200, description = "FLV, until either side ends it.", body = [u8],
            content_type = "video/x-flv"),
        (status = 409, description = "The encoder is not sending."),
        (status = 503, description = "Too many watch already, or the database does not answer."),
    ),
)]
async fn watch_stream(
    State(api): State<Api>,
    Id(id): Id,
    Extension(credential): Extension<Credential>,
) -> Result<([(HeaderName, &'static str); 2], Body), Error> {
    let Previews { places, stop } = api.previews;
    let viewer = api.control.watch_stream(StreamId(id)).await?;
    let _place = places.try_acquire_owned().map_err(|_| Error::TooManyViewers)?;
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watcher = Watcher { viewer, control: api.control, credential, seconds, stop, _place };
    // A proxy that collects what it passes on would make it late.
    let headers =
        [(header::CONTENT_TYPE, "video/x-flv"), (HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((headers, Body::from_stream(watcher.into_stream())))
}

/// Who may watch at once: each takes as much of the network as a target.
const MOST: usize = 8;
