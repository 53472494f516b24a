//! What the desk keeps for webhooks while the relay runs.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::notice::Notice;
use super::outgoing::Outgoing;
use super::verdict::Pace;
use crate::model::{StreamId, TargetId, WantedWebhook, WebhookId};
use crate::net::Post;
use crate::store::Trouble;

/// Notices that wait to be written into the outbox, at most.
const MOST_NOTICES: usize = 1_000;

/// Messages that wait for one webhook outside the outbox, at most.
const MOST_URGENT: usize = 10;

/// What the desk keeps for webhooks while the relay runs.
pub(in super::super) struct Office {
    pub(super) post: Arc<dyn Post>,
    pub(super) pace: Pace,
    state: Mutex<State>,
    /// Told when webhooks are edited.
    pub(super) edited: watch::Sender<()>,
    /// Told when there is something new to deliver.
    pub(super) arrived: watch::Sender<()>,
    /// Told when there is a notice to be written.
    pub(super) noticed: watch::Sender<()>,
    /// Why the store takes nothing, while it does not.
    pub(super) trouble: watch::Sender<Option<Trouble>>,
}

#[derive(Default)]
struct State {
    webhooks: Vec<Arc<WantedWebhook>>,
    notices: VecDeque<Notice>,
    lost: u64,
    /// Messages that the outbox cannot take, since it is what they tell of.
    urgent: HashMap<WebhookId, VecDeque<Outgoing>>,
    streams: HashMap<TargetId, StreamId>,
}

impl Office {
    /// An office that posts by `post`.
    pub(in super::super) fn new(post: Arc<dyn Post>) -> Self {
        Self {
            post,
            pace: Pace::default(),
            state: Mutex::default(),
            edited: watch::Sender::new(()),
            arrived: watch::Sender::new(()),
            noticed: watch::Sender::new(()),
            trouble: watch::Sender::new(None),
        }
    }

    /// Takes note of which stream each target that runs belongs to.
    pub(in super::super) fn note_streams(&self, streams: HashMap<TargetId, StreamId>) {
        self.lock().streams = streams;
    }

    pub(super) fn stream_of(&self, target: TargetId) -> Option<StreamId> {
        self.lock().streams.get(&target).copied()
    }

    /// Takes note of why the store takes nothing, or that it does again.
    pub(in super::super) fn note_store(&self, trouble: Option<Trouble>) {
        self.trouble.send_if_modified(|last| {
            let changes = trouble.is_some() != last.is_some();
            if changes {
                *last = trouble;
            }
            changes
        });
    }

    /// Why the store takes nothing, while it does not.
    pub(in super::super) fn known_trouble(&self) -> Option<Trouble> {
        *self.trouble.borrow()
    }

    pub(super) fn set_webhooks(&self, webhooks: Vec<WantedWebhook>) {
        self.lock().webhooks = webhooks.into_iter().map(Arc::new).collect();
        self.edited.send_replace(());
    }

    pub(super) fn webhooks(&self) -> Vec<Arc<WantedWebhook>> {
        self.lock().webhooks.clone()
    }

    /// A webhook that is to be told anything.
    pub(super) fn webhook(&self, id: WebhookId) -> Option<Arc<WantedWebhook>> {
        self.lock().webhooks.iter().find(|webhook| webhook.id == id && webhook.enabled).cloned()
    }

    pub(super) fn add_notice(&self, notice: Notice) {
        let mut state = self.lock();
        // Who is told nothing costs nothing.
        if state.webhooks.iter().all(|webhook| !webhook.enabled || !webhook.kinds.contains(&notice.kind)) {
            return;
        }
        if state.notices.len() >= MOST_NOTICES {
            state.notices.pop_front();
            state.lost += 1;
        }
        state.notices.push_back(notice);
        drop(state);
        self.noticed.send_replace(());
    }

    /// The oldest notices, so many at most, which stay until they are [written](Office::written).
    pub(super) fn notices(&self, most: usize) -> Vec<Notice> {
        self.lock().notices.iter().take(most).cloned().collect()
    }

    /// These notices were written; tells how many others were lost since the last that were.
    pub(super) fn written(&self, written: &[Notice]) -> u64 {
        let mut state = self.lock();
        state.notices.retain(|notice| written.iter().all(|other| other.event_id != notice.event_id));
        std::mem::take(&mut state.lost)
    }

    pub(super) fn add_urgent(&self, webhook: WebhookId, message: Outgoing) {
        let mut state = self.lock();
        let waiting = state.urgent.entry(webhook).or_default();
        if waiting.len() >= MOST_URGENT {
            waiting.pop_front();
        }
        waiting.push_back(message);
        drop(state);
        self.arrived.send_replace(());
    }

    /// Takes the first message out that waits outside the outbox.
    pub(super) fn take_urgent(&self, webhook: WebhookId) -> Option<Outgoing> {
        self.lock().urgent.get_mut(&webhook)?.pop_front()
    }

    /// Puts a message back that is to be tried again.
    pub(super) fn put_back(&self, webhook: WebhookId, message: Outgoing) {
        self.lock().urgent.entry(webhook).or_default().push_front(message);
    }

    /// Forgets what waits outside the outbox for a webhook.
    pub(super) fn forget_urgent(&self, webhook: WebhookId) {
        self.lock().urgent.remove(&webhook);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
