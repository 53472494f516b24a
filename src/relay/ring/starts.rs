//! Where newcomers, and those who fell behind, may begin.

use std::sync::Arc;

use super::recent::Ring;
use crate::media::{Frame, Kind};
use crate::rtmp::Packet;

/// A frame that a decoder can start at, with the headers it needs.
#[derive(Debug, Clone)]
pub(super) struct Start {
    pub(super) position: u64,
    pub(super) headers: Arc<[Packet]>,
}

/// What is known of the publisher's video.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Picture {
    None,
    /// There is some, but no key frame yet; the time of the first of it.
    Waiting(i64),
    Keyed,
}

impl Ring {
    /// The number of the newest frame that a decoder can start at.
    pub fn newest_start(&self) -> Option<u64> {
        self.starts.back().map(|start| start.position)
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
        self.start_of_audio(came)
    }

    /// The first start that is not before `from`.
    pub(super) fn start_from(&self, from: u64) -> Option<Start> {
        if self.starts.is_empty() {
            return self.start_of_audio(from);
        }
        self.starts.iter().find(|start| start.position >= from).cloned()
    }

    /// The last start that is not after `position`.
    pub(super) fn start_until(&self, position: u64) -> Option<Start> {
        self.starts.iter().rev().find(|start| start.position <= position).cloned()
    }

    /// Whether a decoder can start at a frame that is kept, or comes next.
    pub(super) fn is_start(&self, position: u64) -> bool {
        let is_audio = || self.starts.is_empty() && self.is_audio_alone() && position >= self.prelude_end;
        self.start_at(position).is_some() || is_audio()
    }

    fn start_of_audio(&self, from: u64) -> Option<Start> {
        let position = from.max(self.first).max(self.prelude_end);
        (self.is_audio_alone() && position < self.head())
            .then(|| Start { position, headers: self.headers.packets() })
    }

    /// Whether newcomers may have started already, who were not given the headers of the publisher
    /// before.
    pub(super) fn has_begun(&self) -> bool {
        !self.starts.is_empty() || self.is_audio_alone()
    }

    /// Once it is plain that no video will come, any frame is a start.
    fn is_audio_alone(&self) -> bool {
        let (Some(newest), Some(since)) = (self.frames.back(), self.audio_since) else {
            return false;
        };
        self.picture == Picture::None && newest.packet.time - since >= AUDIO_ALONE_MS
    }

    /// Key frames; or, of an encoder that marks none, any picture after a while.
    pub(super) fn can_start_at(&mut self, frame: &Frame) -> bool {
        if frame.kind == Kind::VideoKey {
            self.picture = Picture::Keyed;
        }
        let marks_none = frame.kind == Kind::VideoInter && self.picture != Picture::Keyed;
        frame.kind == Kind::VideoKey || marks_none
    }

    pub(super) fn forget_starts(&mut self) {
        while self.starts.front().is_some_and(|start| start.position < self.first) {
            self.starts.pop_front();
        }
    }
}

/// Audio that runs this long without any video runs alone.
const AUDIO_ALONE_MS: i64 = 2_000;
