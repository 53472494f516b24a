//! Running := wanted.
//!
//! Adding, editing, removing, booting and restarting are the same call: [`Supervisor::apply`]
//! compares what runs with what is wanted, by id and content, and touches only what differs.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::Instrument;

use super::failure::sentence;
use super::hub::{Hub, Source};
use super::limiter::Limiter;
use super::lint::Judge;
use super::probe::Prober;
use super::push::{Order, Push, WAITING};
use super::registry::{Entry, Registry};
use super::status::{Board, TargetStatus};
use super::unfailing::unfailing;
use super::viewer::Viewer;
use super::workers::Workers;
use crate::model::{
    BackupPolicy, Coalesce, Endpoint, EndpointRole, KeyDigest, Step, StreamId, TargetId, TargetState, Wanted,
    WantedStream, WantedTarget,
};
use crate::net::{self, Dial};
use crate::rtmp::auth::Login;

/// Starts and stops what runs.
pub struct Supervisor {
    board: Arc<Board>,
    registry: Arc<Registry>,
    dial: Arc<dyn Dial>,
    limiter: Arc<Limiter>,
    workers: Workers,
    tracker: TaskTracker,
    seeds: StdRng,
    streams: HashMap<StreamId, RunningStream>,
    targets: HashMap<TargetId, RunningTarget>,
    /// Tasks of targets that are wanted no more, until they have ended.
    parting: HashMap<TargetId, TaskTracker>,
    is_leaving: bool,
}

struct RunningStream {
    hub: Arc<Hub>,
    key: KeyDigest,
    login: Option<Login>,
    /// The tasks that end holds, deliver and measure, for as long as the stream is wanted.
    _holding: AbortOnDropHandle<Infallible>,
    _delivering: AbortOnDropHandle<Infallible>,
    _measuring: AbortOnDropHandle<Infallible>,
}

struct RunningTarget {
    wanted: WantedTarget,
    order: watch::Sender<Order>,
    coalesce: watch::Sender<Option<Coalesce>>,
    retry: Arc<Notify>,
    /// The tasks of its connections, one or two.
    tasks: TaskTracker,
}

