//! What codecs are called.

use super::{Codec, Name};

impl Codec {
    /// What people call it, the same for a classic number and a FourCC; `other` for what is in no list. A
    /// publisher cannot make up names: they become labels of metrics.
    pub fn name(self) -> &'static str {
        match self.0 {
            Name::Video(number) => video(number),
            Name::Sound(number) => sound(number),
            Name::FourCc(four_cc) => four_cc_name(&four_cc),
        }
    }
}

fn video(number: u8) -> &'static str {
    match number {
        2 => "h263",
        3 | 6 => "screen",
        4 | 5 => "vp6",
        7 => "avc",
        12 => "hevc",
        13 => "av1",
        _ => "other",
    }
}

fn sound(number: u8) -> &'static str {
    match number {
        0 | 3 => "pcm",
        1 => "adpcm",
        2 | 14 => "mp3",
        4..=6 => "nellymoser",
        7 => "g711a",
        8 => "g711u",
        10 => "aac",
        11 => "speex",
        _ => "other",
    }
}

fn four_cc_name(four_cc: &[u8; 4]) -> &'static str {
    match four_cc {
        b"avc1" => "avc",
        b"hvc1" => "hevc",
        b"vvc1" => "vvc",
        b"av01" => "av1",
        b"vp08" => "vp8",
        b"vp09" => "vp9",
        b"mp4a" => "aac",
        b"Opus" => "opus",
        b"fLaC" => "flac",
        b"ac-3" => "ac3",
        b"ec-3" => "eac3",
        b".mp3" => "mp3",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec;
    use crate::media::Kind;

    #[test]
    fn both_forms_of_a_codec_have_one_name_and_no_name_is_a_publishers() {
        for (kind, payload, name) in [
            (Kind::VideoHeader, &b"\x17\x00"[..], "avc"),
            (Kind::VideoHeader, b"\x90avc1", "avc"),
            (Kind::VideoKey, b"\x1c\x01", "hevc"),
            (Kind::VideoKey, b"\x91hvc1", "hevc"),
            (Kind::VideoKey, b"\x91EVIL", "other"),
            (Kind::VideoKey, b"\x1f", "other"),
            (Kind::AudioHeader, b"\xaf\x00", "aac"),
            (Kind::AudioHeader, b"\x90mp4a", "aac"),
            (Kind::Audio, b"\x2f", "mp3"),
            (Kind::Audio, b"\x91Opus", "opus"),
        ] {
            assert_eq!(codec(kind, payload).unwrap().name(), name, "{payload:02x?}");
        }
    }
}
