//! What the source sends: H.264 and AAC that ffmpeg decodes without a complaint, each frame of which says
//! who sent it, when, and whether it is whole.
//!
//! Everything is prepared once, as chunks. For a frame only its header, its slice's number and its stamp are
//! written anew, so that the source costs little more than its writes.

use crc32fast::Hasher;

use self::stamp::Stamp;
use crate::rig::wire::{Header, number, string};

mod aac;
mod bits;
mod h264;
pub(crate) mod stamp;

/// How a stream's pictures are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pictures {
    /// Bits in a second.
    pub(crate) rate: u64,
    /// Pictures in a second.
    pub(crate) frequency: u64,
}

impl Pictures {
    pub(crate) fn new(megabits: f64, frequency: u64) -> Self {
        Self { rate: (megabits * 1e6) as u64, frequency }
    }

    /// Key frames come every two seconds and are nine times as large as others.
    fn sizes(self) -> [usize; 2] {
        let group = self.group();
        let budget = self.rate * GROUP_SECONDS / 8;
        let key = (9 * budget / (group + 8)).min(LARGEST_KEY).max(budget / group);
        let other = (budget - key) / (group - 1);
        [key, other].map(|size| usize::try_from(size).unwrap())
    }

    /// How many pictures there are from one key frame to the next.
    pub(crate) fn group(self) -> u64 {
        self.frequency * GROUP_SECONDS
    }
}

/// Sounds and pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    Pictures,
    Sound,
}

/// The number of media, each of which has its own place in arrays.
pub(crate) const MEDIA: usize = 2;

impl Medium {
    /// The medium of RTMP's messages of this type.
    pub(crate) fn of_type(kind: u8) -> Option<Self> {
        match kind {
            VIDEO => Some(Self::Pictures),
            AUDIO => Some(Self::Sound),
            _ => None,
        }
    }

    /// Where the stamp begins in a frame.
    pub(crate) fn stamp_at(self) -> usize {
        match self {
            Self::Pictures => VIDEO_START.len() + LENGTH + h264::USER_DATA_AT,
            Self::Sound => AUDIO_START.len() + aac::DATA_AT,
        }
    }

    /// Whether a message that begins with `head` is a frame and not a decoder's configuration.
    pub(crate) fn is_frame(head: &[u8]) -> bool {
        head.get(1) == Some(&1)
    }

    /// Whether a frame of pictures that begins with `head` is a key frame.
    pub(crate) fn is_key(self, head: &[u8]) -> bool {
        self == Self::Pictures && head.first() == Some(&KEY_START[0])
    }
}

/// All that one source sends, over and over.
pub(crate) struct Footage {
    pictures: Pictures,
    key: Template,
    other: Template,
    sound: Template,
}

impl Footage {
    pub(crate) fn new(pictures: Pictures) -> Self {
        let [key, other] = pictures.sizes();
        let start =
            |start: [u8; 5]| [start.to_vec(), sized(&h264::user_data(&[0x80; Stamp::LENGTH]))].concat();
        let (mut first, mut rest) = (start(KEY_START), start(VIDEO_START));
        let first_end = first.len();
        first.extend(sized(&h264::key_slice()));
        rest.extend(sized(&h264::slice(0)));
        let rest_end = rest.len();
        for (frame, size) in [(&mut first, key), (&mut rest, other)] {
            frame.extend(sized(&h264::filler(size.saturating_sub(frame.len() + LENGTH).max(2))));
        }
        let sound = [AUDIO_START.as_slice(), &aac::frame(&[0x80; SOUND])].concat();
        let sound_end = Medium::Sound.stamp_at() + Stamp::LENGTH;
        Self {
            pictures,
            key: Template::new(&first, VIDEO, first_end, Medium::Pictures.stamp_at()),
            other: Template::new(&rest, VIDEO, rest_end, Medium::Pictures.stamp_at()),
            sound: Template::new(&sound, AUDIO, sound_end, Medium::Sound.stamp_at()),
        }
    }

    pub(crate) fn pictures(&self) -> Pictures {
        self.pictures
    }

    /// What comes before the first frame: what the stream is, and how to decode it.
    pub(crate) fn beginning(&self) -> Vec<u8> {
        let video = [&[0x17, 0, 0, 0, 0], h264::configuration().as_slice()].concat();
        let audio = [&[0xaf, 0], aac::CONFIGURATION.as_slice()].concat();
        [(DATA, self.metadata()), (VIDEO, video), (AUDIO, audio)]
            .iter()
            .flat_map(|(kind, payload)| {
                let header = Header { channel: channel(*kind), kind: *kind, stream: STREAM, time: 0 };
                header.message(payload, CHUNK)
            })
            .collect()
    }

