use super::*;
use crate::media::Picture;
use proptest::prelude::*;

fn size(header: &[u8]) -> Option<Size> {
    Picture::of_header(header)?.size
}

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
fn what_kind_of_picture_it_is_is_read() {
    for (set, profile, level, depth, chroma, rate, interlaced) in [
        ("67640028acd940780227e5c044000003000400000300c83c60c658", "High", "4.0", 8, "4:2:0", 25.0, false),
        (
            "6742c020da014016ec0440000003004000001e03c60ca8",
            "Constrained Baseline",
            "3.2",
            8,
            "4:2:0",
            60.0,
            false,
        ),
        ("6764001eacd940b424d8088000000300800000190f8a14cb", "High", "3.0", 8, "4:2:0", 25.0, true),
        (
            "677a0020bcd94056061e6f011000000300100000030320f1831960",
            "High 4:2:2",
            "3.2",
            8,
            "4:2:2",
            25.0,
            false,
        ),
        ("676e001fa6cd9405005bb01100000303e90000ea600f183196", "High 10", "3.1", 10, "4:2:0", 29.97, false),
        (
            "67f4001f919b281f820f131b80880000030008000003019078c18cb0",
            "High 4:4:4",
            "3.1",
            8,
            "4:4:4",
            25.0,
            false,
        ),
    ] {
        let set = data_encoding::HEXLOWER.decode(set.as_bytes()).unwrap();
        let picture = Picture::of_header(&header(&set)).unwrap();
        assert_eq!((picture.profile, picture.chroma), (Some(profile), Some(chroma)), "{set:02x?}");
        assert_eq!((picture.bit_depth, picture.is_interlaced), (Some(depth), Some(interlaced)), "{set:02x?}");
        assert_eq!(picture.level.unwrap().to_string(), level);
        assert!((picture.frame_rate.unwrap() - rate).abs() < 0.001, "{picture:?}");
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
    assert_eq!(read_set(&set).and_then(|picture| picture.size), Some((1920, 1080)));
}

#[test]
fn what_is_no_avc_header_tells_nothing() {
    for other in [&b""[..], b"\x17\x00", b"\x17\x01\x00\x00\x00\x01", b"\x90hvc1\x01", b"\xaf\x00\x12\x10"] {
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
