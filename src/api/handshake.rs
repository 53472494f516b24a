//! Agreeing on TLS with who has connected, and what to say to who does not speak it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::net::certificates::{Served, answers};

/// How a listener speaks TLS.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    served: Arc<Served>,
    /// When the log was last told that there is no certificate.
    told: Arc<Mutex<Option<Instant>>>,
}

impl Tls {
    /// Speaks HTTP/1.1 over TLS, with the certificate that is `served` at the time, and answers
    /// authorities.
    ///
    /// # Errors
    /// When the TLS library refuses its own defaults.
    pub fn new(served: Arc<Served>) -> Result<Self, rustls::Error> {
        let config = served.server_config(&[b"http/1.1", answers::PROTOCOL])?;
        Ok(Self { acceptor: TlsAcceptor::from(config), served, told: Arc::default() })
    }

    /// Agrees on TLS, if the other side does in time.
    pub(super) async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let agreed = timeout(LIMIT, self.agree(stream)).await;
        let stream = agreed.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        let stream = stream.inspect_err(|error| self.tell(error)).ok()?;
        // An authority wanted to see the certificate, and no more.
        let is_over = stream.get_ref().1.alpn_protocol() == Some(answers::PROTOCOL);
        (!is_over).then_some(stream)
    }

    async fn agree(&self, mut stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let mut first = [0];
        stream.peek(&mut first).await?;
        if first.iter().all(u8::is_ascii_uppercase) {
            refuse_plain_http(&mut stream).await?;
            return Err(io::Error::other("plain HTTP was spoken where HTTPS is served"));
        }
        self.acceptor.accept(stream).await
    }

    fn tell(&self, error: &io::Error) {
        tracing::debug!(%error, "a client and the relay did not agree on TLS");
        if self.served.shown().is_none() && self.is_time_to_tell() {
            tracing::warn!("a client was refused: there is no certificate for HTTPS yet");
        }
    }

    /// Who comes again and again must not fill the log.
    fn is_time_to_tell(&self) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = told.is_none_or(|at| at.elapsed() >= BETWEEN);
        if is_time {
            *told = Some(Instant::now());
        }
        is_time
    }
}

/// Whoever typed `http://` with this port is told so. Something of the request is read before, for a
/// connection that is closed with bytes unread is reset, and its answer lost.
async fn refuse_plain_http(stream: &mut TcpStream) -> io::Result<()> {
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

/// How long a client may take to agree on TLS.
const LIMIT: Duration = Duration::from_secs(10);

/// How often the log is told.
const BETWEEN: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_as_long_as_it_says() {
        let (head, body) = REFUSAL.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
    }
}
