//! Writes messages as chunks.
//!
//! Only what every reader agrees on is written. A message begins with a full header (type 0) or a
//! delta (type 1), never with type 3, on whose meaning after a full header readers differ. A delta
//! that needs more than 24 bits, or is negative, becomes a full header. Continuation chunks repeat
//! the extended timestamp: ffmpeg and nginx-rtmp lose their place otherwise.

use bytes::{BufMut, BytesMut};

use super::Payload;
use crate::rtmp::batch::{Batch, Span};
use crate::rtmp::{Output, Packet, message};

/// The outgoing half of a chunk stream.
#[derive(Debug)]
pub struct Encoder {
    chunk_size: usize,
    /// In place: an allocation of its own would be one more piece of memory to wait for with each target
    /// and frame.
    streams: [Option<Previous>; STREAMS],
}

/// What a message's header says, besides its length.
struct Header {
    chunk_stream: u32,
    timestamp: u32,
    type_id: u8,
    stream: u32,
}

/// What the last header on a chunk stream said.
#[derive(Debug, Clone, Copy)]
struct Previous {
    chunk_stream: u32,
    timestamp: u32,
    stream: u32,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { chunk_size: 128, streams: [None; STREAMS] }
    }
}

impl Encoder {
    /// Cuts all later messages into chunks of this many bytes; the peer must have been told.
    pub fn set_chunk_size(&mut self, size: u32) {
        self.chunk_size = usize::try_from(size.max(1)).unwrap_or(usize::MAX);
    }

    /// Appends a frame to `out`, in the bytes that it has for all, as far as they are right for this
    /// connection: the header tells how long after the last one it comes, and the chunks have the
    /// common size and no extended timestamp. `timestamp` is in milliseconds, modulo 2^32.
    pub fn encode_packet(&mut self, stream: u32, timestamp: u32, packet: &Packet, out: &mut Output) {
        let (chunk_stream, type_id) = message::channel(packet.kind);
        let header = Header { chunk_stream: chunk_stream.into(), timestamp, type_id, stream };
        let delta = self.delta(&header);
        if self.chunk_size != CHUNK || (delta.is_none() && timestamp >= EXTENDED) {
            let Header { chunk_stream, timestamp, type_id, stream } = header;
            let message = Payload { chunk_stream, timestamp, type_id, stream, body: packet.payload() };
            out.write(|own| self.encode(&message, own));
        } else if delta.is_some() && delta == packet.delta() {
            self.remember(&header);
            out.share(packet.wire().clone());
        } else {
            out.write(|own| self.encode_header(&header, packet.len(), own));
            out.share(packet.body());
        }
    }

    /// Takes note that frames were sent in the bytes that they have for all; `false` if those bytes are
    /// not right for this connection, of which nothing is changed then. `clock` turns a time of the
    /// stream into one of this connection; it may stand still up to some time, and goes on from there.
    pub fn take_batch(&mut self, stream: u32, clock: impl Fn(i64) -> u32, batch: &Batch) -> bool {
        let header = |span: &Span, time| {
            let chunk_stream = span.chunk_stream.into();
            Header { chunk_stream, timestamp: clock(time), type_id: 0, stream }
        };
        let follows = |span: &Span| {
            let (first, last) = (header(span, span.first), header(span, span.last));
            let passed = i64::from(last.timestamp.wrapping_sub(first.timestamp));
            self.delta(&first) == Some(span.delta) && passed == span.last - span.first
        };
        let is_right = self.chunk_size == CHUNK && batch.spans().all(follows);
        if is_right {
            batch.spans().for_each(|span| self.remember(&header(span, span.last)));
        }
        is_right
    }

    /// Appends one message to `out`.
    pub fn encode(&mut self, message: &Payload, out: &mut BytesMut) {
        let Payload { chunk_stream, timestamp, type_id, stream, .. } = *message;
        let header = Header { chunk_stream, timestamp, type_id, stream };
        let extended = self.encode_header(&header, message.body.len(), out);
        let mut chunks = message.body.chunks(self.chunk_size);
        out.extend_from_slice(chunks.next().unwrap_or_default());
        for chunk in chunks {
            encode_basic_header(3, message.chunk_stream, out);
            if let Some(time) = extended {
                out.put_u32(time);
            }
            out.extend_from_slice(chunk);
        }
    }

    /// Returns the extended timestamp, if there is one.
    fn encode_header(&mut self, header: &Header, len: usize, out: &mut BytesMut) -> Option<u32> {
        let Header { chunk_stream, timestamp, type_id, stream } = *header;
        let delta = self.delta(header);
        self.remember(header);
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        match delta {
            None => {
                encode_basic_header(0, chunk_stream, out);
                put_u24(timestamp.min(EXTENDED), out);
                put_u24(len, out);
                out.put_u8(type_id);
                out.put_u32_le(stream);
                (timestamp >= EXTENDED).then(|| {
                    out.put_u32(timestamp);
                    timestamp
                })
            }
            Some(delta) => {
                encode_basic_header(1, chunk_stream, out);
                put_u24(delta, out);
                put_u24(len, out);
                out.put_u8(type_id);
                None
            }
        }
    }

    fn remember(&mut self, header: &Header) {
        let Header { chunk_stream, timestamp, stream, .. } = *header;
        let said = Previous { chunk_stream, timestamp, stream };
        let is_for_it =
            |known: &Option<Previous>| known.is_none_or(|known| known.chunk_stream == chunk_stream);
        // One that finds no place begins each message with a full header.
        if let Some(place) = self.streams.iter_mut().find(|known| is_for_it(known)) {
            *place = Some(said);
        }
    }

    /// What a header of type 1 would say, if that can be.
    fn delta(&self, header: &Header) -> Option<u32> {
        let previous =
            self.streams.iter().flatten().find(|known| known.chunk_stream == header.chunk_stream)?;
        let delta = header.timestamp.wrapping_sub(previous.timestamp);
        (previous.stream == header.stream && delta < EXTENDED).then_some(delta)
    }
}

fn encode_basic_header(format: u8, chunk_stream: u32, out: &mut BytesMut) {
    let format = format << 6;
    match chunk_stream {
        0..=63 => out.put_u8(format | low_byte(chunk_stream)),
        64..=319 => out.extend_from_slice(&[format, low_byte(chunk_stream - 64)]),
        _ => {
            let [low, high, ..] = (chunk_stream - 64).to_le_bytes();
            out.extend_from_slice(&[format | 1, low, high]);
        }
    }
}

fn low_byte(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

fn put_u24(number: u32, out: &mut BytesMut) {
    let [_, bytes @ ..] = number.to_be_bytes();
    out.extend_from_slice(&bytes);
}

/// Chunk streams of which the last header is remembered: as many as any session uses.
const STREAMS: usize = 6;

/// Bytes of the body in each chunk of what is sent to targets. OBS's, and so the size that servers have
/// seen most of.
pub const CHUNK_SIZE: u32 = 4_096;

/// The same, as a length.
const CHUNK: usize = CHUNK_SIZE as usize;

/// A 24-bit time of this value says that 32 bits follow.
const EXTENDED: u32 = 0x00ff_ffff;
