//! A TLS server in front of nginx's plain port, which together are an RTMPS target; and the authority
//! that signs its certificate.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Somebody who signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
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

    /// What a server needs to show a certificate for the host `name`.
    fn server_config(&self, name: &str) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap()
    }
}

/// A running TLS server. It hangs up on everybody when it is dropped.
pub(crate) struct TlsFront {
    port: u16,
    _runtime: Runtime,
}

impl TlsFront {
    /// Passes on to `plain_port` what comes in, showing a certificate for `name` signed by `authority`.
    pub(crate) fn start(plain_port: u16, authority: &Authority, name: &str) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(authority.server_config(name)));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(serve(listener, acceptor, plain_port));
        Self { port, _runtime: runtime }
    }

    /// The address to push to, by the name `localhost`.
    pub(crate) fn url(&self) -> String {
        format!("rtmps://localhost:{}/live", self.port)
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, plain_port: u16) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        connections.spawn(pass_on(socket, acceptor.clone(), plain_port));
    }
}

/// Ends with either side. What goes wrong here is seen by both of them.
async fn pass_on(socket: TcpStream, acceptor: TlsAcceptor, plain_port: u16) -> std::io::Result<()> {
    let mut secure = acceptor.accept(socket).await?;
    let mut plain = TcpStream::connect((Ipv4Addr::LOCALHOST, plain_port)).await?;
    copy_bidirectional(&mut secure, &mut plain).await?;
    Ok(())
}
