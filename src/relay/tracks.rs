//! Which codecs a publisher's tracks have, and whether those that follow are the same.
//!
//! A session that a target took with one codec must not be fed another: decoders show a green picture,
//! and platforms call it healthy.

use super::offer::Offered;
use crate::media::Kind;
use crate::media::flv::{Codec, codec_of_colours, codecs};

/// The codecs of one publisher after another.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    current: Vec<Offered>,
    /// Those of the publisher before, if it got so far as to show any.
    earlier: Option<Vec<Offered>>,
}

/// What a tag says of its tracks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// A track is shown for the first time, or in another codec.
    pub(super) is_news: bool,
    /// A track of the publisher before had another codec, or was not there at all; or a track has changed its
    /// codec.
    pub(super) differs: bool,
}

impl Tracks {
    /// Another publisher follows.
    pub(super) fn restart(&mut self) {
        let last = std::mem::take(&mut self.current);
        if last.is_empty() {
            return;
        }
        // One that vanished at once may not have shown all it had.
        let mut earlier = self.earlier.take().unwrap_or_default();
        earlier.retain(|before| find(&last, before.is_video, before.track).is_none());
        earlier.extend(last);
        self.earlier = Some(earlier);
    }

    /// Whether there is no track of such sound or pictures yet.
    pub(super) fn lacks(&self, kind: Kind) -> bool {
        (kind.is_video() || kind.is_audio())
            && !self.current.iter().any(|offered| offered.is_video == kind.is_video())
    }

    /// All that the publisher has shown.
    pub(super) fn current(&self) -> &[Offered] {
        &self.current
    }

    /// Whether a tag tells what the colours of other pictures mean than those of the default track. ffmpeg does
    /// not say of which track they are, and one who is sent that track alone could not make sense of it.
    pub(super) fn are_colours_of_another(&self, kind: Kind, payload: &[u8]) -> bool {
        let (Some(codec), Some(own)) = (codec_of_colours(kind, payload), find(&self.current, true, 0)) else {
            return false;
        };
        codec.name() != own.name()
    }

    /// Looks at a publisher's tag.
    pub(super) fn see(&mut self, kind: Kind, payload: &[u8]) -> Seen {
        let mut seen = Seen::default();
        for (track, codec) in codecs(kind, payload) {
            let Seen { is_news, differs } = self.see_track(kind, track, codec);
            seen = Seen { is_news: seen.is_news || is_news, differs: seen.differs || differs };
        }
        if seen.differs {
            // Whoever reads from now on reads this publisher.
            self.earlier = None;
        }
        seen
    }

    fn see_track(&mut self, kind: Kind, track: u8, codec: Codec) -> Seen {
        let is_video = kind.is_video();
        let is_it = |offered: &&mut Offered| offered.is_video == is_video && offered.track == track;
        if let Some(known) = self.current.iter_mut().find(is_it) {
            // Only a header says that what follows is of another codec.
            let has_changed = known.codec != codec && kind.is_header();
            if has_changed {
                known.codec = codec;
            }
            return Seen { is_news: has_changed, differs: has_changed };
        }
        if self.current.len() >= MAX_TRACKS {
            return Seen::default();
        }
        self.current.push(Offered { is_video, track, codec });
        let earlier = self.earlier.as_ref();
        let differs = earlier.is_some_and(|earlier| find(earlier, is_video, track) != Some(codec));
        Seen { is_news: true, differs }
    }
}

fn find(tracks: &[Offered], is_video: bool, track: u8) -> Option<Codec> {
    let is_it = |offered: &&Offered| offered.is_video == is_video && offered.track == track;
    tracks.iter().find(is_it).map(|offered| offered.codec)
}

/// Tracks that are looked at: OBS sends ten of pictures and six of sound at most.
const MAX_TRACKS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(tracks: &mut Tracks, kind: Kind, payload: &'static [u8]) -> bool {
        tracks.see(kind, payload).differs
    }

    const AVC: &[u8] = &[0x17, 0, 0, 0, 0, 1];
    const HEVC: &[u8] = b"\x90hvc1\x01";
    const AAC: &[u8] = &[0xaf, 0, 0x12, 0x10];
    const SECOND_AAC: &[u8] = b"\x95\x00mp4a\x01\x12\x10";

    #[test]
    fn a_publisher_that_vanished_at_once_makes_no_stranger_of_the_next() {
        let mut tracks = Tracks::default();
        for _ in 0..2 {
            assert!(
                !differs(&mut tracks, Kind::VideoHeader, AVC)
                    && !differs(&mut tracks, Kind::AudioHeader, AAC)
            );
            tracks.restart();
        }
        assert!(!differs(&mut tracks, Kind::VideoHeader, AVC));
        tracks.restart();
        assert!(
            !differs(&mut tracks, Kind::VideoHeader, AVC) && !differs(&mut tracks, Kind::AudioHeader, AAC)
        );
        tracks.restart();
        assert!(differs(&mut tracks, Kind::VideoHeader, HEVC));
    }

    #[test]
    fn a_codec_that_changes_in_the_midst_is_noticed_at_its_header() {
        let mut tracks = Tracks::default();
        assert_eq!(tracks.see(Kind::VideoHeader, AVC), Seen { is_news: true, differs: false });
        assert_eq!(tracks.see(Kind::VideoHeader, AVC), Seen::default());
        assert_eq!(
            tracks.see(Kind::VideoKey, b"\x91hvc1\0\0\0"),
            Seen::default(),
            "nothing can be told by this"
        );
        assert_eq!(tracks.see(Kind::VideoHeader, HEVC), Seen { is_news: true, differs: true });
        assert_eq!(tracks.see(Kind::VideoHeader, HEVC), Seen::default());
    }

    #[test]
    fn colours_say_nothing_of_the_default_tracks_codec() {
        let mut tracks = Tracks::default();
        tracks.see(Kind::VideoHeader, AVC);
        let colours = b"\xd4av01\x02\x00\x09colorInfo";
        assert_eq!(tracks.see(Kind::VideoHeader, colours), Seen::default());
        assert!(tracks.are_colours_of_another(Kind::VideoHeader, colours));
        assert!(!tracks.are_colours_of_another(Kind::VideoHeader, b"\xd4avc1\x02\x00\x09colorInfo"));
        assert!(!tracks.are_colours_of_another(Kind::VideoHeader, HEVC), "these are none");
    }

    #[test]
    fn each_track_is_compared_with_its_like() {
        let mut tracks = Tracks::default();
        for _ in 0..2 {
            for (kind, header) in
                [(Kind::VideoHeader, AVC), (Kind::AudioHeader, AAC), (Kind::AudioHeader, SECOND_AAC)]
            {
                assert!(!differs(&mut tracks, kind, header));
            }
            tracks.restart();
        }
        differs(&mut tracks, Kind::AudioHeader, AAC);
        assert!(differs(&mut tracks, Kind::AudioHeader, b"\x95\x00Opus\x01"));
        assert_eq!(tracks.current().len(), 2);
    }

    #[test]
    fn tracks_are_bounded() {
        let mut tracks = Tracks::default();
        for id in 0..=255 {
            tracks.see(Kind::VideoHeader, &[b"\x96\x00hvc1".as_slice(), &[id]].concat());
        }
        assert_eq!(tracks.current().len(), MAX_TRACKS);
    }
}
