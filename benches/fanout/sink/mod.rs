//! The sinks: one thread that plays the servers of all targets, reads what they are sent as fast as it can
//! (or as their manner has it), and checks and times every frame.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use rustls::ServerConfig;

use self::connection::{Connection, Progress};
use self::ledger::{Ledger, Window};
use super::clock::{self, SECOND};
use super::footage::MEDIA;
use super::histogram::Histogram;
use super::interrupt;

mod connection;
mod intake;
pub(crate) mod ledger;
mod transport;

/// How a target's server reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Manner {
    Healthy,
    /// Reads no more after its first key frame.
    Stalls,
    /// Reads so many bytes a second after its first key frame.
    Trickles(u64),
    /// Closes the connection with its first key frame, and every other after it.
    HangsUp,
}

/// Whom sinks are for. The target `t` of the stream `s` has the application `tT` and the key `sS`.
pub(crate) struct Audience {
    pub(crate) streams: usize,
    /// The manner of each target of a stream.
    pub(crate) manners: Vec<Manner>,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) hash_one_of: u32,
}

/// Sinks that listen.
pub(crate) struct Sinks {
    pub(crate) port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Receipts>>,
}

/// What sinks tell while they run, and are told.
struct Shared {
    bytes: AtomicU64,
    with_key: AtomicUsize,
    from: AtomicU64,
    to: AtomicU64,
    returned: AtomicU64,
    stop: AtomicBool,
}

/// What came of it.
pub(crate) struct Receipts {
    /// By stream, and in it by target.
    pub(crate) ledgers: Vec<Ledger>,
    /// Of healthy targets, in the window.
    pub(crate) latency: [Histogram; MEDIA],
    /// How many targets have got a key frame.
    with_key: usize,
}

impl Sinks {
    pub(crate) fn start(audience: Audience) -> Self {
        let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let port = listener.local_addr().unwrap().port();
        let never = || AtomicU64::new(u64::MAX);
        let shared = Arc::new(Shared {
            bytes: AtomicU64::new(0),
            with_key: AtomicUsize::new(0),
            from: never(),
            to: never(),
            returned: never(),
            stop: AtomicBool::new(false),
        });
        let poll = Poll::new().unwrap();
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE).unwrap();
        let hall = Hall::new(audience, Arc::clone(&shared), poll, listener);
        let thread = std::thread::spawn(move || hall.run());
        Self { port, shared, thread: Some(thread) }
    }

    /// The bytes that all sinks together have read.
    pub(crate) fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    /// How many targets have got a key frame.
    pub(crate) fn with_key(&self) -> usize {
        self.shared.with_key.load(Ordering::Relaxed)
    }

    /// Counts the frames that are sent from `from` until `to`.
    pub(crate) fn open_window(&self, from: u64, to: u64) {
        self.shared.to.store(to, Ordering::Relaxed);
        self.shared.from.store(from, Ordering::Relaxed);
    }

    /// The source is back; its frames come after `moment`.
    pub(crate) fn expect_return(&self, moment: u64) {
        self.shared.returned.store(moment, Ordering::Relaxed);
    }

    /// Whether they have stopped by themselves, which they do only when they fail.
    pub(crate) fn have_failed(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }

    pub(crate) fn end(mut self) -> Receipts {
        self.shared.stop.store(true, Ordering::Relaxed);
        let receipts = self.thread.take().unwrap().join();
        receipts.unwrap_or_else(|_| panic!("the sinks have failed, as was said above"))
    }
}

impl Drop for Sinks {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

/// What the thread has.
struct Hall {
    audience: Audience,
    shared: Arc<Shared>,
    poll: Poll,
    listener: TcpListener,
    /// By token.
    connections: Vec<Option<Connection>>,
    receipts: Receipts,
    buffer: Vec<u8>,
}

impl Hall {
    fn new(audience: Audience, shared: Arc<Shared>, poll: Poll, listener: TcpListener) -> Self {
        let ledgers = vec![Ledger::default(); audience.streams * audience.manners.len()];
        Self {
            audience,
            shared,
            poll,
            listener,
            connections: Vec::new(),
            receipts: Receipts { ledgers, latency: [Histogram::new(), Histogram::new()], with_key: 0 },
            buffer: vec![0; READ],
        }
    }

    fn run(mut self) -> Receipts {
        let mut events = Events::with_capacity(1024);
        // Those that had more to read when it was others' turn.
        let mut unfinished: Vec<Token> = Vec::new();
        while !self.shared.stop.load(Ordering::Relaxed) {
            let wait = if unfinished.is_empty() { TICK } else { Duration::ZERO };
            interrupt::poll(&mut self.poll, &mut events, Some(wait)).unwrap();
            let mut ready: Vec<Token> = std::mem::take(&mut unfinished);
            ready.extend(events.iter().map(|event| event.token()));
            ready.extend(self.trickling());
            for token in ready {
                if token == LISTENER {
                    self.accept();
                } else if self.serve(token) == Progress::Unfinished {
                    unfinished.push(token);
                }
            }
        }
        self.receipts
    }

    fn accept(&mut self) {
        loop {
            let mut socket = match self.listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("sinks cannot take a connection: {error}"),
            };
            let token = Token(self.connections.len());
            socket.set_nodelay(true).unwrap();
            self.poll.registry().register(&mut socket, token, Interest::READABLE).unwrap();
            self.connections.push(Some(Connection::new(socket, self.audience.tls.as_ref())));
        }
    }

    /// Connections that are read by the clock and not when there is something.
    fn trickling(&self) -> Vec<Token> {
        let is_trickling = |connection: &Connection| matches!(connection.manner(), Manner::Trickles(_));
        if !self.audience.manners.iter().any(|manner| matches!(manner, Manner::Trickles(_))) {
            return Vec::new();
        }
        let connections = self.connections.iter().enumerate();
        let slow = connections.filter(|(_, connection)| connection.as_ref().is_some_and(is_trickling));
        slow.map(|(at, _)| Token(at)).collect()
    }

    fn serve(&mut self, token: Token) -> Progress {
        let Some(connection) = &mut self.connections[token.0] else { return Progress::Done };
        let window = Window {
            from: self.shared.from.load(Ordering::Relaxed),
            to: self.shared.to.load(Ordering::Relaxed),
            returned: self.shared.returned.load(Ordering::Relaxed),
        };
        let (progress, bytes) =
            connection.serve(&self.audience, &mut self.receipts, window, &mut self.buffer);
        self.shared.with_key.store(self.receipts.with_key, Ordering::Relaxed);
        self.shared.bytes.fetch_add(bytes, Ordering::Relaxed);
        if progress == Progress::Over {
            self.connections[token.0] = None;
        }
        progress
    }
}

const LISTENER: Token = Token(usize::MAX);
/// Bytes read at a time.
const READ: usize = 256 << 10;
/// How often those who trickle read.
const TICK: Duration = Duration::from_millis(20);

/// How many bytes may be read by now at `rate` bytes a second since `start`.
fn allowance(rate: u64, start: u64) -> u64 {
    (clock::now() - start) / 1_000 * rate / (SECOND / 1_000)
}
