//! Handshake, chunk stream and all that the protocol answers by itself: acknowledgements, pings and
//! chunk sizes. Above it stand messages only; below it bytes only.

use std::fmt;

use bytes::BytesMut;

use super::batch::Batch;
use super::chunk::{self, Decoder, Encoder, Limits};
use super::handshake::{self, Handshake, Nonce};
use super::message::{self, Message, UserControl};
use super::output::Output;
use super::packet::Packet;

/// Why a connection cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The peer does not speak RTMP.
    #[error(transparent)]
    Handshake(#[from] handshake::Error),
    /// The chunk stream is broken or passes a bound.
    #[error(transparent)]
    Chunk(#[from] chunk::Error),
    /// A message is broken or passes a bound.
    #[error(transparent)]
    Message(#[from] message::Error),
    /// More than [`STRANGER_BYTES`] from someone who has not published, or more than
    /// [`STRANGER_ANSWERS`] for one.
    #[error("too much was sent or asked before publishing")]
    Stranger,
}

/// Bytes a peer may send before its publishing is accepted.
pub const STRANGER_BYTES: u64 = 256 << 10;

/// Unsent bytes that such a peer may make us hold: some questions are shorter than their answers.
pub const STRANGER_ANSWERS: usize = 64 << 10;

/// The window when the peer never announced one, and the one we announce.
pub const WINDOW: u32 = 2_500_000;

/// Acknowledgements come at least this often, whatever the window: some hardware encoders stop
/// without them.
const ACK_AT_LEAST: u64 = 1 << 20;

/// One RTMP connection, as a value.
pub struct Connection {
    handshake: Handshake,
    established: bool,
    decoder: Decoder,
    encoder: Encoder,
    trusted: bool,
    received: u64,
    acknowledged: u64,
    window: u32,
    output: Output,
}

impl Connection {
    /// The side that was connected to.
    pub fn server(nonce: Box<Nonce>) -> Self {
        Self::new(Handshake::server(nonce), Output::default())
    }

    /// The side that connected.
    pub fn client(nonce: &Nonce) -> Self {
        let mut output = Output::default();
        let handshake = output.write(|out| Handshake::client(nonce, out));
        // A target may talk for days: it is bounded by message, not in all.
        Self { trusted: true, ..Self::new(handshake, output) }
    }

    fn new(handshake: Handshake, output: Output) -> Self {
        Self {
            handshake,
            established: false,
            decoder: Decoder::new(Limits::STRANGER),
            encoder: Encoder::default(),
            trusted: false,
            received: 0,
            acknowledged: 0,
            window: WINDOW,
            output,
        }
    }

    /// The peer has shown a good key: larger messages, and no bound on bytes.
    pub fn trust(&mut self) {
        self.trusted = true;
        self.decoder.set_limits(Limits::PUBLISHER);
    }

    /// Whether the handshake is done.
    pub fn is_established(&self) -> bool {
        self.established
    }

    /// Takes what it can use of `input`; returns the next message that someone above must see, or
    /// `None` when more bytes are needed.
    ///
    /// # Errors
    /// Any [`Error`]; the connection is of no use afterwards.
    pub fn handle_input(&mut self, input: &mut BytesMut) -> Result<Option<Message>, Error> {
        loop {
            let before = input.len();
            let payload = self.decode(input)?;
            self.count(before - input.len())?;
            let Some(payload) = payload else {
                return Ok(None);
            };
            if let Some(message) = self.answer(Message::decode(payload)?)? {
                return Ok(Some(message));
            }
        }
    }

    /// Appends a message to the output.
    pub fn send(&mut self, message: Message) {
        let new_size = match &message {
            Message::SetChunkSize(size) => Some(*size),
            _ => None,
        };
        let Self { encoder, output, .. } = self;
        output.write(|out| message.encode(|payload| encoder.encode(&payload, out)));
        if let Some(size) = new_size {
            self.encoder.set_chunk_size(size);
        }
    }

    /// Appends a message of media to the output.
    ///
    /// `timestamp` is in milliseconds, modulo 2^32, from this connection's own start.
    pub fn send_packet(&mut self, stream: u32, timestamp: u32, packet: &Packet) {
        self.encoder.encode_packet(stream, timestamp, packet, &mut self.output);
    }

    /// Takes note that a batch is sent past the output, which must be empty, or appended to it as it is;
    /// `false`, and nothing, if it is not right for this connection.
    pub fn take_batch(&mut self, stream: u32, clock: impl Fn(i64) -> u32, batch: &Batch) -> bool {
        self.encoder.take_batch(stream, clock, batch)
    }

    /// How many bytes are to be written.
    pub fn unsent(&self) -> usize {
        self.output.len()
    }

    /// The bytes to be written.
    pub fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<chunk::Payload>, Error> {
        if !self.established {
            let handshake = &mut self.handshake;
            self.established = self.output.write(|out| handshake.handle_input(input, out))?;
        }
        if !self.established {
            return Ok(None);
        }
        Ok(self.decoder.decode(input)?)
    }

    fn count(&mut self, bytes: usize) -> Result<(), Error> {
        self.received += u64::try_from(bytes).unwrap_or(u64::MAX);
        if !self.trusted && (self.received > STRANGER_BYTES || self.output.len() > STRANGER_ANSWERS) {
            return Err(Error::Stranger);
        }
        let due = u64::from(self.window / 2).clamp(1, ACK_AT_LEAST);
        if self.established && self.received - self.acknowledged >= due {
            self.acknowledged = self.received;
            self.send(Message::Acknowledgement(wrapped(self.received)));
        }
        Ok(())
    }

    /// Does what the protocol itself asks for; hands on the rest.
    fn answer(&mut self, message: Message) -> Result<Option<Message>, Error> {
        match message {
            Message::SetChunkSize(size) => self.decoder.set_chunk_size(size)?,
            Message::Abort(chunk_stream) => self.decoder.abort(chunk_stream),
            // Two bytes a window would make us say more than we hear.
            Message::WindowAckSize(size) => self.window = size.max(16 << 10),
            Message::SetPeerBandwidth(size) => self.send(Message::WindowAckSize(size)),
            Message::UserControl(UserControl::PingRequest(time)) => {
                self.send(Message::UserControl(UserControl::PingResponse(time)));
            }
            Message::Acknowledgement(_) | Message::UserControl(_) | Message::Other { .. } => {}
            message @ (Message::Command { .. } | Message::Media { .. }) => return Ok(Some(message)),
        }
        Ok(None)
    }
}

/// What is said holds keys and is never shown.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("established", &self.established)
            .field("trusted", &self.trusted)
            .field("received", &self.received)
            .field("unsent", &self.output.len())
            .finish_non_exhaustive()
    }
}

/// Acknowledgements count modulo 2^32; a server that stopped at 4 GiB lost its encoders.
fn wrapped(bytes: u64) -> u32 {
    let [_, _, _, _, low @ ..] = bytes.to_be_bytes();
    u32::from_be_bytes(low)
}

#[cfg(test)]
mod tests;