    fn metadata(&self) -> Vec<u8> {
        let properties = [
            ("width", 1920.0),
            ("height", 1080.0),
            ("videocodecid", 7.0),
            ("videodatarate", self.pictures.rate as f64 / 1e3),
            ("framerate", self.pictures.frequency as f64),
            ("audiocodecid", 10.0),
            ("audiodatarate", 128.0),
            ("audiosamplerate", 48_000.0),
            ("audiosamplesize", 16.0),
            ("audiochannels", 2.0),
        ];
        let mut payload = [string("@setDataFrame"), string("onMetaData")].concat();
        payload.push(8);
        payload.extend(u32::try_from(properties.len()).unwrap().to_be_bytes());
        for (name, value) in properties {
            // A property's name is a string without its type.
            payload.extend(&string(name)[1..]);
            payload.extend(number(value));
        }
        payload.extend([0, 0, 9]);
        payload
    }

    /// When the frame with this number is due, in nanoseconds of its stream.
    pub(crate) fn due(&self, medium: Medium, serial: u32) -> u64 {
        let serial = u64::from(serial);
        match medium {
            Medium::Pictures => serial * 1_000_000_000 / self.pictures.frequency,
            Medium::Sound => serial * aac::SAMPLES * 1_000_000_000 / aac::SAMPLE_RATE,
        }
    }

    /// The bytes of a frame, `delta` milliseconds after the one before it of the same medium.
    pub(crate) fn frame(&mut self, medium: Medium, place: u32, stamp: Stamp, delta: u32) -> &[u8] {
        let template = match medium {
            Medium::Sound => &mut self.sound,
            Medium::Pictures if place == 0 => &mut self.key,
            Medium::Pictures => {
                let slice = h264::slice(place);
                let end = self.other.head;
                self.other.payload()[end - slice.len()..end].copy_from_slice(&slice);
                &mut self.other
            }
        };
        template.stamp(stamp, delta)
    }
}

/// A frame as chunks, and what of it changes.
struct Template {
    /// The first chunk's header is as short as it can be after the first message of its channel.
    bytes: Vec<u8>,
    /// The length of what changes, at the beginning of the payload. It is within the first chunk.
    head: usize,
    stamp_at: usize,
    /// Has hashed the payload from `head` on.
    tail: Hasher,
}

impl Template {
    fn new(payload: &[u8], kind: u8, head: usize, stamp_at: usize) -> Self {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut bytes = vec![SAME_STREAM | channel(kind), 0, 0, 0, length[1], length[2], length[3], kind];
        for (number, chunk) in payload.chunks(CHUNK).enumerate() {
            if number > 0 {
                bytes.push(CONTINUED | channel(kind));
            }
            bytes.extend(chunk);
        }
        let mut tail = Hasher::new();
        tail.update(&payload[head..]);
        Self { bytes, head, stamp_at, tail }
    }

    fn payload(&mut self) -> &mut [u8] {
        &mut self.bytes[HEADER..]
    }

    fn stamp(&mut self, stamp: Stamp, delta: u32) -> &[u8] {
        self.bytes[1..4].copy_from_slice(&delta.to_be_bytes()[1..]);
        let head = &mut self.bytes[HEADER..HEADER + self.head];
        stamp.write(head, self.stamp_at, &self.tail);
        &self.bytes
    }
}

fn sized(unit: &[u8]) -> Vec<u8> {
    h264::with_length::<LENGTH>(unit)
}

/// The chunk stream of messages of this type.
fn channel(kind: u8) -> u8 {
    match kind {
        AUDIO => 4,
        VIDEO => 6,
        _ => 5,
    }
}

/// Types of messages.
pub(crate) const AUDIO: u8 = 8;
pub(crate) const VIDEO: u8 = 9;
pub(crate) const DATA: u8 = 18;

/// The size of chunks that OBS and all here send.
pub(crate) const CHUNK: usize = 4096;
/// Every server gives this number to the first stream of a connection.
pub(crate) const STREAM: u32 = 1;

/// Chunk headers: one that leaves out the stream, its length; and one that leaves out everything.
const SAME_STREAM: u8 = 0x40;
const HEADER: usize = 8;
pub(crate) const CONTINUED: u8 = 0xc0;

/// How video tags begin: codec, NAL units follow, shown as it is decoded.
const KEY_START: [u8; 5] = [0x17, 1, 0, 0, 0];
const VIDEO_START: [u8; 5] = [0x27, 1, 0, 0, 0];
const AUDIO_START: [u8; 2] = [0xaf, 1];
/// The bytes of a NAL unit's length.
const LENGTH: usize = 4;

const GROUP_SECONDS: u64 = 2;
/// Relays refuse messages that are too large, some beyond 8 MiB.
const LARGEST_KEY: u64 = 4 << 20;
/// The bytes of data in a frame of sound: with the rest of it 128 kb/s.
const SOUND: usize = 330;
