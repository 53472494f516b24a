//! What an Opus decoder's configuration tells of the sound (RFC 7845, 5.1), and whether a frame is silence
//! (RFC 6716, 4.3).

use super::described::Sound;

/// What a decoder's configuration says; `None` if it makes no sense.
pub(super) fn read(record: &[u8]) -> Option<Sound> {
    let rest = record.strip_prefix(b"OpusHead")?;
    let channels = *rest.get(1)?;
    // Whatever went in, 48 kHz come out.
    Some(Sound {
        profile: None,
        sample_rate: Some(48_000),
        channels: Some(channels).filter(|count| *count > 0),
    })
}

/// Whether a frame says of itself that it is silent: one frame, of the coder for music, whose first bit of
/// fifteen zeros' likelihood is set.
pub(super) fn is_silence(frame: &[u8]) -> bool {
    matches!(frame, [first, 0xff, 0xfe..=0xff, ..] if first >> 3 >= MUSIC && first & 3 == 0)
}

/// The first configuration in which only the coder for music is used.
const MUSIC: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ffmpeg_writes_is_read() {
        let head = data_encoding::HEXLOWER.decode(b"4f707573486561640106380180bb0000000000").unwrap();
        assert_eq!(read(&head), Some(Sound { profile: None, sample_rate: Some(48_000), channels: Some(6) }));
        for other in [&b""[..], b"OpusHead", b"OpusHead\x01", b"OpusTags\x01\x02"] {
            assert_eq!(read(other), None, "{other:02x?}");
        }
    }

    #[test]
    fn silence_is_told_from_all_that_is_not() {
        assert!(is_silence(&[0xfc, 0xff, 0xfe]));
        // Noise, what is coded as speech, and what is not there.
        for frame in [&[0xf8, 0x61, 0x20, 0xd2][..], &[0x08, 0xff, 0xfe], &[0xfc], &[]] {
            assert!(!is_silence(frame), "{frame:02x?}");
        }
    }
}
