//! Somebody who signs the certificates of servers that tests start.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

/// Somebody who signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// An authority that nobody else is, by its name too: who trusts another one has never heard of it.
    pub(crate) fn new() -> Self {
        static FOUNDED: AtomicU32 = AtomicU32::new(0);
        let mut params = CertificateParams::new([]).unwrap();
        let name = format!("Authority {}", FOUNDED.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Writes this authority's own certificate into `folder`, for who shall trust it.
    pub(crate) fn write_to(&self, folder: &Path) -> PathBuf {
        let file = folder.join("authority.pem");
        std::fs::write(&file, &self.pem).unwrap();
        file
    }

    /// This authority's own certificate, for who shall trust it.
    pub(crate) fn pem(&self) -> String {
        self.pem.clone()
    }

    /// Writes a new certificate for the host `name` into `folder`, and its key, each as one whole file.
    pub(crate) fn files_for(&self, name: &str, folder: &Path) -> (PathBuf, PathBuf) {
        self.files_with(&CertificateParams::new([name.to_owned()]).unwrap(), folder)
    }

    /// The same with a certificate that was good until some years ago.
    pub(crate) fn expired_files_for(&self, name: &str, folder: &Path) -> (PathBuf, PathBuf) {
        self.files_with(&expired(name), folder)
    }

    fn files_with(&self, params: &CertificateParams, folder: &Path) -> (PathBuf, PathBuf) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let write = |file: &str, text: String| {
            let (path, draft) = (folder.join(file), folder.join(format!("{file}.draft")));
            std::fs::write(&draft, text).unwrap();
            std::fs::rename(&draft, &path).unwrap();
            path
        };
        (write("cert.pem", certificate.pem()), write("key.pem", key.serialize_pem()))
    }

    /// What a server needs to show a good certificate for the host `name`.
    pub(crate) fn server_for(&self, name: &str) -> Arc<ServerConfig> {
        self.server_with(&CertificateParams::new([name.to_owned()]).unwrap())
    }

    /// The same with a certificate that was good until some years ago.
    pub(crate) fn expired_server_for(&self, name: &str) -> Arc<ServerConfig> {
        self.server_with(&expired(name))
    }

    fn server_with(&self, params: &CertificateParams) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        Arc::new(config)
    }
}

fn expired(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2019, 1, 1);
    params.not_after = date_time_ymd(2020, 1, 1);
    params
}
