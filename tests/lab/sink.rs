//! A target server of one manner, and the journal of who came.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use splitcast::rtmp::StreamKey;
use splitcast::rtmp::server::Event;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;

use super::manner::Manner;
use super::task::{self, Task};
use super::visit::Visit;
use crate::rig::patience;

/// A server that is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Sink {
    port: u16,
    journal: Arc<Journal>,
    _serving: Task,
}

#[derive(Debug, Default)]
struct Journal(Mutex<Vec<Visit>>);

/// Where one connection is written down.
pub(crate) struct Entry {
    journal: Arc<Journal>,
    number: usize,
}

impl Sink {
    /// Serves everybody in the same manner.
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = listen(&manner).unwrap();
        let port = listener.local_addr().unwrap().port();
        let journal = Arc::new(Journal::default());
        let serving = Task::spawn(serve(listener, manner, Arc::clone(&journal)));
        Self { port, journal, _serving: serving }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where to push to.
    pub(crate) fn url(&self) -> String {
        format!("rtmp://127.0.0.1:{}/live", self.port)
    }

    /// Where to push to by TLS, by the name `localhost`.
    pub(crate) fn secure_url(&self) -> String {
        format!("rtmps://localhost:{}/live", self.port)
    }

    /// All connections so far, oldest first.
    pub(crate) fn visits(&self) -> Vec<Visit> {
        self.journal.lock().clone()
    }

    /// How many connections there have been.
    pub(crate) fn visitors(&self) -> usize {
        self.journal.lock().len()
    }

    /// The only connection there has been.
    pub(crate) fn only_visit(&self) -> Visit {
        let mut visits = self.visits();
        assert_eq!(visits.len(), 1, "there were several connections");
        visits.remove(0)
    }

    /// Waits until the newest connection has brought the frame with this serial number.
    pub(crate) fn wait_for_frame(&self, serial: u32) {
        patience::wait_until(&format!("frame {serial}"), || {
            let journal = self.journal.lock();
            journal.last().and_then(Visit::last_stamp).is_some_and(|last| last.serial >= serial)
        });
    }

    /// Waits until there have been this many connections that the sink accepted the stream of.
    pub(crate) fn wait_for_acceptance(&self, count: usize) {
        patience::wait_until(&format!("{count} accepted connections"), || {
            self.journal.lock().iter().filter(|visit| visit.accepted).count() >= count
        });
    }
}

impl Entry {
    /// The peer wants to publish.
    pub(super) fn asked(&self, keys: &[StreamKey]) {
        self.change(|visit| visit.key = keys.first().map(|key| key.expose().to_owned()));
    }

    /// The sink takes the stream.
    pub(super) fn accepted(&self) {
        self.change(|visit| visit.accepted = true);
    }

    /// The peer did something.
    pub(super) fn happened(&self, event: &Event) {
        match event {
            Event::Tag(tag) => self.change(|visit| visit.note(tag)),
            Event::Unpublish => self.change(|visit| visit.said_goodbye = true),
            Event::Publish { .. } | Event::Refused(_) => {}
        }
    }

    fn change(&self, change: impl FnOnce(&mut Visit)) {
        change(&mut self.journal.lock()[self.number]);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.change(|visit| visit.is_over = true);
    }
}

impl Journal {
    fn open(self: &Arc<Self>) -> Entry {
        let mut visits = self.lock();
        visits.push(Visit::new());
        Entry { journal: Arc::clone(self), number: visits.len() - 1 }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Visit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn listen(manner: &Manner) -> std::io::Result<TcpListener> {
    let _runtime = task::handle().enter();
    let socket = TcpSocket::new_v4()?;
    if manner.stalls() {
        // What is sent should wait at its sender. Accepted connections inherit this.
        socket.set_recv_buffer_size(8 << 10)?;
    }
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(64)
}

async fn serve(listener: TcpListener, manner: Manner, journal: Arc<Journal>) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        // The sockets of those that are over are not kept.
        while connections.try_join_next().is_some() {}
        let (manner, entry) = (manner.clone(), journal.open());
        // How a connection ends is seen by the relay, which tells of it.
        connections.spawn(async move { drop(manner.play(socket, &entry).await) });
    }
}
