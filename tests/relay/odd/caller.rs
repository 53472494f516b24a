//! An encoder whose every byte is written here, at the door of a relay.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use splitcast::media::Kind;
use splitcast::model::TargetState;
use splitcast::relay::Ingest;
use splitcast::relay::gate::Gate;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::super::wire::{HANDSHAKE, Header, NULL, number, object, string};
use super::super::world::World;

pub(crate) const AUDIO: u8 = 8;
pub(crate) const VIDEO: u8 = 9;
pub(crate) const DATA_AMF3: u8 = 15;
pub(crate) const COMMAND_AMF3: u8 = 17;
pub(crate) const DATA: u8 = 18;
pub(crate) const COMMAND: u8 = 20;
pub(crate) const AGGREGATE: u8 = 22;

/// A message: its type, its time, and what is in it.
pub(crate) type Sent = (u8, u32, Vec<u8>);

/// What a target got: a tag's kind, its time, and what is in it.
pub(crate) type Got = (Kind, u32, Bytes);

/// Somebody who connected to the relay.
pub(crate) struct Caller {
    socket: DuplexStream,
    heard: Vec<u8>,
}

impl Caller {
    /// Comes to the ingest of `world` and says nothing yet.
    pub(crate) fn knock(world: &World) -> Self {
        let (near, far) = duplex(1 << 20);
        let stop = CancellationToken::new();
        let ingest = Arc::new(Ingest::new(world.registry.clone(), world.tracker.clone(), stop));
        let peer: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        let pass = Arc::new(Gate::default()).enter(peer.ip()).unwrap();
        world.tracker.spawn(async move { ingest.serve_connection(far.into(), peer, pass).await });
        Self { socket: near, heard: Vec::new() }
    }

    /// Comes and shakes hands.
    pub(crate) async fn greet(world: &World) -> Self {
        let mut caller = Self::knock(world);
        caller.write(&[&[3][..], &[0; HANDSHAKE]].concat()).await;
        caller.read_until(1 + 2 * HANDSHAKE).await;
        caller.heard.clear();
        caller.write(&[0; HANDSHAKE]).await;
        caller
    }

    /// Comes and connects to the application `live`, as most do.
    pub(crate) async fn connect(world: &World) -> Self {
        let mut caller = Self::greet(world).await;
        caller.control(1, &4_096_u32.to_be_bytes()).await;
        let properties = object(&[("app", "live"), ("type", "nonprivate"), ("tcUrl", "rtmp://relay/live")]);
        caller.command(0, &[string("connect"), number(1.0), properties]).await;
        caller.hear("NetConnection.Connect.Success").await;
        caller
    }

    /// Comes and publishes, as most do.
    pub(crate) async fn publish(world: &World) -> Self {
        let mut caller = Self::connect(world).await;
        caller.command(0, &[string("releaseStream"), number(2.0), NULL.to_vec(), string("ingest")]).await;
        caller.command(0, &[string("FCPublish"), number(3.0), NULL.to_vec(), string("ingest")]).await;
        caller.command(0, &[string("createStream"), number(4.0), NULL.to_vec()]).await;
        caller.ask_to_publish(1, "ingest").await;
        caller.hear("NetStream.Publish.Start").await;
        caller
    }

    /// Asks to publish `name` on a message stream.
    pub(crate) async fn ask_to_publish(&mut self, stream: u32, name: &str) {
        let asked = [string("publish"), number(5.0), NULL.to_vec(), string(name), string("live")];
        self.command(stream, &asked).await;
    }

    /// Sends messages when their time has come, and gives the target so much time to be sent them.
    pub(crate) async fn send_all(&mut self, messages: &[Sent]) {
        let began = Instant::now();
        for (kind, time, payload) in messages {
            sleep_until(began + Duration::from_millis((*time).into())).await;
            self.send(*kind, *time, payload).await;
        }
    }

    /// Sends a message on message stream 1.
    pub(crate) async fn send(&mut self, kind: u8, time: u32, payload: &[u8]) {
        self.message(Header { channel: 4, kind, stream: 1, time }, payload).await;
    }

