//! A sink's socket, with TLS or without.

use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::{ServerConfig, ServerConnection};

/// A connection that does not block.
pub(crate) struct Transport {
    socket: TcpStream,
    tls: Option<ServerConnection>,
}

/// What reading once gave.
pub(crate) enum Reading {
    /// So many bytes were read from the socket.
    Bytes(usize),
    /// There is nothing now.
    Nothing,
    /// The connection is over.
    End,
}

impl Transport {
    pub(crate) fn new(socket: TcpStream, tls: Option<&Arc<ServerConfig>>) -> Self {
        let tls = tls.map(|config| ServerConnection::new(Arc::clone(config)).unwrap());
        Self { socket, tls }
    }

    /// Reads once into `buffer` and gives what was said to `listener`.
    pub(crate) fn read(&mut self, buffer: &mut [u8], mut listener: impl FnMut(&[u8])) -> Reading {
        let count = match self.socket.read(buffer) {
            Ok(0) => return Reading::End,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Reading::Nothing,
            Err(_) => return Reading::End,
        };
        match &mut self.tls {
            None => listener(&buffer[..count]),
            Some(tls) => {
                if decrypt(tls, &buffer[..count], &mut listener).is_err() {
                    return Reading::End;
                }
                if flush(tls, &mut self.socket).is_err() {
                    return Reading::End;
                }
            }
        }
        Reading::Bytes(count)
    }

    /// Writes all of `bytes`, which are few enough for the socket to take them at once.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.tls {
            None => self.socket.write_all(bytes),
            Some(tls) => {
                tls.writer().write_all(bytes)?;
                flush(tls, &mut self.socket)
            }
        }
    }
}

fn decrypt(tls: &mut ServerConnection, mut bytes: &[u8], listener: &mut impl FnMut(&[u8])) -> io::Result<()> {
    while !bytes.is_empty() {
        tls.read_tls(&mut bytes)?;
        let state = tls.process_new_packets().map_err(io::Error::other)?;
        let (mut left, mut reader) = (state.plaintext_bytes_to_read(), tls.reader());
        while left > 0 {
            let said = reader.fill_buf()?;
            let count = said.len();
            listener(said);
            reader.consume(count);
            left -= count;
        }
    }
    Ok(())
}

fn flush(tls: &mut ServerConnection, socket: &mut TcpStream) -> io::Result<()> {
    while tls.wants_write() {
        tls.write_tls(socket)?;
    }
    Ok(())
}
