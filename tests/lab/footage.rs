//! Made-up media whose every frame says which one it is and when it was sent.
//!
//! It has the outside of H.264 (or HEVC) and AAC and nothing within: the relay does not look there.

use std::sync::LazyLock;
use std::time::Duration;

use tokio::time::Instant;

use crate::rig::flv::{Kind, Packet};

/// What an encoder makes: 25 pictures a second, and with each picture a sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Footage {
    /// Kilobits of video a second.
    pub(crate) kilobits: usize,
    pub(crate) codec: Codec,
    /// A number in the video header: what another encoder, or other settings, would write there.
    pub(crate) settings: u8,
    /// The serial number of the next frame.
    pub(crate) serial: u32,
    /// The time of the next picture in milliseconds.
    pub(crate) time: u32,
    /// How many pictures there have been since the last key frame.
    pub(crate) since_key: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    H264,
    Hevc,
}

impl Footage {
    /// H.264 and AAC with a key frame each second.
    pub(crate) fn new(kilobits: usize) -> Self {
        Self { kilobits, codec: Codec::H264, settings: 1, serial: 0, time: 0, since_key: 0 }
    }

    /// How many frames, pictures and sounds, are made in `length`.
    pub(crate) fn frames_in(length: Duration) -> u32 {
        2 * u32::try_from(length.as_millis()).unwrap() / PERIOD_MS
    }

    /// What configures the decoders, to be sent first; a key frame follows.
    pub(crate) fn begin(&mut self) -> [Packet; 2] {
        self.since_key = 0;
        self.headers()
    }

    /// What configures the decoders.
    pub(crate) fn headers(&self) -> [Packet; 2] {
        let video = [self.start_of(true, Part::Header), vec![1, self.settings]].concat();
        [self.packet(Kind::Video, video), self.packet(Kind::Audio, vec![0xaf, 0, 0x12, 0x10])]
    }

    /// The next picture and its sound, stamped with now.
    pub(crate) fn next(&mut self) -> [Packet; 2] {
        let is_key = self.since_key == 0;
        self.since_key = (self.since_key + 1) % GROUP;
        // A key frame is as large as eight other pictures.
        let unit = self.kilobits * 125 / (GROUP as usize + 7);
        let size = if is_key { 8 * unit } else { unit };
        let video = self.fill(self.start_of(is_key, Part::Picture), size);
        let video = self.packet(Kind::Video, video);
        let audio = self.fill(vec![0xaf, 1], SOUND);
        let audio = self.packet(Kind::Audio, audio);
        self.time = self.time.wrapping_add(PERIOD_MS);
        [video, audio]
    }

    /// The start of a video tag, up to where the codec's own data begin.
    fn start_of(&self, is_key: bool, part: Part) -> Vec<u8> {
        let frame_type = if is_key { 0x10 } else { 0x20 };
        match (self.codec, part) {
            (Codec::H264, Part::Header) => vec![frame_type | 7, 0, 0, 0, 0],
            (Codec::H264, Part::Picture) => vec![frame_type | 7, 1, 0, 0, 0],
            (Codec::Hevc, Part::Header) => [&[0x80 | frame_type], b"hvc1".as_slice()].concat(),
            (Codec::Hevc, Part::Picture) => {
                [&[0x80 | frame_type | 1], b"hvc1".as_slice(), &[0, 0, 0]].concat()
            }
        }
    }

    /// Makes a tag `size` bytes long, its stamp at the end.
    fn fill(&mut self, mut tag: Vec<u8>, size: usize) -> Vec<u8> {
        tag.resize(size.max(tag.len() + Stamp::LENGTH) - Stamp::LENGTH, FILLING);
        tag.extend(Stamp { serial: self.serial, sent: since_start() }.to_bytes());
        self.serial += 1;
        tag
    }

    fn packet(&self, kind: Kind, payload: Vec<u8>) -> Packet {
        Packet { kind, time: self.time, payload }
    }
}

#[derive(Clone, Copy)]
enum Part {
    Header,
    Picture,
}

/// The last bytes of every frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Counts sounds and pictures together, from zero.
    pub(crate) serial: u32,
    /// When it was handed to the network, on the clock of [`since_start`].
    pub(crate) sent: Duration,
}

impl Stamp {
    const LENGTH: usize = 12;

    /// Reads the stamp of a frame.
    pub(crate) fn of(payload: &[u8]) -> Option<Self> {
        let (_, stamp) = payload.split_last_chunk::<{ Self::LENGTH }>()?;
        let (serial, sent) = stamp.split_first_chunk::<4>()?;
        let sent = u64::from_be_bytes(sent.try_into().ok()?);
        Some(Self { serial: u32::from_be_bytes(*serial), sent: Duration::from_micros(sent) })
    }

    fn to_bytes(self) -> Vec<u8> {
        let sent = u64::try_from(self.sent.as_micros()).unwrap();
        [self.serial.to_be_bytes().as_slice(), &sent.to_be_bytes()].concat()
    }
}

/// The time since this process first asked.
pub(crate) fn since_start() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}

/// Between two pictures.
pub(crate) const PERIOD_MS: u32 = 40;
/// Pictures from one key frame to the next.
const GROUP: u32 = 25;
/// The bytes of a sound: 64 kilobits a second.
const SOUND: usize = 320;
const FILLING: u8 = 0x5a;