impl Supervisor {
    /// A supervisor of nothing yet. Tasks run on `workers`, and `tracker` knows of them; their random
    /// waits follow from `seed`.
    pub fn new(
        board: Arc<Board>,
        registry: Arc<Registry>,
        dial: Arc<dyn Dial>,
        workers: Workers,
        tracker: TaskTracker,
        seed: u64,
    ) -> Self {
        Self {
            board,
            registry,
            dial,
            limiter: Arc::default(),
            workers,
            tracker,
            seeds: StdRng::seed_from_u64(seed),
            streams: HashMap::new(),
            targets: HashMap::new(),
            parting: HashMap::new(),
            is_leaving: false,
        }
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

    /// Asks every target to stop: with a goodbye, which ends its broadcast, or without one, so that
    /// its platform waits for the relay to come back. The tracker tells when all have.
    pub fn leave(&mut self, says_goodbye: bool) {
        self.is_leaving = true;
        let order = if says_goodbye { Order::End } else { Order::Leave };
        self.board.close_all("splitcast was stopped.");
        for running in self.targets.values() {
            running.order.send_replace(order);
        }
        for (_, stream) in self.streams.drain() {
            stream.hub.set_leaving();
        }
    }

    /// Somebody who watches a stream from now on; `None` if nobody publishes to it.
    pub fn watch(&self, id: StreamId) -> Option<Viewer> {
        self.streams.get(&id)?.hub.watch()
    }

    /// What tests addresses and keys, by the same way on which targets are reached.
    pub fn prober(&self) -> Prober {
        Prober::new(Arc::clone(&self.dial))
    }

    fn part_with_unwanted(&mut self, wanted: &Wanted) {
        let targets = wanted.streams.iter().flat_map(|stream| &stream.targets);
        let kept: HashSet<TargetId> = targets.map(|target| target.id).collect();
        self.parting.retain(|_, tasks| !tasks.is_empty());
        for (id, running) in self.targets.extract_if(|id, _| !kept.contains(id)) {
            running.order.send_replace(Order::End);
            // Whoever decided it may have said why before.
            self.board.close_target(id, TargetState::Stopped, "Stopped.");
            self.parting.insert(id, running.tasks);
        }
    }

    fn apply_streams(&mut self, wanted: &Wanted) {
        let entries = wanted.streams.iter().map(|stream| (stream.key, self.entry(stream))).collect();
        // First nobody can come with an old key, then who came with it is sent away.
        self.registry.replace(entries);
        let streams: HashMap<_, _> = wanted.streams.iter().map(|stream| (stream.id, stream)).collect();
        self.streams.retain(|id, running| {
            let stream = streams.get(id);
            let is_known = |stream: &&&WantedStream| {
                // Whoever has shown another login has not shown this one.
                stream.key == running.key
                    && (stream.ingest_login.is_none() || stream.ingest_login == running.login)
            };
            if stream.filter(is_known).is_none() {
                running.hub.evict();
            }
            match stream {
                Some(stream) => {
                    running.key = stream.key;
                    running.login.clone_from(&stream.ingest_login);
                }
                None => self.board.close_stream(*id),
            }
            stream.is_some()
        });
        for stream in &wanted.streams {
            if let Some(running) = self.streams.get(&stream.id) {
                running.hub.send_away_unless(|peer| stream.allow_from.allows(peer.ip()));
            }
        }
    }

    fn entry(&mut self, stream: &WantedStream) -> Entry {
        let (board, tracker, workers) = (&self.board, &self.tracker, &self.workers);
        let running = self.streams.entry(stream.id).or_insert_with(|| {
            let worker = workers.assign();
            let hub = Hub::new(board.open_stream(stream.id), stream.rules, worker.clone());
            let (held, delivered, measured) = (Arc::clone(&hub), Arc::clone(&hub), Arc::clone(&hub));
            let holding = async move { unfailing("holding", || held.keep()).await };
            let delivering = async move { unfailing("delivery", || delivered.deliver()).await };
            let holding = AbortOnDropHandle::new(worker.spawn(tracker, holding));
            let delivering = AbortOnDropHandle::new(worker.spawn(tracker, delivering));
            let measuring = async move { unfailing("measuring", || measured.measure()).await };
            let measuring = AbortOnDropHandle::new(worker.spawn(tracker, measuring));
            RunningStream {
                hub,
                key: stream.key,
                login: stream.ingest_login.clone(),
                _holding: holding,
                _delivering: delivering,
                _measuring: measuring,
            }
        });
        running.hub.set_rules(stream.rules);
        let hub = Arc::clone(&running.hub);
        let (name, app, allow_from) = (stream.name.clone(), stream.app.clone(), stream.allow_from.clone());
        Entry { name, app, allow_from, login: stream.ingest_login.clone(), hub }
    }

    fn apply_target(&mut self, stream: StreamId, target: &WantedTarget) {
        let Some(hub) = self.streams.get(&stream).map(|stream| Arc::clone(&stream.hub)) else {
            return;
        };
        let predecessor = match self.targets.remove(&target.id) {
            Some(running) if is_same(&running.wanted, target) => {
                running.coalesce.send_replace(target.coalesce);
                self.targets.insert(target.id, running);
                return;
            }
            Some(running) => {
                running.order.send_replace(Order::End);
                if connections(target).len() < 2 {
                    self.board.close_backup(target.id);
                }
                Some(running.tasks)
            }
            None => self.parting.remove(&target.id),
        };
        let running = self.start(target.clone(), &hub, predecessor.as_ref());
        self.targets.insert(target.id, running);
    }

    fn start(
        &mut self,
        target: WantedTarget,
        hub: &Arc<Hub>,
        predecessor: Option<&TaskTracker>,
    ) -> RunningTarget {
        let (order, orders) = watch::channel(Order::Run);
        let coalesce = watch::Sender::new(target.coalesce);
        let (retry, tasks) = (Arc::new(Notify::new()), TaskTracker::new());
        for endpoints in connections(&target) {
            let role = endpoints.first().map(|(role, _)| *role).unwrap_or_default();
            let status = self.board.open_target(hub.status.id(), target.id, role);
            announce(&status, hub, predecessor.is_some());
            // Both connections of a target are sent the same: one of them tells what is minded.
            if role == EndpointRole::Primary {
                let judge = |at: &Endpoint| Judge::at(at.url.host(), &target.takes);
                status.set_judges(endpoints.iter().map(|(role, endpoint)| (*role, judge(endpoint))));
                hub.status.lint_for(&status);
            }
            let push = Push {
                id: target.id,
                endpoints,
                hub: Arc::clone(hub),
                dial: Arc::clone(&self.dial),
                limiter: Arc::clone(&self.limiter),
                takes: target.takes.clone(),
                status,
                retry: Arc::clone(&retry),
                tracker: self.tracker.clone(),
                tasks: tasks.clone(),
                order: orders.clone(),
                coalesce: coalesce.subscribe(),
                seed: self.seeds.random(),
            };
            let span = tracing::info_span!("target", id = %target.id, name = target.name, at = role.as_str());
            let kept = keep(push, predecessor.cloned()).instrument(span);
            hub.worker().spawn(&self.tracker, tasks.track_future(kept));
        }
        tasks.close();
        RunningTarget { wanted: target, order, coalesce, retry, tasks }
    }
}

/// Whether a target may go on as it runs. Its name is of no matter to its connections.
fn is_same(running: &WantedTarget, wanted: &WantedTarget) -> bool {
    running.endpoint == wanted.endpoint && running.backup == wanted.backup && running.takes == wanted.takes
}

/// The addresses of each connection of a target: one connection with one or two of them, or two with
/// one each.
fn connections(target: &WantedTarget) -> Vec<Vec<(EndpointRole, Endpoint)>> {
    let primary = (EndpointRole::Primary, target.endpoint.clone());
    let Some(backup) = &target.backup else {
        return vec![vec![primary]];
    };
    let second = (EndpointRole::Backup, backup.endpoint.clone());
    match backup.policy {
        BackupPolicy::Failover => vec![vec![primary, second]],
        BackupPolicy::Both => vec![vec![primary], vec![second]],
    }
}

/// Says what a connection does first. It is said before its task runs, so that whoever ordered it does
/// not read of anything else.
fn announce(status: &TargetStatus, hub: &Hub, is_replacing: bool) {
    if *hub.source().borrow() != Source::Live {
        status.enter(TargetState::WaitingForSource, WAITING);
    } else if is_replacing {
        status.enter_step(Step::Connecting, "Waiting for the old connection to end.");
    } else {
        status.enter_step(Step::Resolving, sentence(&net::Step::Resolving.to_string()));
    }
}

/// Runs the task of a connection, after those that it replaces have ended: platforms refuse a key
/// that is still in use. A task that panics is begun again; no other target notices.
async fn keep(mut push: Push, predecessor: Option<TaskTracker>) {
    if let Some(predecessor) = predecessor {
        predecessor.wait().await;
    }
    while let Err(error) = push.tracker.spawn(push.clone().run().in_current_span()).await {
        tracing::error!(%error, "a target's task failed; it begins again");
        push.recover(Instant::now() + AFTER_PANIC).await;
    }
}

const AFTER_PANIC: Duration = Duration::from_secs(10);
