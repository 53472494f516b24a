//! Typed messages, from and to what the chunk stream carries. RTMP 1.0, sections 5.4, 6.2 and 7.1.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::amf0;
use super::chunk::Payload;
use super::command::Command;
use crate::media::{Kind, Tag, flv};

/// What two peers say to each other.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// The sender's chunks will be this long.
    SetChunkSize(u32),
    /// The rest of the message on this chunk stream will not come.
    Abort(u32),
    /// Bytes received so far, modulo 2^32.
    Acknowledgement(u32),
    /// The sender wants an acknowledgement at least this often.
    WindowAckSize(u32),
    /// The sender wants us to acknowledge, and limit ourselves to, this many bytes.
    SetPeerBandwidth(u32),
    /// An event about the connection or a stream.
    UserControl(UserControl),
    /// A command, on the connection (0) or a message stream.
    Command {
        /// The message stream.
        stream: u32,
        /// The command.
        command: Command,
    },
    /// Media on a message stream: one tag, or the tags of an aggregate message.
    Media {
        /// The message stream.
        stream: u32,
        /// The tags, in order.
        tags: Vec<Tag>,
    },
    /// Anything else, such as shared objects: of no use to a relay.
    Other {
        /// The message's type.
        type_id: u8,
    },
}

/// An event about the connection or a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserControl {
    /// A message stream may be used.
    StreamBegin(u32),
    /// Say the same number in a [`UserControl::PingResponse`].
    PingRequest(u32),
    /// See [`UserControl::PingRequest`].
    PingResponse(u32),
    /// Any other event.
    Other(u16),
}

/// Why a message cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A control message without its number.
    #[error("a control message of type {0} is too short")]
    Short(u8),
    /// A command passes a bound of AMF0.
    #[error("a command cannot be read: {0}")]
    Command(#[from] amf0::Error),
}

impl Message {
    /// A command on the connection.
    pub fn command(command: Command) -> Self {
        Self::Command { stream: 0, command }
    }

    /// Reads what the chunk stream carried. Media is not looked into beyond its first bytes, so that
    /// nothing an encoder sends as media can be wrong.
    ///
    /// # Errors
    /// Any [`Error`].
    pub fn decode(payload: Payload) -> Result<Self, Error> {
        let Payload { type_id, stream, timestamp, body, .. } = payload;
        let number =
            || body.first_chunk().map(|bytes| u32::from_be_bytes(*bytes)).ok_or(Error::Short(type_id));
        Ok(match type_id {
            SET_CHUNK_SIZE => Self::SetChunkSize(number()?),
            ABORT => Self::Abort(number()?),
            ACKNOWLEDGEMENT => Self::Acknowledgement(number()?),
            USER_CONTROL => Self::UserControl(UserControl::decode(&body)),
            WINDOW_ACK_SIZE => Self::WindowAckSize(number()?),
            SET_PEER_BANDWIDTH => Self::SetPeerBandwidth(number()?),
            AUDIO | VIDEO | DATA => {
                Self::Media { stream, tags: tag(type_id, timestamp, body).into_iter().collect() }
            }
            DATA_AMF3 => {
                let plain = amf3_data(&body);
                let tags = plain.and_then(|body| tag(DATA, timestamp, body)).into_iter().collect();
                Self::Media { stream, tags }
            }
            COMMAND => Self::decode_command(stream, type_id, &body)?,
            // A format byte comes first; then AMF0, which may switch to AMF3 by itself.
            COMMAND_AMF3 => Self::decode_command(stream, type_id, body.get(1..).unwrap_or_default())?,
            AGGREGATE => Self::Media { stream, tags: aggregate(timestamp, body) },
            _ => Self::Other { type_id },
        })
    }

    fn decode_command(stream: u32, type_id: u8, body: &[u8]) -> Result<Self, Error> {
        Ok(match Command::decode(body)? {
            Some(command) => Self::Command { stream, command },
            None => Self::Other { type_id },
        })
    }

    /// Gives the message, one payload a tag, to the chunk stream.
    pub fn encode(self, mut send: impl FnMut(Payload)) {
        let control = |type_id, body: BytesMut| Payload {
            chunk_stream: 2,
            timestamp: 0,
            type_id,
            stream: 0,
            body: body.freeze(),
        };
        match self {
            Self::SetChunkSize(size) => send(control(SET_CHUNK_SIZE, number(size))),
            Self::Abort(chunk_stream) => send(control(ABORT, number(chunk_stream))),
            Self::Acknowledgement(bytes) => send(control(ACKNOWLEDGEMENT, number(bytes))),
            Self::WindowAckSize(size) => send(control(WINDOW_ACK_SIZE, number(size))),
            Self::SetPeerBandwidth(size) => {
                let mut body = number(size);
                body.put_u8(DYNAMIC);
                send(control(SET_PEER_BANDWIDTH, body));
            }
            Self::UserControl(event) => send(control(USER_CONTROL, event.encode())),
            Self::Command { stream, command } => {
                let mut body = BytesMut::new();
                command.encode(&mut body);
                let chunk_stream = if stream == 0 { 3 } else { 5 };
                send(Payload { chunk_stream, timestamp: 0, type_id: COMMAND, stream, body: body.freeze() });
            }
            Self::Media { stream, tags } => {
                for Tag { kind, timestamp, payload } in tags {
                    let (chunk_stream, type_id) = channel(kind);
                    let chunk_stream = chunk_stream.into();
                    send(Payload { chunk_stream, timestamp, type_id, stream, body: payload });
                }
            }
            Self::Other { .. } => {}
        }
    }
}

