//! A connection and a role on it: bytes in, events and bytes out.
//!
//! The session is a value. Whoever owns a socket feeds [`Session::handle_input`], takes events from
//! [`Session::poll_event`] and writes what stands in [`Session::output`]; tests do the same with two
//! buffers. A [`Role`] sees messages, never bytes.

use bytes::BytesMut;

use super::connection::{self, Connection};
use super::message::Message;
use super::output::Output;

/// Why a session cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// See [`connection::Error`].
    #[error(transparent)]
    Connection(#[from] connection::Error),
    /// The peer did what the role does not allow.
    #[error("{0}")]
    Role(&'static str),
}

/// What a role wants to say.
#[derive(Debug, Default)]
pub struct Outbox(Vec<Message>);

impl Outbox {
    /// Says a message.
    pub fn say(&mut self, message: Message) {
        self.0.push(message);
    }

    /// What was said since the last call.
    pub fn take(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.0)
    }
}

/// The command level of one side.
pub trait Role {
    /// What the outside learns.
    type Event;

    /// The handshake is done.
    fn ready(&mut self, out: &mut Outbox);

    /// The peer said something.
    ///
    /// # Errors
    /// [`Error::Role`] when the session must end.
    fn handle(&mut self, message: Message, out: &mut Outbox) -> Result<(), Error>;

    /// The next event, in order.
    fn poll_event(&mut self) -> Option<Self::Event>;

    /// Whether the next message may be handled now, or must wait for someone's decision.
    fn is_listening(&self) -> bool {
        true
    }
}

/// One side of an RTMP session.
#[derive(Debug)]
pub struct Session<R> {
    pub(super) connection: Connection,
    pub(super) role: R,
    pub(super) outbox: Outbox,
    is_ready: bool,
    /// Why the session is over. What it holds is in no order then, so it is not tried again.
    failure: Option<Error>,
}

impl<R: Role> Session<R> {
    pub(super) fn new(connection: Connection, role: R) -> Self {
        Self { connection, role, outbox: Outbox::default(), is_ready: false, failure: None }
    }

    /// Takes what is whole of `input` and leaves the rest. While a decision is awaited all is left:
    /// call again, with or without new bytes, once it is taken.
    ///
    /// # Errors
    /// Any [`Error`], the same again at every later call; what stands in the output should still be
    /// written, for it may say why.
    pub fn handle_input(&mut self, input: &mut BytesMut) -> Result<(), Error> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let result = self.handle_messages(input);
        self.flush();
        self.failure = result.err();
        result
    }

    /// The next event, in order.
    pub fn poll_event(&mut self) -> Option<R::Event> {
        self.role.poll_event()
    }

    /// How many bytes are to be written.
    pub fn unsent(&self) -> usize {
        self.connection.unsent()
    }

    /// The bytes to be written.
    pub fn output(&mut self) -> &mut Output {
        self.connection.output()
    }

    fn handle_messages(&mut self, input: &mut BytesMut) -> Result<(), Error> {
        while self.role.is_listening() {
            let message = self.connection.handle_input(input)?;
            if !self.is_ready && self.connection.is_established() {
                self.is_ready = true;
                self.role.ready(&mut self.outbox);
            }
            let Some(message) = message else {
                return Ok(());
            };
            self.role.handle(message, &mut self.outbox)?;
            self.flush();
        }
        Ok(())
    }

    /// Puts what the role said into bytes.
    pub(super) fn flush(&mut self) {
        for message in self.outbox.take() {
            self.connection.send(message);
        }
    }
}
