//! Reading a table from a file, whatever the file is.
//!
//! What administrators have is an export of some other program: in the encoding of
//! their country, separated as their Excel does it, with line breaks inside cells,
//! and now and then not a table at all. So everything about the form is found out or
//! can be said, every row that cannot be read is an error with its line while the
//! rest goes on, and no file takes more than a few megabytes of memory.
//!
//! The file is read twice: once by `survey` to tell what it is, once for its rows.
//! That is why it must be a file: a pipe could be read only once, and for ever.
//!
//! How sure the encoding is, and where it is not, is told in `plausible`.

mod delimiter;
mod encoding;
mod error;
mod frequent;
mod headers;
mod kind;
mod limits;
mod lines;
mod plausible;
mod rows;
mod split;
mod survey;
#[cfg(test)]
mod tests;
mod text;

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::iter::FusedIterator;
use std::path::Path;
use std::sync::Arc;

pub use delimiter::{Delimiter, UnknownDelimiter};
pub use encoding::{TextEncoding, UnknownLabel};
pub use error::{RowError, RowProblem, SourceError};
pub use headers::Headers;
pub use kind::FileKind;
pub use limits::Limits;
pub(super) use limits::size;
pub use lines::LineEnds;

use kind::HEAD_BYTES;
use lines::{Line, Lines};
use rows::Rows;
use split::Cells;
use survey::Survey;

/// How many lines the separator is told from.
const SAMPLE_LINES: usize = 100;
/// And how long they are at most together.
const SAMPLE_BYTES: usize = 256 << 10;

/// What a person says about a file instead of having it found out. A byte order
/// mark in the file still wins over `encoding`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Form {
    /// How characters are written.
    pub encoding: Option<TextEncoding>,
    /// What separates cells.
    pub delimiter: Option<Delimiter>,
}

/// A table in a file: an iterator over its rows.
pub struct Source {
    rows: Rows,
    headers: Arc<Headers>,
    limits: Limits,
    encoding: TextEncoding,
    delimiter: Delimiter,
    line_ends: LineEnds,
    bytes: u64,
    /// Line of the row read last.
    line: u64,
    given: u64,
    ended: bool,
}

/// A row.
#[derive(Debug)]
pub struct SourceRow {
    line: u64,
    headers: Arc<Headers>,
    cells: Cells,
}

impl Source {
    /// Opens a file and finds out its form.
    ///
    /// # Errors
    /// If it is no table that can be read; see [`SourceError`].
    pub fn open(path: &Path, limits: Limits) -> Result<Self, SourceError> {
        Self::open_as(path, limits, Form::default())
    }

    /// Opens a file of which something is known.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn open_as(path: &Path, limits: Limits, form: Form) -> Result<Self, SourceError> {
        let file = open_file(path, limits.file_bytes)?;
        let head = head(&file)?;
        if let Some(kind) = FileKind::of(&head) {
            return Err(SourceError::NotText(kind));
        }
        let mark = TextEncoding::by_mark(&head);
        let said = mark.or(form.encoding);
        let survey = Survey::of(&file, said, limits.file_bytes)?;
        if let Some(line) = survey.nul {
            return Err(SourceError::Nul { line });
        }
        let encoding = match said {
            Some(encoding) => encoding,
            None => plausible::encoding(&survey)
                .map_err(|perhaps| SourceError::UnknownEncoding { perhaps })?,
        };
        let line_ends = survey.line_ends();
        let lines = || Lines::new(&file, encoding, line_ends, &limits);
        let start = Start::of(lines()?, form.delimiter, limits.line_bytes)?;
        let mut lines = lines()?;
        for _ in 0..start.skip {
            lines.next()?;
        }
        let mut rows = Rows::new(lines, start.delimiter.letter(), limits);
        let (headers, line) = headers(&mut rows, &limits)?;
        Ok(Self {
            rows,
            headers: Arc::new(headers),
            limits,
            encoding,
            delimiter: start.delimiter,
            line_ends,
            bytes: survey.bytes,
            line,
            given: 0,
            ended: false,
        })
    }

    /// The column names.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// How its characters are written.
    #[must_use]
    pub const fn encoding(&self) -> TextEncoding {
        self.encoding
    }

    /// What separates its cells.
    #[must_use]
    pub const fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// What ends its lines.
    #[must_use]
    pub const fn line_ends(&self) -> LineEnds {
        self.line_ends
    }

    fn name(&self, cell: usize) -> Option<String> {
        self.headers.names().get(cell).cloned()
    }

    fn end(&mut self, problem: RowProblem) -> RowError {
        self.ended = true;
        RowError::new(self.line, problem)
    }

    /// The row if it fits the table.
    fn fit(&self, row: rows::Row) -> Result<SourceRow, RowError> {
        let rows::Row { line, cells, damaged } = row;
        if damaged {
            return Err(RowError::new(line, RowProblem::Undecodable(self.encoding)));
        }
        let columns = self.headers.names().len();
        let beyond = cells.iter().skip(columns).any(|cell| !cell.trim().is_empty());
        if cells.count < columns || beyond || cells.count > self.limits.columns {
            let problem = RowProblem::Ragged { cells: cells.count, columns };
            return Err(RowError::new(line, problem));
        }
        let limit = self.limits.cell_bytes;
        if let Some((place, cell)) = cells.iter().enumerate().find(|(_, cell)| cell.len() > limit) {
            let problem = RowProblem::CellTooLong { bytes: cell.len(), limit };
            return Err(RowError { line, column: self.name(place), problem });
        }
        Ok(SourceRow { line, headers: Arc::clone(&self.headers), cells })
    }
}

