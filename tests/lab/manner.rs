//! What a sink does to whoever connects to it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use splitcast::rtmp::Rejection;
use splitcast::rtmp::server::Event;
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tokio_rustls::TlsAcceptor;

use super::peer::Peer;
use super::sink::Entry;
use crate::rig::wire::{HANDSHAKE, Header, NULL, number, object, string};

/// A way to be a server.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    /// Takes the stream.
    Healthy,
    /// Takes the stream and never reads again.
    NeverRead,
    /// Takes the stream and reads this many bytes a second.
    Trickle(usize),
    /// Takes the stream and resets the connection after a time.
    ResetAfter(Duration),
    /// Takes the stream and resets the connection after this many bytes.
    ResetAfterBytes(usize),
    /// Takes the stream and closes at once.
    CloseAfterPublish,
    /// Refuses the stream with a code and a description.
    RejectPublish(&'static str, &'static str),
    /// Refuses the application.
    RejectConnect,
    /// Reads and never says a word.
    Mute,
    /// Closes without a word.
    HangUp,
    /// Says what is not RTMP.
    Garbage,
    /// Takes the stream and then says what is not RTMP.
    GarbageInStream,
    /// Takes the stream, and acknowledges far more and far less than came, with a window of one byte.
    WrongAcknowledgements,
    /// Takes the stream, and sends messages as long as messages can be: some declared, some whole.
    Giants,
    /// Agrees on TLS, if the other side likes its certificate, and then is mute.
    Tls(Arc<ServerConfig>),
}

impl Manner {
    /// Whether more is sent to the sink than it reads.
    pub(crate) fn stalls(&self) -> bool {
        matches!(self, Self::NeverRead | Self::Trickle(_))
    }

    /// Plays one connection to its end, whichever side ends it.
    pub(super) async fn play(self, socket: TcpStream, entry: &Entry) -> io::Result<()> {
        let mut peer = Peer::new(socket);
        match self {
            Self::Mute => peer.drain().await,
            Self::HangUp => return peer.close().await,
            Self::Garbage => {
                peer.write(&garbage()).await?;
                peer.drain().await;
            }
            Self::RejectConnect => return reject_connect(peer).await,
            Self::Tls(config) => return tls(config, peer).await,
            Self::RejectPublish(code, description) => {
                meet(&mut peer, entry).await?;
                let why = Rejection { code: code.to_owned(), description: description.to_owned() };
                peer.reject_publish(&why).await?;
                peer.drain().await;
            }
            after_publish => {
                meet(&mut peer, entry).await?;
                peer.accept_publish().await?;
                entry.accepted();
                return after_publish.go_on(peer, entry).await;
            }
        }
        Ok(())
    }

    /// Goes on after the stream was accepted.
    async fn go_on(self, mut peer: Peer, entry: &Entry) -> io::Result<()> {
        match self {
            Self::NeverRead => peer.ignore().await,
            Self::Trickle(bytes_a_second) => return trickle(peer, bytes_a_second, entry).await,
            Self::ResetAfter(time) => {
                let _ = timeout_at(Instant::now() + time, receive(&mut peer, entry)).await;
                peer.reset();
            }
            Self::ResetAfterBytes(bytes) => return reset_after(peer, bytes).await,
            Self::CloseAfterPublish => return peer.close().await,
            Self::GarbageInStream => {
                peer.write(&garbage()).await?;
                return receive(&mut peer, entry).await;
            }
            Self::WrongAcknowledgements => return acknowledge_wrongly(peer, entry).await,
            Self::Giants => return send_giants(peer).await,
            _ => return receive(&mut peer, entry).await,
        }
        Ok(())
    }
}

/// Waits until the peer wants to publish.
async fn meet(peer: &mut Peer, entry: &Entry) -> io::Result<()> {
    loop {
        if let Event::Publish { keys, .. } = peer.next().await? {
            entry.asked(&keys);
            return Ok(());
        }
    }
}

/// Takes what comes, until the connection ends.
async fn receive(peer: &mut Peer, entry: &Entry) -> io::Result<()> {
    loop {
        entry.happened(&peer.next().await?);
    }
}

async fn trickle(mut peer: Peer, bytes_a_second: usize, entry: &Entry) -> io::Result<()> {
    const TICKS_A_SECOND: usize = 10;
    let mut ticks = interval(Duration::from_secs(1) / TICKS_A_SECOND as u32);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        peer.read(bytes_a_second / TICKS_A_SECOND).await?;
        while let Some(event) = peer.heard().await? {
            entry.happened(&event);
        }
    }
}

