//! Reading numbers and slices without ever going beyond the end.

use crate::guard::{Limits, Rejection, malformed};

/// A position in untrusted bytes.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'b> {
    rest: &'b [u8],
}

impl<'b> Cursor<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    pub(super) const fn rest(&self) -> &'b [u8] {
        self.rest
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Rejection> {
        match self.rest.split_first_chunk() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => malformed("it ends too early"),
        }
    }

    /// The next `length` bytes.
    pub(super) fn slice(&mut self, length: u64) -> Result<&'b [u8], Rejection> {
        match usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length)) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => malformed("it ends too early"),
        }
    }

    /// The next `length` bytes as one value, which has its own limit.
    pub(super) fn value(&mut self, length: u64, limits: &Limits) -> Result<&'b [u8], Rejection> {
        check_value(length, limits)?;
        self.slice(length)
    }

    /// An unsigned LEB128 number in its shortest form.
    pub(super) fn unsigned(&mut self) -> Result<u64, Rejection> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && low > 1 {
                return malformed("a number has more than 64 bits");
            }
            number |= low << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return malformed("a number is longer than it must be");
                }
                return Ok(number);
            }
        }
        malformed("a number has more than 64 bits")
    }

    /// A signed LEB128 number of at most 64 bits.
    pub(super) fn signed(&mut self) -> Result<i64, Rejection> {
        let mut number = 0_i64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
            if shift == 63 && byte != 0 && byte != 0x7f {
                return malformed("a number has more than 64 bits");
            }
            number |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let negative = byte & 0x40 != 0 && shift + 7 < 64;
                return Ok(if negative { number | (-1 << (shift + 7)) } else { number });
            }
        }
        malformed("a number has more than 64 bits")
    }
}

/// A single value may be as long as a text.
pub(super) fn check_value(bytes: u64, limits: &Limits) -> Result<(), Rejection> {
    let limit = limits.text_bytes;
    if usize::try_from(bytes).map_or(true, |bytes| bytes > limit) {
        return Err(Rejection::ValueTooLong { bytes, limit });
    }
    Ok(())
}
