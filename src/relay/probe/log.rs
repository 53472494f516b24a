//! What is written down during a test.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::advice;
use super::outcome::ProbeOutcome;
use super::report::{Found, ProbeReport, ProbeStep, Stepped};
use super::words;
use crate::model::{Endpoint, Step};
use crate::net::{self, Told};
use crate::relay::failure::{Failure, Why};
use crate::relay::reach::Detour;

/// The steps of a test: those that are over, and the one that is under way.
pub(super) struct Log<'a> {
    endpoint: &'a Endpoint,
    tell: &'a (dyn Fn(&Stepped) + Send + Sync),
    page: Mutex<Page>,
}

struct Page {
    at: ProbeStep,
    since: Instant,
    /// Why it is connected once more in the step under way, which is `connect`; in a sentence.
    detour: Option<String>,
    found: Found,
    over: Vec<Stepped>,
}

impl<'a> Log<'a> {
    pub(super) fn new(endpoint: &'a Endpoint, tell: &'a (dyn Fn(&Stepped) + Send + Sync)) -> Self {
        let page = Page {
            at: ProbeStep::Dns,
            since: Instant::now(),
            detour: None,
            found: Found::default(),
            over: Vec::new(),
        };
        Self { endpoint, tell, page: Mutex::new(page) }
    }

    /// Takes note of what was found on the way.
    pub(super) fn told(&self, told: Told) {
        let step = match told {
            Told::Step(step) => return self.begin(step.into()),
            told => told,
        };
        let mut page = self.lock();
        if page.detour.is_some() {
            return;
        }
        let found = &mut page.found;
        match step {
            Told::Step(_) => {}
            Told::Addresses(addresses) => found.addresses = addresses,
            Told::Peer(peer) => found.peer = Some(peer),
            Told::Certificate(shown) => found.certificate = Some(shown),
            Told::Secured(version) => found.tls_version = Some(version),
        }
    }

    /// A step begins, so that the one before it went well.
    pub(super) fn begin(&self, step: ProbeStep) {
        let (at, is_repeated) = {
            let page = self.lock();
            (page.at, page.detour.is_some() && is_on_the_way(step))
        };
        if at != step && !is_repeated {
            self.pass();
            let mut page = self.lock();
            (page.at, page.detour) = (step, None);
        }
    }

    /// The server wants a login, or sends on to another one: what comes until that one has answered `connect`
    /// belongs to the step under way.
    pub(super) fn detour(&self, detour: Detour<'_>) {
        self.lock().detour = Some(words::detour(detour));
    }

    /// All of it went well.
    pub(super) fn passed(&self) -> ProbeReport {
        self.pass();
        let off_air = advice::is_off_air(self.endpoint);
        let mut caveats = advice::warnings(self.endpoint);
        caveats.push(advice::doubt(self.endpoint));
        ProbeReport {
            steps: std::mem::take(&mut self.lock().over),
            outcome: ProbeOutcome::Accepted,
            kind: None,
            sentence: words::accepted(self.endpoint),
            off_air,
            caveats,
        }
    }

    /// It went well up to here.
    pub(super) fn failed(&self, why: Why) -> ProbeReport {
        let is_forbidden =
            matches!(why, Why::Link(net::Error::Forbidden { .. } | net::Error::Port(_) | net::Error::Loop));
        if is_forbidden && !self.lock().found.addresses.is_empty() {
            // The name was found; it is the address that may not be connected to.
            self.begin(ProbeStep::Tcp);
        }
        let (at, since) = {
            let page = self.lock();
            (page.at, page.since)
        };
        let (step, fed) = match step(at) {
            Some(step) => (Some(step), None),
            None => (None, Some(since.elapsed())),
        };
        let outcome = ProbeOutcome::of(&why, at);
        let failure = Failure { why, step, fed };
        let sentence = failure.explain(self.endpoint.url.host(), 1);
        self.end(|_, found| (false, words::failed(&sentence, found)));
        let has_published = matches!(at, ProbeStep::Publish | ProbeStep::Listen);
        ProbeReport {
            steps: std::mem::take(&mut self.lock().over),
            outcome,
            kind: Some(failure.kind()),
            sentence,
            off_air: advice::is_off_air(self.endpoint),
            caveats: if has_published { advice::warnings(self.endpoint) } else { Vec::new() },
        }
    }

    /// That it took too long, at the step that is under way.
    pub(super) fn late(&self, limit: Duration) -> Why {
        let step = match self.lock().at {
            ProbeStep::Dns => net::Step::Resolving,
            ProbeStep::Tcp => net::Step::Connecting,
            ProbeStep::Tls => net::Step::Tls,
            ProbeStep::Handshake => net::Step::Handshake,
            ProbeStep::Connect => net::Step::Connect,
            ProbeStep::CreateStream => net::Step::CreateStream,
            ProbeStep::Publish | ProbeStep::Listen => net::Step::Publish,
        };
        net::Error::Timeout { step, limit }.into()
    }

    fn pass(&self) {
        let detour = self.lock().detour.clone();
        self.end(|at, found| (true, detour.unwrap_or_else(|| words::passed(at, found, self.endpoint))));
    }

    /// The step that is under way is over.
    fn end(&self, judge: impl FnOnce(ProbeStep, &Found) -> (bool, String)) {
        let now = Instant::now();
        let stepped = {
            let mut page = self.lock();
            let found = std::mem::take(&mut page.found);
            let (passed, words) = judge(page.at, &found);
            let stepped = Stepped { step: page.at, took: now - page.since, passed, words, found };
            page.since = now;
            page.over.push(stepped.clone());
            stepped
        };
        (self.tell)(&stepped);
    }

    fn lock(&self) -> MutexGuard<'_, Page> {
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a connection goes through the step before its server can want another one.
fn is_on_the_way(step: ProbeStep) -> bool {
    use ProbeStep::{Connect, CreateStream, Dns, Handshake, Listen, Publish, Tcp, Tls};
    match step {
        Dns | Tcp | Tls | Handshake | Connect => true,
        CreateStream | Publish | Listen => false,
    }
}

/// The same step of a push; `None` once the server has taken the stream.
fn step(step: ProbeStep) -> Option<Step> {
    Some(match step {
        ProbeStep::Dns => Step::Resolving,
        ProbeStep::Tcp => Step::Connecting,
        ProbeStep::Tls => Step::Tls,
        ProbeStep::Handshake => Step::Handshake,
        ProbeStep::Connect => Step::Connect,
        ProbeStep::CreateStream | ProbeStep::Publish => Step::Publish,
        ProbeStep::Listen => return None,
    })
}
