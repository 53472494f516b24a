//! The connection that a target wants instead of the present one, made while that one goes on.
//!
//! A server that is to be stopped asks for it, and so does one that knows a better server. It is a favour: where
//! the new connection cannot be made, the present one is kept for as long as it lasts.

use std::future::pending;
use std::mem;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::failure::{Failure, Why};
use super::status::TargetStatus;
use crate::model::TargetState;
use crate::net::{Link, Turn};
use crate::rtmp::client::Event;
use crate::rtmp::{Client, RtmpUrl};

/// Makes a connection to a server that takes the stream.
pub(super) type Reach<'a> =
    dyn Fn(RtmpUrl) -> BoxFuture<'a, Result<Link<Client>, Failure>> + Send + Sync + 'a;

/// A target's next connection, if one is wanted.
pub(super) struct Successor<'a> {
    reach: &'a Reach<'a>,
    tries: Tries,
    status: &'a TargetStatus,
    stage: Stage<'a>,
    /// What was asked for and is not begun yet.
    asked: Option<RtmpUrl>,
    /// A person wants the target's own address tried now.
    retry: &'a Notify,
}

enum Stage<'a> {
    Idle,
    Reaching(RtmpUrl, BoxFuture<'a, Result<Link<Client>, Failure>>),
    /// The server has taken the stream, at that time, and waits for it.
    Ready(Box<Link<Client>>, Instant),
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// The next connection waits to be fed.
    Ready,
    /// There will be none.
    Lost,
}

/// Why there is no connection to go on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unrescued {
    /// It could not be had.
    Lost,
    /// A person wants the target's own address tried now.
    Asked,
}

/// A connection to go on with.
pub(super) struct Heir {
    pub(super) link: Link<Client>,
    /// Where its server wants the stream next, if it has said so already.
    pub(super) asked: Option<RtmpUrl>,
    /// The moves up to it.
    pub(super) tries: Tries,
}

impl<'a> Successor<'a> {
    /// None is wanted yet, unless it `asked` for one.
    pub(super) fn new(
        reach: &'a Reach<'a>,
        tries: Tries,
        status: &'a TargetStatus,
        asked: Option<RtmpUrl>,
        retry: &'a Notify,
    ) -> Self {
        Self { reach, tries, status, stage: Stage::Idle, asked, retry }
    }

    /// The server wants the stream to go on there. What it repeats once it has its way is about nothing more.
    pub(super) fn ask(&mut self, to: RtmpUrl) {
        if self.ready_since().is_none() {
            self.asked = Some(to);
        }
    }

    /// Begins with what was asked for, one at a time and not all too often.
    pub(super) fn begin(&mut self) {
        let Stage::Idle = self.stage else { return };
        let Some(to) = self.asked.take() else { return };
        if !self.tries.may_begin(Instant::now()) {
            tracing::debug!(to = to.origin(), "the server asks for new connections all the time");
            return self.tell("The server asks for new connections all the time; this one goes on.");
        }
        tracing::info!(to = to.origin(), "the server wants the stream on a new connection");
        self.tell(&format!(
            "The server wants it on a new connection to {}, which is being made.",
            to.origin()
        ));
        self.stage = Stage::Reaching(to.clone(), (self.reach)(to));
    }

    /// Since when the next connection waits to be fed, if it does.
    pub(super) fn ready_since(&self) -> Option<Instant> {
        match self.stage {
            Stage::Ready(_, since) => Some(since),
            Stage::Idle | Stage::Reaching(..) => None,
        }
    }

    /// It waits for something else than the next key frame: only from now on is it kept waiting.
    pub(super) fn wait_anew(&mut self) {
        if let Stage::Ready(_, since) = &mut self.stage {
            *since = Instant::now();
        }
    }

    /// Goes on until something has become of a wish. Cancel-safe.
    pub(super) async fn progress(&mut self) -> News {
        loop {
            match &mut self.stage {
                Stage::Idle => pending().await,
                Stage::Reaching(to, reaching) => match reaching.await {
                    Ok(link) => {
                        self.stage = Stage::Ready(Box::new(link), Instant::now());
                        // From now on the new server is the one to ask.
                        self.asked = None;
                        return News::Ready;
                    }
                    Err(failure) => {
                        let to = to.origin();
                        self.give_up(&to, &failure.why);
                        return News::Lost;
                    }
                },
                Stage::Ready(link, _) => match link.next().await {
                    Ok(Turn::Event(Event::Reconnect(to))) => self.asked = Some(to),
                    Ok(Turn::Event(Event::Rejected(why))) => {
                        let to = link.with(|session| session.url().origin());
                        self.give_up(&to, &Why::Rejected(why));
                        return News::Lost;
                    }
                    Ok(_) => {}
                    Err(error) => {
                        let to = link.with(|session| session.url().origin());
                        self.give_up(&to, &error.into());
                        return News::Lost;
                    }
                },
            }
        }
    }

    /// Waits for a connection that is being made, now that there is no other one.
    pub(super) async fn rescue(mut self) -> Result<Heir, Unrescued> {
        if let Stage::Reaching(..) = self.stage {
            let retry = self.retry;
            tokio::select! {
                biased;
                () = retry.notified() => return Err(Unrescued::Asked),
                _ = self.progress() => {}
            }
        }
        self.take().ok_or(Unrescued::Lost)
    }

    /// Whether a connection is there, or being made.
    pub(super) fn is_under_way(&self) -> bool {
        !matches!(self.stage, Stage::Idle)
    }

    /// The next connection, if it waits to be fed.
    pub(super) fn take(&mut self) -> Option<Heir> {
        match mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Ready(link, _) => {
                Some(Heir { link: *link, asked: self.asked.take(), tries: mem::take(&mut self.tries) })
            }
            other => {
                self.stage = other;
                None
            }
        }
    }

    fn give_up(&mut self, to: &str, why: &Why) {
        if let Stage::Ready(..) = mem::replace(&mut self.stage, Stage::Idle) {
            // What that server wanted goes with it.
            self.asked = None;
        }
        tracing::info!(to, error = %why, "the new connection that the server wanted could not be had");
        let words = "The server wants it on a new connection";
        self.tell(&format!("{words} to {to}, which could not be had: {why}. This one goes on."));
    }

    /// Says something of a target that goes on as it is.
    fn tell(&self, words: &str) {
        self.status.remark(TargetState::Live, format!("{RECEIVING} {words}"));
    }
}

/// When a target's stream was to be moved lately. A server must not keep us connecting: it may send the stream
/// round in circles, or ask for what fails again and again.
#[derive(Debug, Default)]
pub(super) struct Tries(Vec<Instant>);

impl Tries {
    /// Whether one more may be made; it is counted as made.
    fn may_begin(&mut self, now: Instant) -> bool {
        self.0.retain(|at| now - *at < ROW);
        let may = self.0.len() < IN_A_ROW;
        if may {
            self.0.push(now);
        }
        may
    }
}

/// What is said of a target that is fed.
pub(super) const RECEIVING: &str = "Receiving the stream.";

/// How long the next connection waits for a key frame at which the stream can go over to it without a seam.
/// Servers close connections on which nothing comes for longer.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// So many moves, of whatever outcome, in this time.
const IN_A_ROW: usize = 3;
const ROW: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn three_moves_may_follow_each_other_and_then_it_is_quiet_for_a_while() {
        let mut tries = Tries::default();
        let mut made = 0;
        for _ in 0..600 {
            made += usize::from(tries.may_begin(Instant::now()));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert_eq!(made, 30);
        assert!(tries.0.len() <= IN_A_ROW);
    }
}
