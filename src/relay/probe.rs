//! A test of an address and its key: all that a push does, step by step, without a picture.
//!
//! It goes the way of a real push, through the same door: address policy, own loop, times and words are
//! the same. After the server has said yes it gets a description of a stream and nothing more, and is
//! listened to for a while: nginx-rtmp says yes to everybody and then closes.

mod advice;
mod log;
mod outcome;
mod report;
mod words;

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout, timeout_at};

use self::log::Log;
use super::attempt::nonce;
use super::failure::Why;
use super::reach::{Detour, Way, reach};
use crate::media::{Frame, Kind};
use crate::model::Endpoint;
use crate::net::{self, Dial, Link, Transport, Turn};
use crate::rtmp::amf0::Value;
use crate::rtmp::client::Event;
use crate::rtmp::{Client, Packet, Session};

pub use advice::warnings;
pub use outcome::ProbeOutcome;
pub use report::{Found, ProbeReport, ProbeStep, Stepped};

/// Tests addresses and keys.
#[derive(Clone)]
pub struct Prober {
    dial: Arc<dyn Dial>,
}

impl Prober {
    /// One that reaches servers by `dial`.
    pub fn new(dial: Arc<dyn Dial>) -> Self {
        Self { dial }
    }

    /// Tests an address with its key; tells each step when it is over. Cancel-safe: the connection is cut.
    pub async fn probe(&self, endpoint: &Endpoint, tell: &(dyn Fn(&Stepped) + Send + Sync)) -> ProbeReport {
        let log = Log::new(endpoint, tell);
        match timeout(LIMIT, self.publish(endpoint, &log)).await {
            Ok(Ok(mut link)) => {
                let report = log.passed();
                // A platform that took the stream should not wait for it.
                link.with(Session::unpublish);
                let _ = timeout(GOODBYE, link.close()).await;
                report
            }
            Ok(Err(why)) => log.failed(why),
            Err(_) => log.failed(log.late(LIMIT)),
        }
    }

    /// Goes all the way, and listens to whether the server stays with what it has said.
    async fn publish(&self, endpoint: &Endpoint, log: &Log<'_>) -> Result<Link<Client>, Why> {
        let mut link = reach(&Road { dial: &*self.dial, log }, endpoint).await?;
        log.begin(ProbeStep::Listen);
        link.with(|session| session.send(&description()));
        let until = Instant::now() + LISTEN;
        while let Ok(turn) = timeout_at(until, link.next()).await {
            if let Turn::Event(Event::Rejected(why)) = turn? {
                return Err(Why::Rejected(why));
            }
        }
        Ok(link)
    }
}

/// The way of a test.
struct Road<'a> {
    dial: &'a dyn Dial,
    log: &'a Log<'a>,
}

impl Way for Road<'_> {
    fn open<'a>(
        &'a self,
        endpoint: &'a Endpoint,
    ) -> BoxFuture<'a, Result<(Transport, Session<Client>), net::Error>> {
        Box::pin(async {
            let transport = self.dial.explore(&endpoint.url, &|told| self.log.told(told)).await?;
            let session = Session::client(endpoint.url.clone(), advice::key(endpoint), &nonce());
            Ok((transport, session))
        })
    }

    fn step(&self, step: net::Step) {
        self.log.begin(step.into());
    }

    fn detour(&self, detour: Detour<'_>) {
        self.log.detour(detour);
    }
}

/// What a stream begins with, and of which no platform makes a picture.
fn description() -> Packet {
    let mut payload = BytesMut::new();
    for word in ["@setDataFrame", "onMetaData"] {
        Value::string(word).encode(&mut payload);
    }
    let facts = [("duration", Value::Number(0.0)), ("encoder", Value::string("splitcast"))];
    Value::EcmaArray(facts.map(|(name, value)| (name.to_owned(), value)).into()).encode(&mut payload);
    Packet::new(&Frame { kind: Kind::Metadata, time: 0, payload: payload.freeze() }, None)
}

/// All of it but the goodbye: who asks waits for one answer.
const LIMIT: Duration = Duration::from_secs(25);

/// How long a server is listened to that has said yes.
const LISTEN: Duration = Duration::from_secs(3);

/// How long the goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
