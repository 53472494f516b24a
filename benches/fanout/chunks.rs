//! Reading chunks, fast and from bytes that are cut anywhere: pieces of messages are given on as they come,
//! and nothing is copied or put together. RTMP 1.0, 5.3.

/// Takes the pieces of messages.
pub(crate) trait Receiver {
    /// `bytes` stand at `at` in the message. The message is complete when they reach its length.
    fn piece(&mut self, message: &Message, at: usize, bytes: &[u8]);
}

/// Takes no interest.
pub(crate) struct Nobody;

impl Receiver for Nobody {
    fn piece(&mut self, _message: &Message, _at: usize, _bytes: &[u8]) {}
}

/// What stands before a message.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Message {
    /// Its chunk stream's place among those of its connection. A chunk stream has one message at a time.
    pub(crate) slot: usize,
    pub(crate) kind: u8,
    pub(crate) length: usize,
    pub(crate) stream: u32,
    /// Milliseconds of the sender's clock.
    pub(crate) time: u32,
}

/// One direction of a connection after its handshake.
pub(crate) struct ChunkReader {
    chunk_size: usize,
    channels: Vec<Channel>,
    /// The bytes of a header that is not complete.
    header: [u8; LONGEST_HEADER],
    header_length: usize,
    /// The channel of the current chunk, and what is left of the chunk.
    current: usize,
    left: usize,
}

struct Channel {
    number: u32,
    message: Message,
    delta: u32,
    extended: bool,
    received: usize,
    /// The payload of "set chunk size" so far.
    size: u32,
}

impl ChunkReader {
    pub(crate) fn new() -> Self {
        Self {
            chunk_size: 128,
            channels: Vec::new(),
            header: [0; LONGEST_HEADER],
            header_length: 0,
            current: 0,
            left: 0,
        }
    }

    /// Reads all of `bytes`.
    pub(crate) fn read(&mut self, mut bytes: &[u8], receiver: &mut impl Receiver) {
        loop {
            if self.left > 0 {
                if bytes.is_empty() {
                    return;
                }
                let (piece, rest) = bytes.split_at(self.left.min(bytes.len()));
                bytes = rest;
                self.left -= piece.len();
                self.take(piece, receiver);
            } else {
                let Some((&byte, rest)) = bytes.split_first() else { return };
                bytes = rest;
                self.header[self.header_length] = byte;
                self.header_length += 1;
                self.begin_chunk(receiver);
            }
        }
    }

    fn take(&mut self, piece: &[u8], receiver: &mut impl Receiver) {
        let channel = &mut self.channels[self.current];
        receiver.piece(&channel.message, channel.received, piece);
        channel.received += piece.len();
        if channel.message.kind == SET_CHUNK_SIZE {
            for byte in piece {
                channel.size = channel.size << 8 | u32::from(*byte);
            }
        }
        if channel.received == channel.message.length {
            channel.received = 0;
            if channel.message.kind == SET_CHUNK_SIZE {
                self.chunk_size = (channel.size & 0x7fff_ffff).max(1) as usize;
            }
        }
    }

    /// Begins a chunk if its header is complete.
    fn begin_chunk(&mut self, receiver: &mut impl Receiver) {
        let (bytes, count) = (self.header, self.header_length);
        let header = &bytes[..count];
        let form = header[0] >> 6;
        let basic = match header[0] & 63 {
            0 => 2,
            1 => 3,
            _ => 1,
        };
        let length = basic + FIELDS[usize::from(form)];
        if count < length {
            return;
        }
        let number = match basic {
            2 => 64 + u32::from(header[1]),
            3 => 64 + u32::from(header[1]) + 256 * u32::from(header[2]),
            _ => u32::from(header[0] & 63),
        };
        let known = self.channels.iter().position(|channel| channel.number == number);
        let fields = &header[basic..length];
        let stamp = fields.first_chunk::<3>().map(|bytes| number_of(bytes));
        let extended = match stamp {
            Some(stamp) => stamp == EXTENDED,
            None => known.is_some_and(|at| self.channels[at].extended),
        };
        if extended && count < length + 4 {
            return;
        }
        let stamp = if extended { Some(number_of(&header[length..])) } else { stamp };
        self.header_length = 0;
        self.current = known.unwrap_or_else(|| self.add(number));
        let channel = &mut self.channels[self.current];
        channel.extended = extended;
        if let Some(sizes) = fields.get(3..7) {
            channel.message.length = number_of(&sizes[..3]) as usize;
            channel.message.kind = sizes[3];
        }
        if let Some(stream) = fields.get(7..11) {
            channel.message.stream = number_of(stream).swap_bytes();
        }
        if channel.received == 0 {
            channel.begin_message(form, stamp);
        }
        self.left = self.chunk_size.min(channel.message.length - channel.received);
        if self.left == 0 {
            receiver.piece(&channel.message, 0, &[]);
        }
    }

    fn add(&mut self, number: u32) -> usize {
        let message = Message { slot: self.channels.len(), ..Message::default() };
        let channel = Channel { number, message, delta: 0, extended: false, received: 0, size: 0 };
        self.channels.push(channel);
        self.channels.len() - 1
    }
}

impl Channel {
    fn begin_message(&mut self, form: u8, stamp: Option<u32>) {
        match (form, stamp) {
            (0, Some(time)) => (self.message.time, self.delta) = (time, 0),
            (1 | 2, Some(delta)) => {
                self.delta = delta;
                self.message.time = self.message.time.wrapping_add(delta);
            }
            _ => self.message.time = self.message.time.wrapping_add(self.delta),
        }
        self.size = 0;
    }
}

fn number_of(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// The bytes after the basic header, by the form of the header.
const FIELDS: [usize; 4] = [11, 7, 3, 0];
/// With the longest basic header and an extended time.
const LONGEST_HEADER: usize = 3 + 11 + 4;
/// A time that says: the time follows in four bytes.
const EXTENDED: u32 = 0x00ff_ffff;
/// The type of the message that sets the size of chunks.
pub(crate) const SET_CHUNK_SIZE: u8 = 1;
