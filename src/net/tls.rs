//! TLS towards targets: verification is always on.
//!
//! Trusted are Mozilla's roots as they were when the program was built, the system's own store, so
//! that a relay that runs for years follows its system, and one more file if the operator names it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::{Resumption, VerifierBuilderError, WebPkiServerVerifier};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::noting::Noting;

/// Why the trusted certificates could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The extra file cannot be read.
    #[error("cannot read the CA file {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: rustls::pki_types::pem::Error,
    },
    /// The extra file has no certificate.
    #[error("the CA file {} contains no certificate in PEM form", .0.display())]
    Empty(PathBuf),
    /// The extra file has a certificate that is none.
    #[error("a certificate in the CA file {} cannot be used: {error}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: rustls::Error,
    },
    /// The TLS library refuses its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
    /// There is nobody to trust.
    #[error("TLS cannot be set up: {0}")]
    Roots(#[from] VerifierBuilderError),
}

/// Who is trusted, and the settings for connections to those who are vouched for. All should share one:
/// it remembers what it takes to resume a session with each of 32 hosts (eight tickets each, rustls'
/// default), which spares both sides most of a handshake.
#[derive(Debug, Clone)]
pub struct Trust {
    config: Arc<ClientConfig>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl Trust {
    /// Trusts these authorities, at least one.
    ///
    /// # Errors
    /// [`Error::Setup`] or [`Error::Roots`].
    pub fn of(roots: RootCertStore) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = Arc::new(roots);
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build()?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_webpki_verifier(Arc::clone(&verifier))
            .with_no_client_auth();
        Ok(Self { config: Arc::new(config), verifier })
    }

    /// The settings that all connections share.
    pub fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }

    /// Settings for one connection, whose server has to show its certificate, and what takes note of it.
    pub(super) fn noting(&self) -> (Arc<ClientConfig>, Arc<Noting>) {
        let noting = Arc::new(Noting::new(Arc::clone(&self.verifier)));
        let mut config = ClientConfig::clone(&self.config);
        config.resumption = Resumption::disabled();
        // It decides nothing by itself.
        config.dangerous().set_certificate_verifier(Arc::clone(&noting) as _);
        (Arc::new(config), noting)
    }
}

/// Who is trusted when targets are connected to.
///
/// # Errors
/// Any [`Error`], most likely about `extra_ca`.
pub fn trust(extra_ca: Option<&Path>) -> Result<Trust, Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::debug!(%error, "a part of the system's certificate store cannot be read");
    }
    roots.add_parsable_certificates(system.certs);
    if let Some(path) = extra_ca {
        add_file(&mut roots, path)?;
    }
    Trust::of(roots)
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), Error> {
    let read = |error| Error::Read { path: path.to_owned(), error };
    let mut count = 0;
    for certificate in CertificateDer::pem_file_iter(path).map_err(read)? {
        roots
            .add(certificate.map_err(read)?)
            .map_err(|error| Error::Unusable { path: path.to_owned(), error })?;
        count += 1;
    }
    if count == 0 { Err(Error::Empty(path.to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust_with(contents: &str) -> Result<Trust, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), contents).unwrap();
        trust(Some(file.path()))
    }

    #[test]
    fn works_without_an_extra_file() {
        trust(None).unwrap();
    }

    #[test]
    fn takes_an_extra_certificate() {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        trust_with(&own.cert.pem()).unwrap();
    }

    #[test]
    fn says_what_is_wrong_with_an_extra_file() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(trust_with("no certificate"), Err(Error::Empty(_))));
        assert!(matches!(trust_with(broken), Err(Error::Unusable { .. })));
        let missing = trust(Some(Path::new("/nonexistent/ca.pem"))).unwrap_err();
        assert!(missing.to_string().contains("/nonexistent/ca.pem"), "{missing}");
    }
}
