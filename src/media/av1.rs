//! What an AV1 decoder's configuration tells of the pictures (AV1 in ISO BMFF, 2.3, and AV1, 5.5).

use super::bits::Bits;
use super::described::{Level, Picture, Size, rate};

/// What a decoder's configuration says; `None` if it makes no sense.
pub(super) fn read(record: &[u8]) -> Option<Picture> {
    let (fixed, units) = record.split_first_chunk::<4>()?;
    let [0x81, profile, flags, _] = *fixed else {
        return None;
    };
    let level = profile & 0x1f;
    let header = sequence_header(units).and_then(read_header);
    Some(Picture {
        size: header.map(|(size, _)| size),
        profile: ["Main", "High", "Professional"].get(usize::from(profile >> 5)).copied(),
        level: (level < NO_LEVEL).then_some(Level { major: 2 + (level >> 2), minor: level & 3 }),
        bit_depth: Some(match (flags >> 6 & 1, flags >> 5 & 1) {
            (0, _) => 8,
            (_, 0) => 10,
            _ => 12,
        }),
        chroma: Some(match flags >> 2 & 7 {
            4.. => "4:0:0",
            3 => "4:2:0",
            2 => "4:2:2",
            _ => "4:4:4",
        }),
        frame_rate: header.and_then(|(_, rate)| rate),
        is_interlaced: Some(false),
    })
}

/// The content of the sequence header, which comes first.
fn sequence_header(units: &[u8]) -> Option<&[u8]> {
    let (first, mut rest) = units.split_first()?;
    if first >> 3 & 0x0f != SEQUENCE_HEADER {
        return None;
    }
    if first & HAS_EXTENSION != 0 {
        rest = rest.get(1..)?;
    }
    if first & HAS_SIZE != 0 {
        // The size is of no use: what is read ends before it does.
        let length = rest.iter().take(MOST_SIZE).position(|byte| byte & 0x80 == 0)?;
        rest = rest.get(length + 1..)?;
    }
    Some(rest)
}

fn read_header(header: &[u8]) -> Option<(Size, Option<f64>)> {
    let mut bits = Bits::new(header);
    bits.skip(4)?;
    let mut rate = None;
    if bits.flag()? {
        bits.skip(5)?;
    } else {
        let mut delay_length = None;
        if bits.flag()? {
            rate = read_rate(&mut bits)?;
            if bits.flag()? {
                delay_length = Some(bits.take(5)? + 1);
                bits.skip(32 + 5 + 5)?;
            }
        }
        skip_points(&mut bits, delay_length)?;
    }
    let (width, height) = (bits.take(4)? + 1, bits.take(4)? + 1);
    Some(((bits.take(width)? + 1, bits.take(height)? + 1), rate))
}

fn read_rate(bits: &mut Bits<'_>) -> Option<Option<f64>> {
    let (per_tick, ticks) = (bits.take(32)?, bits.take(32)?);
    // Without this, pictures take as long as they like.
    if !bits.flag()? {
        return Some(None);
    }
    let per_picture = u64::from(bits.golomb()?) + 1;
    Some(rate(ticks, u64::from(per_tick).saturating_mul(per_picture)))
}

fn skip_points(bits: &mut Bits<'_>, delay_length: Option<u32>) -> Option<()> {
    let tells_delay = bits.flag()?;
    for _ in 0..=bits.take(5)? {
        bits.skip(12)?;
        if bits.take(5)? > LAST_WITHOUT_TIER {
            bits.flag()?;
        }
        if let Some(length) = delay_length
            && bits.flag()?
        {
            bits.skip(2 * length + 1)?;
        }
        if tells_delay && bits.flag()? {
            bits.skip(4)?;
        }
    }
    Some(())
}

const SEQUENCE_HEADER: u8 = 1;
const HAS_EXTENSION: u8 = 4;
const HAS_SIZE: u8 = 2;
/// Bytes of the longest size.
const MOST_SIZE: usize = 8;
/// From here on, a level is a word for there being none.
const NO_LEVEL: u8 = 24;
const LAST_WITHOUT_TIER: u32 = 7;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(hex: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    #[test]
    fn what_encoders_write_is_read() {
        for (hex, size, level, bit_depth) in [
            // SVT-AV1, once with ten bits, and libaom.
            ("81050c000a0c0200002d2a67fd9e017c0020", (1_280, 720), (3, 1), 8),
            ("81044c000a0c0200002526355ef805f08080", (854, 480), (3, 0), 10),
            ("81010c000a0b0000000cc4ff6736be4010", (640, 360), (2, 1), 8),
        ] {
            let picture = read(&record(hex)).unwrap();
            assert_eq!((picture.size, picture.profile), (Some(size), Some("Main")), "{hex}");
            assert_eq!(picture.level, Some(Level { major: level.0, minor: level.1 }), "{hex}");
            assert_eq!((picture.bit_depth, picture.chroma), (Some(bit_depth), Some("4:2:0")), "{hex}");
        }
    }

    #[test]
    fn what_is_cut_off_loses_the_size_and_what_is_no_record_tells_nothing() {
        let whole = record("81050c000a0c0200002d2a67fd9e017c0020");
        for end in 4..10 {
            assert_eq!(read(&whole[..end]).unwrap().size, None, "{end}");
        }
        assert_eq!((read(&whole[..3]), read(b""), read(b"\x01\x05\x0c\x00")), (None, None, None));
    }

    proptest! {
        #[test]
        fn nothing_is_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
            let _ = read_header(&bytes);
            let _ = read(&[&[0x81, 5, 12, 0, 0x0a, 0x0c][..], &bytes].concat());
        }
    }
}
