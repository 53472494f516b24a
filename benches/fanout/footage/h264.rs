//! H.264 that every decoder takes: grey pictures of 1920 x 1080, padded to any size.
//!
//! A key frame has every macroblock predicted from nothing (which is grey) with no residual, in one byte
//! each; every other frame skips all macroblocks. What makes a frame as large as a real one is a NAL unit of
//! filler data. ITU-T H.264, 7.3 and 7.4.

use super::bits::BitWriter;

/// Macroblocks of 16 x 16 in a row and in a column; eight lines are cropped.
const WIDTH: u32 = 120;
const HEIGHT: u32 = 68;
/// Bits of `frame_num`, which counts from a key frame on.
const FRAME_NUMBER_BITS: u32 = 12;

pub(crate) const SEI: u8 = 6;
pub(crate) const FILLER: u8 = 12;
const KEY_SLICE: u8 = 0x65;
const SLICE: u8 = 0x41;

/// The decoder's configuration as FLV carries it (`AVCDecoderConfigurationRecord`).
pub(crate) fn configuration() -> Vec<u8> {
    let (sequence, picture) = (sequence_parameters(), picture_parameters());
    let mut record = vec![1];
    record.extend(&sequence[1..4]);
    record.extend([0xff, 0xe1]);
    record.extend(with_length::<2>(&sequence));
    record.push(1);
    record.extend(with_length::<2>(&picture));
    record
}

fn sequence_parameters() -> Vec<u8> {
    let mut bits = BitWriter::default();
    // Constrained baseline profile, level 4.2.
    bits.bits(0x42, 8).bits(0xc0, 8).bits(42, 8).golomb(0);
    bits.golomb(FRAME_NUMBER_BITS - 4);
    // Pictures are shown in the order they come in; one reference frame, and none may be missing.
    bits.golomb(2).golomb(1).bits(0, 1);
    bits.golomb(WIDTH - 1).golomb(HEIGHT - 1);
    // Frames only, direct 8x8 inference, cropped at the bottom by 4 units of 2 lines, no usability data.
    bits.bits(0b111, 3).golomb(0).golomb(0).golomb(0).golomb(4).bits(0, 1);
    unit(0x67, bits)
}

fn picture_parameters() -> Vec<u8> {
    let mut bits = BitWriter::default();
    // Numbers 0 and 0, CAVLC, no order in the slice, one slice group, one reference in either list.
    bits.golomb(0).golomb(0).bits(0, 2).golomb(0).golomb(0).golomb(0);
    // No weights; quantisers as they are; the deblocking filter is set in the slice; the rest is off.
    bits.bits(0, 3).golomb(0).golomb(0).golomb(0).bits(0b100, 3);
    unit(0x68, bits)
}

/// The only slice of a key frame, as a NAL unit.
pub(crate) fn key_slice() -> Vec<u8> {
    const I: u32 = 7;
    let mut bits = BitWriter::default();
    bits.golomb(0).golomb(I).golomb(0).bits(0, FRAME_NUMBER_BITS);
    // Its number among key frames, and no special treatment of references.
    bits.golomb(0).bits(0, 2);
    quantiser_and_filter(&mut bits);
    for _ in 0..WIDTH * HEIGHT {
        // I_16x16 predicted as DC, chroma too, the same quantiser, no coefficients.
        bits.golomb(3).golomb(0).golomb(0).bits(1, 1);
    }
    unit(KEY_SLICE, bits)
}

/// The only slice of the frame that is `number` frames behind its key frame, as a NAL unit. Its length is
/// always the same.
pub(crate) fn slice(number: u32) -> Vec<u8> {
    const P: u32 = 5;
    let mut bits = BitWriter::default();
    bits.golomb(0).golomb(P).golomb(0).bits(number, FRAME_NUMBER_BITS);
    // Default references, and no special treatment of them.
    bits.bits(0, 3);
    quantiser_and_filter(&mut bits);
    bits.golomb(WIDTH * HEIGHT);
    unit(SLICE, bits)
}

/// The quantiser as in the picture's parameters; no deblocking, of which grey has no need.
fn quantiser_and_filter(bits: &mut BitWriter) {
    bits.golomb(0).golomb(1);
}

/// A supplemental message of the kind "unregistered user data", as a NAL unit. `data` must not have zeros.
pub(crate) fn user_data(data: &[u8]) -> Vec<u8> {
    const UNREGISTERED: u8 = 5;
    let size = u8::try_from(USER.len() + data.len()).unwrap();
    [&[SEI, UNREGISTERED, size], USER.as_slice(), data, &[0x80]].concat()
}

/// Where the data begin in the NAL unit of [`user_data`].
pub(crate) const USER_DATA_AT: usize = 3 + USER.len();

/// Who the user data are from: any sixteen bytes that nobody else uses.
const USER: [u8; 16] = *b"splitcast bench.";

/// A NAL unit `size` bytes long that decoders leave out.
pub(crate) fn filler(size: usize) -> Vec<u8> {
    let mut unit = vec![0xff; size];
    unit[0] = FILLER;
    unit[size - 1] = 0x80;
    unit
}

/// The NAL unit of the kind `header`, ended by its stop bit, with no three bytes in it that look like a
/// start code.
fn unit(header: u8, mut payload: BitWriter) -> Vec<u8> {
    payload.bits(1, 1).align();
    let mut unit = vec![header];
    let mut zeros = 0;
    for byte in payload.into_bytes() {
        if zeros == 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    unit
}

/// `unit` after its length in `N` bytes.
pub(crate) fn with_length<const N: usize>(unit: &[u8]) -> Vec<u8> {
    let length = u32::try_from(unit.len()).unwrap().to_be_bytes();
    [&length[4 - N..], unit].concat()
}
