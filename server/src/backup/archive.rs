//! The part of `tar` that a backup needs: plain files in one folder (ustar), so that
//! any system can look into a backup without us.

use std::io::{Read, Write};

use client_core::time::Timestamp;

const BLOCK: usize = 512;
/// Twelve bytes of octal hold no more; larger sizes are written in binary.
const OCTAL_LIMIT: u64 = 1 << 33;

type Block = [u8; BLOCK];

/// Writes an archive.
pub(super) struct Writer<W>(W);

impl<W: Write> Writer<W> {
    pub(super) const fn new(to: W) -> Self {
        Self(to)
    }

    /// Adds a file of exactly `size` bytes.
    pub(super) fn add(
        &mut self,
        name: &str,
        size: u64,
        at: Timestamp,
        from: &mut impl Read,
    ) -> std::io::Result<()> {
        self.0.write_all(&header(name, size, at)?)?;
        let copied = std::io::copy(&mut from.take(size), &mut self.0)?;
        if copied != size {
            let reason = format!("{name} became shorter while it was read");
            return Err(std::io::Error::other(reason));
        }
        self.0.write_all(&vec![0; padding(size)])
    }
}

impl Writer<std::io::BufWriter<std::fs::File>> {
    /// Ends the archive.
    pub(super) fn finish(mut self) -> std::io::Result<std::fs::File> {
        self.0.write_all(&[0; 2 * BLOCK])?;
        self.0.into_inner().map_err(std::io::IntoInnerError::into_error)
    }
}

fn padding(size: u64) -> usize {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    if over == 0 { 0 } else { BLOCK - over }
}

fn put(block: &mut Block, at: usize, bytes: &[u8]) {
    for (place, byte) in block.iter_mut().skip(at).zip(bytes) {
        *place = *byte;
    }
}

fn header(name: &str, size: u64, at: Timestamp) -> std::io::Result<Block> {
    if name.len() > 100 || name.contains('/') {
        return Err(std::io::Error::other(format!("{name} is no name for a backup")));
    }
    let mut block = [0; BLOCK];
    put(&mut block, 0, name.as_bytes());
    put(&mut block, 100, b"0000600\0");
    put(&mut block, 108, b"0000000\0");
    put(&mut block, 116, b"0000000\0");
    if size < OCTAL_LIMIT {
        put(&mut block, 124, format!("{size:011o}\0").as_bytes());
    } else {
        put(&mut block, 124, &[0x80, 0, 0, 0]);
        put(&mut block, 128, &size.to_be_bytes());
    }
    let seconds = at.millis().max(0) / 1000;
    put(&mut block, 136, format!("{seconds:011o}\0").as_bytes());
    put(&mut block, 156, b"0");
    put(&mut block, 257, b"ustar\x0000");
    put(&mut block, 148, b"        ");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut block, 148, format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

/// Reads an archive from its beginning, file by file.
pub(super) struct Reader<R>(R);

/// The next file: its name, its size and what reads it.
pub(super) type Found<'a, R> = (String, u64, std::io::Take<&'a mut R>);

impl<R: Read> Reader<R> {
    pub(super) const fn new(from: R) -> Self {
        Self(from)
    }

    /// The next file, of which everything has to be read before the one after it;
    /// none at the end. A header that is cut or wrong is an error.
    pub(super) fn next(&mut self) -> std::io::Result<Option<Found<'_, R>>> {
        let mut block: Block = [0; BLOCK];
        self.0.read_exact(&mut block)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let (name, size) = parse(&block).ok_or_else(|| {
            std::io::Error::other("it is no archive of fieldsync, or a header in it is damaged")
        })?;
        Ok(Some((name, size, (&mut self.0).take(size))))
    }

    /// Skips what fills the last block of a file.
    pub(super) fn end_of_file(&mut self, size: u64) -> std::io::Result<()> {
        self.0.read_exact(&mut vec![0; padding(size)])
    }
}

fn parse(block: &Block) -> Option<(String, u64)> {
    let text = |at: usize, length: usize| {
        let field = block.get(at..at + length)?;
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(length);
        std::str::from_utf8(field.get(..end)?).ok()
    };
    let mut unsigned = *block;
    put(&mut unsigned, 148, b"        ");
    let sum: u32 = unsigned.iter().map(|byte| u32::from(*byte)).sum();
    let ours = block.get(257..262) == Some(b"ustar")
        && u32::from_str_radix(text(148, 8)?.trim(), 8).ok() == Some(sum);
    let size = match block.get(124..136)? {
        [0x80, 0, 0, 0, binary @ ..] => u64::from_be_bytes(binary.try_into().ok()?),
        _ => u64::from_str_radix(text(124, 12)?.trim(), 8).ok()?,
    };
    let name = text(0, 100)?;
    let plain = !name.is_empty() && !name.contains('/') && name != "." && name != "..";
    (ours && plain).then(|| (name.to_owned(), size))
}

#[cfg(test)]
pub(super) fn test_header(name: &str, size: u64) -> Vec<u8> {
    header(name, size, Timestamp::from_millis(0)).map(Vec::from).unwrap_or_default()
}

#[cfg(test)]
pub(super) fn test_parse(block: &[u8]) -> Option<(String, u64)> {
    parse(block.first_chunk()?)
}
