//! Any byte stream, counted.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection to a peer, plain or TLS, or a pipe within the process.
#[derive(Debug)]
pub struct Transport {
    io: Io,
    received: Arc<AtomicU64>,
    sent: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Io {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Pipe(DuplexStream),
}

impl Transport {
    fn new(io: Io) -> Self {
        Self { io, received: Arc::default(), sent: Arc::default() }
    }

    /// Counts received bytes on the given counter from now on, which others may share.
    pub fn count_received(&mut self, counter: Arc<AtomicU64>) {
        self.received = counter;
    }

    /// Counts sent bytes on the given counter from now on, which others may share.
    pub fn count_sent(&mut self, counter: Arc<AtomicU64>) {
        self.sent = counter;
    }

    /// Moves the connection to the runtime that this is called in, whose thread then waits for it. One
    /// that cannot be moved works there, too, though another thread wakes it.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn move_here(self) -> io::Result<Self> {
        Ok(match self.io {
            Io::Tcp(stream) => Self { io: Io::Tcp(TcpStream::from_std(stream.into_std()?)?), ..self },
            Io::Tls(_) | Io::Pipe(_) => self,
        })
    }

    /// Whether some of what was written is still held here and must be flushed.
    pub fn holds_bytes(&self) -> bool {
        match &self.io {
            Io::Tls(stream) => stream.get_ref().1.wants_write(),
            Io::Tcp(_) | Io::Pipe(_) => false,
        }
    }

    /// Makes the connection end by a reset when it is dropped. A polite close of a stalled
    /// connection would leave what the kernel holds for it there for minutes.
    pub fn reset_on_drop(&self) {
        let linger = |stream: &TcpStream| SockRef::from(stream).set_linger(Some(Duration::ZERO));
        let result = match &self.io {
            Io::Tcp(stream) => linger(stream),
            Io::Tls(stream) => linger(stream.get_ref().0),
            Io::Pipe(_) => Ok(()),
        };
        if let Err(error) = result {
            tracing::debug!(%error, "a connection could not be told to reset");
        }
    }
}

impl From<TcpStream> for Transport {
    fn from(stream: TcpStream) -> Self {
        Self::new(Io::Tcp(stream))
    }
}

impl From<TlsStream<TcpStream>> for Transport {
    fn from(stream: TlsStream<TcpStream>) -> Self {
        Self::new(Io::Tls(Box::new(stream)))
    }
}

impl From<DuplexStream> for Transport {
    fn from(stream: DuplexStream) -> Self {
        Self::new(Io::Pipe(stream))
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(match &mut self.io {
            Io::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Io::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
            Io::Pipe(stream) => Pin::new(stream).poll_read(cx, buf),
        })?;
        count(&self.received, buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(match &mut self.io {
            Io::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Io::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
            Io::Pipe(stream) => Pin::new(stream).poll_write(cx, buf),
        })?;
        count(&self.sent, written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(match &mut self.io {
            Io::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Io::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Io::Pipe(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        })?;
        count(&self.sent, written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.io {
            Io::Tcp(stream) => stream.is_write_vectored(),
            Io::Tls(stream) => stream.is_write_vectored(),
            Io::Pipe(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Io::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Io::Pipe(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Io::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Io::Pipe(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

fn count(counter: &AtomicU64, bytes: usize) {
    counter.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Relaxed);
}
