//! The recent past of a stream.

use std::collections::VecDeque;
use std::sync::Arc;

use super::counts::Counts;
use super::headers::Headers;
use super::limits::Limits;
use crate::media::{Frame, Kind};
use crate::rtmp::Packet;

/// The recent past of a stream. Frames are numbered from 0 by their arrival.
#[derive(Debug)]
pub struct Ring {
    limits: Limits,
    frames: VecDeque<Kept>,
    /// The number of the oldest frame kept.
    pub(super) first: u64,
    bytes: usize,
    /// Bytes of all frames that there were.
    taken_in: u64,
    /// What was kept and is no more.
    pub(super) gone: Counts,
    pub(super) headers: Headers,
    /// The frames kept that a decoder can start at.
    starts: VecDeque<Start>,
    /// Headers come before this frame; after it there may be audio alone.
    prelude_end: u64,
    picture: Picture,
    /// The time of the publisher's first audio frame.
    audio_since: Option<i64>,
    /// The times of the newest messages of each type, headers among them.
    last_audio: Option<i64>,
    last_video: Option<i64>,
    last_data: Option<i64>,
    /// Counts the changes of codecs.
    pub(super) era: u64,
    /// The number of the first frame of this era.
    pub(super) era_start: u64,
}

#[derive(Debug)]
struct Kept {
    packet: Packet,
    arrived_ms: i64,
    /// Bytes of all frames before it, gone ones too.
    offset: u64,
}

/// A frame that a decoder can start at, with the headers it needs.
#[derive(Debug, Clone)]
pub(super) struct Start {
    pub(super) position: u64,
    pub(super) headers: Arc<[Packet]>,
}

/// What is known of the publisher's video.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Picture {
    None,
    /// There is some, but no key frame yet; the time of the first of it.
    Waiting(i64),
    Keyed,
}

