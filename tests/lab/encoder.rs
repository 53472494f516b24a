//! An encoder that sends [`Footage`] in real time from a thread of its own, until it is told what
//! becomes of it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::footage::{Footage, PERIOD_MS};
use crate::rig::patience::{self, Stopwatch};
use crate::rig::publisher::Publisher;
use crate::rig::relay_process::Relay;

/// An encoder that the relay accepted.
pub(crate) struct Encoder {
    orders: SyncSender<Order>,
    /// The serial number of the next frame.
    next: Arc<AtomicU32>,
    thread: JoinHandle<io::Result<Footage>>,
}

enum Order {
    /// Goes on at another time.
    Jump(u32),
    /// Says that the stream ends.
    Unpublish,
    /// Is gone without a word in RTMP.
    Vanish,
}

impl Encoder {
    /// Publishes to `relay` under `key` and begins to send.
    pub(crate) fn start(relay: &Relay, key: &str, footage: Footage) -> Self {
        Self::connect(relay.rtmp_port(), key, footage).unwrap()
    }

    /// The same to any port; the error is why it was not accepted.
    pub(crate) fn connect(port: u16, key: &str, footage: Footage) -> io::Result<Self> {
        let publisher = Publisher::connect(port, "live", key)?;
        let (orders, ordered) = sync_channel(1);
        let next = Arc::new(AtomicU32::new(footage.serial));
        let progress = Arc::clone(&next);
        let thread = thread::spawn(move || send(publisher, footage, &ordered, &progress));
        Ok(Self { orders, next, thread })
    }

    /// How many frames have been sent, counted over all encoders that sent this footage.
    pub(crate) fn sent(&self) -> u32 {
        self.next.load(Relaxed)
    }

    /// Waits until the frame with this serial number has been sent.
    pub(crate) fn wait_until_sent(&self, serial: u32) {
        let what = format!("the encoder to send frame {serial}");
        patience::wait_until(&what, || {
            assert!(!self.thread.is_finished(), "the encoder was cut off after {} frames", self.sent());
            self.sent() > serial
        });
    }

    /// Sends for so long as the time of its frames is concerned.
    pub(crate) fn wait_for(&self, length: Duration) {
        self.wait_until_sent(self.sent() + Footage::frames_in(length));
    }

    /// Makes its clock jump to `time`.
    pub(crate) fn jump(&self, time: u32) {
        self.orders.send(Order::Jump(time)).unwrap();
    }

    /// Ends the stream in good order; gives what would come next.
    pub(crate) fn end(self) -> Footage {
        self.finish(Order::Unpublish)
    }

    /// Hangs up without saying so; gives what would come next.
    pub(crate) fn vanish(self) -> Footage {
        self.finish(Order::Vanish)
    }

    fn finish(self, order: Order) -> Footage {
        // A thread that ended before says why when it is joined.
        let _ = self.orders.send(order);
        self.thread.join().unwrap().unwrap()
    }
}

fn send(
    mut publisher: Publisher,
    mut footage: Footage,
    orders: &Receiver<Order>,
    next: &AtomicU32,
) -> io::Result<Footage> {
    for header in footage.begin() {
        publisher.send(&header, header.time)?;
    }
    let watch = Stopwatch::start();
    let mut due = Duration::ZERO;
    loop {
        match orders.recv_timeout(due.saturating_sub(watch.elapsed())) {
            Ok(Order::Jump(time)) => footage.time = time,
            Ok(Order::Unpublish) => return publisher.finish().map(|()| footage),
            Ok(Order::Vanish) | Err(RecvTimeoutError::Disconnected) => return Ok(footage),
            Err(RecvTimeoutError::Timeout) => {
                for packet in footage.next() {
                    publisher.send(&packet, packet.time)?;
                }
                next.store(footage.serial, Relaxed);
                due += Duration::from_millis(PERIOD_MS.into());
            }
        }
    }
}
