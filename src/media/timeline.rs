//! A stream's clock: starts at zero, never runs back in a track, and closes what an encoder breaks.
//!
//! Encoders' times wrap at 2^32 ms (ffmpeg's at 2^31), jump when a source restarts, stop, and begin
//! anywhere. A good relay passes times on as they are, moved by one constant, and repairs only what
//! is no time line any more. Audio and video are followed each for itself, since they are not in one
//! rising order. Tracks beside the default ones keep the default tracks' time.

mod others;
mod track;

use super::flv;
use super::frame::{Frame, Kind, Tag};
use others::Others;
use track::{NOMINAL_STEP_MS, Track};

/// A picture is shown at most this much later or earlier than its time says; more is nonsense. Even
/// the longest reordering of pictures takes less at a few pictures a second.
const MAX_COMPOSITION_MS: i64 = 5_000;

/// Maps a publisher's times to the stream's own.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The publisher's, by track: audio, video.
    tracks: [Option<Track>; 2],
    others: Others,
    /// The last times given to earlier publishers, by track.
    earlier: [Option<i64>; 2],
    /// The time at which the last picture of earlier publishers is shown.
    seam: Option<i64>,
    /// The newest time given to a frame, in the whole life of the stream.
    newest: Option<i64>,
    /// The newest time at which a frame is to be shown or heard.
    presented: Option<i64>,
    repairs: u64,
}

impl Timeline {
    /// Gives a publisher's tag its time in the stream. `arrival_ms` is when it came: monotonic
    /// milliseconds from any origin, the same one in the whole life of the stream.
    pub fn map(&mut self, tag: Tag, arrival_ms: i64) -> Frame {
        let Tag { kind, timestamp, payload } = tag;
        let time = match kind {
            Kind::Audio | Kind::VideoKey | Kind::VideoInter => {
                let composition = i64::from(flv::composition_ms(&payload));
                let sane = (-MAX_COMPOSITION_MS..=MAX_COMPOSITION_MS).contains(&composition);
                let composition = if sane { composition } else { 0 };
                let index = usize::from(kind.is_video());
                match flv::codecs(kind, &payload).next() {
                    Some((number @ 1.., _)) if self.tracks != [None; 2] => {
                        self.accompany(index, number, timestamp, composition)
                    }
                    _ => self.advance(index, timestamp, arrival_ms, composition),
                }
            }
            // OBS ends its tracks at time 0.
            Kind::AudioEnd | Kind::VideoEnd => {
                self.own(kind).map(|track| track.last).or(self.newest).unwrap_or(0)
            }
            Kind::Metadata | Kind::Data | Kind::AudioHeader | Kind::VideoHeader => {
                self.place(kind, timestamp)
            }
        };
        Frame { kind, time, payload }
    }

    /// A new publisher takes over. Its time begins one frame after the last picture is shown, which
    /// is later than that picture's own time where pictures are reordered.
    pub fn restart(&mut self) {
        for (earlier, track) in self.earlier.iter_mut().zip(self.tracks) {
            *earlier = track.map(|track| track.last).or(*earlier);
        }
        self.seam = self.presented;
        self.tracks = [None; 2];
    }

    /// How often a publisher's time jumped or stood still, and was mended.
    pub fn repairs(&self) -> u64 {
        self.repairs
    }

    /// The track that the tag belongs to, once it has begun.
    fn own(&self, kind: Kind) -> Option<Track> {
        let [audio, video] = self.tracks;
        if kind.is_video() { video } else { audio.filter(|_| kind.is_audio()) }
    }

    /// The time of a header or of data: its own, if that makes sense beside the frames (ffmpeg sends
    /// the first headers at 0, wherever the frames begin).
    fn place(&self, kind: Kind, raw: u32) -> i64 {
        let [audio, video] = self.tracks;
        let own = self.own(kind);
        let beside =
            [own, video, audio].into_iter().flatten().find_map(|track| track.landing_near(raw, self.newest));
        let last = own.map(|track| track.last);
        let floor = last.or_else(|| self.earlier(usize::from(kind.is_video()))).unwrap_or(0);
        beside.or(last).or(self.newest).unwrap_or(0).max(floor)
    }

    fn advance(&mut self, index: usize, raw: u32, now: i64, composition: i64) -> i64 {
        let [audio, video] = self.tracks;
        let (own, other) = if index == 0 { (audio, video) } else { (video, audio) };
        let track = if let Some(mut track) = own {
            let landing = other.map(|other| other.landing(raw));
            let repaired = track.follow(raw, now, landing, self.newest.unwrap_or(0));
            self.repairs += u64::from(repaired);
            track
        } else {
            self.begin(index, raw, now, composition)
        };
        if let Some(slot) = self.tracks.get_mut(index) {
            *slot = Some(track);
        }
        self.newest = self.newest.max(Some(track.last));
        self.presented = self.presented.max(Some(track.last + composition.max(0)));
        track.last
    }

    /// The time of a track beside the default ones, by the clock of one of them. It may be behind them,
    /// or ahead, and drives no clock.
    fn accompany(&mut self, index: usize, number: u8, raw: u32, composition: i64) -> i64 {
        let [audio, video] = self.tracks;
        let clocks = if index == 0 { [audio, video] } else { [video, audio] };
        let landing = clocks.into_iter().flatten().find_map(|clock| clock.landing_near(raw, self.newest));
        let floor = self.earlier(index).map_or(0, |last| last + 1);
        let time = self.others.give(index, number, landing.or(self.newest).unwrap_or(0).max(floor));
        self.newest = self.newest.max(Some(time));
        self.presented = self.presented.max(Some(time + composition.max(0)));
        time
    }

    /// A track's first frame: it shares the other track's clock if that makes sense.
    fn begin(&mut self, index: usize, raw: u32, now: i64, composition: i64) -> Track {
        let mut floor = self.earlier(index).map_or(0, |last| last + 1);
        if let (1, Some(seam)) = (index, self.seam) {
            // Neither sent nor shown before what was: a picture may be shown earlier than its time.
            floor = floor.max(seam + 1 - composition);
        }
        let other = self.tracks.iter_mut().flatten().next();
        let after = match other {
            Some(_) => self.newest,
            None => self.presented.map(|shown| shown + NOMINAL_STEP_MS),
        };
        let beside = other.as_ref().and_then(|other| other.landing_near(raw, self.newest));
        let natural = beside.or(after).unwrap_or(0);
        if let (Some(other), Some(landing)) = (other, beside) {
            // Both move on together, so that sound and picture stay as far apart as they are.
            other.move_on((floor - landing).max(0));
        }
        Track::begin(raw, natural.max(floor), now)
    }

    fn earlier(&self, index: usize) -> Option<i64> {
        self.earlier.get(index).copied().flatten()
    }
}

#[cfg(test)]
mod tests;
