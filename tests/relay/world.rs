//! A relay whose targets are scripts.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use splitcast::media::{Kind, Tag};
use splitcast::model::{
    Endpoint, KeyHasher, Rules, StreamId, TargetId, TargetState, Wanted, WantedStream, WantedTarget,
};
use splitcast::net::{self, Dial, Link, Step, Transport, Turn};
use splitcast::relay::hub::Hub;
use splitcast::relay::publication::Publication;
use splitcast::relay::status::TargetSnapshot;
use splitcast::relay::{Board, Registry, Supervisor};
use splitcast::rtmp::server::Event;
use splitcast::rtmp::{Rejection, RtmpUrl, Session, StreamKey, handshake};
use tokio::io::duplex;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::TaskTracker;

/// What a target does with one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Script {
    /// Takes the stream.
    Accept,
    /// Refuses the TCP connection.
    Refuse,
    /// Answers publish with an error.
    Reject,
    /// Takes the stream and closes.
    AcceptAndClose,
    /// Takes the stream and never reads again.
    Freeze,
    /// Never says a word.
    Mute,
    /// Takes the stream; says that the key is in use after this many tags.
    RejectAfter(usize),
    /// Brings our own task down.
    Panic,
}

/// One connection to a target, as the target saw it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visit {
    pub(crate) key: String,
    pub(crate) began: Option<Instant>,
    pub(crate) tags: Vec<(Kind, u32, Bytes)>,
    pub(crate) said_goodbye: bool,
    pub(crate) is_over: bool,
}

/// All that targets saw, by host.
#[derive(Debug, Default)]
struct Log {
    scripts: HashMap<String, VecDeque<Script>>,
    visits: HashMap<String, Vec<Visit>>,
}

/// Plays the targets.
struct Stage {
    log: Arc<Mutex<Log>>,
    tracker: TaskTracker,
}

impl Dial for Stage {
    fn dial<'a>(
        &'a self,
        to: &'a RtmpUrl,
        progress: &'a (dyn Fn(Step) + Send + Sync),
    ) -> BoxFuture<'a, Result<Transport, net::Error>> {
        Box::pin(async move {
            progress(Step::Resolving);
            let host = to.host().to_owned();
            let script = {
                let mut log = self.log.lock().unwrap();
                log.visits.entry(host.clone()).or_default().push(Visit::default());
                log.scripts.get_mut(&host).and_then(VecDeque::pop_front).unwrap_or(Script::Accept)
            };
            match script {
                Script::Refuse => return Err(net::Error::Connect(io::ErrorKind::ConnectionRefused.into())),
                Script::Panic => panic!("a planted panic"),
                _ => {}
            }
            let (near, far) = duplex(16 << 10);
            let log = Arc::clone(&self.log);
            self.tracker.spawn(async move {
                let visit = log.lock().unwrap().visits[&host].len() - 1;
                let note = |change: &dyn Fn(&mut Visit)| {
                    change(&mut log.lock().unwrap().visits.get_mut(&host).unwrap()[visit]);
                };
                play(script, far.into(), &note).await;
                note(&|visit| visit.is_over = true);
            });
            Ok(near.into())
        })
    }
}

/// Changes what is known of one connection.
type Note<'a> = dyn Fn(&dyn Fn(&mut Visit)) + Sync + 'a;

/// Plays one connection to its end.
async fn play(script: Script, transport: Transport, note: &Note<'_>) {
    let mut link = Link::new(transport, Session::server(Box::new([5; handshake::BLOCK])));
    if matches!(script, Script::Mute) {
        return sleep(Duration::from_secs(600)).await;
    }
    let mut tags = 0;
    while let Ok(turn) = link.next().await {
        match turn {
            Turn::Event(Event::Publish { keys, .. }) => {
                note(&|visit| {
                    visit.key = keys[0].expose().to_owned();
                    visit.began = Some(Instant::now());
                });
                if let Script::Reject = script {
                    link.with(|session| session.reject_publish(&Rejection::busy()));
                    let _ = link.close().await;
                    return;
                }
                link.with(Session::accept_publish);
                let _ = link.flush().await;
                match script {
                    Script::AcceptAndClose => return drop(link.close().await),
                    Script::Freeze => return sleep(Duration::from_secs(600)).await,
                    _ => {}
                }
            }
            Turn::Event(Event::Tag(tag)) => {
                tags += 1;
                note(&|visit| visit.tags.push((tag.kind, tag.timestamp, tag.payload.clone())));
                if let Script::RejectAfter(count) = script
                    && tags == count
                {
                    link.with(|session| session.reject_publish(&Rejection::busy()));
                }
            }
            Turn::Event(Event::Unpublish) => note(&|visit| visit.said_goodbye = true),
            Turn::Event(Event::Refused(_)) | Turn::Room => {}
        }
    }
}

/// The relay, its board, and the stage its targets are played on.
pub(crate) struct World {
    pub(crate) board: Arc<Board>,
    pub(crate) supervisor: Supervisor,
    pub(crate) registry: Arc<Registry>,
    pub(crate) tracker: TaskTracker,
    pub(crate) wanted: Wanted,
    log: Arc<Mutex<Log>>,
    hasher: KeyHasher,
}

pub(crate) const STREAM: StreamId = StreamId(1);

impl World {
    /// One stream and the given number of targets, on hosts `t1`, `t2` and so on.
    pub(crate) fn new(targets: i64) -> Self {
        let (board, log, tracker) = (Arc::new(Board::default()), Arc::default(), TaskTracker::new());
        let hasher = KeyHasher::new(&[1; 32]);
        let registry = Registry::new(hasher.clone());
        let stage = Arc::new(Stage { log: Arc::clone(&log), tracker: tracker.clone() });
        let supervisor = Supervisor::new(board.clone(), registry.clone(), stage, tracker.clone());
        let stream = WantedStream {
            id: STREAM,
            name: "Main".to_owned(),
            app: None,
            key: hasher.digest(&StreamKey::new("ingest")),
            rules: Rules::default(),
            targets: (1..=targets).map(target).collect(),
        };
        let wanted = Wanted { streams: vec![stream] };
        Self { board, supervisor, registry, tracker, wanted, log, hasher }
    }

