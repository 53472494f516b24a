//! Times how long a frame takes from its arrival until it was handed to the kernel for one target.
//!
//! One frame is marked about once a second, so that the way of all others costs no look at the clock.

use std::time::Duration;

use tokio::time::Instant;

use super::feed::Feed;
use super::pacing::Mark;
use crate::net::Link;
use crate::rtmp::Client;

/// What a target is timed with.
#[derive(Debug)]
pub(super) struct Stopwatch {
    /// Frames that came until then are not timed, or were.
    since: Instant,
    timed: Option<Timed>,
}

/// A frame on its way.
#[derive(Debug)]
struct Timed {
    mark: Mark,
    /// Its number, in the form in which the target takes it.
    position: u64,
    /// Once it waits in the connection: how many bytes that will have sent when it was.
    sent_with: Option<u64>,
}

impl Stopwatch {
    /// One for a target that comes now: what it is given of the past is not late.
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), timed: None }
    }

    /// Begins with a frame that is yet to be given to the target, unless one before is still on its way.
    #[inline]
    pub(super) fn start(&mut self, mark: Mark, feed: &Feed) {
        if mark.arrived > self.since
            && self.timed.is_none()
            && let (Some(next), Some(position)) = (feed.next_position(), feed.mark())
            && next <= position
        {
            self.since = mark.arrived;
            self.timed = Some(Timed { mark, position, sent_with: None });
        }
    }

    /// How long the frame took, if it is sent by now, or left out.
    #[inline]
    pub(super) fn stop(&mut self, feed: &Feed, link: &Link<Client>) -> Option<Duration> {
        let timed = self.timed.as_mut()?;
        let is_passed = feed.next_position().is_some_and(|next| next > timed.position);
        if timed.sent_with.is_none() && is_passed {
            timed.sent_with = Some(link.taken().saturating_add(u64::try_from(link.unsent()).unwrap_or(0)));
        }
        // One who is always behind always has something unsent.
        if timed.sent_with.is_some_and(|bytes| !link.has_unsent() || link.taken() > bytes) {
            let took = timed.mark.arrived.elapsed();
            self.timed = None;
            return Some(took);
        }
        None
    }
}
