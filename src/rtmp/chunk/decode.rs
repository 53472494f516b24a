//! Reads chunks and puts messages together.
//!
//! Memory follows the bytes received, never the lengths declared: a message's buffer grows as its
//! chunks come, and how many messages may be in parts at once, and how long they may be, is bounded
//! by [`Limits`]. Where writers differ (extended timestamps, headers in mid-message) the reading
//! follows what real encoders were seen to send.

use bytes::{Buf, BytesMut};

use super::Payload;
use super::header::{Fields, basic_header};
use super::limits::Limits;
use super::stream::{ChunkStream, Says};

/// Why bytes are no chunk stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A header that inherits from one that was never sent.
    #[error("chunk stream {0} begins without a full header")]
    NoHeader(u32),
    /// A message longer than [`Limits`] allow.
    #[error("a message of type {type_id} and {length} bytes is longer than allowed")]
    TooLong {
        /// The message's type.
        type_id: u8,
        /// Its declared length.
        length: usize,
    },
    /// More than [`Limits::chunk_streams`].
    #[error("too many chunk streams")]
    TooManyChunkStreams,
    /// More than [`Limits::partials`] or [`Limits::partial_bytes`].
    #[error("too many unfinished messages")]
    TooManyPartials,
    /// A chunk size of zero.
    #[error("a chunk size of 0 is not possible")]
    ChunkSize,
}

/// The incoming half of a chunk stream.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    chunk_size: usize,
    streams: Vec<ChunkStream>,
    /// The chunk whose body is being read: the index of its stream, and the bytes to come.
    reading: Option<(usize, usize)>,
    /// Whether the peer leaves extended timestamps out of type 3 chunks; unknown until seen.
    omits_extended: Option<bool>,
}

impl Decoder {
    /// A decoder under the given limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, chunk_size: 128, streams: Vec::new(), reading: None, omits_extended: None }
    }

    /// Changes the limits for what comes from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The peer's Set Chunk Size: holds for the following chunks, also within a message.
    ///
    /// # Errors
    /// [`Error::ChunkSize`].
    pub fn set_chunk_size(&mut self, size: u32) -> Result<(), Error> {
        // The top bit must be zero and is ignored; a message has at most 16 MiB, so more is the same.
        match usize::try_from(size & 0x7fff_ffff).unwrap_or(usize::MAX) {
            0 => Err(Error::ChunkSize),
            size => {
                self.chunk_size = size;
                Ok(())
            }
        }
    }

    /// The peer's Abort: forgets the part of a message that came on a chunk stream.
    pub fn abort(&mut self, chunk_stream: u32) {
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.id == chunk_stream) {
            stream.partial = None;
        }
    }

    /// Takes what it can use of `input`; returns the next whole message, or `None` when more bytes
    /// are needed.
    ///
    /// # Errors
    /// Any [`Error`]; the connection is of no use afterwards.
    pub fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Payload>, Error> {
        loop {
            if self.reading.is_none() {
                let Some(begun) = self.begin_chunk(input)? else {
                    return Ok(None);
                };
                self.reading = Some(begun);
            }
            match self.read_body(input) {
                Body::Needs => return Ok(None),
                Body::Part => self.reading = None,
                Body::Whole(payload) => {
                    self.reading = None;
                    return Ok(Some(payload));
                }
            }
        }
    }

    /// Memory taken by unfinished messages.
    #[cfg(test)]
    pub(super) fn held_capacity(&self) -> usize {
        self.streams.iter().filter_map(|stream| stream.partial.as_ref()).map(BytesMut::capacity).sum()
    }

    fn read_body(&mut self, input: &mut BytesMut) -> Body {
        let Some((index, left)) = self.reading else {
            return Body::Part;
        };
        let Some(stream) = self.streams.get_mut(index) else {
            return Body::Part;
        };
        let take = left.min(input.len());
        stream.append(input.get(..take).unwrap_or_default());
        input.advance(take);
        if take < left {
            self.reading = Some((index, left - take));
            return Body::Needs;
        }
        if stream.held() < stream.length {
            return Body::Part;
        }
        let body = stream.partial.take().unwrap_or_default().freeze();
        let ChunkStream { id, timestamp, type_id, stream, .. } = *stream;
        Body::Whole(Payload { chunk_stream: id, timestamp, type_id, stream, body })
    }

    /// Begins a chunk, once its headers are whole: the index of its stream, and the bytes of its body.
    fn begin_chunk(&mut self, input: &mut BytesMut) -> Result<Option<(usize, usize)>, Error> {
        let Some(header) = self.read_header(input)? else {
            return Ok(None);
        };
        input.advance(header.len);
        self.apply(header).map(Some)
    }

    fn read_header(&mut self, input: &[u8]) -> Result<Option<Header>, Error> {
        let Some((format, id, len)) = basic_header(input) else {
            return Ok(None);
        };
        let known = self.streams.iter().find(|stream| stream.id == id);
        // A fresh chunk stream may open with a delta: librtmp's pings and acknowledgements do.
        if known.is_none() && format >= 2 {
            return Err(Error::NoHeader(id));
        }
        let rest = input.get(len..).unwrap_or_default();
        if format < 3 {
            let fields = Fields::decode(format, rest);
            return Ok(fields.map(|(fields, more)| Header { id, says: Says::New(fields), len: len + more }));
        }
        let extended = known.and_then(|stream| Some((stream, stream.extended?)));
        let Some((stream, expected)) = extended.filter(|_| self.omits_extended != Some(true)) else {
            return Ok(Some(Header { id, says: Says::Same(None), len }));
        };
        let Some(bytes) = rest.first_chunk() else {
            return Ok(None);
        };
        let value = u32::from_be_bytes(*bytes);
        let repeats = self.omits_extended == Some(false) || stream.repeats_extended(value, expected);
        self.omits_extended.get_or_insert(!repeats);
        let (says, more) = if repeats { (Says::Same(Some(value)), 4) } else { (Says::Same(None), 0) };
        Ok(Some(Header { id, says, len: len + more }))
    }

    fn apply(&mut self, header: Header) -> Result<(usize, usize), Error> {
        let index = match self.streams.iter().position(|stream| stream.id == header.id) {
            Some(index) => index,
            None if self.streams.len() >= self.limits.chunk_streams => {
                return Err(Error::TooManyChunkStreams);
            }
            None => {
                self.streams.push(ChunkStream::new(header.id));
                self.streams.len() - 1
            }
        };
        let Some(stream) = self.streams.get_mut(index) else {
            return Err(Error::NoHeader(header.id));
        };
        stream.apply(header.says);
        if stream.length > self.limits.message(stream.type_id) {
            return Err(Error::TooLong { type_id: stream.type_id, length: stream.length });
        }
        let left = self.chunk_size.min(stream.length.saturating_sub(stream.held()));
        self.check_partials(index, left)?;
        Ok((index, left))
    }

    fn check_partials(&self, index: usize, more: usize) -> Result<(), Error> {
        let others = self.streams.iter().enumerate().filter(|(other, _)| *other != index);
        let (count, bytes) = others
            .filter_map(|(_, stream)| stream.partial.as_ref())
            .fold((1, more), |(count, bytes), partial| (count + 1, bytes + partial.len()));
        let own = self.streams.get(index).map_or(0, ChunkStream::held);
        if count > self.limits.partials || bytes + own > self.limits.partial_bytes {
            return Err(Error::TooManyPartials);
        }
        Ok(())
    }
}

enum Body {
    Needs,
    Part,
    Whole(Payload),
}

/// The headers of one chunk.
struct Header {
    id: u32,
    says: Says,
    /// Bytes they take.
    len: usize,
}
