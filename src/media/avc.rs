//! The size of the pictures, as an AVC decoder's configuration tells it (ISO/IEC 14496-15, 5.3.3.1, and
//! H.264, 7.3.2.1.1).
//!
//! What an encoder writes into its metadata may be anything; this is what decoders go by.

use super::Kind;
use super::flv::{configuration, video_kind};

/// Width and height in pixels.
pub type Size = (u32, u32);

/// The size told by a video header; `None` if it is of another codec, or makes no sense.
pub fn size(header: &[u8]) -> Option<Size> {
    let (codec, record) = configuration(Kind::VideoHeader, header)?;
    if codec.name() != "avc" || video_kind(header) != Kind::VideoHeader {
        return None;
    }
    let sets = record.get(5)? & 0x1f;
    let (length, rest) = record.get(6..)?.split_first_chunk::<2>()?;
    let set = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
    let (unit, set) = set.split_first()?;
    (sets > 0 && unit & 0x1f == SEQUENCE_PARAMETER_SET).then(|| read_set(set)).flatten()
}

fn read_set(set: &[u8]) -> Option<Size> {
    let mut bits = Bits::new(set);
    let profile = bits.take(8)?;
    bits.take(16)?;
    bits.golomb()?;
    let mut chroma = 1;
    let mut separate_planes = false;
    if HIGH_PROFILES.contains(&profile) {
        chroma = bits.golomb()?;
        separate_planes = chroma == 3 && bits.flag()?;
        bits.golomb()?;
        bits.golomb()?;
        bits.flag()?;
        if bits.flag()? {
            skip_scaling_lists(&mut bits, if chroma == 3 { 12 } else { 8 })?;
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
    let fields = if frames_only { 1 } else { 2 };
    let (unit_x, unit_y) = match chroma {
        _ if separate_planes => (1, 1),
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
    let width = columns.checked_mul(16)?.checked_sub(crop_x)?;
    let height = rows.checked_mul(16 * fields)?.checked_sub(crop_y)?;
    (width > 0 && height > 0).then_some((width, height))
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

/// Bits, without the bytes that only keep them from looking like a start code.
struct Bits<'a> {
    rest: &'a [u8],
    zeros: u8,
    byte: u8,
    left: u8,
}

impl<'a> Bits<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self { rest, zeros: 0, byte: 0, left: 0 }
    }

    fn flag(&mut self) -> Option<bool> {
        if self.left == 0 {
            self.byte = self.next_byte()?;
            self.left = 8;
        }
        self.left -= 1;
        Some(self.byte >> self.left & 1 == 1)
    }

    fn next_byte(&mut self) -> Option<u8> {
        let (mut byte, mut rest) = self.rest.split_first()?;
        if self.zeros >= 2 && *byte == 3 {
            self.zeros = 0;
            (byte, rest) = rest.split_first()?;
        }
        self.zeros = if *byte == 0 { self.zeros.saturating_add(1) } else { 0 };
        self.rest = rest;
        Some(*byte)
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |number, _| Some(number << 1 | u32::from(self.flag()?)))
    }

    /// An unsigned Exp-Golomb number of up to 32 bits.
    fn golomb(&mut self) -> Option<u32> {
        let mut length = 0;
        while !self.flag()? {
            length += 1;
            if length > 31 {
                return None;
            }
        }
        Some((1 << length) - 1 + self.take(length)?)
    }

    fn signed_golomb(&mut self) -> Option<i64> {
        let number = i64::from(self.golomb()?);
        Some(if number % 2 == 0 { -number / 2 } else { (number + 1) / 2 })
    }
}

const SEQUENCE_PARAMETER_SET: u8 = 7;

/// Profiles whose sets tell of chroma and scaling.
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(set: &[u8]) -> Vec<u8> {
        let length = u16::try_from(set.len()).unwrap().to_be_bytes();
        [&[0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe1], &length[..], set, &[1, 0, 0]].concat()
    }

    #[test]
    fn the_size_of_what_x264_writes_is_read() {
        for (set, expected) in [
            // High and cropped, baseline, cropped at the side, fields, 4:2:2, 4:4:4, grey.
            ("67640028acd940780227e5c044000003000400000300c83c60c658", (1920, 1080)),
            ("6742c01fd9005005bb011000000300100000030320f1832480", (1280, 720)),
            ("674d401eeca06c1ef37808800000030080000019078b16cb", (854, 480)),
            ("6764001eacd940b424d8088000000300800000190f8a14cb", (720, 576)),
            ("677a0020bcd94056061e6f011000000300100000030320f1831960", (1366, 768)),
            ("67f4001f919b281f820f131b80880000030008000003019078c18cb0", (1000, 500)),
            ("6764001ef3650280bfe27016c80000030008000003019078b16cb0", (640, 360)),
        ] {
            let set = data_encoding::HEXLOWER.decode(set.as_bytes()).unwrap();
            let header = header(&set);
            assert_eq!(size(&header), Some(expected), "{set:02x?}");
            let enhanced = [b"\x90avc1", &header[5..]].concat();
            assert_eq!(size(&enhanced), Some(expected));
            for end in 0..header.len() - 8 {
                let cut = size(&header[..end]);
                assert_eq!(cut, None, "a set that is cut off tells nothing");
            }
        }
    }

    #[test]
    fn scaling_lists_are_stepped_over() {
        let golomb = |number: u32| {
            let bits = format!("{:b}", number + 1);
            format!("{}{bits}", "0".repeat(bits.len() - 1))
        };
        let numbers = |numbers: &[u32]| numbers.iter().map(|number| golomb(*number)).collect::<String>();
        let bits = [
            &format!("{:08b}{:016b}", 100, 0x001f),
            &numbers(&[0, 1, 0, 0]),
            // The first list has sixteen numbers, the second ends at its first, and six are not there.
            "01",
            &format!("1{}", numbers(&[0; 16])),
            &format!("1{}", golomb(16)),
            "000000",
            &numbers(&[0, 2, 1]),
            "0",
            &numbers(&[119, 67]),
            "111",
            &numbers(&[0, 0, 0, 4]),
            "10000000",
        ]
        .concat();
        let byte =
            |bits: &[u8]| u8::from_str_radix(&format!("{:0<8}", str::from_utf8(bits).unwrap()), 2).unwrap();
        let set: Vec<u8> = bits.as_bytes().chunks(8).map(byte).collect();
        assert_eq!(read_set(&set), Some((1920, 1080)));
    }

    #[test]
    fn what_is_no_avc_header_tells_nothing() {
        for other in
            [&b""[..], b"\x17\x00", b"\x17\x01\x00\x00\x00\x01", b"\x90hvc1\x01", b"\xaf\x00\x12\x10"]
        {
            assert_eq!(size(other), None, "{other:02x?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_too_strange(set in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = read_set(&set);
            let _ = size(&header(&set));
            let _ = size(&set);
        }
    }
}
