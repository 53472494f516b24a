use std::sync::Mutex;

use futures_util::future::{BoxFuture, FutureExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::sleep;

use super::*;
use crate::net::{Error, Step, Transport};
use crate::rtmp::server::{self, Server};
use crate::rtmp::url::{RtmpUrl, StreamKey};
use crate::rtmp::{Rejection, handshake};

/// Reaches one end of a pipe, once.
struct Pipe(Mutex<Option<DuplexStream>>);

impl Dial for Pipe {
    fn dial<'a>(
        &'a self,
        _: &'a RtmpUrl,
        progress: &'a (dyn Fn(Step) + Send + Sync),
    ) -> BoxFuture<'a, Result<Transport, Error>> {
        progress(Step::Resolving);
        progress(Step::Connecting);
        let pipe = self.0.lock().unwrap().take();
        async { pipe.map(Transport::from).ok_or(Error::Refused) }.boxed()
    }
}

fn pair() -> (Prober, DuplexStream) {
    let (near, far) = duplex(64 << 10);
    (Prober::new(Arc::new(Pipe(Mutex::new(Some(near))))), far)
}

fn endpoint() -> Endpoint {
    Endpoint {
        url: RtmpUrl::parse("rtmp://h/live?t=TOKEN").unwrap(),
        key: StreamKey::new("CANARY"),
        login: None,
    }
}

fn rejection(description: &str) -> Rejection {
    Rejection { code: "NetStream.Publish.BadName".to_owned(), description: description.to_owned() }
}

/// Answers until somebody wants to publish.
async fn meet(pipe: DuplexStream) -> (Link<Server>, Vec<StreamKey>) {
    let mut link = Link::new(pipe.into(), Session::server(Box::new([7; handshake::BLOCK])));
    loop {
        if let Turn::Event(server::Event::Publish { keys, .. }) = link.next().await.unwrap() {
            return (link, keys);
        }
    }
}

/// Everything that happens until the other side ends it.
async fn hear_all(link: &mut Link<Server>) -> Vec<server::Event> {
    let mut heard = Vec::new();
    loop {
        match link.next().await {
            Ok(Turn::Event(event)) => heard.push(event),
            Ok(Turn::Room) => {}
            Err(_) => return heard,
        }
    }
}

