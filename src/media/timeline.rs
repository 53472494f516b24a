//! A stream's clock: starts at zero, never runs back in a track, and closes what an encoder breaks.
//!
//! Encoders' times wrap at 2^32 ms (ffmpeg's at 2^31), jump when a source restarts, and begin
//! anywhere. A good relay passes times on as they are, moved by one constant, and repairs only what
//! is no time line any more. Each track is followed for itself, since audio and video are not in one
//! rising order. The limits are asymmetric on purpose: an encoder that restarts at zero after five
//! seconds must not be taken for one that is a little late.

use super::frame::{Frame, Kind, Tag};

/// A step back of at most this is passed on as standing still: it is jitter of one track.
const MAX_BACK_MS: i64 = 500;

/// A step ahead of at most this is passed on: the encoder was silent for a while.
const MAX_AHEAD_MS: i64 = 5_000;

/// How far a track that jumps may land from the newest time for the other track's offset to fit.
const MAX_SKEW_MS: i64 = 2_000;

/// The length of a frame before one could be measured.
const NOMINAL_STEP_MS: i64 = 33;

/// Maps a publisher's times to the stream's own.
#[derive(Debug, Default)]
pub struct Timeline {
    /// By track: audio, video.
    tracks: [Option<Track>; 2],
    /// The newest time given to a frame, in the whole life of the stream.
    newest: Option<i64>,
    jumps: u64,
}

#[derive(Debug, Clone, Copy)]
struct Track {
    /// The last timestamp as it came.
    raw: u32,
    /// What is added to an unwrapped timestamp.
    offset: i64,
    /// The last timestamp, unwrapped.
    unwrapped: i64,
    /// The last time given.
    last: i64,
    /// The last plausible distance between two frames.
    step: i64,
}

impl Timeline {
    /// Gives a publisher's tag its time in the stream.
    pub fn map(&mut self, tag: Tag) -> Frame {
        let Tag { kind, timestamp, payload } = tag;
        let time = match kind {
            Kind::Audio | Kind::VideoKey | Kind::VideoInter => {
                let time = self.advance(usize::from(kind.is_video()), timestamp);
                self.newest = Some(self.newest.map_or(time, |newest| newest.max(time)));
                time
            }
            // OBS ends its tracks at time 0.
            Kind::AudioEnd | Kind::VideoEnd => self.newest.unwrap_or(0),
            Kind::Metadata | Kind::Data | Kind::AudioHeader | Kind::VideoHeader => {
                self.place(kind, timestamp)
            }
        };
        Frame { kind, time, payload }
    }

    /// The time of a header or of data: its own, if that makes sense beside the frames (ffmpeg sends
    /// the first headers at 0, wherever the frames begin).
    fn place(&self, kind: Kind, raw: u32) -> i64 {
        let [audio, video] = self.tracks;
        let own = match kind {
            Kind::AudioHeader => audio,
            Kind::VideoHeader => video,
            _ => None,
        };
        let beside = [own, video, audio].into_iter().flatten().find_map(|track| self.beside(raw, track));
        let time = beside.or(own).map(|track| track.last).or(self.newest).unwrap_or(0);
        own.map_or(time, |own| time.max(own.last))
    }

    /// A new publisher takes over: its time begins one frame after the last.
    pub fn restart(&mut self) {
        self.tracks = [None; 2];
    }

    /// How often the publisher's time jumped and was mended.
    pub fn jumps(&self) -> u64 {
        self.jumps
    }

    fn advance(&mut self, index: usize, raw: u32) -> i64 {
        let [audio, video] = self.tracks;
        let (own, other) = if index == 0 { (audio, video) } else { (video, audio) };
        let track = match own {
            None => self.begin(raw, other),
            Some(track) => self.follow(track, raw, other),
        };
        if let Some(slot) = self.tracks.get_mut(index) {
            *slot = Some(track);
        }
        track.last
    }

    /// A track's first frame: it shares the other track's offset if that makes sense.
    fn begin(&self, raw: u32, other: Option<Track>) -> Track {
        if let Some(track) = other.and_then(|other| self.beside(raw, other)) {
            return track;
        }
        let last = self.newest.map_or(0, |newest| newest + NOMINAL_STEP_MS);
        let unwrapped = i64::from(raw);
        Track { raw, offset: last - unwrapped, unwrapped, last, step: NOMINAL_STEP_MS }
    }

    fn follow(&mut self, track: Track, raw: u32, other: Option<Track>) -> Track {
        // The difference is taken modulo 2^32 and read as signed, so that wrapping is no jump.
        let step = i64::from(raw.wrapping_sub(track.raw).cast_signed());
        if (-MAX_BACK_MS..=MAX_AHEAD_MS).contains(&step) {
            let unwrapped = track.unwrapped + step;
            let step = if (1..=100).contains(&step) { step } else { track.step };
            let last = track.last.max(unwrapped + track.offset);
            return Track { raw, unwrapped, last, step, ..track };
        }
        self.jumps += 1;
        // The first track to jump opens a new offset; the other one follows it there.
        if let Some(beside) = other.and_then(|other| self.beside(raw, other)) {
            let last = beside.last.max(track.last);
            return Track { last, step: track.step, ..beside };
        }
        let last = self.newest.unwrap_or(track.last).max(track.last) + track.step;
        let unwrapped = i64::from(raw);
        Track { raw, offset: last - unwrapped, unwrapped, last, step: track.step }
    }

    /// The track that `raw` would begin under the other track's offset, if that lands near the
    /// newest time.
    fn beside(&self, raw: u32, other: Track) -> Option<Track> {
        let unwrapped = other.unwrapped + i64::from(raw.wrapping_sub(other.raw).cast_signed());
        let last = unwrapped + other.offset;
        let newest = self.newest?;
        let near = (last - newest).abs() <= MAX_SKEW_MS;
        near.then_some(Track { raw, offset: other.offset, unwrapped, last, step: NOMINAL_STEP_MS })
    }
}

#[cfg(test)]
mod tests;
