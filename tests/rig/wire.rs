//! RTMP's bytes, as far as these tests speak the protocol themselves. Written from the specification,
//! apart from the relay's own codec: one mistake should not be made on both sides of a test.

/// What stands before a message. Every message gets a full header, and in every chunk of it the time
/// stands in four more bytes when it does not fit in three.
pub(crate) struct Header {
    pub(crate) channel: u8,
    pub(crate) kind: u8,
    pub(crate) stream: u32,
    pub(crate) time: u32,
}

impl Header {
    /// The message cut into chunks of `chunk_size` bytes.
    pub(crate) fn message(&self, payload: &[u8], chunk_size: usize) -> Vec<u8> {
        let extended = if self.time >= EXTENDED { self.time.to_be_bytes().to_vec() } else { Vec::new() };
        let mut bytes = vec![self.channel];
        bytes.extend(&self.time.min(EXTENDED).to_be_bytes()[1..]);
        bytes.extend(&u32::try_from(payload.len()).unwrap().to_be_bytes()[1..]);
        bytes.push(self.kind);
        bytes.extend(self.stream.to_le_bytes());
        bytes.extend(&extended);
        for (number, chunk) in payload.chunks(chunk_size).enumerate() {
            if number > 0 {
                bytes.push(CONTINUED | self.channel);
                bytes.extend(&extended);
            }
            bytes.extend(chunk);
        }
        bytes
    }
}

/// An AMF0 string.
pub(crate) fn string(text: &str) -> Vec<u8> {
    [&[2], name(text).as_slice()].concat()
}

/// An AMF0 number.
pub(crate) fn number(value: f64) -> Vec<u8> {
    [&[0], value.to_be_bytes().as_slice()].concat()
}

/// An AMF0 object of strings.
pub(crate) fn object(properties: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = vec![3];
    for (key, value) in properties {
        bytes.extend(name(key));
        bytes.extend(string(value));
    }
    bytes.extend([0, 0, 9]);
    bytes
}

fn name(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [length.as_slice(), text.as_bytes()].concat()
}

/// AMF0's null.
pub(crate) const NULL: [u8; 1] = [5];

/// The length of each part of the handshake but the version byte.
pub(crate) const HANDSHAKE: usize = 1536;

/// From here on a time stands in four bytes of its own.
const EXTENDED: u32 = 0x00ff_ffff;
const CONTINUED: u8 = 0xc0;
