//! A certificate with its key and those that vouch for it, read from PEM texts.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;

use super::names;
use super::validity::{self, Validity};

/// A certificate that can be shown, with its key.
#[derive(Clone)]
pub struct Chain {
    key: Arc<CertifiedKey>,
    validity: Validity,
    names: Arc<[String]>,
}

/// Why texts are no certificate and key, in words that follow on a file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// There is none.
    #[error("contains no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----")]
    NoCertificate,
    /// There is one that is none.
    #[error("contains a certificate that cannot be read, so copy it anew")]
    Certificate,
    /// There is none.
    #[error("contains no private key in PEM form, which begins with -----BEGIN PRIVATE KEY----- or the like")]
    NoKey,
    /// There is one that needs a passphrase.
    #[error(
        "contains a private key that is locked with a passphrase: unlock it, as in openssl pkey -in LOCKED -out KEY"
    )]
    LockedKey,
    /// There is one that is none, or of a kind that is not known.
    #[error(
        "contains a private key that cannot be used: it must be RSA (2048 bits or more), ECDSA or Ed25519"
    )]
    Key,
    /// They are no pair.
    #[error(
        "contains a private key that does not belong to the first certificate: name the files of one pair, with the server's own certificate before those of its authorities"
    )]
    Mismatch,
}

impl Flaw {
    /// Whether the key is to blame, or else the certificate.
    pub fn is_of_key(&self) -> bool {
        matches!(self, Self::NoKey | Self::LockedKey | Self::Key | Self::Mismatch)
    }
}

impl Chain {
    /// Reads certificates, the server's own first, and its key; both may stand in one text.
    ///
    /// # Errors
    /// What is wrong with one of the texts.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, Flaw> {
        let chain = CertificateDer::pem_slice_iter(certificates)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| Flaw::Certificate)?;
        let own = chain.first().ok_or(Flaw::NoCertificate)?;
        let validity = validity::of(own).ok_or(Flaw::Certificate)?;
        let names = names::of(own).into();
        let key = private_key(key)?;
        let key = ring::sign::any_supported_type(&key).map_err(|_| Flaw::Key)?;
        let certified = CertifiedKey::new(chain, key);
        match certified.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => return Err(Flaw::Mismatch),
            Err(_) => return Err(Flaw::Certificate),
        }
        Ok(Self { key: Arc::new(certified), validity, names })
    }

    /// What TLS shows.
    pub(super) fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }

    /// From when on it is good, in seconds since 1970.
    pub fn starts_at(&self) -> u64 {
        self.validity.starts
    }

    /// Until when it is good, in seconds since 1970.
    pub fn expires_at(&self) -> u64 {
        self.validity.ends
    }

    /// Whether it is good no more.
    pub fn is_expired(&self) -> bool {
        self.validity.ends <= now()
    }

    /// Whether it is good only later.
    pub fn is_early(&self) -> bool {
        self.validity.starts > now()
    }

    /// How many whole days it is still good for.
    pub fn days_left(&self) -> u64 {
        self.validity.ends.saturating_sub(now()) / DAY
    }

    /// The host names that it is made out to, wildcards among them.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it is made out to a host name.
    pub fn is_for(&self, name: &str) -> bool {
        let own = self.key.cert.first().and_then(|own| ParsedCertificate::try_from(own).ok());
        let (Some(own), Ok(name)) = (own, ServerName::try_from(name)) else {
            return false;
        };
        verify_server_name(&own, &name).is_ok()
    }
}

/// Nothing of the key.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("validity", &self.validity).finish_non_exhaustive()
    }
}

fn private_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, Flaw> {
    PrivateKeyDer::from_pem_slice(text).map_err(|error| match error {
        // Both ways to lock one have the word in their first lines.
        _ if text.windows(LOCKED.len()).any(|window| window == LOCKED) => Flaw::LockedKey,
        pem::Error::NoItemsFound => Flaw::NoKey,
        _ => Flaw::Key,
    })
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "certificates expire by the clock of the wall")]
pub(in crate::net) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

const LOCKED: &[u8] = b"ENCRYPTED";
const DAY: u64 = 86_400;

#[cfg(test)]
mod tests;
