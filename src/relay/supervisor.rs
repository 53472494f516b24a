//! Running := wanted.
//!
//! Adding, editing, removing, booting and restarting are the same call: [`Supervisor::apply`]
//! compares what runs with what is wanted, by id and content, and touches only what differs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::hub::Hub;
use super::push::{Order, Push};
use super::registry::{Entry, Registry};
use super::status::Board;
use crate::model::{
    EndpointRole, KeyDigest, StreamId, TargetId, TargetState, Wanted, WantedStream, WantedTarget,
};
use crate::net::Dial;

/// Starts and stops what runs.
pub struct Supervisor {
    board: Arc<Board>,
    registry: Arc<Registry>,
    dial: Arc<dyn Dial>,
    tracker: TaskTracker,
    streams: HashMap<StreamId, RunningStream>,
    targets: HashMap<TargetId, RunningTarget>,
    /// Tasks of targets that are wanted no more, until they have ended.
    parting: HashMap<TargetId, JoinHandle<()>>,
    is_leaving: bool,
}

struct RunningStream {
    hub: Arc<Hub>,
    key: KeyDigest,
}

struct RunningTarget {
    wanted: WantedTarget,
    order: watch::Sender<Order>,
    retry: Arc<Notify>,
    keeper: JoinHandle<()>,
}

impl Supervisor {
    /// A supervisor of nothing yet. Tasks are spawned on `tracker`.
    pub fn new(
        board: Arc<Board>,
        registry: Arc<Registry>,
        dial: Arc<dyn Dial>,
        tracker: TaskTracker,
    ) -> Self {
        let (streams, targets, parting) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { board, registry, dial, tracker, streams, targets, parting, is_leaving: false }
    }

    /// Makes what runs equal to `wanted`. What is as it was is not touched. After
    /// [`Supervisor::leave`] nothing is: what is wanted then is for the next start.
    pub fn apply(&mut self, wanted: &Wanted) {
        if self.is_leaving {
            return;
        }
        self.apply_streams(wanted);
        self.part_with_unwanted(wanted);
        for stream in &wanted.streams {
            for target in &stream.targets {
                self.apply_target(stream.id, target);
            }
        }
    }

    /// Ends a target's wait before its next attempt; `false` if it does not run.
    pub fn retry(&self, id: TargetId) -> bool {
        let running = self.targets.get(&id);
        if let Some(running) = running {
            // Only a wait that is under way: one that comes much later is not meant.
            running.retry.notify_waiters();
        }
        running.is_some()
    }

    /// Asks every target to stop without ending its broadcast. The tracker tells when all have.
    pub fn leave(&mut self) {
        self.is_leaving = true;
        for running in self.targets.values() {
            running.order.send_replace(Order::Leave);
        }
    }

    fn part_with_unwanted(&mut self, wanted: &Wanted) {
        let targets = wanted.streams.iter().flat_map(|stream| &stream.targets);
        let kept: HashSet<TargetId> = targets.map(|target| target.id).collect();
        self.parting.retain(|_, keeper| !keeper.is_finished());
        for (id, running) in self.targets.extract_if(|id, _| !kept.contains(id)) {
            running.order.send_replace(Order::End);
            self.board.close_target(id, TargetState::Stopped, "Not wanted any more.");
            self.parting.insert(id, running.keeper);
        }
    }

    fn apply_streams(&mut self, wanted: &Wanted) {
        let entries = wanted.streams.iter().map(|stream| (stream.key, self.entry(stream))).collect();
        // First nobody can come with an old key, then who came with it is sent away.
        self.registry.replace(entries);
        let keys: HashMap<_, _> = wanted.streams.iter().map(|stream| (stream.id, stream.key)).collect();
        self.streams.retain(|id, running| {
            let key = keys.get(id);
            if key != Some(&running.key) {
                running.hub.evict();
            }
            match key {
                Some(key) => running.key = *key,
                None => self.board.close_stream(*id),
            }
            key.is_some()
        });
    }

    fn entry(&mut self, stream: &WantedStream) -> Entry {
        let running = self.streams.entry(stream.id).or_insert_with(|| RunningStream {
            hub: Hub::new(self.board.open_stream(stream.id)),
            key: stream.key,
        });
        let hub = Arc::clone(&running.hub);
        Entry { name: stream.name.clone(), app: stream.app.clone(), hub }
    }

    fn apply_target(&mut self, stream: StreamId, target: &WantedTarget) {
        let Some(hub) = self.streams.get(&stream).map(|stream| Arc::clone(&stream.hub)) else {
            return;
        };
        let predecessor = match self.targets.remove(&target.id) {
            Some(running) if running.wanted.endpoint == target.endpoint => {
                self.targets.insert(target.id, running);
                return;
            }
            Some(running) => {
                running.order.send_replace(Order::End);
                Some(running.keeper)
            }
            None => self.parting.remove(&target.id),
        };
        let running = self.start(target.clone(), hub, predecessor);
        self.targets.insert(target.id, running);
    }

    fn start(
        &self,
        target: WantedTarget,
        hub: Arc<Hub>,
        predecessor: Option<JoinHandle<()>>,
    ) -> RunningTarget {
        let (order, orders) = watch::channel(Order::Run);
        let retry = Arc::new(Notify::new());
        let push = Push {
            target: target.clone(),
            hub,
            dial: Arc::clone(&self.dial),
            status: self.board.open_target(target.id, EndpointRole::Primary),
            retry: Arc::clone(&retry),
            order: orders,
            seed: rand::random(),
        };
        let span = tracing::info_span!("target", id = %target.id, name = target.name);
        let keeper = self.tracker.spawn(keep(push, predecessor, self.tracker.clone()).instrument(span));
        RunningTarget { wanted: target, order, retry, keeper }
    }
}

/// Runs a target's task, after the one that it replaces has ended: platforms refuse a key that is
/// still in use. A task that panics is begun again; no other target notices.
async fn keep(mut push: Push, predecessor: Option<JoinHandle<()>>, tracker: TaskTracker) {
    if let Some(predecessor) = predecessor {
        push.status.enter(TargetState::Connecting, "Waiting for the old connection to end.");
        let _ = predecessor.await;
    }
    while let Err(error) = tracker.spawn(push.clone().run().in_current_span()).await {
        tracing::error!(%error, "a target's task failed; it begins again");
        let reason = "An internal error ended this target's task. It begins again by itself.";
        push.wait(reason, AFTER_PANIC).await;
    }
}

const AFTER_PANIC: Duration = Duration::from_secs(10);
