//! Writes messages as chunks.
//!
//! Only what every reader agrees on is written. A message begins with a full header (type 0) or a
//! delta (type 1), never with type 3, on whose meaning after a full header readers differ. A delta
//! that needs more than 24 bits, or is negative, becomes a full header. Continuation chunks repeat
//! the extended timestamp: ffmpeg and nginx-rtmp lose their place otherwise.

use bytes::{BufMut, BytesMut};

use super::{CHUNK_SIZE, Chunked, Payload};
use crate::rtmp::Output;

/// The outgoing half of a chunk stream.
#[derive(Debug)]
pub struct Encoder {
    chunk_size: usize,
    streams: Vec<Previous>,
}

/// What a message's header says, besides its length.
#[derive(Debug, Clone, Copy)]
pub struct Header {
    /// The chunk stream it goes out on.
    pub chunk_stream: u32,
    /// Milliseconds, modulo 2^32.
    pub timestamp: u32,
    /// The message's type.
    pub type_id: u8,
    /// The message stream.
    pub stream: u32,
}

/// What the last header on a chunk stream said.
#[derive(Debug)]
struct Previous {
    chunk_stream: u32,
    timestamp: u32,
    stream: u32,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { chunk_size: 128, streams: Vec::new() }
    }
}

impl Encoder {
    /// Cuts all later messages into chunks of this many bytes; the peer must have been told.
    pub fn set_chunk_size(&mut self, size: u32) {
        self.chunk_size = usize::try_from(size.max(1)).unwrap_or(usize::MAX);
    }

    /// Appends one message, whose body was cut before, to `out`. Nothing of a long body is copied,
    /// unless this connection's chunks differ from others': in their size, or because they repeat an
    /// extended timestamp.
    pub fn encode_chunked(&mut self, header: Header, body: &Chunked, out: &mut Output) {
        let is_shared = self.chunk_size == CHUNK && !self.needs_extended(&header);
        if is_shared {
            out.write(|own| self.encode_header(&header, body.len(), own));
            out.share(body.wire());
        } else {
            let Header { chunk_stream, timestamp, type_id, stream } = header;
            let message = Payload { chunk_stream, timestamp, type_id, stream, body: body.to_body() };
            out.write(|own| self.encode(&message, own));
        }
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
        let said = Previous { chunk_stream, timestamp, stream };
        match self.streams.iter_mut().find(|known| known.chunk_stream == chunk_stream) {
            Some(previous) => *previous = said,
            None => self.streams.push(said),
        }
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

    fn needs_extended(&self, header: &Header) -> bool {
        header.timestamp >= EXTENDED && self.delta(header).is_none()
    }

    /// What a header of type 1 would say, if that can be.
    fn delta(&self, header: &Header) -> Option<u32> {
        let previous = self.streams.iter().find(|known| known.chunk_stream == header.chunk_stream)?;
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

/// [`CHUNK_SIZE`], as a length.
const CHUNK: usize = CHUNK_SIZE as usize;

/// A 24-bit time of this value says that 32 bits follow.
const EXTENDED: u32 = 0x00ff_ffff;
