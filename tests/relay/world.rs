//! A relay whose targets are scripts.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::logins::Guard;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use splitcast::media::{Kind, Tag};
use splitcast::model::{
    AllowFrom, Endpoint, Happening, KeyHasher, Rules, StreamChange, StreamId, Takes, TargetEvent, TargetId,
    TargetState, Wanted, WantedStream, WantedTarget,
};
use splitcast::net::{self, Dial, Link, Step, Transport, Turn};
use splitcast::relay::hub::Hub;
use splitcast::relay::publication::Publication;
use splitcast::relay::status::TargetSnapshot;
use splitcast::relay::{Board, Registry, Supervisor, Workers};
use splitcast::rtmp::amf0::Value;
use splitcast::rtmp::command::Command;
use splitcast::rtmp::server::Event;
use splitcast::rtmp::{Rejection, RtmpUrl, Session, StreamKey, handshake};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, copy, duplex, split};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::task::TaskTracker;

use super::script::Peer;

/// What a target does with one connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Script {
    /// Takes the stream.
    Accept,
    /// Cannot be reached.
    Fail(fn() -> net::Error),
    /// Refuses the TCP connection.
    Refuse,
    /// Closes at once.
    Hang,
    /// Says what no RTMP server says.
    Babble,
    /// Answers publish with an error: a code and a description.
    RejectWith(&'static str, &'static str),
    /// Says that the key is in use.
    Reject,
    /// Closes instead of answering publish.
    CloseAtPublish,
    /// Takes the stream, and so many milliseconds later closes.
    CloseAfter(u64),
    /// Takes the stream, and reads so many bytes a second.
    ReadSlowly(usize),
    /// Takes the stream, and so many bytes a second of it.
    Trickle(usize),
    /// Takes the stream and closes.
    AcceptAndClose,
    /// Takes the stream and never reads again.
    Freeze,
    /// Never says a word.
    Mute,
    /// Takes the stream; says that the key is in use after this many tags.
    RejectAfter(usize),
    /// Takes the stream of who has logged in as it wants it.
    Guard(Guard),
    /// Takes the stream, and after this many tags wants it on a new connection to that address.
    Move(usize, &'static str),
    /// The same, and closes at once.
    MoveAndClose(usize, &'static str),
    /// Takes the stream, and after ten tags nothing for so many milliseconds; then wants it on a new connection to
    /// that address, and takes a tag each so many milliseconds.
    Flag(u64, &'static str, u64),
    /// Takes the stream, and wants it on a new connection to that address with each tag.
    Nag(&'static str),
    /// Sends the stream on to that address instead of taking it.
    Redirect(&'static str),
    /// Takes no codec but this one, and says so.
    TakeOnly(&'static str),
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
    pub(crate) watch: Watch,
}

/// Sees to it that what a target gets can be decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch {
    has_header: bool,
    last_picture: Option<u32>,
    last_time: Option<u32>,
    pub(crate) pictures: u64,
    pub(crate) fault: Option<String>,
}

impl Watch {
    fn look(&mut self, kind: Kind, time: u32, payload: &Bytes) {
        self.has_header |= kind == Kind::VideoHeader;
        if !matches!(kind, Kind::VideoKey | Kind::VideoInter) {
            return;
        }
        let serial = payload.get(5..9).map_or(0, |serial| u32::from_be_bytes(serial.try_into().unwrap()));
        let follows = self.last_picture.is_some_and(|last| serial == last.wrapping_add(1));
        let fault = if !self.has_header {
            "a picture before the header"
        } else if kind == Kind::VideoInter && !follows {
            "a picture without the one before it"
        } else if self.last_picture.is_some_and(|last| serial <= last && serial != 0) {
            "an old picture"
        } else if self.last_time.is_some_and(|last| time <= last) {
            "time runs back"
        } else {
            ""
        };
        if !fault.is_empty() && self.fault.is_none() {
            self.fault = Some(format!(
                "{fault}: {serial} at {time}, after {:?} at {:?}",
                self.last_picture, self.last_time
            ));
        }
        (self.last_picture, self.last_time) = (Some(serial), Some(time));
        self.pictures += 1;
    }
}

/// All that targets saw, by host.
#[derive(Default)]
struct Log {
    scripts: HashMap<String, VecDeque<Script>>,
    /// What is played where no script is left, if it is not to accept.
    dice: Option<Dice>,
    visits: HashMap<String, Vec<Visit>>,
    /// Whether what targets got is forgotten once it was looked at.
    forgets: bool,
}

/// Chooses a script.
pub(crate) type Dice = Box<dyn FnMut() -> Script + Send>;

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
            let (script, visit) = {
                let mut log = self.log.lock().unwrap();
                let script = log.scripts.get_mut(&host).and_then(VecDeque::pop_front);
                let script =
                    script.unwrap_or_else(|| log.dice.as_mut().map_or(Script::Accept, |dice| dice()));
                let is_over = matches!(script, Script::Refuse | Script::Fail(_) | Script::Panic);
                let visits = log.visits.entry(host.clone()).or_default();
                visits.push(Visit { is_over, ..Visit::default() });
                (script, visits.len() - 1)
            };
            match script {
                Script::Refuse => return Err(net::Error::Refused),
                Script::Fail(error) => return Err(error()),
                Script::Panic => panic!("a planted panic"),
                _ => {}
            }
            progress(Step::Connecting);
            let (near, far) = duplex(16 << 10);
            let log = Arc::clone(&self.log);
            self.tracker.spawn(async move {
                let note = |change: &dyn Fn(&mut Visit)| {
                    let mut log = log.lock().unwrap();
                    let forgets = log.forgets;
                    let visit = &mut log.visits.get_mut(&host).unwrap()[visit];
                    change(visit);
                    if forgets {
                        visit.tags.clear();
                    }
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
async fn play(script: Script, mut transport: Transport, note: &Note<'_>) {
    match script {
        Script::Hang => return,
        Script::Babble => {
            let _ = transport.write_all(&[b'?'; 4_000]).await;
            return sleep(Duration::from_secs(60)).await;
        }
        Script::Redirect(to) => {
            let mut peer = Peer::server(transport);
            if peer.hear("connect").await.is_some() {
                let extra = Value::object([("code", Value::Number(302.0)), ("redirect", Value::string(to))]);
                let info = Value::object([("level", Value::string("error")), ("ex", extra)]);
                peer.say(0, Command::new("_error", 1.0).with(info)).await;
                // As SRS does: the client goes first.
                peer.hear("never said").await;
            }
            return;
        }
        Script::TakeOnly(codec) => {
            let mut peer = Peer::server(transport);
            if peer.hear("connect").await.is_some() {
                let list = Value::StrictArray(vec![Value::string(codec)]);
                peer.say(0, Command::result(1.0).with(Value::object([("fourCcList", list)]))).await;
            }
            let create = peer.hear("createStream").await;
            if create.is_some() {
                note(&|visit| visit.began = Some(Instant::now()));
            }
            return;
        }
        Script::Trickle(bytes_per_second) => {
            let (near, far) = duplex(1_000);
            let accepting = Box::pin(play(Script::Accept, far.into(), note));
            tokio::join!(accepting, trickle(transport, near, bytes_per_second));
            return;
        }
        _ => {}
    }
    let nonce = Box::new([5; handshake::BLOCK]);
    let session = match script {
        Script::Guard(guard) => {
            note(&|visit| visit.began = Some(Instant::now()));
            Session::server_with(Box::new(guard), nonce)
        }
        _ => Session::server(nonce),
    };
    let mut link = Link::new(transport, session);
    if matches!(script, Script::Mute) {
        return sleep(Duration::from_secs(600)).await;
    }
    let mut tags = 0;
    let mut close_at = None;
    loop {
        let turn = match close_at {
            None => link.next().await,
            Some(at) => match timeout_at(at, link.next()).await {
                Ok(turn) => turn,
                Err(_) => return drop(link.close().await),
            },
        };
        let Ok(turn) = turn else { return };
        match turn {
            Turn::Event(Event::Publish { keys, .. }) => {
                note(&|visit| {
                    visit.key = keys[0].expose().to_owned();
                    visit.began = Some(Instant::now());
                });
                let rejection = match script {
                    Script::CloseAtPublish => return,
                    Script::Reject => Some(Rejection::busy()),
                    Script::RejectWith(code, description) => {
                        Some(Rejection { code: code.to_owned(), description: description.to_owned() })
                    }
                    _ => None,
                };
                if let Some(rejection) = rejection {
                    link.with(|session| session.reject_publish(&rejection));
                    let _ = link.close().await;
                    return;
                }
                link.with(Session::accept_publish);
                let _ = link.flush().await;
                match script {
                    Script::AcceptAndClose => return drop(link.close().await),
                    Script::Freeze => return sleep(Duration::from_secs(600)).await,
                    Script::CloseAfter(ms) => close_at = Some(Instant::now() + Duration::from_millis(ms)),
                    _ => {}
                }
            }
            Turn::Event(Event::Tag(tag)) => {
                tags += 1;
                note(&|visit| {
                    visit.watch.look(tag.kind, tag.timestamp, &tag.payload);
                    visit.tags.push((tag.kind, tag.timestamp, tag.payload.clone()));
                });
                if let Script::ReadSlowly(bytes_per_second) = script {
                    let bytes = u32::try_from(tag.payload.len()).unwrap();
                    let pace = f64::from(u32::try_from(bytes_per_second).unwrap());
                    sleep(Duration::from_secs_f64(f64::from(bytes) / pace)).await;
                }
                match script {
                    Script::Move(count, to) | Script::MoveAndClose(count, to) if count == tags => {
                        link.with(|session| session.request_reconnect(Some(to), "going down"));
                        let _ = link.flush().await;
                        if let Script::MoveAndClose(..) = script {
                            return drop(link.close().await);
                        }
                    }
                    Script::Flag(ms, to, _) if tags == 10 => {
                        sleep(Duration::from_millis(ms)).await;
                        link.with(|session| session.request_reconnect(Some(to), "tired"));
                        let _ = link.flush().await;
                    }
                    Script::Flag(.., ms) if tags > 10 => sleep(Duration::from_millis(ms)).await,
                    Script::Nag(to) => link.with(|session| session.request_reconnect(Some(to), "now")),
                    _ => {}
                }
                if let Script::RejectAfter(count) = script
                    && tags == count
                {
                    link.with(|session| session.reject_publish(&Rejection::busy()));
                }
            }
            Turn::Event(Event::Unpublish) => note(&|visit| visit.said_goodbye = true),
            Turn::Event(Event::Refused(_)) => return drop(link.close().await),
            Turn::Room => {}
        }
    }
}

/// Passes on what comes, at a pace once the two ends know each other.
async fn trickle(transport: Transport, onward: DuplexStream, bytes_per_second: usize) {
    let (mut from, mut to) = split(transport);
    let (mut back, mut onward) = split(onward);
    let forth = async {
        let (mut chunk, mut passed) = (vec![0; bytes_per_second], 0);
        while let Ok(read @ 1..) = from.read(&mut chunk).await {
            passed += read;
            if onward.write_all(&chunk[..read]).await.is_err() {
                return;
            }
            if passed > 10_000 {
                sleep(Duration::from_secs(1)).await;
            }
        }
        let _ = onward.shutdown().await;
    };
    let _ = tokio::join!(forth, copy(&mut back, &mut to));
}

/// The relay, its board, and the stage its targets are played on.
pub(crate) struct World {
    pub(crate) board: Arc<Board>,
    pub(crate) supervisor: Supervisor,
    pub(crate) registry: Arc<Registry>,
    pub(crate) tracker: TaskTracker,
    pub(crate) wanted: Wanted,
    log: Arc<Mutex<Log>>,
    pub(crate) hasher: KeyHasher,
}

pub(crate) const STREAM: StreamId = StreamId(1);

impl World {
    /// One stream and the given number of targets, on hosts `t1`, `t2` and so on.
    pub(crate) fn new(targets: i64) -> Self {
        let (board, log, tracker) = (Arc::new(Board::default()), Arc::default(), TaskTracker::new());
        let hasher = KeyHasher::new(&[1; 32]);
        let registry = Registry::new(hasher.clone());
        let stage = Arc::new(Stage { log: Arc::clone(&log), tracker: tracker.clone() });
        let supervisor =
            Supervisor::new(board.clone(), registry.clone(), stage, Workers::here(), tracker.clone(), 1);
        let stream = WantedStream {
            id: STREAM,
            name: "Main".to_owned(),
            app: None,
            allow_from: AllowFrom::default(),
            ingest_login: None,
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

    /// What connections meet where no script is left; what targets get is only looked at, not kept.
    pub(crate) fn roll(&self, dice: Dice) {
        let mut log = self.log.lock().unwrap();
        (log.dice, log.forgets) = (Some(dice), true);
    }

    /// From now on every connection is accepted.
    pub(crate) fn calm(&self) {
        self.log.lock().unwrap().dice = None;
    }

    /// How many connections there were, and the first fault in what targets got over them.
    pub(crate) fn audit(&self) -> (usize, u64, Option<String>) {
        let log = self.log.lock().unwrap();
        let visits: Vec<&Visit> = log.visits.values().flatten().collect();
        let fault = visits.iter().find_map(|visit| visit.watch.fault.clone());
        (visits.len(), visits.iter().map(|visit| visit.watch.pictures).sum(), fault)
    }

    /// Connections that are open, by host.
    pub(crate) fn open(&self, host: &str) -> usize {
        let log = self.log.lock().unwrap();
        log.visits.get(host).map_or(0, |visits| visits.iter().filter(|visit| !visit.is_over).count())
    }

    /// What happened to targets since this was last asked.
    pub(crate) fn events(&self) -> Vec<TargetEvent> {
        let of_target = |happening| match happening {
            Happening::Target(event) => Some(event),
            Happening::Stream(_) | Happening::Warning(_) => None,
        };
        let batch = self.board.journal().take().now_or_never().unwrap_or_default();
        batch.events.into_iter().filter_map(of_target).collect()
    }

    /// What happened to the stream since anything was last asked for.
    pub(crate) fn stream_changes(&self) -> Vec<StreamChange> {
        let of_stream = |happening| match happening {
            Happening::Stream(event) => Some(event.change),
            Happening::Target(_) | Happening::Warning(_) => None,
        };
        let batch = self.board.journal().take().now_or_never().unwrap_or_default();
        batch.events.into_iter().filter_map(of_stream).collect()
    }

    pub(crate) fn set_rules(&mut self, rules: Rules) {
        self.wanted.streams[0].rules = rules;
        self.apply();
    }

    pub(crate) fn allow_from(&mut self, networks: &[&str]) {
        self.wanted.streams[0].allow_from = AllowFrom::parse(networks.iter().copied()).unwrap();
        self.apply();
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
        self.until_at(Duration::from_millis(1), |world| world.status(id).state == state).await;
    }

    /// Waits until something holds; fails if it does not within an hour of paused time.
    pub(crate) async fn until_true(&self, holds: impl Fn(&Self) -> bool) {
        self.until_at(Duration::from_millis(10), holds).await;
    }

    /// Looks so often: a random wait may be short.
    async fn until_at(&self, pace: Duration, holds: impl Fn(&Self) -> bool) {
        let wait = async {
            while !holds(self) {
                sleep(pace).await;
            }
        };
        timeout(Duration::from_secs(3_600), wait).await.expect("it never came to be");
    }

    /// Plays a test's story; fails if it takes more than a day of paused time.
    pub(crate) async fn play(story: impl Future<Output = ()>) {
        Self::play_for(Duration::from_secs(86_400), story).await;
    }

    /// The same, for a longer one.
    pub(crate) async fn play_for(limit: Duration, story: impl Future<Output = ()>) {
        timeout(limit, story).await.expect("the story does not end");
    }
}

pub(crate) fn target(number: i64) -> WantedTarget {
    WantedTarget {
        id: TargetId(number),
        name: format!("target {number}"),
        endpoint: endpoint(&format!("t{number}"), &format!("key{number}")),
        backup: None,
        takes: Takes::default(),
        coalesce: None,
    }
}

pub(crate) fn endpoint(host: &str, key: &str) -> Endpoint {
    let url = RtmpUrl::parse(&format!("rtmp://{host}/live")).unwrap();
    Endpoint { url, key: StreamKey::new(key), login: None }
}

/// An encoder that sends 25 pictures a second, a key frame each second, with headers in front.
pub(crate) struct Encoder {
    publication: Publication,
    serial: u32,
    time: u32,
    is_loud: bool,
    codec: Codec,
}

/// What an encoder's pictures are coded in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Codec {
    Avc,
    Hevc,
    Av1,
}

impl Encoder {
    pub(crate) fn new(publication: Publication, time: u32) -> Self {
        let encoder = Self { publication, serial: 0, time, is_loud: false, codec: Codec::Avc };
        encoder.send(Kind::VideoHeader, &[0x17, 0, 0, 0, 0, 1]);
        encoder.send(Kind::AudioHeader, &[0xaf, 0, 0x12, 0x10]);
        encoder
    }

    /// The same, with sound to its pictures.
    pub(crate) fn loud(publication: Publication, time: u32) -> Self {
        Self { is_loud: true, ..Self::new(publication, time) }
    }

    /// One of another codec.
    pub(crate) fn hevc(publication: Publication) -> Self {
        Self::silent(publication, Codec::Hevc)
    }

    /// One of any codec, with sound to its pictures.
    pub(crate) fn of(codec: Codec, publication: Publication) -> Self {
        let encoder = Self { is_loud: true, ..Self::silent(publication, codec) };
        encoder.header(Kind::AudioHeader, &[0xaf, 0, 0x12, 0x10]);
        encoder
    }

    fn silent(publication: Publication, codec: Codec) -> Self {
        let encoder = Self { publication, serial: 0, time: 0, is_loud: false, codec };
        encoder.header(
            Kind::VideoHeader,
            match codec {
                Codec::Avc => &[0x17, 0, 0, 0, 0, 1],
                Codec::Hevc => b"\x90hvc1\x01",
                Codec::Av1 => b"\x90av01\x81",
            },
        );
        encoder
    }

    /// Sends a header.
    pub(crate) fn header(&self, kind: Kind, payload: &[u8]) {
        self.send(kind, payload);
    }

    /// The same, whose pictures are numbered on from `serial`.
    pub(crate) fn numbered(publication: Publication, serial: u32) -> Self {
        Self { serial, ..Self::loud(publication, 0) }
    }

    /// The number of the next picture.
    pub(crate) fn serial(&self) -> u32 {
        self.serial
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
        let is_key = self.serial.is_multiple_of(25);
        let kind = if is_key { Kind::VideoKey } else { Kind::VideoInter };
        let mut payload = match (self.codec, is_key) {
            (Codec::Avc, true) => vec![0x17, 1, 0, 0, 0],
            (Codec::Avc, false) => vec![0x27, 1, 0, 0, 0],
            // Without a composition time.
            (Codec::Hevc, true) => b"\x93hvc1".to_vec(),
            (Codec::Hevc, false) => b"\xa3hvc1".to_vec(),
            (Codec::Av1, true) => b"\x91av01".to_vec(),
            (Codec::Av1, false) => b"\xa1av01".to_vec(),
        };
        payload.extend_from_slice(&self.serial.to_be_bytes());
        payload.resize(2_000, 0x5a);
        self.send(kind, &payload);
        if self.is_loud {
            self.send(Kind::Audio, &[0xaf, 1, 0x21, 0x10]);
        }
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
