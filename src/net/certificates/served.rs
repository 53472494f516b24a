//! The certificate that is shown now.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, crypto::ring};

use super::answers::{self, Answers};
use super::chain::{Chain, now};

/// The certificate that is shown to whoever connects from now on, if there is one. All listeners
/// share one of these.
#[derive(Debug, Default)]
pub struct Served {
    shown: RwLock<Option<Chain>>,
    answers: Answers,
}

impl Served {
    /// Shows another certificate from now on.
    pub fn show(&self, chain: Chain) {
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(chain);
    }

    /// What is shown.
    pub fn shown(&self) -> Option<Chain> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Until when the certificate is good, in seconds since 1970.
    pub fn expires_at(&self) -> Option<u64> {
        self.shown().map(|chain| chain.expires_at())
    }

    /// Whether it is time that somebody saw to it: fourteen days before the end, or three quarters of
    /// its time for one that lives shorter.
    pub fn expires_soon(&self) -> bool {
        self.shown().is_some_and(|chain| {
            let (starts, ends) = (chain.starts_at(), chain.expires_at());
            let notice = NOTICE.as_secs().min(ends.saturating_sub(starts) / 4);
            now() >= ends.saturating_sub(notice)
        })
    }

    /// What is shown to authorities.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The settings of a listener that speaks `protocols` over TLS 1.2 or 1.3.
    ///
    /// # Errors
    /// When the TLS library refuses its own defaults.
    pub fn server_config(self: &Arc<Self>, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, rustls::Error> {
        self.config(protocols).map(Arc::new)
    }

    /// The same for encoders, which name no protocol. Authorities are answered too: the port may be the one
    /// at which they look.
    ///
    /// Nobody is given anything to resume by: librtmp with GnuTLS takes a ticket for a broken handshake, and
    /// an encoder that connects once in hours saves nothing by one.
    ///
    /// # Errors
    /// When the TLS library refuses its own defaults.
    pub fn server_config_for_encoders(self: &Arc<Self>) -> Result<Arc<ServerConfig>, rustls::Error> {
        let mut config = self.config(&[answers::PROTOCOL])?;
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Arc::new(config))
    }

    fn config(self: &Arc<Self>, protocols: &[&[u8]]) -> Result<ServerConfig, rustls::Error> {
        let resolver = Arc::clone(self);
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Ok(config)
    }

    /// Tells the log each day that the certificate expires, once it is time to see to it.
    pub async fn warn_before_expiry(&self) {
        loop {
            tokio::time::sleep(DAY).await;
            self.warn_if_it_is_time();
        }
    }

    /// Tells the log what is wrong with the time of the certificate, if anything is.
    pub(in crate::net) fn warn_if_it_is_time(&self) {
        let Some(chain) = self.shown() else { return };
        if chain.expires_at() <= now() {
            tracing::error!(
                "the TLS certificate has expired: browsers and encoders refuse it until it is renewed"
            );
        } else if self.expires_soon() {
            tracing::warn!(days_left = chain.days_left(), "the TLS certificate expires soon: renew it");
        }
        if chain.starts_at() > now() {
            tracing::error!("the time of the TLS certificate has not begun: check this machine's clock");
        }
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if is_from_authority(&hello) {
            return self.answers.certificate(hello.server_name()?);
        }
        self.shown().map(|chain| chain.key())
    }
}

/// An authority that looks speaks nothing else.
fn is_from_authority(hello: &ClientHello<'_>) -> bool {
    hello
        .alpn()
        .is_some_and(|mut offered| offered.next() == Some(answers::PROTOCOL) && offered.next().is_none())
}

/// How long before the end of a certificate somebody must see to it.
const NOTICE: Duration = Duration::from_secs(14 * 86_400);
const DAY: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};
    use time::OffsetDateTime;

    fn served(age_days: i64, left_days: i64) -> Served {
        let mut params = CertificateParams::new(["relay.example".to_owned()]).unwrap();
        let now = OffsetDateTime::from_unix_timestamp(i64::try_from(now()).unwrap()).unwrap();
        params.not_before = now - time::Duration::days(age_days);
        params.not_after = now + time::Duration::days(left_days);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        let served = Served::default();
        served.show(Chain::from_pem(certificate.as_bytes(), key.serialize_pem().as_bytes()).unwrap());
        served
    }

    #[test]
    fn the_end_is_told_in_time() {
        assert!(!Served::default().expires_soon());
        for (age, left, soon) in
            [(60, 30, false), (60, 15, false), (76, 14, true), (80, 10, true), (90, -1, true)]
        {
            assert_eq!(served(age, left).expires_soon(), soon, "{age} {left}");
        }
    }

    #[test]
    fn a_certificate_that_lives_for_days_is_not_always_about_to_end() {
        assert!(!served(0, 6).expires_soon());
        assert!(!served(4, 2).expires_soon());
        assert!(served(5, 1).expires_soon());
    }
}
