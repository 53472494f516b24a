//! Accepts HTTP connections, as many as there are places for.
//!
//! Handshakes of TLS go on beside each other and beside the accepting, so that a client that says
//! nothing holds up nobody but itself.

use std::net::SocketAddr;

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpListener, TcpStream};

use super::connection::{self, Connection};
use super::handshake::Tls;
use super::places::{Place, Places};

/// Connections open at once.
const MAX_CONNECTIONS: usize = 256;

/// A listener with a bound on its connections.
pub struct Listener {
    listener: TcpListener,
    places: Places,
    /// Who has come and has no place yet.
    next: Option<(TcpStream, SocketAddr)>,
    tls: Option<Tls>,
    handshakes: FuturesUnordered<BoxFuture<'static, Option<Accepted>>>,
}

/// A connection that can be served.
#[derive(Debug)]
pub struct Accepted {
    pub(super) connection: Connection,
    pub(super) peer: Peer,
    pub(super) place: Place,
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
        let places = Places::new(places);
        Self { listener, places, next: None, tls: None, handshakes: FuturesUnordered::new() }
    }

    /// The next connection.
    pub async fn accept(&mut self) -> Accepted {
        loop {
            tokio::select! {
                Some(agreed) = self.handshakes.next() => {
                    if let Some(accepted) = agreed {
                        return accepted;
                    }
                }
                (stream, address, place) = admit(&mut self.next, &self.places, &mut self.listener) => {
                    connection::bound(&stream);
                    match &self.tls {
                        None => {
                            let peer = Peer { address, is_tls: false };
                            return Accepted { connection: Connection::plain(stream), peer, place };
                        }
                        Some(tls) => {
                            self.handshakes.push(agree(tls.clone(), stream, address, place).boxed());
                        }
                    }
                }
            }
        }
    }
}

/// Takes who comes, and then a place. Cancel-safe: `next` is who has none yet.
async fn admit(
    next: &mut Option<(TcpStream, SocketAddr)>,
    places: &Places,
    listener: &mut TcpListener,
) -> (TcpStream, SocketAddr, Place) {
    loop {
        if next.is_none() {
            *next = Some(axum::serve::Listener::accept(listener).await);
        }
        let place = places.take().await;
        if let Some((stream, address)) = next.take() {
            return (stream, address, place);
        }
    }
}

async fn agree(tls: Tls, stream: TcpStream, address: SocketAddr, place: Place) -> Option<Accepted> {
    let stream = tokio::select! {
        agreed = tls.accept(stream) => agreed?,
        () = place.sent_away() => return None,
    };
    let peer = Peer { address, is_tls: true };
    Some(Accepted { connection: Connection::tls(stream), peer, place })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_too_many_gets_the_place_of_the_first_that_says_nothing() {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let mut listener = Listener::with_places(tcp, 2);
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        let first = listener.accept().await;
        let second = listener.accept().await;
        let leaves = async {
            first.place.sent_away().await;
            drop(first);
        };
        tokio::join!(leaves, listener.accept());
        assert!(second.place.sent_away().now_or_never().is_none());
    }
}
