//! Codecs by name, and sets of them.

use std::fmt;
use std::marker::PhantomData;

use super::word::words;

/// A kind of compressed picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VideoCodec {
    /// H.264, AVC.
    H264,
    /// H.265, HEVC.
    Hevc,
    /// AV1.
    Av1,
    /// VP9.
    Vp9,
    /// VP8.
    Vp8,
    /// H.266, VVC.
    Vvc,
}

words!(VideoCodec { H264 = "h264", Hevc = "hevc", Av1 = "av1", Vp9 = "vp9", Vp8 = "vp8", Vvc = "vvc" });

/// A kind of compressed sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AudioCodec {
    /// AAC.
    Aac,
    /// MP3.
    Mp3,
    /// Opus.
    Opus,
    /// FLAC.
    Flac,
    /// Dolby Digital.
    Ac3,
    /// Dolby Digital Plus.
    Eac3,
}

words!(AudioCodec { Aac = "aac", Mp3 = "mp3", Opus = "opus", Flac = "flac", Ac3 = "ac3", Eac3 = "eac3" });

impl CodecName for VideoCodec {
    fn all() -> &'static [Self] {
        Self::ALL
    }

    fn title(self) -> &'static str {
        match self {
            Self::H264 => "H.264",
            Self::Hevc => "HEVC",
            Self::Av1 => "AV1",
            Self::Vp9 => "VP9",
            Self::Vp8 => "VP8",
            Self::Vvc => "VVC",
        }
    }
}

impl CodecName for AudioCodec {
    fn all() -> &'static [Self] {
        Self::ALL
    }

    fn title(self) -> &'static str {
        match self {
            Self::Aac => "AAC",
            Self::Mp3 => "MP3",
            Self::Opus => "Opus",
            Self::Flac => "FLAC",
            Self::Ac3 => "AC-3",
            Self::Eac3 => "E-AC-3",
        }
    }
}

/// Some codecs, or any, known or not.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct CodecSet<C: 'static> {
    /// A bit for each codec of `C::all`, in its order.
    bits: Option<u16>,
    of: PhantomData<C>,
}

/// A codec that can be in a [`CodecSet`].
pub trait CodecName: Copy + PartialEq + 'static {
    /// All there are.
    fn all() -> &'static [Self];

    /// What people call it.
    fn title(self) -> &'static str;
}

impl<C: CodecName> CodecSet<C> {
    /// Any, also ones that have no name here.
    pub const ANY: Self = Self { bits: None, of: PhantomData };

    /// These and no others.
    pub fn of(codecs: &[C]) -> Self {
        let bits = codecs.iter().fold(0, |bits, codec| bits | bit(*codec));
        Self { bits: Some(bits), of: PhantomData }
    }

    /// Whether this one is among them; `None` stands for one that has no name here.
    pub fn takes(self, codec: Option<C>) -> bool {
        self.bits.is_none_or(|bits| codec.is_some_and(|codec| bits & bit(codec) != 0))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.bits == Some(0)
    }

    /// Which they are; `None` for any.
    pub fn list(self) -> Option<Vec<C>> {
        let bits = self.bits?;
        Some(C::all().iter().copied().filter(|codec| bits & bit(*codec) != 0).collect())
    }
}

fn bit<C: CodecName>(codec: C) -> u16 {
    C::all().iter().position(|other| *other == codec).map_or(0, |index| 1 << index)
}

// Not derived: that would ask the same of `C`.
impl<C> Clone for CodecSet<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for CodecSet<C> {}

/// As in "H.264, HEVC or AV1".
impl<C: CodecName> fmt::Display for CodecSet<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(codecs) = self.list() else {
            return f.write_str("any codec");
        };
        let titles: Vec<&str> = codecs.into_iter().map(CodecName::title).collect();
        match titles.split_last() {
            None => f.write_str("none"),
            Some((last, [])) => f.write_str(last),
            Some((last, others)) => write!(f, "{} or {last}", others.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_takes_what_is_in_it_and_any_takes_what_nobody_knows() {
        let some = CodecSet::of(&[VideoCodec::H264, VideoCodec::Av1]);
        assert!(some.takes(Some(VideoCodec::Av1)) && !some.takes(Some(VideoCodec::Hevc)));
        assert!(!some.takes(None) && CodecSet::<VideoCodec>::ANY.takes(None));
        assert!(!CodecSet::of(&[]).takes(Some(AudioCodec::Aac)));
        assert_eq!(some.list(), Some(vec![VideoCodec::H264, VideoCodec::Av1]));
    }

    #[test]
    fn a_set_is_told_as_a_sentence_has_it() {
        use VideoCodec::{Av1, H264, Hevc};
        for (codecs, words) in [
            (&[][..], "none"),
            (&[H264], "H.264"),
            (&[Av1, H264], "H.264 or AV1"),
            (&[H264, Hevc, Av1], "H.264, HEVC or AV1"),
        ] {
            assert_eq!(CodecSet::of(codecs).to_string(), words);
        }
    }
}