async fn reset_after(mut peer: Peer, bytes: usize) -> io::Result<()> {
    let mut left = bytes;
    while left > 0 {
        left -= peer.read(left).await?;
        while peer.heard().await?.is_some() {}
    }
    peer.reset();
    Ok(())
}

async fn acknowledge_wrongly(mut peer: Peer, entry: &Entry) -> io::Result<()> {
    peer.say(control(WINDOW_SIZE), &1_u32.to_be_bytes(), CHUNK).await?;
    peer.say(control(PEER_BANDWIDTH), &[0, 0, 0, 1, 2], CHUNK).await?;
    let mut counts = [u32::MAX, 0, 1, 1 << 31].into_iter().cycle();
    loop {
        entry.happened(&peer.next().await?);
        let count = counts.next().unwrap_or_default();
        peer.say(control(ACKNOWLEDGEMENT), &count.to_be_bytes(), CHUNK).await?;
    }
}

/// First the beginnings of as many long messages as there are channels, then whole ones, until the
/// other side has had enough.
async fn send_giants(mut peer: Peer) -> io::Result<()> {
    const SMALL_CHUNK: usize = 128;
    let giant = vec![b'g'; (1 << 24) - 1];
    let header = |kind| Header { channel: 3, kind, stream: 1, time: 0 };
    set_chunk_size(&mut peer, SMALL_CHUNK).await?;
    let whole = header(VIDEO).message(&giant, giant.len());
    let (beginning, _) = whole.split_at(whole.len() - giant.len() + SMALL_CHUNK);
    for channel in 3..64 {
        let mut beginning = beginning.to_vec();
        beginning[0] = channel;
        peer.write(&beginning).await?;
    }
    set_chunk_size(&mut peer, CHUNK).await?;
    loop {
        for kind in [COMMAND, VIDEO] {
            peer.say(header(kind), &giant, CHUNK).await?;
        }
    }
}

async fn set_chunk_size(peer: &mut Peer, size: usize) -> io::Result<()> {
    let size = u32::try_from(size).unwrap();
    peer.say(control(SET_CHUNK_SIZE), &size.to_be_bytes(), CHUNK).await
}

/// The session of [`Peer`] welcomes every application, so this is spoken by hand.
async fn reject_connect(mut peer: Peer) -> io::Result<()> {
    let mut heard = 0;
    while heard <= HANDSHAKE {
        heard += peer.read(1 + HANDSHAKE - heard).await?;
    }
    peer.write(&[3]).await?;
    peer.write(&[0; 2 * HANDSHAKE]).await?;
    while heard <= 2 * HANDSHAKE {
        heard += peer.read(1 + 2 * HANDSHAKE - heard).await?;
    }
    peer.read(usize::MAX).await?;
    let why = object(&[
        ("level", "error"),
        ("code", "NetConnection.Connect.Rejected"),
        ("description", "There is no such application."),
    ]);
    let answer = [string("_error"), number(1.0), NULL.to_vec(), why].concat();
    peer.say(Header { channel: 3, kind: COMMAND, stream: 0, time: 0 }, &answer, DEFAULT_CHUNK).await?;
    peer.drain().await;
    Ok(())
}

async fn tls(config: Arc<ServerConfig>, peer: Peer) -> io::Result<()> {
    let mut secure = TlsAcceptor::from(config).accept(peer.into_socket()).await?;
    tokio::io::copy(&mut secure, &mut tokio::io::sink()).await.map(drop)
}

/// Bytes without order, the same each time. The first is no version of RTMP.
fn garbage() -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    };
    std::iter::once(b'H').chain(std::iter::repeat_with(&mut next).take(64 << 10)).collect()
}

fn control(kind: u8) -> Header {
    Header { channel: 2, kind, stream: 0, time: 0 }
}

const SET_CHUNK_SIZE: u8 = 1;
const ACKNOWLEDGEMENT: u8 = 3;
const WINDOW_SIZE: u8 = 5;
const PEER_BANDWIDTH: u8 = 6;
const VIDEO: u8 = 9;
const COMMAND: u8 = 20;
/// What both sides begin with.
const DEFAULT_CHUNK: usize = 128;
/// Longer than any control message.
const CHUNK: usize = 65_536;
