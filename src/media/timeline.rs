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
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn map(timeline: &mut Timeline, kind: Kind, timestamp: u32) -> i64 {
        timeline.map(Tag { kind, timestamp, payload: Bytes::new() }).time
    }

    fn times(tags: &[(Kind, u32)]) -> Vec<i64> {
        let mut timeline = Timeline::default();
        tags.iter().map(|(kind, at)| map(&mut timeline, *kind, *at)).collect()
    }

    use Kind::{Audio, VideoEnd, VideoHeader, VideoInter, VideoKey};

    #[test]
    fn starts_at_zero_and_moves_all_by_one_constant() {
        // ffmpeg with an offset: headers at 0, then frames hours later, audio and video not in order.
        let got = times(&[
            (VideoHeader, 0),
            (VideoKey, 19_999_956),
            (Audio, 20_000_000),
            (VideoInter, 19_999_990),
            (Audio, 20_000_023),
        ]);
        assert_eq!(got, [0, 0, 44, 34, 67]);
    }

    #[test]
    fn passes_the_wrap_of_the_wire() {
        let start = u32::MAX - 50;
        assert_eq!(
            times(&[
                (VideoKey, start),
                (VideoInter, start.wrapping_add(40)),
                // A step that no mended jump would have.
                (VideoInter, start.wrapping_add(240))
            ]),
            [0, 40, 240]
        );
    }

    #[test]
    fn mends_ffmpegs_return_to_zero_after_31_bits() {
        let got = times(&[
            (VideoKey, 2_147_483_590),
            (Audio, 2_147_483_600),
            (VideoInter, 2_147_483_623),
            (VideoInter, 8),
            (Audio, 10),
            (VideoInter, 41),
        ]);
        assert_eq!(got, [0, 10, 33, 66, 68, 99]);
    }

    #[test]
    fn a_restart_from_zero_within_the_connection_does_not_stand_still() {
        let mut timeline = Timeline::default();
        map(&mut timeline, VideoKey, 0);
        assert_eq!(map(&mut timeline, VideoInter, 4_960), 4_960);
        assert_eq!(map(&mut timeline, VideoKey, 0), 4_993);
        assert_eq!(map(&mut timeline, VideoInter, 40), 5_033);
        assert_eq!(timeline.jumps(), 1);
    }

    #[test]
    fn both_tracks_land_together_after_a_jump() {
        let got = times(&[
            (VideoKey, 1_000),
            (Audio, 1_010),
            (VideoInter, 90_000),
            (Audio, 90_010),
            (VideoInter, 90_033),
        ]);
        assert_eq!(got[3] - got[2], 10);
        assert_eq!(got[4] - got[2], 33);
    }

    #[test]
    fn the_end_at_time_zero_takes_the_newest_time() {
        assert_eq!(times(&[(VideoKey, 5_000), (VideoInter, 8_000), (VideoEnd, 0)]), [0, 3_000, 3_000]);
    }

    #[test]
    fn a_header_in_mid_stream_keeps_its_distance_to_its_frames() {
        let got = times(&[
            (VideoKey, 9_000),
            (Audio, 9_010),
            (VideoHeader, 9_040),
            (VideoKey, 9_040),
            (Kind::Data, 9_020),
        ]);
        assert_eq!(got, [0, 10, 40, 40, 20]);
        let got = times(&[
            (VideoKey, 9_000),
            (Audio, 9_010),
            (Kind::AudioHeader, 9_033),
            // Not later than the picture that follows it, which is older than the newest sound.
            (VideoHeader, 0),
            (VideoInter, 9_005),
        ]);
        assert_eq!(got, [0, 10, 33, 0, 5]);
    }

    #[test]
    fn a_new_publisher_goes_on_one_frame_later() {
        let mut timeline = Timeline::default();
        map(&mut timeline, VideoKey, 100);
        map(&mut timeline, VideoInter, 140);
        timeline.restart();
        assert_eq!(map(&mut timeline, Audio, 7_000), 73);
        assert_eq!(map(&mut timeline, VideoKey, 7_010), 83);
    }

    proptest! {
        #[test]
        fn never_runs_back_and_never_leaps(tags in proptest::collection::vec((any::<bool>(), any::<u32>(), 0u32..3), 1..200)) {
            let mut timeline = Timeline::default();
            let (mut at, mut last, mut newest) = (0u32, [None; 2], None);
            for (video, random, how) in tags {
                at = match how { 0 => random, 1 => at.wrapping_add(random % 50), _ => at.wrapping_sub(random % 20) };
                let time = map(&mut timeline, if video { VideoInter } else { Audio }, at);
                let track = &mut last[usize::from(video)];
                prop_assert!(track.is_none_or(|before| time >= before));
                if let Some(newest) = newest {
                    prop_assert!(time <= newest + MAX_AHEAD_MS + 100, "leapt from {newest} to {time}");
                }
                *track = Some(time);
                newest = newest.max(Some(time));
            }
        }

        #[test]
        fn goes_on_after_any_jump(before in any::<u32>(), after in any::<u32>()) {
            let mut timeline = Timeline::default();
            map(&mut timeline, VideoKey, before);
            let landed = map(&mut timeline, VideoKey, after);
            prop_assert_eq!(map(&mut timeline, VideoInter, after.wrapping_add(1_000)), (landed + 1_000).max(landed));
        }
    }
}
