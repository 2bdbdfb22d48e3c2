//! Physical lines into rows, with nothing lost behind a broken quote.
//!
//! A quote that is never closed would swallow the rest of the file. So the end of a
//! quote is looked for only so far; if it is not found, or what closes it is clearly
//! the quote of another row, only the line where it was opened is an error, and
//! reading goes on with the line after it.

use std::collections::VecDeque;
use std::io;

use super::error::{RowError, RowProblem};
use super::limits::Limits;
use super::lines::{Line, Lines};
use super::split::{Cells, Fed, Splitter};
use super::text::DAMAGE;

/// A row with the line where it begins.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: Cells,
    /// Some bytes of it could not be decoded.
    pub(super) damaged: bool,
}

/// What is wrong with a row, and in which cell, counted from 0.
#[derive(Debug)]
pub(super) struct BadRow {
    pub(super) error: RowError,
    pub(super) cell: Option<usize>,
}

/// The rows of a file.
pub(super) struct Rows {
    lines: Lines,
    /// Lines that were read in search of a closing quote.
    again: VecDeque<Line>,
    splitter: Splitter,
    limits: Limits,
    broken_quotes: u32,
}

impl Rows {
    pub(super) fn new(lines: Lines, separator: char, limits: Limits) -> Self {
        let splitter = Splitter::new(separator, limits.columns + 1);
        Self { lines, again: VecDeque::new(), splitter, limits, broken_quotes: 0 }
    }

    pub(super) const fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.again.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next(),
        }
    }

    /// The next row, or none at the end of the file.
    pub(super) fn next(&mut self, line_hint: u64) -> Result<Option<Row>, BadRow> {
        let unreadable = |line| {
            move |error| BadRow {
                error: RowError::new(line, RowProblem::Unreadable(error)),
                cell: None,
            }
        };
        let Some(first) = self.line().map_err(unreadable(line_hint))? else { return Ok(None) };
        let line = first.number;
        if first.too_long {
            let problem = RowProblem::TooLong { limit: self.limits.line_bytes };
            return Err(BadRow { error: RowError::new(line, problem), cell: None });
        }
        let mut bytes = first.text.len();
        let mut damaged = first.text.contains(DAMAGE);
        let mut fed = self.splitter.first(&first.text);
        let mut taken: Vec<Line> = Vec::new();
        while fed == Fed::Open && taken.len() + 1 < self.limits.row_lines {
            let Some(next) = self.line().map_err(unreadable(line))? else { break };
            bytes += next.text.len() + 1;
            let beyond = next.too_long || bytes > self.limits.line_bytes;
            if !beyond {
                damaged |= next.text.contains(DAMAGE);
                fed = self.splitter.next(&next.text);
            }
            taken.push(next);
            if beyond {
                break;
            }
        }
        if fed == Fed::Complete {
            return Ok(Some(Row { line, cells: self.splitter.take(), damaged }));
        }
        let problem = if fed == Fed::Broken && taken.is_empty() {
            RowProblem::TextAfterQuote
        } else {
            RowProblem::OpenQuote
        };
        for line in taken.into_iter().rev() {
            self.again.push_front(line);
        }
        self.broken_quotes += 1;
        let (problem, cell) = if self.broken_quotes > self.limits.broken_quotes {
            (RowProblem::TooManyBrokenQuotes { count: self.broken_quotes }, None)
        } else {
            (problem, Some(self.splitter.cell()))
        };
        Err(BadRow { error: RowError::new(line, problem), cell })
    }
}
