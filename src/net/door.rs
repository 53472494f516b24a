//! The first byte of who comes to an encoder's port tells what it speaks: RTMP, TLS, or neither.
//!
//! It is looked at without being taken. No RTMP begins as TLS does (16 hexadecimal, a handshake record), so
//! that one port serves both, and who is wrong at a port is closed at once instead of waiting for an
//! answer that cannot come.

use std::io;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::acceptor::{self, Acceptor, NotAgreed};
use super::certificates::answers;
use super::{Socket, Transport};

/// What is spoken at a port for encoders.
#[derive(Clone)]
pub struct Door {
    tls: Option<Acceptor>,
    takes_plain: bool,
}

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum TurnedAway {
    /// It closed before it said anything.
    #[error("the connection was closed before anything was said")]
    Silent,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(#[source] io::Error),
    /// TLS where none is.
    #[error(
        "TLS (rtmps://) was spoken, but there is no certificate to speak it with: start splitcast with \
         --tls-cert and --tls-key or with --acme-domain, or write rtmp:// in the encoder"
    )]
    NoTls,
    /// RTMP where only TLS is.
    #[error(
        "plain RTMP was spoken at the port of --rtmps: write rtmps:// in the encoder, or give it the port of \
         --rtmp"
    )]
    OnlyTls,
    /// Something else where only TLS is.
    #[error("what was spoken at the port of --rtmps is neither TLS nor RTMP (its first byte is {0:#04x})")]
    Nonsense(u8),
    /// A certificate authority wanted to see a certificate, and no more.
    #[error("a certificate authority has looked")]
    Authority,
    /// TLS was begun, and did not come about.
    #[error(transparent)]
    NotAgreed(#[from] NotAgreed),
}

impl Door {
    /// A port for plain RTMP, and for RTMPS if that can be spoken.
    pub fn for_all(tls: Option<Acceptor>) -> Self {
        Self { tls, takes_plain: true }
    }

    /// A port for RTMPS alone.
    pub fn for_tls(tls: Acceptor) -> Self {
        Self { tls: Some(tls), takes_plain: false }
    }

    /// Lets somebody in who speaks what is spoken here. What is neither TLS nor RTMP is let in where plain
    /// RTMP is: the session there knows what else it may be.
    ///
    /// # Errors
    /// Why it is not let in.
    pub async fn open(&self, stream: TcpStream) -> Result<Transport, TurnedAway> {
        let mut first = [0];
        if stream.peek(&mut first).await.map_err(TurnedAway::Broken)? == 0 {
            return Err(TurnedAway::Silent);
        }
        match (first, &self.tls) {
            ([TLS], Some(tls)) => {
                let agreeing = timeout(acceptor::LIMIT, tls.accept(Socket::from(stream)));
                let agreed = agreeing.await.unwrap_or(Err(NotAgreed::Late))?;
                match agreed.get_ref().1.alpn_protocol() {
                    Some(answers::PROTOCOL) => Err(TurnedAway::Authority),
                    _ => Ok(agreed.into()),
                }
            }
            ([TLS], None) => Err(TurnedAway::NoTls),
            _ if self.takes_plain => Ok(stream.into()),
            ([RTMP], _) => Err(TurnedAway::OnlyTls),
            ([other], _) => Err(TurnedAway::Nonsense(other)),
        }
    }
}

/// A record of TLS that holds a part of its handshake.
const TLS: u8 = 0x16;

/// The version of plain RTMP.
const RTMP: u8 = 3;

#[cfg(test)]
mod tests;
