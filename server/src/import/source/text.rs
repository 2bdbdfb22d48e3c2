//! Bytes into characters, a piece at a time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult};

use super::encoding::TextEncoding;

const PIECE: usize = 64 << 10;

/// Stands for bytes that mean nothing in the encoding. It is no character, and no
/// text has it; U+FFFD is one, and many a damaged export does.
pub(super) const DAMAGE: char = '\u{FFFF}';

/// A file as text.
pub(super) struct TextReader {
    file: File,
    decoder: Decoder,
    bytes: Vec<u8>,
    left: u64,
    read: u64,
    ended: bool,
}

impl TextReader {
    /// Reads `file` from its start, and no more than `limit` bytes of it however it grows.
    pub(super) fn new(file: &File, encoding: TextEncoding, limit: u64) -> io::Result<Self> {
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let decoder = encoding.inner().new_decoder_with_bom_removal();
        let bytes = vec![0; PIECE];
        Ok(Self { file, decoder, bytes, left: limit, read: 0, ended: false })
    }

    /// Bytes read so far.
    pub(super) const fn bytes_read(&self) -> u64 {
        self.read
    }

    /// Appends the next piece to `text`; false at the end of the file.
    pub(super) fn fill(&mut self, text: &mut String) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let mut piece = (&mut self.file).take(self.left);
        let count = loop {
            match piece.read(&mut self.bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.ended = count == 0;
        let count_wide = count as u64;
        self.left = self.left.saturating_sub(count_wide);
        self.read = self.read.saturating_add(count_wide);
        let mut bytes = self.bytes.get(..count).unwrap_or_default();
        loop {
            // Room for any piece: decoding stops early where there is none.
            let room = self.decoder.max_utf8_buffer_length_without_replacement(bytes.len());
            text.reserve(room.unwrap_or(PIECE).max(16));
            let (result, used) =
                self.decoder.decode_to_string_without_replacement(bytes, text, self.ended);
            bytes = bytes.get(used..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => return Ok(!self.ended || !text.is_empty()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => text.push(DAMAGE),
            }
        }
    }
}
