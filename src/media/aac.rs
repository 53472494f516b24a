//! What an AAC decoder's configuration tells of the sound (ISO/IEC 14496-3, 1.6.2.1), and whether a frame is
//! silence (4.4.2).

use super::bits::Bits;
use super::described::Sound;

/// What a decoder's configuration says; `None` if it makes no sense.
pub(super) fn read(record: &[u8]) -> Option<Sound> {
    let mut bits = Bits::new(record);
    let mut object = read_object(&mut bits)?;
    let mut sample_rate = read_rate(&mut bits)?;
    let channels = channels(bits.take(4)?);
    // What widens the band is told first, and what it widens after it.
    let widened = match object {
        SPECTRAL_BAND | PARAMETRIC_STEREO => {
            sample_rate = read_rate(&mut bits)?;
            true
        }
        _ => false,
    };
    if !widened && let Some((added, rate)) = read_added(&mut bits, object) {
        (object, sample_rate) = (added, rate);
    }
    // Both channels come of one.
    let channels = if object == PARAMETRIC_STEREO { channels.map(|count| count.max(2)) } else { channels };
    let sample_rate = Some(sample_rate).filter(|rate| (1..=MOST_SAMPLES).contains(rate));
    Some(Sound { profile: profile_name(object), sample_rate, channels })
}

fn read_object(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.take(5)? {
        31 => Some(32 + bits.take(6)?),
        object => Some(object),
    }
}

fn read_rate(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.take(4)? {
        15 => bits.take(24),
        index => RATES.get(usize::try_from(index).ok()?).copied(),
    }
}

/// What widens the band, told behind the rest where old decoders do not look.
fn read_added(bits: &mut Bits<'_>, object: u32) -> Option<(u32, u32)> {
    if !matches!(object, 1..=4) {
        return None;
    }
    bits.flag()?;
    if bits.flag()? {
        bits.skip(14)?;
    }
    bits.flag()?;
    let is_widened = bits.take(11)? == ADDED && read_object(bits)? == SPECTRAL_BAND && bits.flag()?;
    let rate = if is_widened { read_rate(bits)? } else { return None };
    let is_parametric = bits.take(11) == Some(ADDED_STEREO) && bits.flag() == Some(true);
    Some((if is_parametric { PARAMETRIC_STEREO } else { SPECTRAL_BAND }, rate))
}

fn channels(configuration: u32) -> Option<u8> {
    match configuration {
        count @ 1..=6 => u8::try_from(count).ok(),
        7 | 12 | 14 => Some(8),
        11 => Some(7),
        _ => None,
    }
}

fn profile_name(object: u32) -> Option<&'static str> {
    Some(match object {
        1 => "Main",
        2 => "LC",
        3 => "SSR",
        4 => "LTP",
        SPECTRAL_BAND => "HE",
        23 => "LD",
        PARAMETRIC_STEREO => "HE v2",
        39 => "ELD",
        42 => "xHE",
        _ => return None,
    })
}

/// Whether no channel of a frame has anything but zeros in its spectrum: what an encoder makes of samples that
/// are all zero. `None` if it cannot be read as far as that.
pub(super) fn is_silence(frame: &[u8]) -> Option<bool> {
    let mut bits = Bits::new(frame);
    let mut channels = 0;
    loop {
        let element = bits.take(3)?;
        match element {
            END => return Some(channels > 0),
            FILL => {
                let count = read_count(&mut bits, 4)?;
                bits.skip(count * 8)?;
            }
            DATA => {
                bits.skip(4)?;
                let is_aligned = bits.flag()?;
                let count = read_count(&mut bits, 8)?;
                if is_aligned {
                    bits.align();
                }
                bits.skip(count * 8)?;
            }
            SINGLE | LOW => {
                bits.skip(4)?;
                channels += 1;
                if !is_empty_channel(&mut bits, None)? {
                    return Some(false);
                }
            }
            PAIR => {
                bits.skip(4)?;
                channels += 2;
                let shared = if bits.flag()? { Some(read_shared(&mut bits)?) } else { None };
                if !is_empty_channel(&mut bits, shared)? || !is_empty_channel(&mut bits, shared)? {
                    return Some(false);
                }
            }
            _ => return None,
        }
    }
}

/// How a channel's spectrum is cut into windows and bands.
#[derive(Debug, Clone, Copy)]
struct Cut {
    groups: u32,
    bands: u32,
    is_short: bool,
}

/// A number whose greatest value stands for "and more".
fn read_count(bits: &mut Bits<'_>, length: u32) -> Option<u32> {
    let count = bits.take(length)?;
    let most = (1 << length) - 1;
    if count < most {
        return Some(count);
    }
    let more = bits.take(8)?;
    // The shorter one counts its own last value twice.
    Some(if length == 4 { (count + more).saturating_sub(1) } else { count + more })
}

