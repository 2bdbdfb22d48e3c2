//! Characters into physical lines, as an editor counts them.

use std::fs::File;
use std::io;

use super::encoding::TextEncoding;
use super::limits::Limits;
use super::text::TextReader;

/// What ends the lines of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnds {
    /// LF, as most programs write.
    #[default]
    Lf,
    /// CR LF, as Windows programs write.
    CrLf,
    /// CR alone, as "CSV (Macintosh)" has.
    Cr,
}

/// A physical line without its end.
#[derive(Debug)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: u64,
    pub(super) text: String,
    /// Longer than the limit; then the text is empty.
    pub(super) too_long: bool,
}

/// The lines of a file.
pub(super) struct Lines {
    reader: TextReader,
    ends: LineEnds,
    limit: usize,
    number: u64,
    /// Decoded text of which `at` bytes are used up.
    ahead: String,
    at: usize,
}

impl Lines {
    pub(super) fn new(
        file: &File,
        encoding: TextEncoding,
        ends: LineEnds,
        limits: &Limits,
    ) -> io::Result<Self> {
        let reader = TextReader::new(file, encoding, limits.file_bytes)?;
        let limit = limits.line_bytes;
        Ok(Self { reader, ends, limit, number: 0, ahead: String::new(), at: 0 })
    }

    pub(super) const fn bytes_read(&self) -> u64 {
        self.reader.bytes_read()
    }

    /// The next line, or none at the end of the file.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        let end = if self.ends == LineEnds::Cr { '\r' } else { '\n' };
        let mut line = Line { number: self.number + 1, text: String::new(), too_long: false };
        let mut any = false;
        loop {
            let ahead = self.ahead.get(self.at..).unwrap_or_default();
            let found = ahead.find(end);
            let part = ahead.get(..found.unwrap_or(ahead.len())).unwrap_or_default();
            any |= !ahead.is_empty();
            if line.too_long || line.text.len() + part.len() > self.limit {
                line.too_long = true;
                line.text = String::new();
            } else {
                line.text.push_str(part);
            }
            if let Some(found) = found {
                self.at += found + 1;
                break;
            }
            self.ahead.clear();
            self.at = 0;
            if !self.reader.fill(&mut self.ahead)? {
                if !any {
                    return Ok(None);
                }
                break;
            }
        }
        if self.ends != LineEnds::Cr && line.text.ends_with('\r') {
            line.text.pop();
        }
        // Some programs write a second mark, and GB18030 has one of its own.
        if line.number == 1 && line.text.starts_with('\u{FEFF}') {
            line.text = line.text.trim_start_matches('\u{FEFF}').to_owned();
        }
        self.number += 1;
        Ok(Some(line))
    }
}
