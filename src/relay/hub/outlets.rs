//! The targets' side of a hub: who is fed, whether they keep up, and how they do.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;

use tokio::task::coop::unconstrained;
use tokio::time::{Instant, sleep};

use super::{Hub, SAMPLED, Source};
use crate::net::Link;
use crate::relay::form::Form;
use crate::relay::outlet::Outlet;
use crate::relay::ring::Spot;
use crate::relay::status::TargetStatus;
use crate::rtmp::Client;

impl Hub {
    /// Feeds a connection in a form, from a place on, for as long as the outlet is attached.
    pub(in crate::relay) fn attach(
        self: &Arc<Self>,
        link: Link<Client>,
        status: Arc<TargetStatus>,
        form: Form,
        place: Place,
    ) -> Attached {
        let feed = match place {
            Place::Newest => self.subscribe_to(form),
            Place::Seam(from) => self.subscribe_heir(form, from),
            Place::Before(spot) => self.subscribe_again(form, spot),
        };
        let outlet = Arc::new(Outlet::new(link, feed, status));
        self.delivery.add(Arc::clone(&outlet));
        Attached { hub: Arc::clone(self), outlet }
    }

    /// Writes what is new to all that is attached. Runs until dropped.
    pub async fn deliver(&self) -> Infallible {
        // Each write is a step for all; to be made to wait in their midst would only delay the rest.
        unconstrained(self.delivery.run(self)).await
    }

    /// Takes a sample of what is counted each second while the stream has a source, or waits for its
    /// return. Runs until dropped.
    pub async fn measure(&self) -> Infallible {
        let mut source = self.source.subscribe();
        loop {
            // The sender lives in this hub.
            let _ = source.wait_for(|source| *source != Source::Ended).await;
            sleep(SAMPLED).await;
            let kept = self.lock().renditions.original().bytes();
            let offer = self.offer.borrow().clone();
            self.status.sample(Instant::now(), kept, &offer);
            self.delivery.sample().await;
        }
    }

    /// Whether half of the targets or more are this many bytes behind what came just now: more comes in
    /// than this machine can send out. Where most keep up, it is the others that are slow, and nobody
    /// waits for them.
    pub(in crate::relay) fn is_overrun(&self, leeway: u64) -> bool {
        if self.lock().renditions.original().bytes_from(0) <= leeway {
            return false;
        }
        let places = self.delivery.places();
        let state = self.lock();
        let is_behind = |place: &&Option<(Form, u64)>| {
            place.is_some_and(|(form, at)| {
                let ring = state.renditions.of(form);
                ring.bytes_from(at) > leeway && ring.age_ms(at) < JUST_NOW_MS
            })
        };
        let behind = places.iter().filter(is_behind).count();
        behind > 0 && behind * 2 >= places.len()
    }
}

/// Where a connection begins.
#[derive(Debug, Clone, Copy)]
pub(in crate::relay) enum Place {
    /// With the newest key frame.
    Newest,
    /// As the heir of another one, with the first key frame that is not before this frame.
    Seam(u64),
    /// As the heir of one that has come this far, with the last key frame up to there.
    Before(Spot),
}

/// An outlet that is fed until this is dropped.
#[derive(Debug)]
pub(in crate::relay) struct Attached {
    hub: Arc<Hub>,
    outlet: Arc<Outlet>,
}

impl Deref for Attached {
    type Target = Outlet;

    fn deref(&self) -> &Outlet {
        &self.outlet
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.hub.delivery.remove(&self.outlet);
        // Its task has taken it before, unless it failed.
        drop(self.outlet.take());
    }
}

/// What arrived longer ago and was not sent yet tells of slow targets, not of a slow machine.
const JUST_NOW_MS: i64 = 250;
