//! Accepts HTTP connections, so many at once and no more: who opens connections to the dashboard and
//! leaves them open must not use up the file descriptors that streams need.
//!
//! Handshakes of TLS go on beside each other and beside the accepting, so that a client that says
//! nothing holds up nobody but itself.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::Connection;
use super::handshake::Tls;

/// Connections open at once; further ones wait for one of them to end.
const MAX_CONNECTIONS: usize = 256;

/// A listener with a bound on its connections.
pub struct Listener {
    listener: TcpListener,
    places: Arc<Semaphore>,
    tls: Option<Tls>,
    handshakes: FuturesUnordered<BoxFuture<'static, Option<(Connection, Peer)>>>,
}

/// Who has connected: perhaps a proxy for somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The other end of the connection.
    pub address: SocketAddr,
    /// Whether it speaks TLS with us.
    pub is_tls: bool,
}

impl Listener {
    /// Bounds the connections of a listener.
    pub fn new(listener: TcpListener) -> Self {
        Self::with_places(listener, MAX_CONNECTIONS)
    }

    /// Speaks TLS.
    #[must_use]
    pub fn with_tls(self, tls: Tls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    fn with_places(listener: TcpListener, places: usize) -> Self {
        let places = Arc::new(Semaphore::new(places));
        Self { listener, places, tls: None, handshakes: FuturesUnordered::new() }
    }
}

impl axum::serve::Listener for Listener {
    type Io = Connection;
    type Addr = Peer;

    async fn accept(&mut self) -> (Connection, Peer) {
        loop {
            tokio::select! {
                Some(agreed) = self.handshakes.next() => {
                    if let Some(accepted) = agreed {
                        return accepted;
                    }
                }
                (stream, address, place) = admit(&self.places, &mut self.listener) => match &self.tls {
                    None => return (Connection::plain(stream, place), Peer { address, is_tls: false }),
                    Some(tls) => self.handshakes.push(agree(tls.clone(), stream, address, place).boxed()),
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer { address: self.listener.local_addr()?, is_tls: self.tls.is_some() })
    }
}

/// Takes a place, and then who comes. Cancel-safe.
async fn admit(
    places: &Arc<Semaphore>,
    listener: &mut TcpListener,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // An error would mean that the semaphore was closed, which nobody does.
    let place = Arc::clone(places).acquire_owned().await.ok();
    let (stream, address) = axum::serve::Listener::accept(listener).await;
    (stream, address, place)
}

async fn agree(
    tls: Tls,
    stream: TcpStream,
    address: SocketAddr,
    place: Option<OwnedSemaphorePermit>,
) -> Option<(Connection, Peer)> {
    let stream = tls.accept(stream).await?;
    Some((Connection::tls(stream, place), Peer { address, is_tls: true }))
}

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        *stream.remote_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::serve::Listener as _;

    #[tokio::test]
    async fn one_too_many_waits_for_another_to_end() {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let mut listener = Listener::with_places(tcp, 2);
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        let (first, _) = listener.accept().await;
        let _second = listener.accept().await;
        assert!(listener.accept().now_or_never().is_none());
        drop(first);
        listener.accept().await;
    }
}
