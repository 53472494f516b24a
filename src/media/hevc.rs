//! What an HEVC decoder's configuration tells of the pictures (ISO/IEC 14496-15, 8.3.3.1, and H.265, 7.3.2.2).

use super::bits::Bits;
use super::described::{Level, Picture, Size, chroma, rate};

/// What a decoder's configuration says; `None` if it makes no sense.
pub(super) fn read(record: &[u8]) -> Option<Picture> {
    let (fixed, arrays) = record.split_first_chunk::<23>()?;
    let [1, profile, _, _, _, _, constraints, _, _, _, _, _, level, _, _, _, format, depth, ..] = *fixed
    else {
        return None;
    };
    let average = u16::from_be_bytes([fixed[19], fixed[20]]);
    Some(Picture {
        size: set(arrays, fixed[22]).and_then(read_set),
        profile: profile_name(profile & 0x1f, profile & 0x20 != 0),
        level: Some(Level { major: level / 30, minor: level % 30 / 3 }),
        bit_depth: Some((depth & 7) + 8),
        chroma: chroma(u32::from(format & 3)),
        frame_rate: rate(u32::from(average), 256),
        is_interlaced: Some(constraints & 0xc0 == 0x40),
    })
}

/// The first sequence parameter set of so many arrays of units.
fn set(mut arrays: &[u8], count: u8) -> Option<&[u8]> {
    for _ in 0..count {
        let (kind, rest) = arrays.split_first()?;
        let (units, rest) = rest.split_first_chunk::<2>()?;
        arrays = rest;
        for _ in 0..u16::from_be_bytes(*units) {
            let (length, rest) = arrays.split_first_chunk::<2>()?;
            let (unit, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            if kind & 0x3f == SEQUENCE_PARAMETER_SET {
                return unit.get(2..);
            }
            arrays = rest;
        }
    }
    None
}

fn read_set(set: &[u8]) -> Option<Size> {
    let mut bits = Bits::of_unit(set);
    bits.skip(4)?;
    let layers = bits.take(3)?;
    bits.flag()?;
    skip_levels(&mut bits, layers)?;
    bits.golomb()?;
    let format = bits.golomb()?;
    let separate_planes = format == 3 && bits.flag()?;
    let (width, height) = (bits.golomb()?, bits.golomb()?);
    let (unit_x, unit_y) = match format {
        _ if separate_planes => (1, 1),
        0 | 3 => (1, 1),
        1 => (2, 2),
        2 => (2, 1),
        _ => return None,
    };
    let (mut crop_x, mut crop_y) = (0_u32, 0_u32);
    if bits.flag()? {
        crop_x = bits.golomb()?.checked_add(bits.golomb()?)?.checked_mul(unit_x)?;
        crop_y = bits.golomb()?.checked_add(bits.golomb()?)?.checked_mul(unit_y)?;
    }
    let size = (width.checked_sub(crop_x)?, height.checked_sub(crop_y)?);
    (size.0 > 0 && size.1 > 0).then_some(size)
}

/// Steps over profile, tier and level of the whole and of so many parts of it.
fn skip_levels(bits: &mut Bits<'_>, layers: u32) -> Option<()> {
    bits.skip(PROFILE + LEVEL)?;
    let mut present = 0;
    for _ in 0..layers {
        present += if bits.flag()? { PROFILE } else { 0 };
        present += if bits.flag()? { LEVEL } else { 0 };
    }
    if layers > 0 {
        bits.skip((8_u32.checked_sub(layers)?) * 2)?;
    }
    bits.skip(present)
}

fn profile_name(profile: u8, is_high_tier: bool) -> Option<&'static str> {
    Some(match (profile, is_high_tier) {
        (1, false) => "Main",
        (1, true) => "Main, High tier",
        (2, false) => "Main 10",
        (2, true) => "Main 10, High tier",
        (3, _) => "Main Still Picture",
        (4, false) => "Range Extensions",
        (4, true) => "Range Extensions, High tier",
        (9, _) => "Screen Content",
        _ => return None,
    })
}

const SEQUENCE_PARAMETER_SET: u8 = 33;
/// Bits of a profile with its tier and constraints.
const PROFILE: u32 = 88;
/// Bits of a level.
const LEVEL: u32 = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAIN: &str = "01016000000090000000000078f000fcfdf8f800000f042000010018400\
        10c01ffff016000000300900000030000030078959409210001002b4201010160000003009000000300000300\
        78a003c0801107cb965654a4c2f0168080000003008000000f0422000100064401c073c189";
    const MAIN_10: &str = "0122200000009000000000 0099f000fcfdfafa00000f04200001001840010c01ffff\
        222000000300900000030000030099959409210001002b420101222000000300900000030000030099a002b080301\
        cdb6595952930bc05a02000000300200000078122000100064401c073c189";

    fn record(hex: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(hex.replace(' ', "").as_bytes()).unwrap()
    }

    #[test]
    fn what_x265_writes_is_read() {
        let read = |hex| read(&record(hex)).unwrap();
        let main = read(MAIN);
        assert_eq!(main.size, Some((1_920, 1_080)));
        assert_eq!((main.profile, main.level), (Some("Main"), Some(Level { major: 4, minor: 0 })));
        assert_eq!((main.bit_depth, main.chroma, main.is_interlaced), (Some(8), Some("4:2:0"), Some(false)));
        let high = read(MAIN_10);
        assert_eq!(high.size, Some((1_366, 768)));
        assert_eq!((high.profile, high.bit_depth), (Some("Main 10, High tier"), Some(10)));
        assert_eq!(high.level, Some(Level { major: 5, minor: 1 }));
    }

    #[test]
    fn a_set_that_is_cut_off_loses_the_size_and_nothing_else() {
        let whole = record(MAIN);
        for end in 23..whole.len() - 20 {
            let cut = read(&whole[..end]).unwrap();
            assert_eq!((cut.size, cut.bit_depth), (None, Some(8)), "{end}");
        }
        assert_eq!(read(&whole[..22]), None);
    }

    proptest! {
        #[test]
        fn nothing_is_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..120), at in 0..60_usize) {
            let _ = read(&bytes);
            let _ = read_set(&bytes);
            let mut record = record(MAIN);
            record.splice(at..at, bytes);
            let _ = read(&record);
        }
    }
}
