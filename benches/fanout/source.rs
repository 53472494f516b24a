//! The source: one thread that publishes many streams, each frame at the moment it is due by the clock,
//! never drifting. A relay that does not take them makes it late, and how late is remembered.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, ErrorKind, Write};
use std::mem::MaybeUninit;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use socket2::SockRef;

use super::clock::{self, MILLISECOND, SECOND};
use super::footage::stamp::Stamp;
use super::footage::{Footage, MEDIA, Medium, Pictures};
use super::guest;

/// What is published, and where to.
pub(crate) struct Programme {
    /// Of the relay, on loopback.
    pub(crate) port: u16,
    pub(crate) pictures: Pictures,
    /// The key of each stream.
    pub(crate) keys: Vec<String>,
}

/// A source that publishes.
pub(crate) struct Source {
    order: Arc<AtomicU8>,
    thread: Option<JoinHandle<io::Result<SentLog>>>,
}

/// When each frame was sent, and was to be sent, by stream, medium and serial number.
pub(crate) type SentLog = Vec<[Vec<Sent>; MEDIA]>;

#[derive(Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) at: u64,
    pub(crate) due: u64,
}

impl Source {
    /// Begins to publish.
    pub(crate) fn start(programme: Programme) -> Self {
        let order = Arc::new(AtomicU8::new(PUBLISH));
        let heard = Arc::clone(&order);
        let thread = std::thread::spawn(move || {
            let log = Publisher::new(programme, heard).run();
            log.inspect_err(|error| eprintln!("the source cannot go on: {error}"))
        });
        Self { order, thread: Some(thread) }
    }

    /// Closes its connections without a word.
    pub(crate) fn vanish(&self) {
        self.order.store(VANISH, Ordering::Relaxed);
    }

    /// Comes back with the same keys, as an encoder that was started anew.
    pub(crate) fn come_back(&self) {
        self.order.store(PUBLISH, Ordering::Relaxed);
    }

    /// Stops and tells what was sent.
    pub(crate) fn end(mut self) -> SentLog {
        self.order.store(END, Ordering::Relaxed);
        let log = self.thread.take().unwrap().join().ok().and_then(Result::ok);
        log.unwrap_or_else(|| panic!("the source has failed, as was said above"))
    }

    /// Whether it has stopped by itself, which it does only when it fails.
    pub(crate) fn has_failed(&self) -> bool {
        self.thread.as_ref().is_some_and(JoinHandle::is_finished)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.order.store(END, Ordering::Relaxed);
    }
}

struct Publisher {
    programme: Programme,
    order: Arc<AtomicU8>,
    footage: Footage,
    log: SentLog,
}

/// One stream while it is connected.
struct Outlet {
    socket: TcpStream,
    start: u64,
    /// The serial numbers that this connection began with.
    first: [u32; MEDIA],
    /// The last times sent, in milliseconds of RTMP's clock.
    times: [u32; MEDIA],
}

/// A frame that is due: when, of which stream, and of which medium.
type Due = Reverse<(u64, usize, usize)>;

impl Publisher {
    fn new(programme: Programme, order: Arc<AtomicU8>) -> Self {
        let footage = Footage::new(programme.pictures);
        let log = programme.keys.iter().map(|_| [Vec::new(), Vec::new()]).collect();
        Self { programme, order, footage, log }
    }

    fn run(mut self) -> io::Result<SentLog> {
        loop {
            match self.order.load(Ordering::Relaxed) {
                PUBLISH => self.publish().map_err(explain)?,
                VANISH => clock::sleep(Duration::from_millis(1)),
                _ => return Ok(self.log),
            }
        }
    }

    /// Publishes until ordered otherwise.
    fn publish(&mut self) -> io::Result<()> {
        let mut outlets = self.connect()?;
        let mut queue: BinaryHeap<Due> = BinaryHeap::new();
        for (stream, outlet) in outlets.iter().enumerate() {
            queue.extend((0..MEDIA).map(|medium| Reverse((outlet.start, stream, medium))));
        }
        while self.order.load(Ordering::Relaxed) == PUBLISH {
            let Some(Reverse((due, stream, medium))) = queue.pop() else { return Ok(()) };
            clock::sleep_until(due);
            let outlet = &mut outlets[stream];
            self.send(stream, outlet, medium, due)?;
            let sent = self.serial(stream, medium) - outlet.first[medium];
            queue.push(Reverse((outlet.start + self.footage.due(MEDIUM[medium], sent), stream, medium)));
        }
        Ok(())
    }

    /// Connects all streams. They begin one after the other, so that their pictures share the time evenly.
    fn connect(&self) -> io::Result<Vec<Outlet>> {
        let sockets = self.programme.keys.iter().map(|key| {
            let mut socket = TcpStream::connect(("127.0.0.1", self.programme.port))?;
            socket.set_nodelay(true)?;
            socket.set_read_timeout(Some(PATIENCE))?;
            socket.set_write_timeout(Some(PATIENCE))?;
            guest::publish(&mut socket, "live", key)?;
            socket.write_all(&self.footage.beginning())?;
            Ok(socket)
        });
        let sockets = sockets.collect::<io::Result<Vec<_>>>()?;
        let period = SECOND / self.footage.pictures().frequency / sockets.len() as u64;
        let start = clock::now() + MILLISECOND;
        let outlets = sockets.into_iter().enumerate().map(|(stream, socket)| {
            let first = [0, 1].map(|medium| self.serial(stream, medium));
            Outlet { socket, start: start + period * stream as u64, first, times: [0; MEDIA] }
        });
        Ok(outlets.collect())
    }

    /// The number of the stream's next frame.
    fn serial(&self, stream: usize, medium: usize) -> u32 {
        self.log[stream][medium].len() as u32
    }

    fn send(&mut self, stream: usize, outlet: &mut Outlet, medium: usize, due: u64) -> io::Result<()> {
        let serial = self.serial(stream, medium);
        let time = ((due - outlet.start) / MILLISECOND) as u32;
        let delta = time - outlet.times[medium];
        outlet.times[medium] = time;
        let place = (serial - outlet.first[medium]) % self.footage.pictures().group() as u32;
        let at = clock::now();
        let stamp = Stamp { stream: stream as u16, serial, sent: at };
        outlet.socket.write_all(self.footage.frame(MEDIUM[medium], place, stamp, delta))?;
        self.log[stream][medium].push(Sent { at, due });
        if serial.is_multiple_of(64) {
            outlet.forget_answers();
        }
        Ok(())
    }
}

impl Outlet {
    /// Empties the socket of acknowledgements.
    fn forget_answers(&self) {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        while SockRef::from(&self.socket).recv_with_flags(&mut buffer, DO_NOT_WAIT).is_ok_and(|n| n > 0) {}
    }
}

/// A socket's time limit comes as "resource temporarily unavailable".
fn explain(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock => io::Error::other(format!("the relay does nothing for {PATIENCE:?}")),
        _ => error,
    }
}

/// Media by their place in arrays.
const MEDIUM: [Medium; MEDIA] = [Medium::Pictures, Medium::Sound];

/// How long a relay may let its source wait.
const PATIENCE: Duration = Duration::from_secs(15);

/// Linux's `MSG_DONTWAIT`.
const DO_NOT_WAIT: i32 = 0x40;

/// Orders.
const PUBLISH: u8 = 0;
const VANISH: u8 = 1;
const END: u8 = 2;
