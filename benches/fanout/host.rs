//! The server's side of RTMP, as little of it as every publisher is content with: values, no sockets.

use super::chunks::{ChunkReader, Message, Receiver, SET_CHUNK_SIZE};
use super::footage::{AUDIO, CHUNK, STREAM, VIDEO};
use crate::rig::wire::{HANDSHAKE, Header, NULL, number, object, string};

/// One connection of a publisher.
pub(crate) struct Host {
    /// How many bytes of the handshake are still to come.
    greeting: usize,
    reader: ChunkReader,
    desk: Desk,
}

/// Where commands are read and answered.
#[derive(Default)]
struct Desk {
    /// Messages that are not media, as far as they have come, by slot.
    papers: Vec<Vec<u8>>,
    answers: Vec<u8>,
    app: String,
    key: Option<String>,
    /// How many bytes the publisher wants acknowledged at a time.
    window: Option<u64>,
    received: u64,
    acknowledged: u64,
}

impl Host {
    pub(crate) fn new() -> Self {
        Self { greeting: GREETING, reader: ChunkReader::new(), desk: Desk::default() }
    }

    /// Reads what the publisher sent, and gives its media to `media`.
    pub(crate) fn read(&mut self, mut bytes: &[u8], media: &mut impl Receiver) {
        if self.greeting > 0 {
            bytes = self.greet(bytes);
        }
        self.desk.count(bytes.len());
        self.reader.read(bytes, &mut Counter { desk: &mut self.desk, media });
    }

    /// What is to be sent to the publisher. Whoever sends it empties it.
    pub(crate) fn answers(&mut self) -> &mut Vec<u8> {
        &mut self.desk.answers
    }

    /// The application and the key, once something is published.
    pub(crate) fn publication(&self) -> Option<(&str, &str)> {
        Some((&self.desk.app, self.desk.key.as_deref()?))
    }

    /// Takes the handshake's bytes and gives those after it. What is in them does not matter.
    fn greet<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let (greeting, rest) = bytes.split_at(self.greeting.min(bytes.len()));
        let before = self.greeting;
        self.greeting -= greeting.len();
        if before > HANDSHAKE && self.greeting <= HANDSHAKE {
            self.desk.answers.push(3);
            self.desk.answers.extend([0; 2 * HANDSHAKE]);
        }
        rest
    }
}

/// Sends each message where it belongs.
struct Counter<'a, R> {
    desk: &'a mut Desk,
    media: &'a mut R,
}

impl<R: Receiver> Receiver for Counter<'_, R> {
    fn piece(&mut self, message: &Message, at: usize, bytes: &[u8]) {
        match message.kind {
            AUDIO | VIDEO => self.media.piece(message, at, bytes),
            _ => self.desk.piece(message, at, bytes),
        }
    }
}

impl Desk {
    fn piece(&mut self, message: &Message, at: usize, bytes: &[u8]) {
        if self.papers.len() <= message.slot {
            self.papers.resize_with(message.slot + 1, Vec::new);
        }
        let paper = &mut self.papers[message.slot];
        if at == 0 {
            paper.clear();
        }
        paper.extend(bytes);
        if paper.len() == message.length {
            let paper = std::mem::take(paper);
            self.handle(message.kind, &paper);
        }
    }

    fn handle(&mut self, kind: u8, payload: &[u8]) {
        match kind {
            WINDOW_SIZE => {
                let window = payload.first_chunk().map(|bytes| u64::from(u32::from_be_bytes(*bytes)));
                self.window = window.map(|window| window.max(1));
            }
            COMMAND => self.obey(payload),
            _ => {}
        }
    }

    fn obey(&mut self, command: &[u8]) {
        let Some((name, rest)) = text(command) else { return };
        // After the name stands the number that the answer repeats, as a type and eight bytes.
        let Some((transaction, arguments)) = rest.split_at_checked(9) else { return };
        match name.as_str() {
            "connect" => {
                self.app = property(arguments, "app").unwrap_or_default();
                self.say(2, WINDOW_SIZE, 0, &5_000_000_u32.to_be_bytes());
                self.say(2, PEER_BANDWIDTH, 0, &[&5_000_000_u32.to_be_bytes(), [2].as_slice()].concat());
                self.say(2, SET_CHUNK_SIZE, 0, &(CHUNK as u32).to_be_bytes());
                let status = status("NetConnection.Connect.Success");
                self.command("_result", transaction, &status, 0);
            }
            "createStream" => self.command("_result", transaction, &number(f64::from(STREAM)), 0),
            "publish" => {
                self.key = arguments.get(1..).and_then(text).map(|(key, _)| key);
                let status = status("NetStream.Publish.Start");
                self.command("onStatus", &number(0.0), &status, STREAM);
            }
            _ => {}
        }
    }

    fn command(&mut self, name: &str, transaction: &[u8], result: &[u8], stream: u32) {
        let body = [&string(name), transaction, &NULL, result].concat();
        self.say(3, COMMAND, stream, &body);
    }

    fn say(&mut self, channel: u8, kind: u8, stream: u32, payload: &[u8]) {
        let header = Header { channel, kind, stream, time: 0 };
        // What comes before the publisher knows of this size is shorter than any chunk.
        self.answers.extend(header.message(payload, CHUNK));
    }

    fn count(&mut self, bytes: usize) {
        self.received += bytes as u64;
        if self.window.is_some_and(|window| self.received - self.acknowledged >= window) {
            self.acknowledged = self.received;
            self.say(2, ACKNOWLEDGEMENT, 0, &(self.received as u32).to_be_bytes());
        }
    }
}

/// The AMF0 string at the beginning of `bytes`, and what follows it.
fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (2, [high, low, rest @ ..]) = bytes.split_first()? else { return None };
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
    Some((String::from_utf8_lossy(text).into_owned(), rest))
}

/// The property `name`, if it is a string, of the first object in `bytes`.
fn property(bytes: &[u8], name: &str) -> Option<String> {
    // A name is a string without its type.
    let wanted = &string(name)[1..];
    let at = bytes.windows(wanted.len()).position(|window| window == wanted)?;
    text(&bytes[at + wanted.len()..]).map(|(text, _)| text)
}

fn status(code: &str) -> Vec<u8> {
    object(&[("level", "status"), ("code", code), ("description", code)])
}

/// The version byte and two parts.
const GREETING: usize = 1 + 2 * HANDSHAKE;

/// Types of messages.
const ACKNOWLEDGEMENT: u8 = 3;
pub(crate) const WINDOW_SIZE: u8 = 5;
const PEER_BANDWIDTH: u8 = 6;
pub(crate) const COMMAND: u8 = 20;