fn read_cut(bits: &mut Bits<'_>) -> Option<Cut> {
    bits.flag()?;
    let is_short = bits.take(2)? == EIGHT_SHORT;
    bits.flag()?;
    if is_short {
        let bands = bits.take(4)?;
        let groups = 8 - bits.take(7)?.count_ones();
        return Some(Cut { groups, bands, is_short });
    }
    let bands = bits.take(6)?;
    // Prediction is of profiles that nobody streams.
    (!bits.flag()?).then_some(Cut { groups: 1, bands, is_short })
}

fn read_shared(bits: &mut Bits<'_>) -> Option<Cut> {
    let cut = read_cut(bits)?;
    if bits.take(2)? == 1 {
        bits.skip(cut.groups * cut.bands)?;
    }
    Some(cut)
}

fn is_empty_channel(bits: &mut Bits<'_>, shared: Option<Cut>) -> Option<bool> {
    bits.skip(8)?;
    let cut = match shared {
        Some(cut) => cut,
        None => read_cut(bits)?,
    };
    let length = if cut.is_short { 3 } else { 5 };
    for _ in 0..cut.groups {
        let mut band = 0;
        while band < cut.bands {
            if bits.take(4)? != ALL_ZERO {
                return Some(false);
            }
            loop {
                let more = bits.take(length)?;
                band += more;
                if more != (1 << length) - 1 {
                    break;
                }
            }
        }
    }
    // Pulses, shaped noise and gain would be of something.
    Some(bits.take(3)? == 0)
}

const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// Beyond what any encoder sends.
const MOST_SAMPLES: u32 = 384_000;

const SPECTRAL_BAND: u32 = 5;
const PARAMETRIC_STEREO: u32 = 29;
const ADDED: u32 = 0x2b7;
const ADDED_STEREO: u32 = 0x548;

// The elements of a frame.
const SINGLE: u32 = 0;
const PAIR: u32 = 1;
const LOW: u32 = 3;
const DATA: u32 = 4;
const FILL: u32 = 6;
const END: u32 = 7;

const EIGHT_SHORT: u32 = 2;
/// The code book of bands in which there is nothing.
const ALL_ZERO: u32 = 0;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    fn sound(profile: &'static str, rate: u32, channels: u8) -> Option<Sound> {
        Some(Sound { profile: Some(profile), sample_rate: Some(rate), channels: Some(channels) })
    }

    #[test]
    fn what_encoders_write_is_read() {
        for (record, expected) in [
            ("1210", sound("LC", 44_100, 2)),
            // ffmpeg, which says that nothing is added.
            ("1190", sound("LC", 48_000, 2)),
            ("119056e500", sound("LC", 48_000, 2)),
            ("118856e500", sound("LC", 48_000, 1)),
            ("11b056e500", sound("LC", 48_000, 6)),
            // HE told first, told behind, and with its stereo told behind.
            ("2b118800", sound("HE", 48_000, 2)),
            ("131056e598", sound("HE", 48_000, 2)),
            ("130856e59d4880", sound("HE v2", 48_000, 2)),
            ("eb098800", sound("HE v2", 48_000, 2)),
            // A rate by its number.
            ("1780562210", sound("LC", 44_100, 2)),
        ] {
            assert_eq!(read(&hex(record)), expected, "{record}");
        }
        assert_eq!(read(&hex("12")), None);
        assert_eq!(read(b""), None);
        assert_eq!(read(&hex("1700")), None, "a rate that is none");
    }

    #[test]
    fn silence_is_told_from_all_that_is_not() {
        for frame in [
            // ffmpeg: stereo, mono, the first frame with the encoder's name in it, and six channels.
            "211004608c1c",
            "01182007",
            "dc004c61766336332e312e31303200422008c11838",
            "dc004c61766336332e312e313032000230400e",
            "011820010880230460231004608c0c230000e0",
        ] {
            assert_eq!(is_silence(&hex(frame)), Some(true), "{frame}");
        }
        for frame in [
            // A tone, and noise of a hundred-thousandth.
            "214c6cfe07fe7fe7fe4c5b2da455aaac9109b95995f5",
            "211a89fffffe00013e0146c16c7446140d8e847fff7a",
        ] {
            assert_ne!(is_silence(&hex(frame)), Some(true), "{frame}");
        }
        assert_eq!(is_silence(&[0xff]), Some(false), "an end of nothing");
        assert_eq!(is_silence(b""), None);
    }

    proptest! {
        #[test]
        fn nothing_is_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
            let _ = is_silence(&bytes);
        }
    }
}
