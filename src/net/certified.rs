//! Both sides of TLS for tests.

use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use super::tls::Trust;

/// The name that certificates are made out to.
pub(super) const NAME: &str = "live.example.com";

/// One who trusts these certificates, and no others that anybody shows.
pub(super) fn trusting(certificates: &[CertificateDer<'static>]) -> Trust {
    let mut roots = RootCertStore::empty();
    // Who trusts nobody cannot be.
    let mut nobody = CertificateParams::default();
    nobody.distinguished_name.push(DnType::CommonName, "nobody");
    roots.add(nobody.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()).unwrap();
    roots.add_parsable_certificates(certificates.iter().cloned());
    Trust::of(roots).unwrap()
}

/// A self-signed certificate for [`NAME`], changed, and a server that shows it.
pub(super) fn certified(change: impl Fn(&mut CertificateParams)) -> (CertificateDer<'static>, TlsAcceptor) {
    let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    (certificate, TlsAcceptor::from(Arc::new(config)))
}
