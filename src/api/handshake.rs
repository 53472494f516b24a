//! Agreeing on TLS with who has connected, and what to say to who does not speak it.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use crate::net::Acceptor;
use crate::net::acceptor::{LIMIT, NotAgreed};
use crate::net::certificates::{Served, answers};

/// How a listener speaks TLS.
#[derive(Clone)]
pub struct Tls {
    acceptor: Acceptor,
}

impl Tls {
    /// Speaks HTTP/1.1 over TLS, with the certificate that is `served` at the time, and answers
    /// authorities.
    ///
    /// # Errors
    /// When the TLS library refuses its own defaults.
    pub fn new(served: Arc<Served>) -> Result<Self, rustls::Error> {
        let config = served.server_config(&[b"http/1.1", answers::PROTOCOL])?;
        Ok(Self { acceptor: Acceptor::new(config, served) })
    }

    /// Agrees on TLS, if the other side does in time.
    pub(super) async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let agreed = timeout(LIMIT, self.agree(stream)).await.unwrap_or(Err(NotAgreed::Late));
        let stream = agreed
            .inspect_err(|error| tracing::debug!(%error, "a client and the relay did not agree on TLS"))
            .ok()?;
        // An authority wanted to see the certificate, and no more.
        let is_over = stream.get_ref().1.alpn_protocol() == Some(answers::PROTOCOL);
        (!is_over).then_some(stream)
    }

    async fn agree(&self, mut stream: TcpStream) -> Result<TlsStream<TcpStream>, NotAgreed> {
        let mut first = [0];
        stream.peek(&mut first).await.map_err(NotAgreed::Other)?;
        if first.iter().all(u8::is_ascii_uppercase) {
            refuse_plain_http(&mut stream).await.map_err(NotAgreed::Other)?;
            return Err(NotAgreed::NotTls);
        }
        self.acceptor.accept(stream).await
    }
}

/// Whoever typed `http://` with this port is told so. Something of the request is read before, for a
/// connection that is closed with bytes unread is reset, and its answer lost.
async fn refuse_plain_http(stream: &mut TcpStream) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 4096]).await?;
    stream.write_all(REFUSAL.as_bytes()).await?;
    stream.shutdown().await
}

const REFUSAL: &str = "HTTP/1.1 400 Bad Request\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 57\r\n\
    Connection: close\r\n\
    \r\n\
    This port speaks HTTPS: begin the address with https://.\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_as_long_as_it_says() {
        let (head, body) = REFUSAL.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
    }
}
