//! What an AVC decoder's configuration tells of the pictures (ISO/IEC 14496-15, 5.3.3.1, and H.264, 7.3.2.1.1
//! and E.1.1).

use super::bits::Bits;
use super::described::{Level, Picture, Size, chroma, rate};

/// What a decoder's configuration says; `None` if it makes no sense.
pub(super) fn read(record: &[u8]) -> Option<Picture> {
    let sets = record.get(5)? & 0x1f;
    let (length, rest) = record.get(6..)?.split_first_chunk::<2>()?;
    let set = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
    let (unit, set) = set.split_first()?;
    (sets > 0 && unit & 0x1f == SEQUENCE_PARAMETER_SET).then(|| read_set(set)).flatten()
}

fn read_set(set: &[u8]) -> Option<Picture> {
    let mut bits = Bits::of_unit(set);
    let profile = bits.take(8)?;
    let constraints = bits.take(8)?;
    let level = bits.take_byte(8)?;
    bits.golomb()?;
    let mut format = 1;
    let mut separate_planes = false;
    let mut bit_depth = 8;
    if HIGH_PROFILES.contains(&profile) {
        format = bits.golomb()?;
        separate_planes = format == 3 && bits.flag()?;
        bit_depth = bits.golomb()?.checked_add(8)?;
        bits.golomb()?;
        bits.flag()?;
        if bits.flag()? {
            skip_scaling_lists(&mut bits, if format == 3 { 12 } else { 8 })?;
        }
    }
    bits.golomb()?;
    skip_order_count(&mut bits)?;
    bits.golomb()?;
    bits.flag()?;
    let columns = bits.golomb()?.checked_add(1)?;
    let rows = bits.golomb()?.checked_add(1)?;
    let frames_only = bits.flag()?;
    if !frames_only {
        bits.flag()?;
    }
    bits.flag()?;
    let shape = Shape { columns, rows, frames_only, format, separate_planes };
    let size = shape.size(&mut bits)?;
    Some(Picture {
        size: Some(size),
        profile: profile_name(profile, constraints),
        level: Some(Level { major: level / 10, minor: level % 10 }),
        bit_depth: u8::try_from(bit_depth).ok().filter(|depth| *depth <= 16),
        chroma: chroma(format),
        frame_rate: read_rate(&mut bits),
        is_interlaced: Some(!frames_only),
    })
}

/// Macroblocks, and what they are made of.
struct Shape {
    columns: u32,
    rows: u32,
    frames_only: bool,
    format: u32,
    separate_planes: bool,
}

impl Shape {
    fn size(&self, bits: &mut Bits<'_>) -> Option<Size> {
        let fields = if self.frames_only { 1 } else { 2 };
        let (unit_x, unit_y) = match self.format {
            _ if self.separate_planes => (1, 1),
            0 | 3 => (1, 1),
            1 => (2, 2),
            2 => (2, 1),
            _ => return None,
        };
        let (mut crop_x, mut crop_y) = (0_u32, 0_u32);
        if bits.flag()? {
            crop_x = bits.golomb()?.checked_add(bits.golomb()?)?.checked_mul(unit_x)?;
            crop_y = bits.golomb()?.checked_add(bits.golomb()?)?.checked_mul(unit_y * fields)?;
        }
        let width = self.columns.checked_mul(16)?.checked_sub(crop_x)?;
        let height = self.rows.checked_mul(16 * fields)?.checked_sub(crop_y)?;
        (width > 0 && height > 0).then_some((width, height))
    }
}

/// The rate in what is told for players (VUI), if any is.
fn read_rate(bits: &mut Bits<'_>) -> Option<f64> {
    if !bits.flag()? {
        return None;
    }
    if bits.flag()? && bits.take(8)? == OTHER_ASPECT {
        bits.skip(32)?;
    }
    if bits.flag()? {
        bits.flag()?;
    }
    if bits.flag()? {
        bits.skip(4)?;
        if bits.flag()? {
            bits.skip(24)?;
        }
    }
    if bits.flag()? {
        bits.golomb()?;
        bits.golomb()?;
    }
    if !bits.flag()? {
        return None;
    }
    let ticks_per_field = bits.take(32)?;
    rate(bits.take(32)?, u64::from(ticks_per_field) * 2)
}

fn profile_name(profile: u32, constraints: u32) -> Option<&'static str> {
    Some(match profile {
        66 if constraints & 0x40 != 0 => "Constrained Baseline",
        66 => "Baseline",
        77 => "Main",
        88 => "Extended",
        100 => "High",
        110 => "High 10",
        122 => "High 4:2:2",
        244 => "High 4:4:4",
        44 => "CAVLC 4:4:4",
        _ => return None,
    })
}

fn skip_scaling_lists(bits: &mut Bits<'_>, lists: u32) -> Option<()> {
    for list in 0..lists {
        if !bits.flag()? {
            continue;
        }
        let (mut last, mut next) = (8_i64, 8_i64);
        for _ in 0..if list < 6 { 16 } else { 64 } {
            if next != 0 {
                next = (last + bits.signed_golomb()?).rem_euclid(256);
            }
            last = if next == 0 { last } else { next };
        }
    }
    Some(())
}

fn skip_order_count(bits: &mut Bits<'_>) -> Option<()> {
    match bits.golomb()? {
        0 => {
            bits.golomb()?;
        }
        1 => {
            bits.flag()?;
            bits.golomb()?;
            bits.golomb()?;
            // A count that is made up ends with the bits.
            for _ in 0..bits.golomb()? {
                bits.golomb()?;
            }
        }
        _ => {}
    }
    Some(())
}

const SEQUENCE_PARAMETER_SET: u8 = 7;

/// The aspect of a picture's samples that is told by two numbers.
const OTHER_ASPECT: u32 = 255;

/// Profiles whose sets tell of chroma and scaling.
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

#[cfg(test)]
mod tests;
