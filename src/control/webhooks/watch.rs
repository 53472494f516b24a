//! Which of all that happens is worth telling: the edges, and of those only what lasts.
//!
//! A target that comes and goes every few seconds is told to fail once. It is told to have recovered only
//! if it was told to fail, and when it has been fed for a while. These are plain values: who runs them
//! tells them the time.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::notice::{About, Notice};
use crate::model::{StreamChange, StreamEvent, StreamId, TargetId, TargetState, WebhookKind};
use crate::relay::status::{SourceState, TargetSnapshot};

/// What was seen of streams and targets, and told of them, in the broadcasts that go on.
#[derive(Debug, Default)]
pub(super) struct Watch {
    streams: HashMap<StreamId, StreamSeen>,
    targets: HashMap<TargetId, TargetSeen>,
}

#[derive(Debug, Default)]
struct StreamSeen {
    /// The encoder is gone since then, which is not told yet.
    gone: Option<(Instant, Notice)>,
    is_told_gone: bool,
    /// When it was last told that an encoder replaced another.
    takeover_told: Option<Instant>,
}

#[derive(Debug)]
struct TargetSeen {
    stream: StreamId,
    told: Told,
    /// It has not been fed since then, though it should be.
    failing_since: Option<Instant>,
    /// It has been fed since then.
    live_since: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Live,
    Failing,
    Blocked,
}

/// How it goes with a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// It takes no part in a broadcast.
    Resting,
    /// It waits for an encoder that is expected back.
    Paused,
    Trying,
    Blocked,
    Live,
}

impl Watch {
    /// Takes in what happened to a stream.
    pub(super) fn see_stream(&mut self, event: &StreamEvent, now: Instant) -> Option<Notice> {
        let notice = |kind, reason: &str| Notice {
            at_ms: event.at_ms,
            peer: event.peer,
            replaced: event.replaced,
            until_ms: event.until_ms,
            ..Notice::new(kind, About::Stream(event.stream), event.change.as_str(), reason)
        };
        match event.change {
            StreamChange::Live => {
                let is_new = !self.streams.contains_key(&event.stream);
                let seen = self.streams.entry(event.stream).or_default();
                seen.gone = None;
                let was_told_gone = std::mem::take(&mut seen.is_told_gone);
                let reason = if is_new { "An encoder publishes." } else { "The encoder is back." };
                (is_new || was_told_gone).then(|| notice(WebhookKind::StreamLive, reason))
            }
            StreamChange::Held => {
                let seen = self.streams.entry(event.stream).or_default();
                let reason = "Its targets stay connected for a while, in case the encoder comes back.";
                seen.gone = Some((now, notice(WebhookKind::StreamHeld, reason)));
                None
            }
            StreamChange::Ended => {
                self.streams.remove(&event.stream);
                self.targets.retain(|_, seen| seen.stream != event.stream);
                Some(notice(WebhookKind::StreamEnded, "The broadcast is over."))
            }
            StreamChange::Takeover => {
                let seen = self.streams.entry(event.stream).or_default();
                if seen.takeover_told.is_some_and(|told| now < told + TAKEOVER) {
                    return None;
                }
                seen.takeover_told = Some(now);
                Some(notice(WebhookKind::StreamTakeover, "Another encoder with its key publishes now."))
            }
            StreamChange::Refused => None,
        }
    }

    /// Takes in how it goes with a target, whose stream's source is so.
    pub(super) fn see_target(
        &mut self,
        id: TargetId,
        (stream, source): (StreamId, SourceState),
        shown: Option<&TargetSnapshot>,
        now: Instant,
    ) -> Option<Notice> {
        let shown = shown.map(worst);
        let mood = mood(shown, source);
        let (Some(shown), false) = (shown, mood == Mood::Resting) else {
            self.targets.remove(&id);
            return None;
        };
        let seen = self.targets.entry(id).or_insert(TargetSeen {
            stream,
            told: Told::Nothing,
            failing_since: None,
            live_since: None,
        });
        let kind = seen.step(mood, now)?;
        Some(Notice {
            error_kind: shown.kind,
            endpoint: Some(shown.endpoint),
            ..Notice::new(kind, About::Target(id), shown.state.as_str(), shown.reason.clone())
        })
    }

