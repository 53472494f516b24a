//! From what happens to the outbox, and the lanes that empty it.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::super::desk::Control;
use super::super::error::Error;
use super::notice::{About, Notice};
use super::outgoing::Outgoing;
use super::watch::Watch;
use super::words::{self, Names};
use crate::model::{Happening, News, StreamChange, StreamEvent, TargetId, WantedWebhook, WebhookKind};
use crate::net::deadline;
use crate::relay::status::{SourceState, unix_ms};
use crate::store::{self, NewMessage};

impl Control {
    /// Tells webhooks what happens, until `end`; what is not delivered by then waits in the store for the
    /// relay's next start.
    pub async fn keep_webhooks(&self, end: CancellationToken) {
        let news = self.subscribe();
        if let Err(error) = self.load_webhooks().await {
            tracing::warn!(%error, "webhooks cannot be read at the moment");
        }
        let work = async {
            tokio::join!(
                self.load_webhooks_at_last(),
                self.watch(news),
                self.watch_store(),
                self.keep_written(),
                self.run_lanes()
            )
        };
        end.run_until_cancelled(work).await;
        if let Err(error) = self.write_notices().await {
            tracing::warn!(%error, "what webhooks were to be told last is lost");
        }
    }

    /// Reads which webhooks there are, for those who deliver.
    pub(super) async fn load_webhooks(&self) -> Result<(), store::Error> {
        self.webhooks.set_webhooks(self.store.wanted_webhooks().await?);
        Ok(())
    }

    async fn load_webhooks_at_last(&self) {
        while self.webhooks.webhooks().is_empty() && self.load_webhooks().await.is_err() {
            sleep(TRY_AGAIN).await;
        }
    }

