//! Somebody who speaks to the relay's HTTP port byte by byte, from an address of their choice.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use socket2::{Domain, Socket, Type};

/// One connection.
pub(crate) struct Visitor(TcpStream);

/// What came back until the connection was closed.
#[derive(Debug)]
pub(crate) struct Heard(pub(crate) String);

impl Visitor {
    pub(crate) fn connect(port: u16) -> Self {
        Self::from(Ipv4Addr::LOCALHOST, port)
    }

    pub(crate) fn from(own: Ipv4Addr, port: u16) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((own, 0)).into()).unwrap();
        Self::over(&socket, port)
    }

    /// One whose system takes as little as it may of what it does not read.
    pub(crate) fn of_few_words(port: u16) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(4 << 10).unwrap();
        Self::over(&socket, port)
    }

    fn over(socket: &Socket, port: u16) -> Self {
        socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into()).unwrap();
        socket.set_read_timeout(Some(ANSWER_LIMIT)).unwrap();
        Self(socket.try_clone().unwrap().into())
    }

    /// Says something; what the relay does not want to hear to the end is not said.
    pub(crate) fn say(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes);
    }

    /// The status of the next answer, of which nothing more is read.
    pub(crate) fn status(&mut self) -> u16 {
        let mut line = [0; 12];
        self.0.read_exact(&mut line).unwrap();
        std::str::from_utf8(&line[9..]).unwrap().parse().unwrap()
    }

    /// Listens until the connection is closed or reset.
    pub(crate) fn listen(mut self) -> Heard {
        let mut heard = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match self.0.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => heard.extend(&buffer[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    panic!("neither an answer nor a close within {ANSWER_LIMIT:?}")
                }
                Err(_) => break,
            }
        }
        Heard(String::from_utf8_lossy(&heard).into_owned())
    }
}

impl Heard {
    /// The statuses of all answers.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let lines = self.0.split("HTTP/1.1 ").skip(1);
        lines.map(|line| line[..3].parse().unwrap()).collect()
    }
}

/// Asks for something below `/api/v1` with some headers, on a connection of its own.
pub(crate) fn ask(
    (own, port): (Ipv4Addr, u16),
    method: &str,
    path: &str,
    headers: &str,
    body: &Value,
) -> Heard {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let host = if headers.contains("Host: ") { String::new() } else { format!("Host: 127.0.0.1:{port}\r\n") };
    let mut visitor = Visitor::from(own, port);
    visitor.say(
        format!(
            "{method} /api/v1{path} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Type: \
             application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    );
    visitor.listen()
}

const ANSWER_LIMIT: Duration = Duration::from_secs(45);
