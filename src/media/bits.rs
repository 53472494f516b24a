//! Bits of parameter sets and headers, one after another.

/// Bits that are left to read.
pub(super) struct Bits<'a> {
    rest: &'a [u8],
    /// Bytes are left out that only keep others from looking like a start code.
    is_escaped: bool,
    zeros: u8,
    byte: u8,
    left: u8,
}

impl<'a> Bits<'a> {
    /// All bits of some bytes.
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest, is_escaped: false, zeros: 0, byte: 0, left: 0 }
    }

    /// Those of a NAL unit of H.264 or HEVC.
    pub(super) fn of_unit(rest: &'a [u8]) -> Self {
        Self { is_escaped: true, ..Self::new(rest) }
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        if self.left == 0 {
            self.byte = self.next_byte()?;
            self.left = 8;
        }
        self.left -= 1;
        Some(self.byte >> self.left & 1 == 1)
    }

    fn next_byte(&mut self) -> Option<u8> {
        let (mut byte, mut rest) = self.rest.split_first()?;
        if self.is_escaped && self.zeros >= 2 && *byte == 3 {
            self.zeros = 0;
            (byte, rest) = rest.split_first()?;
        }
        self.zeros = if *byte == 0 { self.zeros.saturating_add(1) } else { 0 };
        self.rest = rest;
        Some(*byte)
    }

    /// A number of up to 32 bits.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |number, _| Some(number << 1 | u32::from(self.flag()?)))
    }

    /// The same, of up to 8 bits.
    pub(super) fn take_byte(&mut self, count: u32) -> Option<u8> {
        u8::try_from(self.take(count)?).ok()
    }

    pub(super) fn skip(&mut self, count: u32) -> Option<()> {
        (0..count).try_for_each(|_| self.flag().map(|_| ()))
    }

    /// Steps over what is left of a byte.
    pub(super) fn align(&mut self) {
        self.left = 0;
    }

    /// An unsigned Exp-Golomb number of up to 32 bits.
    pub(super) fn golomb(&mut self) -> Option<u32> {
        let mut length = 0;
        while !self.flag()? {
            length += 1;
            if length > 31 {
                return None;
            }
        }
        Some((1 << length) - 1 + self.take(length)?)
    }

    pub(super) fn signed_golomb(&mut self) -> Option<i64> {
        let number = i64::from(self.golomb()?);
        Some(if number % 2 == 0 { -number / 2 } else { (number + 1) / 2 })
    }
}