    /// Forgets a target that does not run.
    pub(super) fn forget_target(&mut self, id: TargetId) {
        self.targets.remove(&id);
    }

    /// When something is to be looked at again, though nothing happens.
    pub(super) fn due(&self) -> Option<Instant> {
        let of_streams = self.streams.values().filter_map(|seen| Some(seen.gone.as_ref()?.0 + GONE));
        of_streams.chain(self.targets.values().filter_map(TargetSeen::due)).min()
    }

    /// What has lasted long enough to be told of streams, and the targets that are to be looked at again.
    pub(super) fn ripe(&mut self, now: Instant) -> (Vec<Notice>, Vec<TargetId>) {
        let mut notices = Vec::new();
        for seen in self.streams.values_mut() {
            if let Some((_, notice)) = seen.gone.take_if(|(since, _)| now >= *since + GONE) {
                seen.is_told_gone = true;
                notices.push(notice);
            }
        }
        let is_due = |seen: &TargetSeen| seen.due().is_some_and(|due| now >= due);
        (notices, self.targets.iter().filter(|(_, seen)| is_due(seen)).map(|(id, _)| *id).collect())
    }

    /// The streams that publish as far as was seen.
    pub(super) fn streams(&self) -> Vec<StreamId> {
        self.streams.keys().copied().collect()
    }
}

impl TargetSeen {
    /// What is to be told, now that it goes so.
    fn step(&mut self, mood: Mood, now: Instant) -> Option<WebhookKind> {
        self.failing_since = (mood == Mood::Trying).then(|| self.failing_since.unwrap_or(now));
        self.live_since = (mood == Mood::Live).then(|| self.live_since.unwrap_or(now));
        let lasts = |since: Option<Instant>, long: Duration| since.is_some_and(|since| now >= since + long);
        let (told, kind) = match (mood, self.told) {
            (Mood::Live, Told::Nothing) => (Told::Live, WebhookKind::TargetLive),
            (Mood::Live, Told::Failing | Told::Blocked) if lasts(self.live_since, STEADY) => {
                (Told::Live, WebhookKind::TargetRecovered)
            }
            (Mood::Trying, Told::Nothing | Told::Live) if lasts(self.failing_since, FAILING) => {
                (Told::Failing, WebhookKind::TargetFailing)
            }
            (Mood::Blocked, Told::Nothing | Told::Live | Told::Failing) => {
                (Told::Blocked, WebhookKind::TargetBlocked)
            }
            _ => return None,
        };
        self.told = told;
        Some(kind)
    }

    fn due(&self) -> Option<Instant> {
        match self.told {
            Told::Nothing | Told::Live => Some(self.failing_since? + FAILING),
            Told::Failing | Told::Blocked => Some(self.live_since? + STEADY),
        }
    }
}

/// Of a target's two connections, the one that it goes worse with.
fn worst(shown: &TargetSnapshot) -> &TargetSnapshot {
    let rank = |shown: &TargetSnapshot| match shown.state {
        TargetState::Blocked => 3,
        TargetState::Live => 0,
        TargetState::Holding => 1,
        _ => 2,
    };
    match shown.backup.as_deref() {
        Some(backup) if rank(backup) > rank(shown) => backup,
        _ => shown,
    }
}

fn mood(shown: Option<&TargetSnapshot>, source: SourceState) -> Mood {
    let Some(shown) = shown else {
        return Mood::Resting;
    };
    match (shown.state, source) {
        (TargetState::Disabled | TargetState::Stopped, _) | (_, SourceState::Offline) => Mood::Resting,
        (TargetState::Blocked, _) => Mood::Blocked,
        (TargetState::Live, _) => Mood::Live,
        (TargetState::WaitingForSource | TargetState::Holding, _) | (_, SourceState::Held) => Mood::Paused,
        _ => Mood::Trying,
    }
}

/// How long an encoder is gone before that is told: one that lost its network for a moment is back by then.
const GONE: Duration = Duration::from_secs(5);

/// How long takeovers are not told after one that was: two encoders may take turns for hours.
const TAKEOVER: Duration = Duration::from_secs(60);

/// How long a target is not fed before that is told: most failures are over at the second or third try.
const FAILING: Duration = Duration::from_secs(10);

/// How long a target is fed before it counts as recovered: as long as it takes to count as failing, so
/// that one which flaps is told to fail once.
const STEADY: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
