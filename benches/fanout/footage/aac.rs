//! AAC-LC that every decoder takes: stereo silence at 48 kHz, padded by a data stream element.
//! ISO/IEC 14496-3, 4.4.2.

use super::bits::BitWriter;

/// Samples in a second, and in a frame.
pub(crate) const SAMPLE_RATE: u64 = 48_000;
pub(crate) const SAMPLES: u64 = 1_024;

/// The decoder's configuration (`AudioSpecificConfig`): AAC-LC, 48 kHz, two channels.
pub(crate) const CONFIGURATION: [u8; 2] = [0x11, 0x90];

/// A frame with `data` in it, which decoders leave out.
pub(crate) fn frame(data: &[u8]) -> Vec<u8> {
    const CHANNEL_PAIR: u32 = 1;
    const DATA_STREAM: u32 = 4;
    const END: u32 = 7;
    let mut bits = BitWriter::default();
    // Number 0, and two channels that have nothing in common.
    bits.bits(CHANNEL_PAIR, 3).bits(0, 4).bits(0, 1);
    for _ in 0..2 {
        // Gain; a long window with no bands and no prediction; no pulses, noise shaping or gain control.
        bits.bits(100, 8).bits(0, 11).bits(0, 3);
    }
    // Number 0, aligned; a count of 255 goes on in another byte.
    bits.bits(DATA_STREAM, 3).bits(0, 4).bits(1, 1);
    let count = u32::try_from(data.len()).unwrap();
    assert!((255..=510).contains(&count), "a data stream element of {count} bytes");
    bits.bits(255, 8).bits(count - 255, 8).align().bytes(data);
    bits.bits(END, 3).align();
    bits.into_bytes()
}

/// Where the data begin in a frame.
pub(crate) const DATA_AT: usize = 10;