    pub(crate) async fn message(&mut self, header: Header, payload: &[u8]) {
        // A message without a byte has a header all the same.
        let bytes = header.message(if payload.is_empty() { &[0] } else { payload }, 4_096);
        let length = if payload.is_empty() { bytes.len() - 1 } else { bytes.len() };
        let mut bytes = bytes[..length].to_vec();
        if payload.is_empty() {
            bytes[4..7].fill(0);
        }
        self.write(&bytes).await;
    }

    pub(crate) async fn command(&mut self, stream: u32, values: &[Vec<u8>]) {
        self.message(Header { channel: 3, kind: COMMAND, stream, time: 0 }, &values.concat()).await;
    }

    pub(crate) async fn control(&mut self, kind: u8, payload: &[u8]) {
        self.message(Header { channel: 2, kind, stream: 0, time: 0 }, payload).await;
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).await.unwrap();
    }

    /// Waits until the relay has said `words`; what it said up to there.
    pub(crate) async fn hear(&mut self, words: &str) -> Vec<u8> {
        self.hear_bytes(words.as_bytes()).await
    }

    pub(crate) async fn hear_bytes(&mut self, words: &[u8]) -> Vec<u8> {
        loop {
            let found = self.heard.windows(words.len()).position(|window| window == words);
            if let Some(at) = found {
                return self.heard.drain(..at + words.len()).collect();
            }
            let heard = self.heard.len();
            self.read_until(heard + 1).await;
        }
    }

    /// What it says until it says nothing more for a second, or hangs up.
    pub(crate) async fn hear_all(&mut self) -> Vec<u8> {
        while let Ok(Ok(1..)) = timeout(Duration::from_secs(1), self.socket.read_buf(&mut self.heard)).await {
        }
        std::mem::take(&mut self.heard)
    }

    async fn read_until(&mut self, length: usize) {
        while self.heard.len() < length {
            let count = self.socket.read_buf(&mut self.heard).await.unwrap();
            assert!(count > 0, "it hung up after {:?}", String::from_utf8_lossy(&self.heard));
        }
    }

    /// Ends the stream in good order.
    pub(crate) async fn end(&mut self) {
        self.command(0, &[string("deleteStream"), number(6.0), NULL.to_vec(), number(1.0)]).await;
    }
}

/// Publishes `messages` in the usual way, and ends; what the target got, as if its session's clock began
/// at 0.
pub(crate) async fn relay(messages: &[Sent]) -> Vec<Got> {
    let world = World::running(1);
    let mut caller = Caller::publish(&world).await;
    caller.send_all(messages).await;
    // Who ends before anybody was reached has sent nothing to anybody.
    world.until(1, TargetState::Live).await;
    caller.end().await;
    world.until_true(|world| world.visits("t1").first().is_some_and(|visit| visit.said_goodbye)).await;
    from_zero(world.visits("t1").remove(0).tags)
}

/// Moves times so that the first is 0.
pub(crate) fn from_zero(mut got: Vec<Got>) -> Vec<Got> {
    let first = got.first().map_or(0, |(_, time, _)| *time);
    for (_, time, _) in &mut got {
        *time -= first;
    }
    got
}

/// Fails unless the target gets the bytes of `messages`, each at the time that it tells.
pub(crate) async fn arrives_unchanged(messages: &[Sent]) {
    let got = relay(messages).await;
    let as_sent: Vec<(u32, &[u8])> =
        messages.iter().map(|(_, time, payload)| (*time, &payload[..])).collect();
    let as_got: Vec<(u32, &[u8])> = got.iter().map(|(_, time, payload)| (*time, &payload[..])).collect();
    assert_eq!(as_got, as_sent);
}

/// An H.264 picture with a composition time, and something in it that is its own.
pub(crate) fn picture(is_key: bool, composition: i32, own: u8) -> Vec<u8> {
    let [_, offset @ ..] = composition.to_be_bytes();
    [&[if is_key { 0x17 } else { 0x27 }, 1][..], &offset, &[0, 0, 0, 2, 0x65, own]].concat()
}

pub(crate) const AVC_HEADER: [u8; 11] = [0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe0];
pub(crate) const AAC_HEADER: [u8; 4] = [0xaf, 0, 0x12, 0x10];
