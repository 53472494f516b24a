//! A browser, as far as these tests need one: it trusts whom it is told to and nobody else, and asks
//! on one connection as long as it likes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};
use socket2::{Domain, Socket, Type};

use crate::patience;

/// Somebody who looks at pages over HTTPS.
pub(crate) struct Browser {
    config: Arc<ClientConfig>,
}

/// A connection that has been agreed on.
pub(crate) struct Visit {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
    host: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Browser {
    /// Trusts those who stand in a PEM text.
    pub(crate) fn trusting(roots: &str) -> Self {
        Self::new(roots, rustls::ALL_VERSIONS, &[b"http/1.1"])
    }

    /// One that speaks some versions of TLS, and would rather speak HTTP/2.
    pub(crate) fn with_versions(roots: &str, versions: &[&'static SupportedProtocolVersion]) -> Self {
        Self::new(roots, versions, &[b"h2", b"http/1.1"])
    }

    fn new(roots: &str, versions: &[&'static SupportedProtocolVersion], protocols: &[&[u8]]) -> Self {
        let mut store = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(roots.as_bytes()) {
            store.add(root.unwrap()).unwrap();
        }
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_protocol_versions(versions)
                .unwrap()
                .with_root_certificates(store)
                .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Self { config: Arc::new(config) }
    }

    /// Connects to `port` of this machine, expecting a certificate for `host`.
    pub(crate) fn visit(&self, host: &str, port: u16) -> std::io::Result<Visit> {
        self.visit_from(Ipv4Addr::LOCALHOST, host, port)
    }

    /// The same from another address.
    pub(crate) fn visit_from(&self, own: Ipv4Addr, host: &str, port: u16) -> std::io::Result<Visit> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((own, 0)).into())?;
        socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
        let mut tcp = TcpStream::from(socket);
        tcp.set_read_timeout(Some(patience::LIMIT))?;
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let mut tls = ClientConnection::new(Arc::clone(&self.config), name).unwrap();
        let watch = patience::Stopwatch::start();
        while tls.is_handshaking() {
            tls.complete_io(&mut tcp)?;
            if watch.elapsed() > patience::LIMIT {
                return Err(std::io::ErrorKind::TimedOut.into());
            }
        }
        Ok(Visit { stream: BufReader::new(StreamOwned::new(tls, tcp)), host: host.to_owned() })
    }

    /// One page on a connection of its own.
    pub(crate) fn get(&self, host: &str, port: u16, path: &str) -> std::io::Result<Page> {
        self.visit(host, port)?.get(path, &[])
    }
}

impl Visit {
    pub(crate) fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> std::io::Result<Page> {
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += "\r\n";
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = head.to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut body = vec![0; length(&head)];
        self.stream.read_exact(&mut body)?;
        Ok(Page { status, head, body: String::from_utf8(body).unwrap() })
    }

    /// The certificate that was shown.
    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.stream.get_ref().conn.peer_certificates().unwrap().first().unwrap().clone()
    }

    /// The protocol that was agreed on for what goes through.
    pub(crate) fn protocol(&self) -> Option<&[u8]> {
        self.stream.get_ref().conn.alpn_protocol()
    }
}

fn length(head: &str) -> usize {
    head.lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |text| text.parse().unwrap())
}
