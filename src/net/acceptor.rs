//! Agreeing on TLS with who has connected, whatever is spoken inside.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::{AlertDescription, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::certificates::Served;
use super::error::is_closing;

/// Agrees on TLS with the certificate that is served at the time.
#[derive(Clone)]
pub struct Acceptor {
    acceptor: TlsAcceptor,
    served: Arc<Served>,
    /// When the log was last told that there is no certificate.
    told: Arc<Mutex<Option<Instant>>>,
}

/// Why TLS was not agreed on.
#[derive(Debug, thiserror::Error)]
pub enum NotAgreed {
    /// It took too long.
    #[error("TLS was not agreed on within {} s", LIMIT.as_secs())]
    Late,
    /// The client went away.
    #[error(
        "the client closed the connection while TLS was being agreed on, as some do that refuse the certificate"
    )]
    Closed,
    /// Nothing can be shown.
    #[error("there is no TLS certificate yet")]
    NoCertificate,
    /// The client does not like what it is shown.
    #[error(
        "the client refuses the TLS certificate ({0:?}): it must be signed by an authority that the client \
         trusts, be made out to the host name that the client was given, and not be expired"
    )]
    Distrusted(AlertDescription),
    /// They have no version or no cipher in common.
    #[error("the client cannot speak TLS as it should be today, with version 1.2 or 1.3: {0:?}")]
    Incompatible(rustls::PeerIncompatible),
    /// What came is not TLS.
    #[error("what the client says is not TLS")]
    NotTls,
    /// Anything else.
    #[error("TLS was not agreed on: {0}")]
    Other(#[source] io::Error),
}

impl Acceptor {
    /// Speaks TLS by `config`, which shows what is `served`.
    pub fn new(config: Arc<ServerConfig>, served: Arc<Served>) -> Self {
        Self { acceptor: TlsAcceptor::from(config), served, told: Arc::default() }
    }

    /// Agrees on TLS, however long that takes; see [`LIMIT`].
    ///
    /// # Errors
    /// Why there is no agreement.
    pub async fn accept<IO>(&self, io: IO) -> Result<TlsStream<IO>, NotAgreed>
    where
        IO: AsyncRead + AsyncWrite + Unpin,
    {
        self.acceptor.accept(io).await.map_err(|error| self.judge(error))
    }

    fn judge(&self, error: io::Error) -> NotAgreed {
        let is_bare = self.served.shown().is_none();
        if is_bare && self.is_time_to_tell() {
            tracing::warn!("a client was refused: there is no TLS certificate yet");
        }
        if is_closing(&error) {
            return NotAgreed::Closed;
        }
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::AlertReceived(alert)) if is_distrust(*alert) => NotAgreed::Distrusted(*alert),
            Some(rustls::Error::PeerIncompatible(why)) => NotAgreed::Incompatible(why.clone()),
            Some(rustls::Error::InvalidMessage(_)) => NotAgreed::NotTls,
            Some(rustls::Error::General(_)) if is_bare => NotAgreed::NoCertificate,
            _ => NotAgreed::Other(error),
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

/// What clients answer a certificate with that they do not trust.
fn is_distrust(alert: AlertDescription) -> bool {
    use AlertDescription::{
        BadCertificate, CertificateExpired, CertificateRevoked, CertificateUnknown, UnknownCA,
        UnsupportedCertificate,
    };
    matches!(
        alert,
        BadCertificate
            | CertificateExpired
            | CertificateRevoked
            | CertificateUnknown
            | UnknownCA
            | UnsupportedCertificate
    )
}

/// How long a client may take to agree on TLS.
pub const LIMIT: Duration = Duration::from_secs(10);

/// How often the log is told.
const BETWEEN: Duration = Duration::from_secs(60);
