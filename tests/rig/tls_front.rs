//! A TLS server in front of nginx's plain port, which together are an RTMPS target.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::authority::Authority;

/// A running TLS server. It hangs up on everybody when it is dropped.
pub(crate) struct TlsFront {
    port: u16,
    _runtime: Runtime,
}

impl TlsFront {
    /// Passes on to `plain_port` what comes in, showing a certificate for `name` signed by `authority`.
    pub(crate) fn start(plain_port: u16, authority: &Authority, name: &str) -> Self {
        Self::showing(plain_port, authority.server_for(name))
    }

    /// The same with whatever certificate.
    pub(crate) fn showing(plain_port: u16, config: Arc<ServerConfig>) -> Self {
        let acceptor = TlsAcceptor::from(config);
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
