//! Reading numbers and slices without ever going beyond the end.

use crate::guard::{Rejection, ensure};

const TOO_SHORT: Rejection = Rejection::Malformed { reason: "it ends too early" };
const TOO_WIDE: Rejection = Rejection::Malformed { reason: "a number has more than 64 bits" };

/// A position in untrusted bytes.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'b>(&'b [u8]);

impl<'b> Cursor<'b> {
    pub(crate) const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// What was not read yet.
    pub(crate) const fn rest(&self) -> &'b [u8] {
        self.0
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Rejection> {
        let taken = self.slice(N as u64)?;
        <[u8; N]>::try_from(taken).map_err(|_length| TOO_SHORT)
    }

    /// The next `length` bytes.
    pub(crate) fn slice(&mut self, length: u64) -> Result<&'b [u8], Rejection> {
        let split = usize::try_from(length).ok().and_then(|length| self.0.split_at_checked(length));
        let (taken, rest) = split.ok_or(TOO_SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A length and as many bytes of UTF-8, at most `limit`; gives the length.
    pub(crate) fn text(&mut self, limit: usize) -> Result<u64, Rejection> {
        let length = self.unsigned()?;
        Rejection::unless_within("bytes in one value", length, limit as u64)?;
        ensure(std::str::from_utf8(self.slice(length)?).is_ok(), "a text is not UTF-8")?;
        Ok(length)
    }

    /// An unsigned number in its shortest form.
    pub(crate) fn unsigned(&mut self) -> Result<u64, Rejection> {
        let (bits, width, last) = self.leb128()?;
        ensure(last != 0 || width == 7, "a number is longer than it must be")?;
        u64::try_from(bits).or(Err(TOO_WIDE))
    }

    /// A signed number.
    pub(crate) fn signed(&mut self) -> Result<i64, Rejection> {
        let (bits, width, last) = self.leb128()?;
        let number = if last & 0x40 == 0 { bits } else { bits - (1 << width) };
        i64::try_from(number).or(Err(TOO_WIDE))
    }

    /// The bits of a LEB128 number, how many there are, and the last byte.
    fn leb128(&mut self) -> Result<(i128, u32, u8), Rejection> {
        let mut bits = 0_i128;
        for shift in (0..70).step_by(7) {
            let [byte] = self.array()?;
            bits |= i128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((bits, shift + 7, byte));
            }
        }
        Err(TOO_WIDE)
    }
}
