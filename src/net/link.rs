//! A session on a transport: the only loop that reads and writes.
//!
//! Reading and writing go on together, so that a peer's pings and acknowledgements are heard while
//! we send. Output is bounded: [`Link::has_room`] says when to offer more, and a peer that makes us
//! answer without reading the answers is not read from either.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use self::progress::Progress;
use super::sock_diag::Identity;
use super::{Error, Transport, deadline};
use crate::rtmp::{Batch, Client, Packet, Role, Session, session};

/// Unsent bytes above which nothing more should be offered.
pub const HIGH_WATER: usize = 64 << 10;

/// A peer that takes no byte for this long is given up.
pub const STALL: Duration = Duration::from_secs(10);

/// What [`Link::next`] brings.
#[derive(Debug)]
pub enum Turn<E> {
    /// The peer did something.
    Event(E),
    /// Output was written, and there is room for more.
    Room,
}

/// An RTMP session that talks.
pub struct Link<R> {
    transport: Transport,
    session: Session<R>,
    input: BytesMut,
    /// Bytes read so far.
    heard: usize,
    /// Unsent bytes that the peer made us say, or fewer than that unsent in all.
    answers: usize,
    /// When bytes wait: the last time that some were taken, or since when the first one waits.
    waiting_since: Option<Instant>,
}

impl<R: Role> Link<R> {
    /// A session on a transport.
    pub fn new(transport: Transport, session: Session<R>) -> Self {
        Self { transport, session, input: BytesMut::new(), heard: 0, answers: 0, waiting_since: None }
    }

    /// Lets the caller say something.
    pub fn with<T>(&mut self, say: impl FnOnce(&mut Session<R>) -> T) -> T {
        let said = say(&mut self.session);
        self.note_waiting();
        said
    }

    /// Moves the connection to the runtime that this is called in: see [`Transport::move_here`].
    ///
    /// # Errors
    /// When the system refuses.
    pub fn move_here(self) -> io::Result<Self> {
        Ok(Self { transport: self.transport.move_here()?, ..self })
    }

    /// Expects much to be received from now on; see [`Transport::expect_much`].
    pub fn expect_much(&mut self) {
        self.transport.expect_much();
    }

    /// Counts the bytes that are received from now on where others see them.
    pub fn count_received(&mut self, counter: Arc<AtomicU64>) {
        self.transport.count_received(counter);
    }

    /// Counts what was sent so far and what is sent from now on, on a counter on which no other counts meanwhile.
    pub fn count_all_sent(&mut self, counter: Arc<AtomicU64>) {
        counter.fetch_add(self.taken(), Relaxed);
        self.transport.count_sent(counter);
    }

    /// Leaves the counter to another connection: what is sent from now on is not counted.
    pub fn count_no_more(&mut self) {
        self.transport.count_sent(Arc::default());
    }

    /// Bytes that have left us so far, TLS' own included.
    pub fn taken(&self) -> u64 {
        self.transport.taken()
    }

    /// What the kernel can be asked about the connection with; see [`Transport::identity`].
    pub fn identity(&mut self) -> Option<Identity> {
        self.transport.identity()
    }

