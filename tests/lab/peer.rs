//! The server's side of a connection: RTMP on a socket that the sink can still mistreat.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use socket2::SockRef;
use splitcast::rtmp::server::Event;
use splitcast::rtmp::{Rejection, Server, Session, handshake};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;

use crate::rig::wire::Header;

/// Somebody who connected to a sink.
pub(crate) struct Peer {
    socket: TcpStream,
    session: Session<Server>,
    input: BytesMut,
}

impl Peer {
    pub(crate) fn new(socket: TcpStream) -> Self {
        let session = Session::server(Box::new([7; handshake::BLOCK]));
        Self { socket, session, input: BytesMut::new() }
    }

    /// What the peer does next; an error when the connection is over.
    pub(crate) async fn next(&mut self) -> io::Result<Event> {
        loop {
            if let Some(event) = self.heard().await? {
                return Ok(event);
            }
            self.read(usize::MAX).await?;
        }
    }

    /// Reads up to `most` bytes, of which [`Peer::heard`] makes sense.
    pub(crate) async fn read(&mut self, most: usize) -> io::Result<usize> {
        let most = most.min(READ);
        self.input.reserve(most);
        let count = (&mut self.socket).take(most as u64).read_buf(&mut self.input).await?;
        if count == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(count) }
    }

    /// The next event in what was read.
    pub(crate) async fn heard(&mut self) -> io::Result<Option<Event>> {
        if let Some(event) = self.session.poll_event() {
            return Ok(Some(event));
        }
        let understood = self.session.handle_input(&mut self.input);
        self.flush().await?;
        match self.session.poll_event() {
            Some(event) => Ok(Some(event)),
            None => understood.map(|()| None).map_err(io::Error::other),
        }
    }

    /// Agrees to take the stream.
    pub(crate) async fn accept_publish(&mut self) -> io::Result<()> {
        self.session.accept_publish();
        self.flush().await
    }

    /// Refuses the stream, before or after having agreed to take it.
    pub(crate) async fn reject_publish(&mut self, why: &Rejection) -> io::Result<()> {
        self.session.reject_publish(why);
        self.flush().await
    }

    /// Says a message that no good server would.
    pub(crate) async fn say(&mut self, header: Header, payload: &[u8], chunk: usize) -> io::Result<()> {
        self.write(&header.message(payload, chunk)).await
    }

    /// Writes bytes that may mean nothing.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes).await
    }

    /// The socket, for what is not RTMP at all.
    pub(crate) fn into_socket(self) -> TcpStream {
        self.socket
    }

    /// Says that nothing more is said, which the other side sees as a close.
    pub(crate) async fn close(mut self) -> io::Result<()> {
        self.socket.shutdown().await
    }

    /// Ends the connection as a crashed machine's successor does.
    pub(crate) fn reset(self) {
        // A socket that is gone already needs no reset.
        let _ = SockRef::from(&self.socket).set_linger(Some(Duration::ZERO));
    }

    /// Reads nothing until the other side resets the connection.
    pub(crate) async fn ignore(&mut self) {
        let _ = self.socket.ready(Interest::ERROR).await;
    }

    /// Reads, and does nothing about it, until the other side ends the connection.
    pub(crate) async fn drain(&mut self) {
        while self.read(READ).await.is_ok() {
            self.input.clear();
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.socket.write_all_buf(self.session.output()).await
    }
}

const READ: usize = 64 << 10;