impl UserControl {
    fn decode(body: &[u8]) -> Self {
        let Some((event, rest)) = body.split_first_chunk::<2>() else {
            return Self::Other(u16::MAX);
        };
        let number = rest.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
        match (u16::from_be_bytes(*event), number) {
            (0, Some(stream)) => Self::StreamBegin(stream),
            (6, Some(time)) => Self::PingRequest(time),
            (7, Some(time)) => Self::PingResponse(time),
            (event, _) => Self::Other(event),
        }
    }

    fn encode(self) -> BytesMut {
        let (event, number) = match self {
            Self::StreamBegin(stream) => (0, Some(stream)),
            Self::PingRequest(time) => (6, Some(time)),
            Self::PingResponse(time) => (7, Some(time)),
            Self::Other(event) => (event, None),
        };
        let mut body = BytesMut::new();
        body.put_u16(event);
        if let Some(number) = number {
            body.put_u32(number);
        }
        body
    }
}

/// The chunk stream and the type of the messages that carry media of a kind.
///
/// Chunk streams stay below 32, as nginx-rtmp asks; each kind of media has its own, so that its
/// deltas are small and rising.
pub(super) fn channel(kind: Kind) -> (u8, u8) {
    match kind {
        _ if kind.is_audio() => (4, AUDIO),
        _ if kind.is_video() => (6, VIDEO),
        _ => (8, DATA),
    }
}

/// One tag. `None` for what is not relayed: empty video, and what speaks to players only.
fn tag(type_id: u8, timestamp: u32, payload: Bytes) -> Option<Tag> {
    let kind = match type_id {
        AUDIO => flv::audio_kind(&payload),
        VIDEO if payload.is_empty() => return None,
        VIDEO => flv::video_kind(&payload),
        _ if flv::is_sample_access(&payload) => return None,
        _ => flv::data_kind(&payload),
    };
    Some(Tag { kind, timestamp, payload })
}

/// Data with AMF3 framing, in plain AMF0: targets are not asked whether they know the other. Where no
/// AMF3 value can be in it, only the format byte is taken off. `None` when it cannot be read or passes a bound:
/// data is never a reason to end a session.
fn amf3_data(body: &Bytes) -> Option<Bytes> {
    let body = body.slice(body.len().min(1)..);
    if !body.contains(&amf0::AVM_PLUS) {
        return Some(body);
    }
    let mut plain = BytesMut::new();
    for value in amf0::decode_all(&body).ok()? {
        value.encode(&mut plain);
    }
    (!plain.is_empty()).then(|| plain.freeze())
}

/// The FLV-like tags of an aggregate message; their times are moved so that the first has the
/// message's. A tag that is cut off ends the run.
fn aggregate(timestamp: u32, mut body: Bytes) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut first = None;
    while let Some(header) = body.first_chunk::<11>() {
        let [type_id, s2, s1, s0, t2, t1, t0, t3, ..] = *header;
        let size = usize::try_from(u32::from_be_bytes([0, s2, s1, s0])).unwrap_or(usize::MAX);
        let time = u32::from_be_bytes([t3, t2, t1, t0]);
        body.advance(header.len());
        if body.len() < size {
            break;
        }
        let payload = body.split_to(size);
        body.advance(body.len().min(4));
        let time = timestamp.wrapping_add(time.wrapping_sub(*first.get_or_insert(time)));
        if matches!(type_id, AUDIO | VIDEO | DATA) {
            tags.extend(tag(type_id, time, payload));
        }
    }
    tags
}

fn number(number: u32) -> BytesMut {
    BytesMut::from(&number.to_be_bytes()[..])
}

const SET_CHUNK_SIZE: u8 = 1;
const ABORT: u8 = 2;
const ACKNOWLEDGEMENT: u8 = 3;
const USER_CONTROL: u8 = 4;
const WINDOW_ACK_SIZE: u8 = 5;
const SET_PEER_BANDWIDTH: u8 = 6;
const AUDIO: u8 = 8;
const VIDEO: u8 = 9;
const DATA_AMF3: u8 = 15;
const COMMAND_AMF3: u8 = 17;
const DATA: u8 = 18;
const COMMAND: u8 = 20;
const AGGREGATE: u8 = 22;
/// Limit type 2 of Set Peer Bandwidth: as hard or soft as the last one.
const DYNAMIC: u8 = 2;

#[cfg(test)]
mod tests;