fn steps(report: &ProbeReport) -> Vec<(&'static str, bool)> {
    report.steps.iter().map(|step| (step.step.as_str(), step.passed)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_takes_the_stream_gets_a_description_and_a_goodbye_and_nothing_else() {
    let (prober, far) = pair();
    let serve = async {
        let (mut link, keys) = meet(far).await;
        assert_eq!(keys[0].expose(), "CANARY");
        link.with(Session::accept_publish);
        hear_all(&mut link).await
    };
    let told = Mutex::new(Vec::new());
    let tell = |step: &Stepped| told.lock().unwrap().push(step.clone());
    let began = Instant::now();
    let asked = endpoint();
    let (report, heard) = tokio::join!(prober.probe(&asked, &tell), serve);
    assert_eq!(report.outcome, ProbeOutcome::Accepted);
    assert_eq!(report.sentence, "The server accepts the key.");
    let all = ["dns", "tcp", "handshake", "connect", "create_stream", "publish", "listen"];
    assert_eq!(steps(&report), all.map(|step| (step, true)));
    assert_eq!(report.steps, told.into_inner().unwrap(), "each was told when it was over");
    assert_eq!(report.steps[6].took, LISTEN);
    assert_eq!(began.elapsed(), LISTEN);
    let [server::Event::Tag(tag), server::Event::Unpublish] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!(tag.kind, Kind::Metadata);
    assert!(!format!("{report:?}").contains("CANARY"));
}

#[tokio::test(start_paused = true)]
async fn a_yes_that_is_taken_back_is_no_acceptance() {
    for (refusal, outcome, words) in [
        (None, ProbeOutcome::AcceptedThenClosed, "the stream key may be wrong"),
        (Some("There is no key CANARY."), ProbeOutcome::KeyRefused, "There is no key …"),
        (Some("Already publishing"), ProbeOutcome::KeyInUse, "in use"),
    ] {
        let (prober, far) = pair();
        let serve = async {
            let (mut link, _) = meet(far).await;
            link.with(Session::accept_publish);
            link.flush().await.unwrap();
            sleep(Duration::from_secs(1)).await;
            if let Some(description) = refusal {
                link.with(|session| session.reject_publish(&rejection(description)));
                link.flush().await.unwrap();
                hear_all(&mut link).await;
            }
        };
        let asked = endpoint();
        let (report, ()) = tokio::join!(prober.probe(&asked, &|_| ()), serve);
        assert_eq!(report.outcome, outcome);
        assert!(report.sentence.contains(words), "{report:?}");
        assert_eq!(steps(&report).last(), Some(&("listen", false)));
        assert!(!format!("{report:?}").contains("CANARY"), "{report:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_told_with_the_servers_words() {
    let (prober, far) = pair();
    let serve = async {
        let (mut link, _) = meet(far).await;
        link.with(|session| session.reject_publish(&rejection("no stream CANARY?t=TOKEN")));
        hear_all(&mut link).await;
    };
    let asked = endpoint();
    let (report, ()) = tokio::join!(prober.probe(&asked, &|_| ()), serve);
    assert_eq!(report.outcome, ProbeOutcome::KeyRefused);
    assert!(report.sentence.starts_with("The server refused the stream: no stream …"), "{report:?}");
    assert_eq!(steps(&report).last(), Some(&("publish", false)));
    assert!(!format!("{report:?}").contains("CANARY") && !format!("{report:?}").contains("TOKEN"));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_rtmp_server_is_told_as_that() {
    for (says, words) in [
        (Some("HTTP/1.1 400 Bad Request\r\n\r\n"), "speaks HTTP"),
        (Some("SSH-2.0-OpenSSH_9.2p1\r\n"), "speaks SSH"),
        (Some("220 mail.example.com ESMTP\r\n"), "its first byte is 0x32"),
        (Some(""), "before it said anything"),
        (None, "may be no RTMP server"),
    ] {
        let (prober, mut far) = pair();
        let serve = async {
            if let Some(says) = says {
                far.write_all(says.as_bytes()).await.unwrap();
                far.shutdown().await.unwrap();
            }
            let _ = far.read_to_end(&mut Vec::new()).await;
        };
        let asked = endpoint();
        let (report, ()) = tokio::join!(prober.probe(&asked, &|_| ()), serve);
        assert_eq!(report.outcome, ProbeOutcome::NotRtmp, "{says:?}");
        assert!(report.sentence.contains(words), "{report:?}");
        assert_eq!(steps(&report).last(), Some(&("handshake", false)));
    }
}

#[tokio::test(start_paused = true)]
async fn all_of_it_has_an_end_though_each_step_takes_its_time() {
    let (prober, mut far) = pair();
    let serve = async {
        // The handshake is dragged to its limit, and so is what comes after it.
        sleep(Duration::from_secs(4)).await;
        far.write_all(&[&[3][..], &[0; 2 * handshake::BLOCK]].concat()).await.unwrap();
        let _ = far.read_to_end(&mut Vec::new()).await;
    };
    let began = Instant::now();
    let asked = endpoint();
    let (report, ()) = tokio::join!(prober.probe(&asked, &|_| ()), serve);
    assert_eq!(report.outcome, ProbeOutcome::NoAnswer);
    assert_eq!(steps(&report).last(), Some(&("connect", false)));
    assert!(began.elapsed() <= LIMIT);

    let began = Instant::now();
    let report = Prober::new(Arc::new(Never)).probe(&endpoint(), &|_| ()).await;
    assert_eq!((began.elapsed(), report.outcome), (LIMIT, ProbeOutcome::Unreachable));
}

/// Begins to connect for ever.
struct Never;

impl Dial for Never {
    fn dial<'a>(
        &'a self,
        _: &'a RtmpUrl,
        progress: &'a (dyn Fn(Step) + Send + Sync),
    ) -> BoxFuture<'a, Result<Transport, Error>> {
        progress(Step::Connecting);
        std::future::pending().boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_ends_the_test() {
    let (prober, far) = pair();
    let asked = endpoint();
    let probing = prober.probe(&asked, &|_| ());
    let serve = async {
        let (mut link, _) = meet(far).await;
        link.with(Session::accept_publish);
        link.flush().await.unwrap();
        link
    };
    let mut link = tokio::select! {
        link = serve => link,
        report = probing => panic!("{report:?}"),
    };
    let heard = hear_all(&mut link).await;
    assert!(!heard.contains(&server::Event::Unpublish), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn a_closed_port_is_told_at_its_step() {
    let (prober, _) = pair();
    prober.dial.dial(&endpoint().url, &|_| ()).await.unwrap();
    let report = prober.probe(&endpoint(), &|_| ()).await;
    assert_eq!(report.outcome, ProbeOutcome::PortRefused);
    assert_eq!(steps(&report), [("dns", true), ("tcp", false)]);
    assert_eq!(report.steps[1].words, report.sentence);
}
