//! What one side of an RTMP connection said, read back from its bytes: which messages, when, and where
//! each of them ends. Written from the specification, apart from the relay's own codec.

use std::collections::HashMap;

use super::flv::{Kind, Packet};
use super::wire::HANDSHAKE;

/// One whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The chunk stream it came on.
    pub(crate) channel: u32,
    /// The form of its header: 0 is a full one, 3 of nothing but the channel.
    pub(crate) form: u8,
    /// The message's type.
    pub(crate) kind: u8,
    pub(crate) stream: u32,
    /// Milliseconds; all 32 bits count.
    pub(crate) time: u32,
    pub(crate) payload: Vec<u8>,
    /// How many bytes had been said when it was whole.
    pub(crate) end: usize,
}

/// The audio, video and data messages among `said`, as FLV has them.
pub(crate) fn packets(said: &[u8]) -> Vec<Packet> {
    messages(said).into_iter().filter_map(Message::into_packet).collect()
}

/// All whole messages of one side, the handshake before them left out. The last may be cut short.
pub(crate) fn messages(said: &[u8]) -> Vec<Message> {
    let start = 1 + 2 * HANDSHAKE;
    let mut reader = Reader { said, at: start, chunk_size: 128, channels: HashMap::new() };
    let mut messages = Vec::new();
    while let Some(message) = reader.next_chunk() {
        messages.extend(message);
    }
    messages
}

impl Message {
    fn into_packet(self) -> Option<Packet> {
        let kind =
            [Kind::Audio, Kind::Video, Kind::Data].into_iter().find(|kind| *kind as u8 == self.kind)?;
        Some(Packet { kind, time: self.time, payload: self.payload })
    }
}

struct Reader<'a> {
    said: &'a [u8],
    at: usize,
    chunk_size: usize,
    channels: HashMap<u32, Channel>,
}

/// What headers that leave something out refer to.
#[derive(Clone, Default)]
struct Channel {
    time: u32,
    delta: u32,
    length: usize,
    kind: u8,
    stream: u32,
    /// The form of the header that the message began with.
    form: u8,
    /// Whether the time stands in four bytes of its own, also before each further chunk.
    is_extended: bool,
    /// What there is of a message that is not whole.
    part: Vec<u8>,
}

impl Reader<'_> {
    /// Reads a chunk, and gives the message that it makes whole. `None` at the end.
    fn next_chunk(&mut self) -> Option<Option<Message>> {
        let before = self.at;
        let read = self.read_chunk();
        if read.is_none() {
            self.at = before;
        }
        read
    }

    fn read_chunk(&mut self) -> Option<Option<Message>> {
        let [first] = self.take::<1>()?;
        let id = match first & 0x3f {
            0 => 64 + self.number(1)?,
            1 => {
                let [low, high] = self.take::<2>()?;
                64 + u32::from(low) + 256 * u32::from(high)
            }
            id => id.into(),
        };
        let mut channel = self.channels.get(&id).cloned().unwrap_or_default();
        let form = first >> 6;
        let mut told = None;
        if form < 3 {
            let time = self.number(3)?;
            channel.is_extended = time == EXTENDED;
            told = Some(time);
        }
        if form < 2 {
            channel.length = self.number(3)? as usize;
            [channel.kind] = self.take::<1>()?;
        }
        if form == 0 {
            channel.stream = u32::from_le_bytes(self.take::<4>()?);
        }
        if channel.is_extended {
            let time = self.number(4)?;
            told = told.map(|_| time);
        }
        if channel.part.is_empty() {
            channel.form = form;
            channel.delta = told.unwrap_or(channel.delta);
            channel.time = if form == 0 { 0 } else { channel.time };
            channel.time = channel.time.wrapping_add(channel.delta);
        }
        let length = self.chunk_size.min(channel.length - channel.part.len());
        let body = self.said.get(self.at..self.at + length)?;
        channel.part.extend(body);
        self.at += length;
        let whole = channel.part.len() == channel.length;
        let payload = if whole { std::mem::take(&mut channel.part) } else { Vec::new() };
        let Channel { form, time, kind, stream, .. } = channel;
        self.channels.insert(id, channel);
        let message =
            whole.then_some(Message { channel: id, form, kind, stream, time, payload, end: self.at });
        if let Some(Message { kind: SET_CHUNK_SIZE, payload, .. }) = &message {
            self.chunk_size = u32::from_be_bytes(payload[..4].try_into().unwrap()) as usize;
        }
        Some(message)
    }

    fn take<const COUNT: usize>(&mut self) -> Option<[u8; COUNT]> {
        let bytes = self.said.get(self.at..)?.first_chunk::<COUNT>()?;
        self.at += COUNT;
        Some(*bytes)
    }

    /// A number of up to four bytes, the highest first.
    fn number(&mut self, bytes: usize) -> Option<u32> {
        let digits = self.said.get(self.at..self.at + bytes)?;
        self.at += bytes;
        Some(digits.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }
}

const SET_CHUNK_SIZE: u8 = 1;
const EXTENDED: u32 = 0x00ff_ffff;

#[cfg(test)]
mod tests {
    use super::super::wire::Header;
    use super::*;

    fn after_handshake(chunks: &[&[u8]]) -> Vec<u8> {
        [&[3; 1 + 2 * HANDSHAKE][..], &chunks.concat()].concat()
    }

    fn header(channel: u8, time: u32) -> Header {
        Header { channel, kind: 9, stream: 1, time }
    }

    fn times(chunks: &[&[u8]]) -> Vec<u32> {
        messages(&after_handshake(chunks)).iter().map(|message| message.time).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let long = vec![7; 300];
        let said = [header(4, 0x0100_0000).message(&long, 128), header(6, 5).message(b"short", 128)].concat();
        let said = after_handshake(&[&said]);
        let read = messages(&said);
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].time, &read[0].payload), (0x0100_0000, &long));
        let end = said.len();
        let payload = b"short".to_vec();
        let short = Message { channel: 6, form: 0, kind: 9, stream: 1, time: 5, payload, end };
        assert_eq!(read[1], short);
        assert_eq!(messages(&said[..end - 1]).len(), 1);
    }

    #[test]
    fn times_that_are_left_out_follow_from_those_before() {
        let full = [4, 0, 0, 100, 0, 0, 1, 9, 1, 0, 0, 0, 0xaa];
        let by_ten = [0x44, 0, 0, 10, 0, 0, 1, 9, 0xaa];
        let by_three = [0x84, 0, 0, 3, 0xaa];
        let same = [0xc4, 0xaa];
        assert_eq!(times(&[&full, &by_ten, &same, &by_three, &same]), [100, 110, 120, 123, 126]);
        let far = [0x44, 0xff, 0xff, 0xff, 0, 0, 1, 9, 0xff, 0xff, 0xff, 0xf0, 0xaa];
        assert_eq!(times(&[&full, &far, &by_ten]), [100, 84, 94]);
    }

    #[test]
    fn a_new_chunk_size_holds_from_the_next_chunk_on() {
        let size = [2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 2];
        let begun = [&[4, 0, 0, 0, 0, 0, 130, 9, 1, 0, 0, 0][..], &[1; 128]].concat();
        let read = messages(&after_handshake(&[&begun, &size, &[0xc4, 2, 3]]));
        assert_eq!(read[1].payload[126..], [1, 1, 2, 3]);
    }
}
