//! A stream's recent past, and where one reader stands in it.
//!
//! The ring is two things at once: the start for newcomers, since the newest key frame is in it, and
//! the backlog of the slow, since their cursor lags. So a target costs a cursor, and one that has
//! stopped reading costs nothing more. Both are plain values: no lock, no clock, no waiting.

use std::collections::VecDeque;

use crate::media::flv::Slot;
use crate::media::{Frame, Kind};

/// Bounds of a ring.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Milliseconds kept.
    pub span_ms: i64,
    /// Milliseconds kept at most so that the newest key frame stays.
    pub gop_span_ms: i64,
    /// Bytes kept, of payload and for keeping it.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { span_ms: 8_000, gop_span_ms: 30_000, bytes: 64 << 20 }
    }
}

/// The recent past of a stream. Frames are numbered from 0 by their arrival.
#[derive(Debug)]
pub struct Ring {
    limits: Limits,
    frames: VecDeque<Frame>,
    /// The number of the oldest frame kept.
    first: u64,
    bytes: usize,
    /// The newest header of each slot, in the order in which the slots first came.
    headers: Vec<(Slot, Frame)>,
    /// The number of the newest header.
    last_header: u64,
    /// The newest frame that a decoder can start at, with the headers it needs.
    start: Option<Start>,
    picture: Picture,
    /// The time of the publisher's first audio frame.
    audio_since: Option<i64>,
}

