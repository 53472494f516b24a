//! A connection to a peer, plain or through TLS.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll};

use rustls::ProtocolVersion;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{TlsStream, client, server};

use super::Socket;
use super::sock_diag::Identity;

/// A connection to a peer, plain or TLS.
#[derive(Debug)]
pub struct Transport {
    io: Io,
}

#[derive(Debug)]
enum Io {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

/// Bytes that are encrypted and written in one go: a long key frame takes a few writes, and what a peer
/// does not take of them is a copy of its own, which is why they are no more.
const AT_ONCE: usize = 256 << 10;

impl Transport {
    /// Counts bytes on the wire, received from now on, on a counter that others may share.
    pub fn count_received(&mut self, counter: Arc<AtomicU64>) {
        self.socket_mut().count_received(counter);
    }

    /// Counts bytes on the wire, sent from now on, on a counter on which no other counts meanwhile.
    pub fn count_sent(&mut self, counter: Arc<AtomicU64>) {
        self.socket_mut().count_sent(counter);
    }

    /// Moves the connection to the runtime that this is called in, whose thread then waits for it. What TLS
    /// has heard of a record stays where it is.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn move_here(mut self) -> io::Result<Self> {
        self.socket_mut().move_here()?;
        Ok(self)
    }

    /// Expects much to be received from now on: TLS asks for four KiB at a time, which would be a call of the
    /// system's for each.
    pub fn expect_much(&mut self) {
        if let Io::Tls(stream) = &mut self.io {
            stream.get_mut().0.read_ahead();
        }
    }

    /// Whether it speaks TLS.
    pub fn is_tls(&self) -> bool {
        matches!(self.io, Io::Tls(_))
    }

    /// Whether some of what was written is still held here and must be flushed.
    pub fn holds_bytes(&self) -> bool {
        match &self.io {
            Io::Plain(_) => false,
            Io::Tls(stream) => stream.get_ref().1.wants_write(),
        }
    }

    /// Which version of TLS was agreed on, if any.
    pub fn tls_version(&self) -> Option<&'static str> {
        match &self.io {
            Io::Plain(_) => None,
            Io::Tls(stream) => match stream.get_ref().1.protocol_version() {
                Some(ProtocolVersion::TLSv1_2) => Some("TLS 1.2"),
                Some(ProtocolVersion::TLSv1_3) => Some("TLS 1.3"),
                _ => None,
            },
        }
    }

    /// Bytes that have left us so far, TLS' own included.
    pub fn taken(&self) -> u64 {
        self.socket().taken()
    }

    /// What the kernel can be asked about the connection with; `None` of a pipe.
    pub fn identity(&mut self) -> Option<Identity> {
        self.socket_mut().identity()
    }

    /// Makes the connection end by a reset when it is dropped. A polite close of a stalled
    /// connection would leave what the kernel holds for it there for minutes.
    pub fn reset_on_drop(&self) {
        self.socket().reset_on_drop();
    }

    fn socket(&self) -> &Socket {
        match &self.io {
            Io::Plain(socket) => socket,
            Io::Tls(stream) => stream.get_ref().0,
        }
    }

    fn socket_mut(&mut self) -> &mut Socket {
        match &mut self.io {
            Io::Plain(socket) => socket,
            Io::Tls(stream) => stream.get_mut().0,
        }
    }
}

impl From<Socket> for Transport {
    fn from(socket: Socket) -> Self {
        Self { io: Io::Plain(socket) }
    }
}

impl From<TcpStream> for Transport {
    fn from(stream: TcpStream) -> Self {
        Socket::from(stream).into()
    }
}

impl From<DuplexStream> for Transport {
    fn from(stream: DuplexStream) -> Self {
        Socket::from(stream).into()
    }
}

impl From<client::TlsStream<Socket>> for Transport {
    fn from(mut stream: client::TlsStream<Socket>) -> Self {
        stream.get_mut().1.set_buffer_limit(Some(AT_ONCE));
        Self { io: Io::Tls(Box::new(stream.into())) }
    }
}

/// An encoder that was agreed with is answered seldom, and in a few words.
impl From<server::TlsStream<Socket>> for Transport {
    fn from(stream: server::TlsStream<Socket>) -> Self {
        Self { io: Io::Tls(Box::new(stream.into())) }
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Io::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.io {
            Io::Plain(socket) => Pin::new(socket).poll_write(cx, buf),
            Io::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.io {
            Io::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Io::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.io {
            Io::Plain(socket) => socket.is_write_vectored(),
            Io::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Io::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Io::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests;
