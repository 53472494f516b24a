//! A test that is told while it goes on: a line for each step that is over, and one for the whole.

use std::convert::Infallible;

use axum::body::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream, stream};
use serde::Serialize;
use tokio::sync::mpsc::{Receiver, channel};

use super::body::LineBody;
use crate::control::{self, Probe};
use crate::relay::probe::{ProbeReport, ProbeStep, Stepped};

/// What is still to be told.
pub(super) struct Lines {
    /// The test, until it is over.
    running: Option<BoxFuture<'static, Result<ProbeReport, control::Error>>>,
    steps: Receiver<Stepped>,
    report: Option<ProbeReport>,
}

impl Lines {
    /// A test that goes on while its lines are read, and ends when nobody reads them any more.
    pub(super) fn of(probe: Probe) -> Self {
        let (sender, steps) = channel(ProbeStep::ALL.len());
        let running = async move {
            // What was told before it ends is heard: the other end is read to its end.
            probe.run(&move |step| drop(sender.try_send(step.clone()))).await
        };
        Self { running: Some(running.boxed()), steps, report: None }
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut lines| async move { Some((Ok(lines.next().await?), lines)) })
    }

    async fn next(&mut self) -> Option<Bytes> {
        while let Some(running) = &mut self.running {
            tokio::select! {
                biased;
                Some(step) = self.steps.recv() => return Some(line(&LineBody::Step(step.into()))),
                report = running => {
                    self.running = None;
                    // Without a last line it was broken off.
                    self.report = report.ok();
                }
            }
        }
        match self.steps.recv().await {
            Some(step) => Some(line(&LineBody::Step(step.into()))),
            None => Some(line(&LineBody::Result(self.report.take()?.into()))),
        }
    }
}

fn line(body: &impl Serialize) -> Bytes {
    let mut text = serde_json::to_vec(body).unwrap_or_default();
    text.push(b'\n');
    text.into()
}
