//! Every way to fail has its own kind and its own sentence, and none is tried again and again in haste.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use serde_json::Value;

use crate::lab::encoder::Encoder;
use crate::lab::footage::Footage;
use crate::lab::manner::Manner;
use crate::lab::sink::Sink;
use crate::rig::authority::Authority;
use crate::rig::patience;
use crate::rig::port;
use crate::rig::relay_process::{Options, Relay};
use crate::rig::rest::Api;

/// These pass by themselves or not at all; a person is asked only when it goes on.
#[test]
fn what_may_pass_by_itself_is_tried_again_with_patience() {
    let bench = Bench::start(Options::default());
    let cases = [
        bench.sink(Manner::Mute, "handshake_timeout"),
        bench.sink(Manner::HangUp, "closed_before_publish"),
        bench.sink(Manner::NeverRead, "write_stall"),
        bench.address(&format!("rtmp://127.0.0.1:{}/live", port::free()), "tcp_refused"),
        bench.address("rtmp://no-such-host.invalid/live", "dns_nxdomain"),
    ];
    bench.all_come_to(&cases, "backing_off");
}

/// These need a person: the target is blocked, after three equal answers or at once where a second
/// question is pointless, and hardly asked again.
#[test]
fn what_a_person_must_mend_is_blocked() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let target_ca = Some(authority.write_to(folder.path()));
    let bench = Bench::start(Options { target_ca, ..Options::default() });
    let cases = [
        bench.sink(Manner::RejectConnect, "connect_rejected").asked_at_most(3),
        bench
            .sink(Manner::RejectPublish("NetStream.Publish.Denied", "No such key."), "publish_rejected")
            .asked_at_most(3),
        bench.sink(Manner::CloseAfterPublish, "closed_after_publish").asked_at_most(3),
        bench.sink(Manner::Garbage, "protocol").asked_at_most(3),
        bench.sink(Manner::Giants, "protocol").asked_at_most(3),
        bench.secure_sink(authority.expired_server_for("localhost")).asked_at_most(1),
        bench.secure_sink(authority.server_for("elsewhere.example")).asked_at_most(1),
        bench.secure_sink(Authority::new().server_for("localhost")).asked_at_most(1),
    ];
    bench.all_come_to(&cases, "blocked");
    let suspected = bench.target(&cases[2]);
    let sentence = suspected["reason"].as_str().unwrap();
    assert!(sentence.contains("stream key is probably wrong"), "{sentence}");
}

/// A relay with one stream and targets that fail.
struct Bench {
    relay: Relay,
    api: Api,
    stream: i64,
}

/// A target, the kind of failure that it should be found to have, and how often it may be asked.
struct Case {
    target: i64,
    sink: Option<Sink>,
    kind: &'static str,
    visitors: usize,
}

impl Bench {
    fn start(options: Options) -> Self {
        let relay = Relay::start_with(options);
        let api = relay.api();
        let stream = api.create_stream("Verdicts", "source");
        Self { relay, api, stream }
    }

    fn sink(&self, manner: Manner, kind: &'static str) -> Case {
        let sink = Sink::start(manner);
        let case = self.address(&sink.url(), kind);
        Case { sink: Some(sink), ..case }
    }

    fn secure_sink(&self, config: Arc<ServerConfig>) -> Case {
        let sink = Sink::start(Manner::Tls(config));
        let case = self.address(&sink.secure_url(), "tls_verify");
        Case { sink: Some(sink), ..case }
    }

    fn address(&self, url: &str, kind: &'static str) -> Case {
        let target = self.api.add_target(self.stream, url, url, "key");
        Case { target, sink: None, kind, visitors: USUAL_VISITORS }
    }

    fn target(&self, case: &Case) -> Value {
        self.api.target(case.target)
    }

    /// Publishes until every target is in `state` for its own reason, and then so long that one in a
    /// hurry would give itself away.
    fn all_come_to(&self, cases: &[Case], state: &str) {
        let encoder = Encoder::start(&self.relay, "source", Footage::new(1_000));
        let mut sentences = HashSet::new();
        for case in cases {
            let failed = |target: &Value| target["state"] == state && target["kind"] == case.kind;
            let found = patience::poll(patience::LIMIT, || Some(self.target(case)).filter(failed));
            let target =
                found.unwrap_or_else(|| panic!("not {state} by {} but {:#}", case.kind, self.target(case)));
            assert!(target["next_try_in_seconds"].as_f64() >= Some(0.0), "{target:#}");
            let sentence = target["reason"].as_str().unwrap();
            assert!(sentence.contains("Next try in"), "{sentence}");
            sentences.insert(sentence.to_owned());
        }
        assert_eq!(sentences.len(), cases.len(), "{sentences:#?}");
        encoder.wait_until_sent(Footage::frames_in(WATCHED));
        for case in cases {
            let visitors = case.sink.as_ref().map_or(0, Sink::visitors);
            assert!(visitors <= case.visitors, "{visitors} tries: {:#}", self.target(case));
        }
    }
}

impl Case {
    fn asked_at_most(self, visitors: usize) -> Self {
        Self { visitors, ..self }
    }
}

/// From the encoder's start.
const WATCHED: Duration = Duration::from_secs(12);
/// The ladder's random waits come to fewer tries than this in [`WATCHED`], with all but certainty.
const USUAL_VISITORS: usize = 12;
