//! A small RTMP publisher of our own, for what ffmpeg cannot be made to send: any 32-bit time at all.
//!
//! It does a simple handshake and sends chunks of 4096 bytes. Of the server's answers it reads only the
//! words it waits for.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::flv::{Kind, Packet};
use super::patience::Stopwatch;
use super::wire::{HANDSHAKE, Header, NULL, number, object, string};

/// A connection on which the server has agreed to take a stream.
pub(crate) struct Publisher<S = TcpStream> {
    socket: S,
    heard: Vec<u8>,
    /// All that came before the words that were waited for last.
    said: String,
}

impl Publisher {
    /// Connects to the RTMP server on `port` of loopback and publishes `key` in the application `app`.
    pub(crate) fn connect(port: u16, app: &str, key: &str) -> io::Result<Self> {
        let mut publisher = Self::ask(port, app, key, &[])?;
        publisher.hear("NetStream.Publish.Start")?;
        Ok(publisher)
    }

    /// The same as one that says of itself that it comes back when it is asked to.
    pub(crate) fn connect_able(port: u16, app: &str, key: &str) -> io::Result<Self> {
        let mut publisher = Self::ask(port, app, key, &able_to_reconnect())?;
        publisher.hear("NetStream.Publish.Start")?;
        Ok(publisher)
    }

    /// Waits until the server has asked it to come back.
    pub(crate) fn hear_request(&mut self) -> io::Result<()> {
        self.hear("NetConnection.Connect.ReconnectRequest")
    }

    /// Tries a wrong key; what the server says to it.
    pub(crate) fn guess(port: u16, app: &str, key: &str) -> io::Result<String> {
        let mut publisher = Self::ask(port, app, key, &[])?;
        publisher.hear("NetStream.Publish.BadName")?;
        publisher.hear("description")?;
        publisher.hear(".")?;
        Ok(publisher.said)
    }

    /// Asks to publish, with further properties in `connect`.
    fn ask(port: u16, app: &str, key: &str, more: &[u8]) -> io::Result<Self> {
        let socket = TcpStream::connect(("127.0.0.1", port))?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(ANSWER_LIMIT))?;
        Self::ask_over(socket, port, app, key, more)
    }

    /// Ends the stream and waits until the server has hung up or had time to read it all.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let delete = [string("deleteStream"), number(4.0), NULL.to_vec(), number(f64::from(STREAM))];
        self.command(0, &delete.concat())?;
        self.socket.shutdown(std::net::Shutdown::Write)?;
        match io::copy(&mut self.socket, &mut io::sink()) {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
            _ => Ok(()),
        }
    }
}

impl<S: Read + Write> Publisher<S> {
    /// Publishes over a connection that is there, to `port`.
    pub(crate) fn over(socket: S, port: u16, app: &str, key: &str) -> io::Result<Self> {
        let mut publisher = Self::ask_over(socket, port, app, key, &[])?;
        publisher.hear("NetStream.Publish.Start")?;
        Ok(publisher)
    }

    /// What it publishes over.
    pub(crate) fn socket(&self) -> &S {
        &self.socket
    }

    fn ask_over(socket: S, port: u16, app: &str, key: &str, more: &[u8]) -> io::Result<Self> {
        let mut publisher = Self { socket, heard: Vec::new(), said: String::new() };
        publisher.shake_hands()?;
        publisher.set_chunk_size()?;
        publisher.command(0, &connect_command(port, app, more))?;
        publisher.hear("NetConnection.Connect.Success")?;
        publisher.command(0, &[string("createStream"), number(2.0), NULL.to_vec()].concat())?;
        publisher.hear("_result")?;
        let publish = [string("publish"), number(3.0), NULL.to_vec(), string(key), string("live")];
        publisher.command(STREAM, &publish.concat())?;
        Ok(publisher)
    }

    /// Sends `packets` at the speed of their times, the first of which becomes `start`.
    pub(crate) fn send_all(&mut self, packets: &[Packet], start: u32) -> io::Result<()> {
        let watch = Stopwatch::start();
        for packet in packets {
            watch.sleep_until(Duration::from_millis(packet.time.into()));
            self.send(packet, start.wrapping_add(packet.time))?;
        }
        Ok(())
    }

    /// Sends one packet as of `time`.
    pub(crate) fn send(&mut self, packet: &Packet, time: u32) -> io::Result<()> {
        let channel = match packet.kind {
            Kind::Audio => 4,
            Kind::Data => 5,
            Kind::Video => 6,
        };
        let set_data_frame = if packet.kind == Kind::Data { string("@setDataFrame") } else { Vec::new() };
        let payload = [set_data_frame.as_slice(), &packet.payload].concat();
        self.message(channel, packet.kind as u8, STREAM, time, &payload)
    }

    fn shake_hands(&mut self) -> io::Result<()> {
        let mut hello = vec![3];
        hello.extend([0; 8]);
        hello.extend((0..HANDSHAKE - 8).map(|n| n as u8));
        self.socket.write_all(&hello)?;
        let mut answer = [0; 1 + 2 * HANDSHAKE];
        self.socket.read_exact(&mut answer)?;
        self.socket.write_all(&answer[1..=HANDSHAKE])
    }

    fn set_chunk_size(&mut self) -> io::Result<()> {
        let size = u32::try_from(CHUNK).unwrap().to_be_bytes();
        self.message(2, 1, 0, 0, &size)
    }

    fn command(&mut self, stream: u32, body: &[u8]) -> io::Result<()> {
        self.message(3, 20, stream, 0, body)
    }

    fn message(&mut self, channel: u8, kind: u8, stream: u32, time: u32, payload: &[u8]) -> io::Result<()> {
        let header = Header { channel, kind, stream, time };
        self.socket.write_all(&header.message(payload, CHUNK))
    }

    /// Reads until the server has said `words`. Both servers here set a chunk size before their first
    /// long message, so words are not cut in two.
    fn hear(&mut self, words: &str) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            let found = self.heard.windows(words.len()).position(|window| window == words.as_bytes());
            if let Some(at) = found {
                let said: Vec<u8> = self.heard.drain(..at + words.len()).collect();
                self.said = String::from_utf8_lossy(&said).into_owned();
                return Ok(());
            }
            match self.socket.read(&mut buffer)? {
                0 => return Err(io::Error::other(self.last_words())),
                count => self.heard.extend(&buffer[..count]),
            }
        }
    }

    fn last_words(&self) -> String {
        let said = String::from_utf8_lossy(&self.heard).into_owned();
        format!("the server hung up after saying {said:?}")
    }
}

/// A property `capsEx` of 1.
fn able_to_reconnect() -> Vec<u8> {
    // A property's name is a string without its marker.
    [&string("capsEx")[1..], &number(1.0)].concat()
}

fn connect_command(port: u16, app: &str, more: &[u8]) -> Vec<u8> {
    let address = format!("rtmp://127.0.0.1:{port}/{app}");
    let properties = object(&[("app", app), ("type", "nonprivate"), ("tcUrl", &address)]);
    let (properties, end) = properties.split_at(properties.len() - OBJECT_END);
    [&string("connect"), &number(1.0), properties, more, end].concat()
}

/// Bytes that end an object.
const OBJECT_END: usize = 3;

/// Every server gives this number to the first stream of a connection.
const STREAM: u32 = 1;
const CHUNK: usize = 4096;
const ANSWER_LIMIT: Duration = Duration::from_secs(15);
