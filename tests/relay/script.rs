//! One end of a connection that says just what a test wants.

use bytes::{Buf, BytesMut};
use splitcast::net::Transport;
use splitcast::rtmp::amf0::Value;
use splitcast::rtmp::command::Command;
use splitcast::rtmp::connection::Connection;
use splitcast::rtmp::handshake;
use splitcast::rtmp::message::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A peer of the relay's.
pub(crate) struct Peer {
    transport: Transport,
    connection: Connection,
    input: BytesMut,
}

impl Peer {
    /// One that the relay has connected to.
    pub(crate) fn server(transport: Transport) -> Self {
        let connection = Connection::server(Box::new([5; handshake::BLOCK]));
        Self { transport, connection, input: BytesMut::new() }
    }

    /// One that connects to the relay.
    pub(crate) fn client(transport: Transport) -> Self {
        let connection = Connection::client(&[5; handshake::BLOCK]);
        Self { transport, connection, input: BytesMut::new() }
    }

    /// Publishes a stream, with some properties in `connect`.
    pub(crate) async fn publish(transport: Transport, key: &str, properties: &[(&str, Value)]) -> Self {
        let mut peer = Self::client(transport);
        while !peer.connection.is_established() {
            assert_eq!(peer.connection.handle_input(&mut peer.input).unwrap(), None);
            peer.flush().await;
            assert!(peer.connection.is_established() || peer.read().await, "the relay hung up");
        }
        let mut object = vec![("app".to_owned(), Value::string("live"))];
        object.extend(properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        peer.say(0, Command::new("connect", 1.0).with_object(Value::Object(object))).await;
        peer.say(0, Command::new("createStream", 2.0)).await;
        peer.say(1, Command::new("publish", 3.0).with(Value::string(key))).await;
        peer.hear("onStatus").await.expect("the relay answers");
        peer
    }

    /// Says a command.
    pub(crate) async fn say(&mut self, stream: u32, command: Command) {
        self.connection.send(Message::Command { stream, command });
        self.flush().await;
    }

    /// Waits for a command of that name; `None` if the connection ends before.
    pub(crate) async fn hear(&mut self, name: &str) -> Option<Command> {
        loop {
            match self.connection.handle_input(&mut self.input).unwrap() {
                Some(Message::Command { command, .. }) if command.name == name => return Some(command),
                Some(_) => {}
                None => {
                    self.flush().await;
                    if !self.read().await {
                        return None;
                    }
                }
            }
        }
    }

    /// Reads more; whether there is any.
    async fn read(&mut self) -> bool {
        matches!(self.transport.read_buf(&mut self.input).await, Ok(1..))
    }

    async fn flush(&mut self) {
        let len = self.connection.unsent();
        let said = self.connection.output().copy_to_bytes(len);
        // Whether the relay still listens is not the matter here.
        let _ = self.transport.write_all(&said).await;
    }
}
