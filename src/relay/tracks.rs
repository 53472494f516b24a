//! Which codecs a publisher's sound and pictures have, and whether the next publisher's are the same.
//!
//! A session that a target took with one codec must not be fed another: decoders show a green picture,
//! and platforms call it healthy.

use crate::media::flv::{Codec, codec};
use crate::media::{Kind, Tag};

/// The codecs of one publisher after another.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    current: Codecs,
    /// Those of the publisher before, if it got so far as to show any.
    earlier: Option<Codecs>,
}

/// The first codec seen of sound and of pictures.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Codecs {
    audio: Option<Codec>,
    video: Option<Codec>,
}

impl Tracks {
    /// Another publisher follows.
    pub(super) fn restart(&mut self) {
        let last = std::mem::take(&mut self.current);
        if last != Codecs::default() {
            // One that vanished at once may not have shown all it had.
            let before = self.earlier.unwrap_or_default();
            self.earlier =
                Some(Codecs { audio: last.audio.or(before.audio), video: last.video.or(before.video) });
        }
    }

    /// Whether the codec of such sound or pictures is not known yet.
    pub(super) fn lacks(&mut self, kind: Kind) -> bool {
        self.current.of_mut(kind).is_some_and(|slot| slot.is_none())
    }

    /// Looks at a publisher's tag; whether it is the first of it that differs from the publisher
    /// before in codec, or in there being such a track at all.
    pub(super) fn differ(&mut self, tag: &Tag) -> bool {
        let Some(slot) = self.current.of_mut(tag.kind) else {
            return false;
        };
        if slot.is_some() {
            return false;
        }
        *slot = codec(tag.kind, &tag.payload);
        let differs = match (*slot, self.earlier) {
            (Some(found), Some(earlier)) => earlier.of(tag.kind) != Some(found),
            _ => false,
        };
        if differs {
            // Whoever reads from now on reads this publisher.
            self.earlier = None;
        }
        differs
    }
}

impl Codecs {
    fn of(mut self, kind: Kind) -> Option<Codec> {
        self.of_mut(kind).copied().flatten()
    }

    fn of_mut(&mut self, kind: Kind) -> Option<&mut Option<Codec>> {
        if kind.is_video() {
            Some(&mut self.video)
        } else if kind.is_audio() {
            Some(&mut self.audio)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn show(tracks: &mut Tracks, kind: Kind, payload: &'static [u8]) -> bool {
        tracks.differ(&Tag { kind, timestamp: 0, payload: Bytes::from_static(payload) })
    }

    const AVC: &[u8] = &[0x17, 0, 0, 0, 0, 1];
    const AAC: &[u8] = &[0xaf, 0, 0x12, 0x10];

    #[test]
    fn a_publisher_that_vanished_at_once_makes_no_stranger_of_the_next() {
        let mut tracks = Tracks::default();
        for _ in 0..2 {
            assert!(!show(&mut tracks, Kind::VideoHeader, AVC) && !show(&mut tracks, Kind::AudioHeader, AAC));
            tracks.restart();
        }
        assert!(!show(&mut tracks, Kind::VideoHeader, AVC));
        tracks.restart();
        assert!(!show(&mut tracks, Kind::VideoHeader, AVC) && !show(&mut tracks, Kind::AudioHeader, AAC));
        tracks.restart();
        assert!(show(&mut tracks, Kind::VideoHeader, b"\x90hvc1\x01"));
    }
}