impl Iterator for Source {
    type Item = Result<SourceRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.ended {
                return None;
            }
            let row = match self.rows.next(self.line) {
                Ok(Some(row)) if row.cells.is_blank() => continue,
                Ok(Some(row)) => Ok(row),
                Ok(None) => {
                    self.ended = true;
                    let (before, after) = (self.bytes, self.rows.bytes_read());
                    let changed = before != after;
                    return changed.then(|| Err(self.end(RowProblem::Changed { before, after })));
                }
                Err(bad) => Err(bad),
            };
            self.line = match &row {
                Ok(row) => row.line,
                Err(bad) => bad.error.line,
            };
            self.given += 1;
            if self.given > self.limits.rows {
                let limit = self.limits.rows;
                return Some(Err(self.end(RowProblem::TooManyRows { limit })));
            }
            return Some(match row {
                Ok(row) => self.fit(row),
                Err(bad) => {
                    self.ended = bad.error.ends_reading();
                    let column = bad.cell.and_then(|cell| self.name(cell));
                    Err(RowError { column, ..bad.error })
                }
            });
        }
    }
}

impl FusedIterator for Source {}

impl SourceRow {
    /// The physical line where it begins, counted from 1 as editors do.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The cell under a column name, without space around it; none if no column has
    /// the name.
    #[must_use]
    pub fn cell(&self, name: &str) -> Option<&str> {
        self.at(self.headers.place(name)?)
    }

    /// The cell at a place that [`Headers::place`] gave.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<&str> {
        self.cells.get(place)
    }
}

/// Opens a file if it is one. A pipe that nobody writes to would block for ever, so
/// it is looked at before.
fn open_file(path: &Path, limit: u64) -> Result<File, SourceError> {
    let missing = |error: io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => SourceError::Missing,
        _ => SourceError::Unreadable(error),
    };
    check(&std::fs::metadata(path).map_err(missing)?, limit)?;
    let file = File::open(path).map_err(missing)?;
    check(&file.metadata()?, limit)?;
    Ok(file)
}

fn check(metadata: &std::fs::Metadata, limit: u64) -> Result<(), SourceError> {
    if let Some(what) = special(metadata.file_type()) {
        return Err(SourceError::NotAFile { what });
    }
    let bytes = metadata.len();
    if bytes > limit { Err(SourceError::TooLarge { bytes, limit }) } else { Ok(()) }
}

fn special(kind: std::fs::FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    if kind.is_dir() {
        return Some("a directory");
    }
    (!kind.is_file()).then_some("a device")
}

fn head(file: &File) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// How a table begins.
struct Start {
    delimiter: Delimiter,
    /// Lines before the names.
    skip: usize,
}

impl Start {
    fn of(mut lines: Lines, said: Option<Delimiter>, limit: usize) -> Result<Self, SourceError> {
        let mut sample: Vec<Line> = Vec::new();
        let mut bytes = 0;
        while sample.len() < SAMPLE_LINES && bytes < SAMPLE_BYTES {
            let Some(line) = lines.next()? else { break };
            if line.too_long {
                if sample.iter().all(|line| line.text.trim().is_empty()) {
                    return Err(SourceError::HeaderTooLong { line: line.number, limit });
                }
                break;
            }
            bytes += line.text.len();
            sample.push(line);
        }
        let mut texts: Vec<&str> = sample.iter().map(|line| line.text.as_str()).collect();
        let first = texts.first().and_then(|first| Delimiter::said_by(first));
        let skip = usize::from(first.is_some());
        if let (None, Some(first)) = (said, first) {
            let delimiter = first.map_err(SourceError::Separator)?;
            return Ok(Self { delimiter, skip });
        }
        texts.drain(..skip);
        Ok(Self { delimiter: said.unwrap_or_else(|| Delimiter::of(&texts)), skip })
    }
}

/// The column names, and the line where they stand.
fn headers(rows: &mut Rows, limits: &Limits) -> Result<(Headers, u64), SourceError> {
    loop {
        let row = match rows.next(1) {
            Ok(Some(row)) if row.cells.is_blank() => continue,
            Ok(Some(row)) => row,
            Ok(None) => return Err(SourceError::Empty),
            Err(bad) => {
                let line = bad.error.line;
                return Err(match bad.error.problem {
                    RowProblem::TooLong { limit } => SourceError::HeaderTooLong { line, limit },
                    problem => SourceError::HeaderBroken(RowError::new(line, problem)),
                });
            }
        };
        // Damage in a name of a column that nobody maps does no harm.
        let headers = Headers::of(&row.cells, row.line, limits.columns)?;
        return Ok((headers, row.line));
    }
}
