//! TLS towards targets: verification is always on.
//!
//! Trusted are Mozilla's roots as they were when the program was built, the system's own store, so
//! that a relay that runs for years follows its system, and one more file if the operator names it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

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
}

/// The settings for connections to targets. All should share one: it remembers what it takes to resume
/// a session with each of 32 hosts (eight tickets each, rustls' default), which spares both sides most of a handshake.
///
/// # Errors
/// Any [`Error`], most likely about `extra_ca`.
pub fn client_config(extra_ca: Option<&Path>) -> Result<Arc<ClientConfig>, Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::debug!(%error, "a part of the system's certificate store cannot be read");
    }
    roots.add_parsable_certificates(system.certs);
    if let Some(path) = extra_ca {
        add_file(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
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

    fn config_with(contents: &str) -> Result<Arc<ClientConfig>, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), contents).unwrap();
        client_config(Some(file.path()))
    }

    #[test]
    fn works_without_an_extra_file() {
        client_config(None).unwrap();
    }

    #[test]
    fn takes_an_extra_certificate() {
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        config_with(&own.cert.pem()).unwrap();
    }

    #[test]
    fn says_what_is_wrong_with_an_extra_file() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(config_with("no certificate"), Err(Error::Empty(_))));
        assert!(matches!(config_with(broken), Err(Error::Unusable { .. })));
        let missing = client_config(Some(Path::new("/nonexistent/ca.pem"))).unwrap_err();
        assert!(missing.to_string().contains("/nonexistent/ca.pem"), "{missing}");
    }
}
