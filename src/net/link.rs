//! A session on a transport: the only loop that reads and writes.
//!
//! Reading and writing go on together, so that a peer's pings and acknowledgements are heard while
//! we send. Output is bounded: [`Link::has_room`] says when to offer more, and a peer that makes us
//! answer without reading the answers is not read from either.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::io::poll_read_buf;

use super::{Error, Transport};
use crate::rtmp::{Batch, Client, Packet, Role, Session, session};

/// Unsent bytes above which nothing more should be offered.
pub const HIGH_WATER: usize = 64 << 10;

/// A peer that takes no byte for this long is given up.
pub const STALL: Duration = Duration::from_secs(10);

/// Pieces of memory written at once.
const SLICES: usize = 64;

/// Bytes read at once.
const READ: usize = 64 << 10;

/// Bytes after which a peer is given a buffer of its own to be read into.
const TALKATIVE: usize = 1 << 20;

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
    /// TLS holds bytes of its own until it is flushed.
    must_flush: bool,
    /// When bytes wait: the last time that some were taken, or since when the first one waits.
    waiting_since: Option<Instant>,
}

enum Progress {
    Read(usize),
    Wrote,
}

impl<R: Role> Link<R> {
    /// A session on a transport.
    pub fn new(transport: Transport, session: Session<R>) -> Self {
        Self {
            transport,
            session,
            input: BytesMut::new(),
            heard: 0,
            answers: 0,
            must_flush: false,
            waiting_since: None,
        }
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

    /// Counts the bytes that are received from now on where others see them.
    pub fn count_received(&mut self, counter: Arc<AtomicU64>) {
        self.transport.count_received(counter);
    }

    /// Whether more may be offered.
    pub fn has_room(&self) -> bool {
        self.unsent() < HIGH_WATER
    }

    /// Bytes that wait to be sent.
    pub fn unsent(&self) -> usize {
        self.session.unsent()
    }

    /// Whether anything waits to be sent.
    pub fn has_unsent(&self) -> bool {
        self.must_flush || self.unsent() > 0
    }

    /// Reads and writes until something happens. Cancel-safe.
    ///
    /// # Errors
    /// When the connection is over; what the session still had to say has been tried once.
    pub async fn next(&mut self) -> Result<Turn<R::Event>, Error> {
        loop {
            let stalled = stalled(self.stalls_at());
            let turn = tokio::select! {
                biased;
                turn = poll_fn(|cx| self.poll_next(cx)) => turn,
                () = stalled => match self.stalls_at() {
                    Some(at) if at <= Instant::now() => Err(Error::Stalled(STALL)),
                    _ => continue,
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
        let stalled = stalled(self.stalls_at());
        tokio::select! {
            biased;
            progress = poll_fn(|cx| self.poll_progress(cx)) => progress.map_err(Error::from_io),
            () = stalled => Err(Error::Stalled(STALL)),
        }
    }

    /// Writes if anything waits, else reads; registers for both.
    fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Progress>> {
        if let Poll::Ready(written) = self.poll_write(cx) {
            // A peer that is gone may have said why before.
            if written.is_err()
                && let Poll::Ready(Ok(read @ 1..)) = self.poll_read(cx)
            {
                return Poll::Ready(Ok(Progress::Read(read)));
            }
            return Poll::Ready(written.map(|()| Progress::Wrote));
        }
        // Only answers stop the reading: a target may refuse while a long frame waits.
        if self.answers >= HIGH_WATER {
            return Poll::Pending;
        }
        self.poll_read(cx).map_ok(Progress::Read)
    }

    /// Writes once, all that waits if it is taken, and flushes.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let output = self.session.output();
        if !output.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let used = output.chunks_vectored(&mut slices);
            let transport = Pin::new(&mut self.transport);
            let written = match slices.get(..used).unwrap_or_default() {
                // The kernel takes a single piece by a shorter way.
                [only] => transport.poll_write(cx, only),
                slices => transport.poll_write_vectored(cx, slices),
            };
            let written = match written {
                Poll::Ready(written) => written?,
                Poll::Pending => {
                    self.note_waiting();
                    return Poll::Pending;
                }
            };
            output.advance(written);
            self.answers = self.answers.min(output.len());
            self.must_flush = self.transport.holds_bytes();
            self.waiting_since = None;
        } else if !self.must_flush {
            return Poll::Pending;
        }
        let flushed = match self.must_flush {
            true => Pin::new(&mut self.transport).poll_flush(cx)?,
            false => Poll::Ready(()),
        };
        self.must_flush = flushed.is_pending();
        self.note_waiting();
        flushed.map(Ok)
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.input.reserve(READ);
        let read = poll_read_buf(Pin::new(&mut self.transport), cx, &mut self.input);
        if let Poll::Ready(Ok(read)) = read {
            self.heard = self.heard.saturating_add(read);
        }
        // A target says a few bytes an hour, and should hold no buffer for them.
        if self.input.is_empty() && self.heard < TALKATIVE {
            self.input = BytesMut::new();
        }
        read
    }

    /// The stall clock runs from the first byte that waits.
    fn note_waiting(&mut self) {
        if self.waiting_since.is_none() && self.has_unsent() {
            self.waiting_since = Some(Instant::now());
        }
    }
}

impl Link<Client> {
    /// Hands over a frame, to be written by the next call that writes: only what is not taken then
    /// begins to wait.
    pub fn offer(&mut self, packet: &Packet) {
        self.session.send(packet);
    }
}

impl Link<Client> {
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
        self.must_flush = self.transport.holds_bytes();
        // TLS takes a long message by parts.
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

/// Waits for a time, if there is one.
async fn stalled(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// How long a last word may take.
const FAREWELL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
