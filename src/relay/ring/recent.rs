//! The recent past of a stream.

use std::collections::VecDeque;

use super::counts::Counts;
use super::headers::Headers;
use super::limits::Limits;
use super::starts::{Picture, Start};
use crate::media::{Frame, Kind};
use crate::rtmp::Packet;

/// The recent past of a stream. Frames are numbered from 0 by their arrival.
#[derive(Debug)]
pub struct Ring {
    pub(super) limits: Limits,
    pub(super) frames: VecDeque<Kept>,
    /// The number of the oldest frame kept.
    pub(super) first: u64,
    bytes: usize,
    /// Bytes of all frames that there were.
    taken_in: u64,
    /// What was kept and is no more.
    pub(super) gone: Counts,
    pub(super) headers: Headers,
    /// The frames kept that a decoder can start at.
    pub(super) starts: VecDeque<Start>,
    /// Headers come before this frame; after it there may be audio alone.
    pub(super) prelude_end: u64,
    pub(super) picture: Picture,
    /// The time of the publisher's first audio frame.
    pub(super) audio_since: Option<i64>,
    /// The times of the newest messages of each type, headers among them.
    last_audio: Option<i64>,
    last_video: Option<i64>,
    last_data: Option<i64>,
    /// Counts the changes of codecs.
    pub(super) era: u64,
    /// The number of the first frame of this era.
    pub(super) era_start: u64,
    /// The number of the first frame after the broadcast that ended last.
    ended_at: u64,
    /// The number of the frame whose way is timed.
    mark: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Kept {
    pub(super) packet: Packet,
    pub(super) arrived_ms: i64,
    /// Bytes of all frames before it, gone ones too.
    offset: u64,
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
            ended_at: 0,
            mark: None,
        }
    }

    /// Adds the newest frame, which arrived at `arrived_ms` by a clock that never runs back, unless
    /// nobody could use it: pictures before the first key frame, and metadata that says again what is
    /// known (GStreamer repeats it several times a second). `shared` is the same frame as another ring
    /// keeps it. Returns its number if a decoder can start at it.
    pub fn push(&mut self, frame: &Frame, arrived_ms: i64, shared: Option<&Packet>) -> Option<u64> {
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
        let packet = self.pack(frame, shared);
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

    /// What follows, from this frame on, has other codecs: those who read now must begin anew.
    pub fn begin_era(&mut self, frame: &Frame) {
        self.era += 1;
        self.era_start = self.head();
        self.headers.disinherit();
        self.headers.forget_track_of(frame);
        self.starts.clear();
    }

    /// The broadcast is over: what follows is another one.
    pub fn end_broadcast(&mut self) {
        self.ended_at = self.head();
    }

    /// The number of the first frame after the broadcast that ended last.
    pub fn ended_at(&self) -> u64 {
        self.ended_at
    }

    /// The newest frame's way is timed, if it is the one of that time; else none is.
    pub fn mark_newest(&mut self, time: i64) {
        let is_it = self.newest().is_some_and(|newest| newest.time == time);
        self.mark = is_it.then(|| self.head() - 1);
    }

    /// The number of the frame whose way is timed.
    pub fn mark(&self) -> Option<u64> {
        self.mark
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

    /// The newest frame.
    pub fn newest(&self) -> Option<&Packet> {
        self.frames.back().map(|kept| &kept.packet)
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

    /// Makes a frame ready for all who were given the last one of its kind before it.
    fn pack(&mut self, frame: &Frame, shared: Option<&Packet>) -> Packet {
        let previous = match frame.kind {
            kind if kind.is_audio() => &mut self.last_audio,
            kind if kind.is_video() => &mut self.last_video,
            _ => &mut self.last_data,
        };
        let previous = previous.replace(frame.time);
        shared.and_then(|shared| shared.after(previous)).unwrap_or_else(|| Packet::new(frame, previous))
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