    /// The same, running.
    pub(crate) fn running(targets: i64) -> Self {
        let mut world = Self::new(targets);
        world.apply();
        world
    }

    /// What the next connections to a target will meet; then it accepts.
    pub(crate) fn script(&self, host: &str, scripts: impl IntoIterator<Item = Script>) {
        self.log.lock().unwrap().scripts.insert(host.to_owned(), scripts.into_iter().collect());
    }

    pub(crate) fn apply(&mut self) {
        self.supervisor.apply(&self.wanted);
    }

    pub(crate) fn targets(&mut self) -> &mut Vec<WantedTarget> {
        &mut self.wanted.streams[0].targets
    }

    pub(crate) fn change_key(&mut self, key: &str) {
        self.wanted.streams[0].key = self.hasher.digest(&StreamKey::new(key));
        self.apply();
    }

    pub(crate) fn hub(&self) -> Arc<Hub> {
        self.registry.find("live", &[StreamKey::new("ingest")]).unwrap().hub
    }

    pub(crate) fn publish(&self) -> Publication {
        self.hub().publish("127.0.0.1:5000".parse().unwrap()).unwrap()
    }

    pub(crate) fn visits(&self, host: &str) -> Vec<Visit> {
        self.log.lock().unwrap().visits.get(host).cloned().unwrap_or_default()
    }

    pub(crate) fn status(&self, id: i64) -> TargetSnapshot {
        self.board.target(TargetId(id)).unwrap()
    }

    /// Waits until a target is in a state.
    pub(crate) async fn until(&self, id: i64, state: TargetState) {
        self.until_true(|world| world.status(id).state == state).await;
    }

    /// Waits until something holds; fails if it does not within an hour of paused time.
    pub(crate) async fn until_true(&self, holds: impl Fn(&Self) -> bool) {
        let wait = async {
            while !holds(self) {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(3_600), wait).await.expect("it never came to be");
    }

    /// Plays a test's story; fails if it takes more than a day of paused time.
    pub(crate) async fn play(story: impl Future<Output = ()>) {
        timeout(Duration::from_secs(86_400), story).await.expect("the story does not end");
    }
}

pub(crate) fn target(number: i64) -> WantedTarget {
    WantedTarget {
        id: TargetId(number),
        name: format!("target {number}"),
        endpoint: endpoint(&format!("t{number}"), &format!("key{number}")),
        backup: None,
    }
}

pub(crate) fn endpoint(host: &str, key: &str) -> Endpoint {
    let url = RtmpUrl::parse(&format!("rtmp://{host}/live")).unwrap();
    Endpoint { url, key: StreamKey::new(key) }
}

/// An encoder that sends 25 pictures a second, a key frame each second, with headers in front.
pub(crate) struct Encoder {
    publication: Publication,
    serial: u32,
    time: u32,
}

impl Encoder {
    pub(crate) fn new(publication: Publication, time: u32) -> Self {
        let encoder = Self { publication, serial: 0, time };
        encoder.send(Kind::VideoHeader, &[0x17, 0, 0, 0, 0, 1]);
        encoder.send(Kind::AudioHeader, &[0xaf, 0, 0x12, 0x10]);
        encoder
    }

    /// Sends for some seconds in real (paused) time.
    pub(crate) async fn run(&mut self, seconds: u32) {
        for _ in 0..seconds * 25 {
            self.picture();
            sleep(Duration::from_millis(40)).await;
        }
    }

    /// Sends one picture.
    pub(crate) fn picture(&mut self) {
        let (kind, first) =
            if self.serial.is_multiple_of(25) { (Kind::VideoKey, 0x17) } else { (Kind::VideoInter, 0x27) };
        let mut payload = vec![first, 1, 0, 0, 0];
        payload.extend_from_slice(&self.serial.to_be_bytes());
        payload.resize(2_000, 0x5a);
        self.send(kind, &payload);
        self.serial += 1;
        self.time = self.time.wrapping_add(40);
    }

    fn send(&self, kind: Kind, payload: &[u8]) {
        let payload = Bytes::copy_from_slice(payload);
        assert!(self.publication.send(Tag { kind, timestamp: self.time, payload }), "taken over");
    }

    /// Ends in good order.
    pub(crate) fn end(self) {
        self.publication.end();
    }
}

/// The serial numbers of the pictures in a visit.
pub(crate) fn pictures(visit: &Visit) -> Vec<u32> {
    let picture = |kind| matches!(kind, Kind::VideoKey | Kind::VideoInter);
    let serial = |payload: &Bytes| u32::from_be_bytes(payload[5..9].try_into().unwrap());
    visit.tags.iter().filter(|(kind, ..)| picture(*kind)).map(|(_, _, payload)| serial(payload)).collect()
}

/// Whether a visit begins with headers and a key frame, misses no picture and its times rise.
pub(crate) fn assert_whole(visit: &Visit) {
    let kinds: Vec<Kind> = visit.tags.iter().take(3).map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, [Kind::VideoHeader, Kind::AudioHeader, Kind::VideoKey]);
    let serials = pictures(visit);
    assert!(serials.windows(2).all(|pair| pair[1] == pair[0] + 1 || pair[1] == 0), "{serials:?}");
    assert!(visit.tags.is_sorted_by_key(|(_, time, _)| *time), "times rise");
}
