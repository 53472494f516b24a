//! Any byte stream, counted.

use std::io::{self, IoSlice};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::net::TcpStream;
use tokio_util::io::poll_read_buf;

use super::sock_diag::Identity;

/// A TCP connection, or a pipe within the process, as it is below TLS: what it counts has left us, or
/// has come.
#[derive(Debug)]
pub struct Socket {
    io: Io,
    received: Arc<AtomicU64>,
    sent: Arc<AtomicU64>,
    /// Bytes sent by this one.
    taken: u64,
    /// Bytes on the counter that earlier ones have sent.
    taken_before: u64,
    identity: Option<Identity>,
    /// What has come before it was asked for, where that is wanted.
    ahead: Option<BytesMut>,
}

#[derive(Debug)]
enum Io {
    Tcp(TcpStream),
    Pipe(DuplexStream),
}

impl Socket {
    fn new(io: Io) -> Self {
        let (received, sent) = (Arc::default(), Arc::default());
        Self { io, received, sent, taken: 0, taken_before: 0, identity: None, ahead: None }
    }

    /// Reads as much as has come from now on, not as much as is asked for.
    pub(super) fn read_ahead(&mut self) {
        self.ahead.get_or_insert_default();
    }

    /// Counts received bytes on the given counter from now on.
    pub(super) fn count_received(&mut self, counter: Arc<AtomicU64>) {
        self.received = counter;
    }

    /// Counts sent bytes on the given counter from now on, on which no other counts meanwhile.
    pub(super) fn count_sent(&mut self, counter: Arc<AtomicU64>) {
        self.taken_before = counter.load(Relaxed).wrapping_sub(self.taken);
        self.sent = counter;
    }

    /// Bytes sent so far.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// What the kernel knows the connection by; `None` of a pipe.
    pub(super) fn identity(&mut self) -> Option<Identity> {
        if let (None, Io::Tcp(stream)) = (self.identity, &self.io) {
            self.identity = Identity::of(stream);
        }
        self.identity
    }

    /// Moves the connection to the runtime that this is called in. A pipe works in any.
    ///
    /// # Errors
    /// When the system refuses; the connection is closed then.
    pub(super) fn move_here(&mut self) -> io::Result<()> {
        if let Io::Tcp(_) = self.io {
            // The far end of this pipe is gone: who still used it would find it closed.
            let (closed, _) = duplex(1);
            if let Io::Tcp(stream) = mem::replace(&mut self.io, Io::Pipe(closed)) {
                self.io = Io::Tcp(TcpStream::from_std(stream.into_std()?)?);
            }
        }
        Ok(())
    }

    /// Makes the connection end by a reset when it is dropped.
    pub(super) fn reset_on_drop(&self) {
        let told = match &self.io {
            Io::Tcp(stream) => SockRef::from(stream).set_linger(Some(Duration::ZERO)),
            Io::Pipe(_) => Ok(()),
        };
        if let Err(error) = told {
            tracing::debug!(%error, "a connection could not be told to reset");
        }
    }

    fn note_sent(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.taken = self.taken.saturating_add(bytes);
        // Not added there, which would have to wait until that memory has been fetched.
        self.sent.store(self.taken_before.wrapping_add(self.taken), Relaxed);
    }
}

impl From<TcpStream> for Socket {
    fn from(stream: TcpStream) -> Self {
        Self::new(Io::Tcp(stream))
    }
}

impl From<DuplexStream> for Socket {
    fn from(stream: DuplexStream) -> Self {
        Self::new(Io::Pipe(stream))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { io, received, ahead, .. } = &mut *self;
        let count = |read: usize| received.fetch_add(u64::try_from(read).unwrap_or(u64::MAX), Relaxed);
        let Some(ahead) = ahead else {
            let before = buf.filled().len();
            ready!(Pin::new(io).poll_read(cx, buf))?;
            count(buf.filled().len() - before);
            return Poll::Ready(Ok(()));
        };
        if ahead.is_empty() {
            ahead.reserve(AHEAD);
            count(ready!(poll_read_buf(Pin::new(io), cx, ahead))?);
        }
        let taken = ahead.len().min(buf.remaining());
        buf.put_slice(ahead.get(..taken).unwrap_or_default());
        ahead.advance(taken);
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Pipe(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

/// Bytes read ahead at once.
const AHEAD: usize = 64 << 10;

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(match &mut self.io {
            Io::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Io::Pipe(stream) => Pin::new(stream).poll_write(cx, buf),
        })?;
        self.note_sent(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(match &mut self.io {
            Io::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Io::Pipe(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        })?;
        self.note_sent(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.io {
            Io::Tcp(stream) => stream.is_write_vectored(),
            Io::Pipe(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Io::Pipe(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Io::Pipe(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
