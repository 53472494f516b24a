//! Delivers to one webhook, one message after the other.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::super::desk::Control;
use super::super::tallies::Delivered;
use super::outgoing::Outgoing;
use super::verdict::Verdict;
use crate::model::{Delivery, Edit, Subject, WantedWebhook, WebhookId};
use crate::relay::status::unix_ms;
use crate::store::Fate;

/// What a lane does next.
enum Next {
    Deliver(Outgoing),
    /// Nothing is to be delivered for this long, unless something arrives.
    Wait(Duration),
}

impl Control {
    /// Delivers to a webhook until that is switched off or removed.
    pub(super) async fn run_lane(&self, id: WebhookId) {
        let (mut edited, mut arrived) = (self.webhooks.edited.subscribe(), self.webhooks.arrived.subscribe());
        let mut is_failing = false;
        loop {
            edited.mark_unchanged();
            arrived.mark_unchanged();
            let Some(webhook) = self.webhooks.webhook(id) else {
                self.webhooks.forget_urgent(id);
                return;
            };
            match self.next(id).await {
                Next::Deliver(message) => {
                    let (rest, delivery) = self.deliver(&webhook, message).await;
                    note_change(id, &mut is_failing, &delivery);
                    wait(rest, &mut edited, None).await;
                }
                Next::Wait(time) => wait(time, &mut edited, Some(&mut arrived)).await,
            }
        }
    }

    async fn next(&self, id: WebhookId) -> Next {
        if let Some(message) = self.webhooks.take_urgent(id) {
            return Next::Deliver(message);
        }
        let now = unix_ms();
        match self.store.next_message(id, now).await {
            Ok(Some(message)) if message.due_at_ms > now => {
                let ahead = u64::try_from(message.due_at_ms - now).unwrap_or(0);
                Next::Wait(Duration::from_millis(ahead).min(self.webhooks.pace.most))
            }
            Ok(Some(message)) => Next::Deliver(message.into()),
            Ok(None) => Next::Wait(IDLE),
            Err(error) => {
                tracing::debug!(%error, webhook = %id, "the outbox cannot be read at the moment");
                Next::Wait(TRY_AGAIN)
            }
        }
    }

    /// Tries once; gives how long the lane is to rest.
    async fn deliver(&self, webhook: &WantedWebhook, message: Outgoing) -> (Duration, Delivery) {
        let (outcome, delivery) = message.send(webhook, self.webhooks.post.as_ref()).await;
        let age = u64::try_from(unix_ms() - message.created_at_ms).unwrap_or(0);
        let verdict =
            self.webhooks.pace.judge(&outcome, message.attempts, Duration::from_millis(age), rand::random());
        let (fate, rest) = match verdict {
            Verdict::Delivered => (Fate::Delivered, Duration::ZERO),
            Verdict::Aside(wait) => (again_in(wait), Duration::ZERO),
            Verdict::Rest(wait) => (again_in(wait), wait),
            Verdict::GivenUp => (Fate::GivenUp, Duration::ZERO),
            Verdict::GivenUpAndRest(wait) => (Fate::GivenUp, wait),
            Verdict::Gone => (Fate::Gone, Duration::ZERO),
        };
        self.tallies.count_delivery(match fate {
            Fate::Delivered => Delivered::Accepted,
            Fate::Again(_) => Delivered::Failed,
            Fate::GivenUp | Fate::Gone => Delivered::GivenUp,
        });
        // A message outside the outbox has no time of its own there.
        let rest = match verdict {
            Verdict::Aside(wait) if message.row.is_none() => wait,
            _ => rest,
        };
        self.settle(webhook.id, &message, fate, &delivery).await;
        if let (Fate::Again(_), None) = (fate, message.row) {
            self.webhooks.put_back(webhook.id, Outgoing { attempts: message.attempts + 1, ..message });
        }
        (rest, delivery)
    }

    /// Writes down how a try went. What was delivered and cannot be taken out of the outbox would come
    /// twice, so the lane waits for the store before it does anything else.
    async fn settle(&self, id: WebhookId, message: &Outgoing, fate: Fate, delivery: &Delivery) {
        while let Err(error) = self.store.settle(id, message.row, fate, delivery).await {
            if message.row.is_none() {
                return;
            }
            tracing::debug!(%error, "what became of a delivery is not written down yet");
            self.health.suspect();
            sleep(TRY_AGAIN).await;
        }
        if fate == Fate::Gone {
            tracing::warn!(webhook = %id, "switched off: its server says that it is gone");
            self.tell_of(Subject::Webhook(id), Edit::Changed);
            if let Err(error) = self.load_webhooks().await {
                tracing::warn!(%error, "webhooks cannot be read at the moment");
            }
        }
    }
}

fn again_in(wait: Duration) -> Fate {
    Fate::Again(unix_ms().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
}

/// One line when it begins to fail and one when that is over.
fn note_change(id: WebhookId, is_failing: &mut bool, delivery: &Delivery) {
    match &delivery.error {
        Some(error) if !*is_failing => tracing::warn!(webhook = %id, error, "a webhook fails"),
        None if *is_failing => tracing::info!(webhook = %id, "a webhook is delivered to again"),
        _ => {}
    }
    *is_failing = delivery.error.is_some();
}

/// Waits for a time, or until the webhooks are edited, or something arrives where that counts.
async fn wait(time: Duration, edited: &mut watch::Receiver<()>, arrived: Option<&mut watch::Receiver<()>>) {
    let arriving = async {
        match arrived {
            Some(arrived) => drop(arrived.changed().await),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = sleep(time) => {}
        _ = edited.changed() => {}
        () = arriving => {}
    }
}

/// Between two looks into the outbox where nothing arrived.
const IDLE: Duration = Duration::from_secs(3600);

/// Before the store is asked again that failed.
const TRY_AGAIN: Duration = Duration::from_secs(1);