    /// Turns what happens into notices. Never waits for the store.
    async fn watch(&self, mut news: broadcast::Receiver<News>) {
        let mut watch = Watch::default();
        loop {
            let told = tokio::select! {
                told = news.recv() => told,
                () = deadline::reached(watch.due()) => {
                    let (notices, targets) = watch.ripe(Instant::now());
                    notices.into_iter().for_each(|notice| self.webhooks.add_notice(notice));
                    targets.into_iter().for_each(|target| self.look_at(&mut watch, target));
                    continue;
                }
            };
            match told {
                Ok(News::Happened(happening)) => self.take_in(&mut watch, &happening),
                Ok(News::Edited(..)) => {}
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "too much happened at once; webhooks may miss some of it");
                    self.catch_up(&mut watch);
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn take_in(&self, watch: &mut Watch, happening: &Happening) {
        match happening {
            Happening::Stream(event) => {
                if let Some(notice) = watch.see_stream(event, Instant::now()) {
                    self.webhooks.add_notice(notice);
                }
            }
            Happening::Target(event) => self.look_at(watch, event.target),
            Happening::Warning(warning) => self.webhooks.add_notice(Notice::of_warning(warning)),
        }
    }

    fn look_at(&self, watch: &mut Watch, target: TargetId) {
        let stream = self.webhooks.stream_of(target);
        let shown = stream.and_then(|stream| Some((stream, self.board.stream(stream)?.state)));
        // What has no stream does not run any more.
        let Some((stream, source)) = shown else {
            watch.forget_target(target);
            return;
        };
        let shown = self.board.target(target);
        if let Some(notice) = watch.see_target(target, (stream, source), shown.as_ref(), Instant::now()) {
            self.webhooks.add_notice(notice);
        }
    }

    /// Looks at all, after something was missed.
    fn catch_up(&self, watch: &mut Watch) {
        let known = watch.streams();
        for stream in self.board.stream_ids().into_iter().chain(known.iter().copied()) {
            let state = self.board.stream(stream).map_or(SourceState::Offline, |shown| shown.state);
            let change = match (state, known.contains(&stream)) {
                (SourceState::Live, false) => StreamChange::Live,
                (SourceState::Offline, true) => StreamChange::Ended,
                _ => continue,
            };
            let (at_ms, peer, replaced, until_ms) = (unix_ms(), None, None, None);
            let event = StreamEvent { stream, at_ms, change, peer, replaced, until_ms };
            self.take_in(watch, &Happening::Stream(event));
        }
        self.board.target_ids().into_iter().for_each(|target| self.look_at(watch, target));
    }

    /// Tells when the store fails, and when it does so no longer. The first cannot go through the store.
    async fn watch_store(&self) {
        let mut trouble = self.webhooks.trouble.subscribe();
        while trouble.changed().await.is_ok() {
            let reason = *trouble.borrow_and_update();
            let Some(reason) = reason else {
                let reason = "The database takes changes again.";
                let notice = Notice::new(WebhookKind::RelayTrouble, About::Relay, "over", reason);
                self.webhooks.add_notice(notice);
                continue;
            };
            let reason = format!("Nothing can be stored, but streams go on: {reason}.");
            let notice = Notice::new(WebhookKind::RelayTrouble, About::Relay, "trouble", reason);
            for webhook in self.webhooks.webhooks().iter().filter(|webhook| wants(webhook, &notice, None)) {
                self.webhooks.add_urgent(webhook.id, outgoing(&notice, &Names::default(), webhook));
            }
        }
    }

    /// Writes notices into the outbox as they come.
    async fn keep_written(&self) {
        let mut noticed = self.webhooks.noticed.subscribe();
        loop {
            noticed.mark_unchanged();
            match self.write_notices().await {
                Ok(()) => drop(noticed.changed().await),
                Err(error) => {
                    tracing::debug!(%error, "the outbox cannot be written at the moment");
                    sleep(TRY_AGAIN).await;
                }
            }
        }
    }

    async fn write_notices(&self) -> Result<(), Error> {
        loop {
            let notices = self.webhooks.notices(PER_TRANSACTION);
            if notices.is_empty() {
                return Ok(());
            }
            let result = self.put_into_outbox(&notices).await;
            result.inspect_err(|_| self.health.suspect())?;
            let lost = self.webhooks.written(&notices);
            if lost > 0 {
                tracing::warn!(lost, "webhooks were not told of all that happened");
            }
            self.webhooks.arrived.send_replace(());
        }
    }

    async fn put_into_outbox(&self, notices: &[Notice]) -> Result<(), Error> {
        let webhooks = self.webhooks.webhooks();
        let mut messages = Vec::new();
        for notice in notices {
            let Some(names) = self.names(notice.about).await? else {
                continue;
            };
            for webhook in webhooks.iter().filter(|webhook| wants(webhook, notice, Some(&names))) {
                messages.push(NewMessage {
                    webhook: webhook.id,
                    event_id: notice.event_id.clone(),
                    kind: notice.kind,
                    body: words::body(notice, &names, webhook.format),
                    created_at_ms: notice.at_ms,
                });
            }
        }
        if messages.is_empty() {
            return Ok(());
        }
        Ok(self.store.keep_messages(&messages).await?)
    }

    /// What the subject of a notice is called; `None` if it is gone.
    async fn names(&self, about: About) -> Result<Option<Names>, Error> {
        let named = async {
            let (stream, target) = match about {
                About::Relay => return Ok(Names::default()),
                About::Stream(stream) => (stream, None),
                About::Target(target) => {
                    let target = self.store.target(target).await?;
                    (target.stream_id, Some((target.id, target.name.as_str().to_owned())))
                }
            };
            let stream = self.store.stream(stream).await?;
            Ok(Names { stream: Some((stream.id, stream.name.as_str().to_owned())), target })
        };
        match named.await {
            Ok(names) => Ok(Some(names)),
            Err(store::Error::NoStream(_) | store::Error::NoTarget(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps a lane running for each webhook that is switched on.
    async fn run_lanes(&self) {
        let mut edited = self.webhooks.edited.subscribe();
        let (mut lanes, mut running) = (FuturesUnordered::new(), BTreeSet::new());
        loop {
            edited.mark_unchanged();
            let wanted = self.webhooks.webhooks();
            for webhook in wanted.iter().filter(|webhook| webhook.enabled) {
                if running.insert(webhook.id) {
                    let id = webhook.id;
                    lanes.push(async move {
                        self.run_lane(id).await;
                        id
                    });
                }
            }
            tokio::select! {
                Some(ended) = lanes.next() => drop(running.remove(&ended)),
                _ = edited.changed() => {}
            }
        }
    }
}

fn wants(webhook: &WantedWebhook, notice: &Notice, names: Option<&Names>) -> bool {
    let stream = names.and_then(|names| Some(names.stream.as_ref()?.0));
    let is_of_its_stream = webhook.stream.is_none() || stream.is_none() || webhook.stream == stream;
    webhook.enabled && webhook.kinds.contains(&notice.kind) && is_of_its_stream
}

pub(super) fn outgoing(notice: &Notice, names: &Names, webhook: &WantedWebhook) -> Outgoing {
    Outgoing {
        row: None,
        event_id: notice.event_id.clone(),
        kind: notice.kind,
        body: words::body(notice, names, webhook.format),
        created_at_ms: notice.at_ms,
        attempts: 0,
    }
}

/// Notices written in one transaction.
const PER_TRANSACTION: usize = 50;

/// Before the store is asked again that failed.
const TRY_AGAIN: Duration = Duration::from_secs(1);
