//! The floor's connection to one target.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::guest;

/// A target that takes the stream.
pub(crate) struct Output {
    socket: mio::net::TcpStream,
    tls: Option<ClientConnection>,
    /// What the socket did not take, from `start` on.
    backlog: Vec<u8>,
    start: usize,
}

impl Output {
    /// Connects to the server on `port` and publishes to it.
    pub(crate) fn connect(
        port: u16,
        app: &str,
        key: &str,
        tls: Option<&Arc<ClientConfig>>,
    ) -> io::Result<Self> {
        let mut socket = TcpStream::connect(("127.0.0.1", port))?;
        socket.set_nodelay(true)?;
        let (socket, tls) = match tls {
            None => {
                guest::publish(&mut socket, app, key)?;
                (socket, None)
            }
            Some(config) => {
                let name = ServerName::try_from("127.0.0.1").unwrap();
                let mut tls = ClientConnection::new(Arc::clone(config), name).unwrap();
                tls.set_buffer_limit(Some(TLS_BUFFER));
                let mut stream = StreamOwned::new(tls, socket);
                guest::publish(&mut stream, app, key)?;
                (stream.sock, Some(stream.conn))
            }
        };
        socket.set_nonblocking(true)?;
        let socket = mio::net::TcpStream::from_std(socket);
        Ok(Self { socket, tls, backlog: Vec::new(), start: 0 })
    }

    pub(crate) fn socket(&mut self) -> &mut mio::net::TcpStream {
        &mut self.socket
    }

    /// Writes `bytes`, or keeps what the socket does not take.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let taken = if self.backlog.is_empty() { self.offer(bytes)? } else { 0 };
        self.backlog.extend(&bytes[taken..]);
        Ok(())
    }

    /// Writes what is kept, as far as the socket takes it.
    pub(crate) fn catch_up(&mut self) -> io::Result<()> {
        if self.backlog.is_empty() && self.tls.is_none() {
            return Ok(());
        }
        let backlog = std::mem::take(&mut self.backlog);
        self.start += self.offer(&backlog[self.start..])?;
        self.backlog = backlog;
        // Moves what is left to the front, but not for a little.
        if self.start > self.backlog.len() / 2 {
            self.backlog.drain(..self.start);
            self.start = 0;
        }
        Ok(())
    }

    /// Whether as much is kept as may be.
    pub(crate) fn is_full(&self) -> bool {
        self.backlog.len() - self.start >= LIMIT
    }

    /// Reads what the target says, which is of no interest but to TLS.
    pub(crate) fn listen(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            let count = match self.socket.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            let Some(tls) = &mut self.tls else { continue };
            let mut bytes = &buffer[..count];
            while !bytes.is_empty() {
                tls.read_tls(&mut bytes)?;
                let state = tls.process_new_packets().map_err(io::Error::other)?;
                let mut said = vec![0; state.plaintext_bytes_to_read()];
                tls.reader().read_exact(&mut said)?;
            }
        }
    }

    /// How much of `bytes` is taken without waiting.
    fn offer(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(tls) = &mut self.tls else {
            return match self.socket.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
                outcome => outcome,
            };
        };
        let mut taken = 0;
        loop {
            let count = tls.writer().write(&bytes[taken..])?;
            taken += count;
            while tls.wants_write() {
                match tls.write_tls(&mut self.socket) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(taken),
                    Err(error) => return Err(error),
                }
            }
            if taken == bytes.len() {
                return Ok(taken);
            }
        }
    }
}

/// How outputs with TLS are made, whose certificates the authority in `file` signed.
pub(crate) fn tls_config(file: &Path) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// What is kept for a target at most, before the source has to wait.
const LIMIT: usize = 4 << 20;
/// What rustls may hold: more than is read at a time.
const TLS_BUFFER: usize = 1 << 20;
