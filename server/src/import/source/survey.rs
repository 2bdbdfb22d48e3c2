//! One pass over the bytes before the first row is given out.
//!
//! An encoding cannot be told from the beginning of a file: the first Chinese name
//! may stand in row 40,000. So the whole file is looked at once, at the speed of the
//! disk and in constant memory, and what is no text is refused before any row was
//! imported.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::encoding::TextEncoding;
use super::lines::LineEnds;

const PIECE: usize = 64 << 10;
/// Lines that are not ASCII are kept up to this length, to tell their encoding.
const SAMPLE_BYTES: usize = 256 << 10;

/// What the pass found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) bytes: u64,
    /// The line of the first NUL.
    pub(super) nul: Option<u64>,
    /// Characters beyond ASCII that are sound UTF-8.
    pub(super) utf8_sound: u64,
    /// Places that are not.
    pub(super) utf8_broken: u64,
    /// Lines that are not ASCII.
    pub(super) sample: Vec<u8>,
    line_feeds: u64,
    pairs: u64,
    returns: u64,
    after_return: bool,
}

impl Survey {
    /// Looks at all of `file`, at most at `limit` bytes.
    pub(super) fn of(file: &File, mark: Option<TextEncoding>, limit: u64) -> io::Result<Self> {
        let mut file = file;
        file.seek(SeekFrom::Start(0))?;
        let mut file = file.take(limit);
        let mut survey = Self::default();
        let mut sample = Sample::default();
        let mut bytes = vec![0; PIECE];
        // What a piece ended in the middle of: half a UTF-16 unit, a part of a character.
        let mut rest: Vec<u8> = Vec::new();
        loop {
            let count = match file.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            if count == 0 {
                break;
            }
            survey.bytes += count as u64;
            let mut piece = std::mem::take(&mut rest);
            piece.extend_from_slice(bytes.get(..count).unwrap_or_default());
            rest = match mark {
                Some(mark) if mark.is_utf_16() => survey.units(&piece, mark),
                _ => {
                    let begun = piece.len() - count;
                    let fresh = piece.get(begun..).unwrap_or_default();
                    fresh.iter().for_each(|byte| survey.unit(u16::from(*byte)));
                    sample.take(fresh);
                    survey.utf8(&piece)
                }
            };
        }
        if !rest.is_empty() {
            survey.utf8_broken += 1;
        }
        survey.sample = sample.end();
        Ok(survey)
    }

    /// The ends that most lines have.
    pub(super) const fn line_ends(&self) -> LineEnds {
        if self.returns > self.pairs + self.line_feeds {
            LineEnds::Cr
        } else if self.pairs > self.line_feeds {
            LineEnds::CrLf
        } else {
            LineEnds::Lf
        }
    }

    fn unit(&mut self, unit: u16) {
        const CR: u16 = b'\r' as u16;
        const LF: u16 = b'\n' as u16;
        match unit {
            LF if self.after_return => {
                self.returns -= 1;
                self.pairs += 1;
            }
            LF => self.line_feeds += 1,
            CR => self.returns += 1,
            0 if self.nul.is_none() => {
                self.nul = Some(1 + self.returns + self.pairs + self.line_feeds);
            }
            _ => {}
        }
        self.after_return = unit == CR;
    }

    fn units(&mut self, piece: &[u8], encoding: TextEncoding) -> Vec<u8> {
        let (units, rest) = piece.as_chunks::<2>();
        for unit in units {
            self.unit(if encoding == TextEncoding::UTF_16LE {
                u16::from_le_bytes(*unit)
            } else {
                u16::from_be_bytes(*unit)
            });
        }
        rest.to_vec()
    }

    fn utf8(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut left = piece;
        loop {
            let (sound, broken) = match std::str::from_utf8(left) {
                Ok(text) => (text.as_bytes(), None),
                Err(error) => {
                    let sound = left.get(..error.valid_up_to()).unwrap_or_default();
                    (sound, Some(error.error_len()))
                }
            };
            self.utf8_sound += sound.iter().filter(|byte| **byte >= 0xC0).count() as u64;
            let after = left.get(sound.len()..).unwrap_or_default();
            match broken {
                None => return Vec::new(),
                Some(None) => return after.to_vec(),
                Some(Some(length)) => {
                    self.utf8_broken += 1;
                    left = after.get(length..).unwrap_or_default();
                }
            }
        }
    }
}

/// Collects lines that are not ASCII.
#[derive(Default)]
struct Sample {
    kept: Vec<u8>,
    line: Vec<u8>,
}

impl Sample {
    fn take(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            if self.kept.len() >= SAMPLE_BYTES {
                return;
            }
            let room = SAMPLE_BYTES.saturating_sub(self.line.len());
            self.line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            if matches!(part.last(), Some(b'\n' | b'\r')) {
                self.keep();
            }
        }
    }

    fn keep(&mut self) {
        if !self.line.is_ascii() {
            self.kept.append(&mut self.line);
        }
        self.line.clear();
    }

    fn end(mut self) -> Vec<u8> {
        self.keep();
        self.kept
    }
}