impl Ring {
    /// An empty ring.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            frames: VecDeque::new(),
            first: 0,
            bytes: 0,
            taken_in: 0,
            gone: Counts::default(),
            headers: Headers::default(),
            starts: VecDeque::new(),
            prelude_end: 0,
            picture: Picture::None,
            audio_since: None,
            last_audio: None,
            last_video: None,
            last_data: None,
            era: 0,
            era_start: 0,
        }
    }

    /// Adds the newest frame, which arrived at `arrived_ms` by a clock that never runs back, unless
    /// nobody could use it: pictures before the first key frame, and metadata that says again what is
    /// known (GStreamer repeats it several times a second). Returns its number if a decoder can start
    /// at it.
    pub fn push(&mut self, frame: &Frame, arrived_ms: i64) -> Option<u64> {
        let has_begun = self.has_begun();
        if frame.kind.is_video() && self.picture == Picture::None {
            self.picture = Picture::Waiting(frame.time);
        }
        if self.is_useless(frame) {
            return None;
        }
        if frame.kind.is_header() {
            self.headers.remember(frame);
            if self.headers.is_inherited(frame) && !has_begun {
                return None;
            }
            self.prelude_end = self.head() + 1;
        }
        let start = self.can_start_at(frame).then(|| self.head());
        if let Some(position) = start {
            self.starts.push_back(Start { position, headers: self.headers.packets() });
        }
        if frame.kind == Kind::Audio {
            self.audio_since.get_or_insert(frame.time);
        }
        let packet = self.pack(frame);
        self.bytes += weight(&packet);
        let offset = self.taken_in;
        self.taken_in += u64::try_from(packet.len()).unwrap_or(u64::MAX);
        self.frames.push_back(Kept { packet, arrived_ms, offset });
        self.evict();
        start
    }

    /// Nobody needs what lies before a frame: no reader, and no newcomer.
    pub fn release(&mut self, before: u64) {
        while self.first < before && self.frames.len() > 1 {
            self.drop_oldest();
        }
        self.forget_starts();
    }

    /// Another publisher follows. Newcomers wait for its first key frame; those who read go on, and
    /// get those of its headers that come before only where they differ from the last publisher's.
    pub fn restart(&mut self) {
        self.headers.restart();
        self.starts.clear();
        self.picture = Picture::None;
        self.audio_since = None;
        self.prelude_end = self.head();
    }

    /// What follows has other codecs: those who read now must begin anew.
    pub fn begin_era(&mut self) {
        self.era += 1;
        self.era_start = self.head();
        self.headers.disinherit();
        self.starts.clear();
    }

    /// The number that the next frame will have.
    pub fn head(&self) -> u64 {
        self.first + u64::try_from(self.frames.len()).unwrap_or(0)
    }

    /// Bytes kept, of payload and for keeping it.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn get(&self, position: u64) -> Option<&Packet> {
        self.kept(position).map(|kept| &kept.packet)
    }

    /// How much earlier than the newest frame the one at `position` arrived, or the oldest that is kept
    /// if that one is gone.
    pub fn age_ms(&self, position: u64) -> i64 {
        match (self.kept(position.max(self.first)), self.frames.back()) {
            (Some(kept), Some(newest)) => (newest.arrived_ms - kept.arrived_ms).max(0),
            _ => 0,
        }
    }

    /// Bytes that are kept for a reader who comes to a frame.
    pub fn bytes_from(&self, position: u64) -> u64 {
        self.kept(position.max(self.first)).map_or(0, |kept| self.taken_in - kept.offset)
    }

    /// The frames from `from` up to, and without, `to`.
    pub(super) fn count(&self, from: u64, to: u64) -> Counts {
        (from..to)
            .filter_map(|at| self.get(at))
            .fold(Counts::default(), |sum, packet| sum + Counts::of(packet.kind))
    }

    /// What is gone and what is kept before `position`.
    pub(super) fn count_before(&self, position: u64) -> Counts {
        self.gone + self.count(self.first, position)
    }

    /// The start at `position`, if it is one.
    pub(super) fn start_at(&self, position: u64) -> Option<&Start> {
        let index = self.starts.binary_search_by_key(&position, |start| start.position).ok()?;
        self.starts.get(index)
    }

    /// The newest start, if it lies ahead of `position`.
    pub(super) fn start_ahead(&self, position: u64) -> Option<&Start> {
        self.starts.back().filter(|start| start.position > position)
    }

    /// Where one who came when `came` was the head may start.
    pub(super) fn start_for(&self, came: u64) -> Option<Start> {
        if let Some(start) = self.starts.back() {
            return Some(start.clone());
        }
        let position = came.max(self.first).max(self.prelude_end);
        (self.is_audio_alone() && position < self.head())
            .then(|| Start { position, headers: self.headers.packets() })
    }

    /// Whether newcomers may have started already, who were not given the headers of the publisher
    /// before.
    fn has_begun(&self) -> bool {
        !self.starts.is_empty() || self.is_audio_alone()
    }

    /// Once it is plain that no video will come, any frame is a start.
    fn is_audio_alone(&self) -> bool {
        let (Some(newest), Some(since)) = (self.frames.back(), self.audio_since) else {
            return false;
        };
        self.picture == Picture::None && newest.packet.time - since >= AUDIO_ALONE_MS
    }

    fn kept(&self, position: u64) -> Option<&Kept> {
        let index = position.checked_sub(self.first)?;
        self.frames.get(usize::try_from(index).ok()?)
    }

    fn is_useless(&self, frame: &Frame) -> bool {
        match frame.kind {
            Kind::Metadata => self.headers.knows(frame),
            Kind::VideoInter => match self.picture {
                Picture::Waiting(since) => frame.time - since < KEYLESS_MS,
                Picture::None | Picture::Keyed => false,
            },
            _ => false,
        }
    }

    /// Key frames; or, of an encoder that marks none, any picture after a while.
    fn can_start_at(&mut self, frame: &Frame) -> bool {
        if frame.kind == Kind::VideoKey {
            self.picture = Picture::Keyed;
        }
        let marks_none = frame.kind == Kind::VideoInter && self.picture != Picture::Keyed;
        frame.kind == Kind::VideoKey || marks_none
    }

    /// Makes a frame ready for all who were given the last one of its kind before it.
    fn pack(&mut self, frame: &Frame) -> Packet {
        let previous = match frame.kind {
            kind if kind.is_audio() => &mut self.last_audio,
            kind if kind.is_video() => &mut self.last_video,
            _ => &mut self.last_data,
        };
        Packet::new(frame, previous.replace(frame.time))
    }

    fn evict(&mut self) {
        while self.frames.len() > 1 && (self.bytes > self.limits.bytes || self.oldest_is_stale()) {
            self.drop_oldest();
        }
        self.forget_starts();
    }

    fn drop_oldest(&mut self) {
        if let Some(Kept { packet, .. }) = self.frames.pop_front() {
            self.bytes -= weight(&packet);
            self.first += 1;
            self.gone = self.gone + Counts::of(packet.kind);
        }
    }

    fn forget_starts(&mut self) {
        while self.starts.front().is_some_and(|start| start.position < self.first) {
            self.starts.pop_front();
        }
    }

    fn oldest_is_stale(&self) -> bool {
        let span = self.age_ms(self.first);
        let holds_start = self.starts.back().is_some_and(|start| start.position == self.first);
        span > self.limits.gop_span_ms || (span > self.limits.span_ms && !holds_start)
    }
}

/// What a frame costs: empty ones cost something too.
fn weight(packet: &Packet) -> usize {
    packet.len() + size_of::<Kept>()
}

/// An encoder that marks no key frame in this time marks none at all (some drones' do not).
const KEYLESS_MS: i64 = 10_000;

/// Audio that runs this long without any video runs alone.
const AUDIO_ALONE_MS: i64 = 2_000;
