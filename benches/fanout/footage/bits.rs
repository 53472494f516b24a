//! Writing bits, as codecs count them: from the highest of a byte to the lowest.

/// Bytes with a last one that may not be full.
#[derive(Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    /// How many bits of the last byte are free.
    free: u32,
}

impl BitWriter {
    /// Appends the lowest `count` bits of `value`.
    pub(crate) fn bits(&mut self, value: u32, count: u32) -> &mut Self {
        for shift in (0..count).rev() {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            self.free -= 1;
            let last = self.bytes.len() - 1;
            self.bytes[last] |= ((value >> shift & 1) as u8) << self.free;
        }
        self
    }

    /// Appends `value` as an Exp-Golomb code: as many zeros as it has bits after its first, then its bits.
    pub(crate) fn golomb(&mut self, value: u32) -> &mut Self {
        let length = (value + 1).ilog2();
        self.bits(0, length).bits(value + 1, length + 1)
    }

    /// Fills the last byte with zeros.
    pub(crate) fn align(&mut self) -> &mut Self {
        self.free = 0;
        self
    }

    /// Appends whole bytes, after [`BitWriter::align`].
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        assert_eq!(self.free, 0, "bytes begin where a byte begins");
        self.bytes.extend(bytes);
        self
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