#[derive(Debug, Clone)]
struct Start {
    position: u64,
    headers: Vec<Frame>,
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
            headers: Vec::new(),
            last_header: 0,
            start: None,
            picture: Picture::None,
            audio_since: None,
        }
    }

    /// Adds the newest frame, unless nobody could use it: pictures before the first key frame, and
    /// metadata that says again what is known (GStreamer repeats it several times a second).
    pub fn push(&mut self, frame: Frame) {
        if frame.kind.is_video() && self.picture == Picture::None {
            self.picture = Picture::Waiting(frame.time);
        }
        if self.is_useless(&frame) {
            return;
        }
        let position = self.head();
        if frame.kind.is_header() {
            self.remember_header(&frame, position);
        }
        if self.can_start_at(&frame) {
            let headers = self.headers.iter().map(|(_, header)| header.clone()).collect();
            self.start = Some(Start { position, headers });
        }
        if frame.kind == Kind::Audio {
            self.audio_since.get_or_insert(frame.time);
        }
        self.bytes += weight(&frame);
        self.frames.push_back(frame);
        self.evict();
    }

    /// Another publisher follows. Newcomers wait for its first key frame; those who read go on.
    pub fn restart(&mut self) {
        self.headers.clear();
        self.start = None;
        self.picture = Picture::None;
        self.audio_since = None;
        self.last_header = self.head();
    }

    /// The number that the next frame will have.
    pub fn head(&self) -> u64 {
        self.first + u64::try_from(self.frames.len()).unwrap_or(0)
    }

    /// Bytes kept, of payload and for keeping it.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn get(&self, position: u64) -> Option<&Frame> {
        let index = position.checked_sub(self.first)?;
        self.frames.get(usize::try_from(index).ok()?)
    }

    fn is_useless(&self, frame: &Frame) -> bool {
        match frame.kind {
            Kind::Metadata => self
                .headers
                .iter()
                .any(|(_, known)| known.kind == Kind::Metadata && known.payload == frame.payload),
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

    fn remember_header(&mut self, frame: &Frame, position: u64) {
        if frame.payload.len() > MAX_HEADER_BYTES {
            return;
        }
        let slot = Slot::of(frame.kind, &frame.payload);
        if let Some((_, header)) = self.headers.iter_mut().find(|(known, _)| *known == slot) {
            *header = frame.clone();
        } else if self.headers.len() < MAX_HEADERS {
            self.headers.push((slot, frame.clone()));
        }
        self.last_header = position;
    }

    fn evict(&mut self) {
        while self.frames.len() > 1 && (self.bytes > self.limits.bytes || self.oldest_is_stale()) {
            if let Some(frame) = self.frames.pop_front() {
                self.bytes -= weight(&frame);
                self.first += 1;
            }
        }
        if self.start.as_ref().is_some_and(|start| start.position < self.first) {
            self.start = None;
        }
    }

    fn oldest_is_stale(&self) -> bool {
        let span = self.span_ms();
        let holds_start = self.start.as_ref().is_some_and(|start| start.position == self.first);
        span > self.limits.gop_span_ms || (span > self.limits.span_ms && !holds_start)
    }

    fn span_ms(&self) -> i64 {
        match (self.frames.front(), self.frames.back()) {
            (Some(oldest), Some(newest)) => newest.time - oldest.time,
            _ => 0,
        }
    }

    /// Where one who came when `came` was the head may start, with the headers to be given first.
    fn start_for(&self, came: u64) -> Option<Start> {
        if let Some(start) = &self.start {
            return Some(start.clone());
        }
        // Audio alone: once it is plain that no video will come, any frame is a start.
        let newest = self.frames.back()?;
        let alone = self.picture == Picture::None && newest.time - self.audio_since? >= AUDIO_ALONE_MS;
        let position = came.max(self.first).max(self.last_header + 1);
        let headers = || self.headers.iter().map(|(_, header)| header.clone()).collect();
        (alone && position < self.head()).then(|| Start { position, headers: headers() })
    }
}

/// What a frame costs: empty ones cost something too.
fn weight(frame: &Frame) -> usize {
    frame.payload.len() + size_of::<Frame>()
}

/// Where one reader stands.
#[derive(Debug)]
pub struct Cursor {
    position: u64,
    /// Whether the reader has been given a start.
    is_placed: bool,
    /// Headers to be given before the frame at `position`.
    headers: VecDeque<Frame>,
    patience_ms: i64,
    skipped: u64,
}

impl Cursor {
    /// A reader who comes now, and who is taken to the newest key frame when it lags more than
    /// `patience_ms`.
    pub fn new(ring: &Ring, patience_ms: i64) -> Self {
        Self { position: ring.head(), is_placed: false, headers: VecDeque::new(), patience_ms, skipped: 0 }
    }

    /// The next frame for this reader. The first ones, and the first after frames were skipped, are
    /// headers with the time of the key frame that follows them.
    pub fn next(&mut self, ring: &Ring) -> Option<Frame> {
        if self.headers.is_empty() {
            self.place(ring)?;
        }
        if let Some(header) = self.headers.pop_front() {
            return Some(header);
        }
        let frame = ring.get(self.position)?.clone();
        self.position += 1;
        Some(frame)
    }

    /// How far behind the newest frame the reader is, in milliseconds.
    pub fn lag_ms(&self, ring: &Ring) -> i64 {
        match (ring.get(self.position), ring.frames.back()) {
            (Some(next), Some(newest)) => (newest.time - next.time).max(0),
            _ => 0,
        }
    }

    /// Frames left out so far.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Moves to a start if there must be one; `None` if it must be waited for.
    fn place(&mut self, ring: &Ring) -> Option<()> {
        if self.is_placed && self.position < ring.first {
            // What was to come next is gone.
            self.skipped += ring.first - self.position;
            self.position = ring.first;
            self.is_placed = false;
        }
        if !self.is_placed {
            let start = ring.start_for(self.position)?;
            self.jump(start, ring);
        } else if self.lag_ms(ring) > self.patience_ms
            && let Some(start) = ring.start.as_ref().filter(|start| start.position > self.position)
        {
            self.jump(start.clone(), ring);
        }
        Some(())
    }

    fn jump(&mut self, start: Start, ring: &Ring) {
        let was_reading = self.is_placed || self.skipped > 0;
        if was_reading {
            self.skipped += start.position.saturating_sub(self.position);
        }
        let time = ring.get(start.position).map_or(0, |frame| frame.time);
        self.headers = start.headers.into_iter().map(|header| Frame { time, ..header }).collect();
        self.position = start.position;
        self.is_placed = true;
    }
}

/// Headers kept for newcomers: eight tracks of audio and video, with room to spare.
const MAX_HEADERS: usize = 32;

/// Longest header kept for newcomers; real ones have some dozen bytes, metadata a few thousand.
const MAX_HEADER_BYTES: usize = 64 << 10;

/// An encoder that marks no key frame in this time marks none at all (some drones' do not).
const KEYLESS_MS: i64 = 10_000;

/// Audio that runs this long without any video runs alone.
const AUDIO_ALONE_MS: i64 = 2_000;

#[cfg(test)]
mod tests;
