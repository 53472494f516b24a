//! One connection to a sink, as the sink saw it.

use std::time::Duration;

use bytes::Bytes;
use splitcast::media::{Kind, Tag};

use super::footage::{Stamp, since_start};

/// A connection, from its coming to its end.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The key it asked to publish with.
    pub(crate) key: Option<String>,
    /// Whether the sink agreed to take the stream.
    pub(crate) accepted: bool,
    pub(crate) frames: Vec<Arrival>,
    /// Whether the relay said that the stream ends.
    pub(crate) said_goodbye: bool,
    pub(crate) is_over: bool,
}

/// A tag that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) kind: Kind,
    /// Milliseconds on the session's clock.
    pub(crate) time: u32,
    /// On the clock of [`since_start`].
    pub(crate) at: Duration,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A header, whole.
    Header(Bytes),
    /// A sound or picture, by its stamp.
    Frame(Stamp),
}

impl Visit {
    pub(crate) fn new() -> Self {
        Self { key: None, accepted: false, frames: Vec::new(), said_goodbye: false, is_over: false }
    }

    /// Takes note of a tag.
    pub(crate) fn note(&mut self, tag: &Tag) {
        let what = match Stamp::of(&tag.payload) {
            Some(stamp) if tag.kind.is_timed() => What::Frame(stamp),
            _ => What::Header(tag.payload.clone()),
        };
        self.frames.push(Arrival { kind: tag.kind, time: tag.timestamp, at: since_start(), what });
    }

    /// The stamps of the frames, in their order.
    pub(crate) fn stamps(&self) -> impl Iterator<Item = Stamp> {
        self.frames.iter().filter_map(|arrival| arrival.stamp())
    }

    /// The stamp of the frame that came last.
    pub(crate) fn last_stamp(&self) -> Option<Stamp> {
        self.frames.iter().rev().find_map(Arrival::stamp)
    }

    /// The frames with how long each was on its way.
    pub(crate) fn latencies(&self) -> impl Iterator<Item = (Stamp, Duration)> {
        self.frames.iter().filter_map(|arrival| {
            let stamp = arrival.stamp()?;
            Some((stamp, arrival.at.saturating_sub(stamp.sent)))
        })
    }

    /// The headers, in their order.
    pub(crate) fn headers(&self) -> Vec<&Bytes> {
        self.frames
            .iter()
            .filter_map(|arrival| match &arrival.what {
                What::Header(header) => Some(header),
                What::Frame(_) => None,
            })
            .collect()
    }

    /// Fails unless it begins with headers and a key frame, and lacks no frame from there up to, but
    /// not including, the frame `end`; and its times rise.
    pub(crate) fn assert_whole(&self, end: u32) {
        self.assert_well_begun();
        let serials: Vec<u32> = self.stamps().map(|stamp| stamp.serial).collect();
        for pair in serials.windows(2) {
            assert_eq!(pair[1], pair[0] + 1, "frame {} is followed by frame {}", pair[0], pair[1]);
        }
        assert_eq!(serials.last().map(|last| last + 1), Some(end), "the last frames are missing");
        self.assert_rising();
    }

    /// Fails unless it begins with both headers and then a key frame.
    pub(crate) fn assert_well_begun(&self) {
        let kinds: Vec<Kind> = self.frames.iter().take(3).map(|arrival| arrival.kind).collect();
        assert_eq!(kinds, [Kind::VideoHeader, Kind::AudioHeader, Kind::VideoKey]);
    }

    /// Fails when a time is before the one that came before it.
    pub(crate) fn assert_rising(&self) {
        for pair in self.frames.windows(2) {
            assert!(pair[0].time <= pair[1].time, "{:?} comes before {:?}", pair[0], pair[1]);
        }
    }
}

impl Arrival {
    /// Whether it is the header `payload`.
    pub(crate) fn is_header(&self, payload: &[u8]) -> bool {
        matches!(&self.what, What::Header(header) if header == payload)
    }

    /// Whether it is the frame with this serial number.
    pub(crate) fn is_frame(&self, serial: u32) -> bool {
        self.stamp().is_some_and(|stamp| stamp.serial == serial)
    }

    fn stamp(&self) -> Option<Stamp> {
        match self.what {
            What::Frame(stamp) => Some(stamp),
            What::Header(_) => None,
        }
    }
}