    /// Whether the connection is through TLS.
    pub fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }

    /// Whether the peer has said anything.
    pub fn has_heard(&self) -> bool {
        self.heard > 0
    }

    /// Whether more may be offered.
    pub fn has_room(&self) -> bool {
        self.unsent() < HIGH_WATER
    }

    /// Bytes that wait to be sent, without what TLS has encrypted already.
    pub fn unsent(&self) -> usize {
        self.session.unsent()
    }

    /// Whether anything waits to be sent.
    pub fn has_unsent(&self) -> bool {
        self.transport.holds_bytes() || self.unsent() > 0
    }

    /// Reads and writes until something happens. Cancel-safe.
    ///
    /// # Errors
    /// When the connection is over; what the session still had to say has been tried once.
    pub async fn next(&mut self) -> Result<Turn<R::Event>, Error> {
        loop {
            let stalled = deadline::reached(self.stalls_at());
            let turn = tokio::select! {
                biased;
                turn = poll_fn(|cx| self.poll_next(cx)) => turn,
                () = stalled => match self.is_stalled() {
                    true => Err(Error::Stalled(STALL)),
                    false => continue,
                },
            };
            if matches!(turn, Err(Error::Rtmp(_))) {
                let _ = timeout(FAREWELL, self.flush()).await;
            }
            return turn;
        }
    }

    /// The same for one who keeps time himself: see [`Link::stalls_at`].
    ///
    /// # Errors
    /// When the connection is over.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Turn<R::Event>, Error>> {
        loop {
            if let Some(event) = self.session.poll_event() {
                return Poll::Ready(Ok(Turn::Event(event)));
            }
            // What a decision held back, or came together with the last event.
            let heard = self.hear();
            if let Some(event) = self.session.poll_event() {
                return Poll::Ready(Ok(Turn::Event(event)));
            }
            heard?;
            match ready!(self.poll_progress(cx)).map_err(Error::from_io)? {
                Progress::Read(0) => return Poll::Ready(Err(Error::Closed)),
                Progress::Read(_) => {}
                Progress::Wrote if self.has_room() => return Poll::Ready(Ok(Turn::Room)),
                Progress::Wrote => {}
            }
        }
    }

    /// Writes what waits, as much as is taken; whether all was.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while self.has_unsent() {
            ready!(self.poll_write(cx)).map_err(Error::from_io)?;
        }
        Poll::Ready(Ok(()))
    }

    /// When the peer is to be given up, unless it takes something until then.
    pub fn stalls_at(&self) -> Option<Instant> {
        self.waiting_since.map(|since| since + STALL)
    }

    /// Some may have been taken since the clock was set.
    fn is_stalled(&self) -> bool {
        self.stalls_at().is_some_and(|at| at <= Instant::now())
    }

    /// Writes all that waits. Cancel-safe.
    ///
    /// # Errors
    /// When the connection is over.
    pub async fn flush(&mut self) -> Result<(), Error> {
        while self.has_unsent() {
            match self.progress().await? {
                Progress::Read(0) => return Err(Error::Closed),
                Progress::Read(_) => self.hear()?,
                Progress::Wrote => {}
            }
        }
        Ok(())
    }

    /// Ends the connection politely: writes all, says that no more comes, and listens for a moment
    /// until the other side ends too. What it still sends to a closed socket would make the kernel
    /// reset the connection, and the other side could lose our last words.
    ///
    /// # Errors
    /// When the connection was over before.
    pub async fn close(&mut self) -> Result<(), Error> {
        self.flush().await?;
        self.transport.shutdown().await.map_err(Error::from_io)?;
        let mut unheard = [0; 1024];
        let until_ended =
            async { while self.transport.read(&mut unheard).await.is_ok_and(|read| read > 0) {} };
        let _ = timeout(FAREWELL, until_ended).await;
        Ok(())
    }

    /// Ends the connection at once, leaving nothing behind.
    pub fn reset(self) {
        self.transport.reset_on_drop();
    }

    /// Takes in what was read, and counts what it makes us say.
    fn hear(&mut self) -> Result<(), session::Error> {
        let before = self.unsent();
        let heard = self.session.handle_input(&mut self.input);
        self.answers += self.unsent().saturating_sub(before);
        self.note_waiting();
        heard
    }

    async fn progress(&mut self) -> Result<Progress, Error> {
        loop {
            let stalled = deadline::reached(self.stalls_at());
            tokio::select! {
                biased;
                progress = poll_fn(|cx| self.poll_progress(cx)) => return progress.map_err(Error::from_io),
                () = stalled => if self.is_stalled() {
                    return Err(Error::Stalled(STALL));
                },
            }
        }
    }
}

impl Link<Client> {
    /// Hands over a frame, to be written by the next call that writes: only what is not taken then
    /// begins to wait.
    pub fn offer(&mut self, packet: &Packet) {
        self.session.send(packet);
    }

    /// Writes a batch straight from the memory that it shares, if nothing waits and the batch is right
    /// for this session; whether it was. What the peer does not take waits.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn send_batch(&mut self, cx: &mut Context<'_>, batch: &Batch) -> Result<bool, Error> {
        if self.has_unsent() || !self.session.take_batch(batch) {
            return Ok(false);
        }
        let wire = batch.wire();
        let written = match Pin::new(&mut self.transport).poll_write(cx, wire) {
            Poll::Ready(written) => written.map_err(Error::from_io)?,
            Poll::Pending => 0,
        };
        if written < wire.len() {
            self.session.output().share(wire.slice(written..));
        }
        while self.has_unsent() && self.poll_write(cx).map_err(Error::from_io)?.is_ready() {}
        Ok(true)
    }
}

/// What is read holds keys and is never shown.
impl<R: fmt::Debug> fmt::Debug for Link<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("transport", &self.transport)
            .field("session", &self.session)
            .field("unread", &self.input.len())
            .finish_non_exhaustive()
    }
}

/// How long a last word may take.
const FAREWELL: Duration = Duration::from_secs(1);

mod progress;
#[cfg(test)]
mod tests;
