//! Why a file cannot be read as a table, or a row of it as a row.
//!
//! A [`SourceError`] is about the whole file and comes before any row; its
//! `advice` says what the person who runs the import can do. A [`RowError`] is
//! about one row, and reading goes on after it unless [`RowError::ends_reading`].

use std::fmt;
use std::io;

use super::encoding::TextEncoding;
use super::kind::FileKind;
use super::limits::size;

/// A file that is no table we can read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing has this name.
    #[error("there is no such file")]
    Missing,
    /// The system refuses to open or read it.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// A directory, pipe, socket or device.
    #[error("it is {what}, not a file")]
    NotAFile {
        /// With its article: `a directory`.
        what: &'static str,
    },
    /// Nothing but space.
    #[error("it is empty")]
    Empty,
    /// Longer than any table we read.
    #[error("it has {}, the limit is {}", size(*bytes), size(*limit))]
    TooLarge {
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A known format that is not text.
    #[error("it is {0}")]
    NotText(FileKind),
    /// A zero byte, which no text has.
    #[error("it is not a text file: there is a NUL byte in line {line}")]
    Nul {
        /// Where.
        line: u64,
    },
    /// Bytes that are no UTF-8, and neither plausibly one of the other encodings.
    #[error(
        "its encoding cannot be told: it is not UTF-8, and too short or too unusual to recognise"
    )]
    UnknownEncoding {
        /// What it might be.
        perhaps: TextEncoding,
    },
    /// `sep=…` names a character that cannot separate cells.
    #[error("its first line says that cells are separated by {0:?}")]
    Separator(String),
    /// The line of column names does not end.
    #[error("line {line}, where the column names should be, is longer than {}", size(*limit as u64))]
    HeaderTooLong {
        /// Which line.
        line: u64,
        /// The limit in bytes.
        limit: usize,
    },
    /// More columns than any table we read.
    #[error("it has {columns} columns, the limit is {limit}")]
    TooManyColumns {
        /// How many.
        columns: usize,
        /// The limit.
        limit: usize,
    },
    /// A column without a name.
    #[error("column {column} has no name in line {line}")]
    HeaderEmpty {
        /// The line of the column names.
        line: u64,
        /// Counted from 1.
        column: usize,
    },
    /// A name that is rather a text, or many rows.
    #[error("the name of column {column} has {}, the limit is {}", size(*bytes as u64), size(*limit as u64))]
    HeaderNameTooLong {
        /// Counted from 1.
        column: usize,
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Two columns with one name.
    #[error("columns {first} and {second} are both named {name:?}")]
    HeaderTwice {
        /// The name.
        name: String,
        /// Counted from 1.
        first: usize,
        /// Counted from 1.
        second: usize,
    },
    /// The line of column names cannot be read.
    #[error("the column names cannot be read: {0}")]
    HeaderBroken(RowError),
}

impl SourceError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        let advice = match self {
            Self::Missing => "Check the name of the file.",
            Self::Unreadable(_) => "Check the permissions and the disk.",
            Self::NotAFile { what: "a directory" } => "Name one CSV file in it.",
            Self::NotAFile { what: "a pipe" } => {
                "Save what comes out of the pipe as a file, and import the file."
            }
            Self::NotAFile { .. } => "Name a CSV file.",
            Self::Empty => "Export it again; the first line must hold the column names.",
            Self::TooLarge { .. } => "Split it into several files with the same first line.",
            Self::NotText(kind) => kind.advice(),
            Self::Nul { .. } => {
                "Save it as \"CSV UTF-8\" in the program that wrote it. (If it is UTF-16, a byte \
                 order mark is missing: say --encoding utf-16le.)"
            }
            Self::UnknownEncoding { perhaps } => {
                return format!(
                    "Save it as \"CSV UTF-8\", or name its encoding: --encoding gb18030, big5, \
                     windows-1252 or another. It might be {perhaps}."
                );
            }
            Self::Separator(_) => {
                "Separate cells by a comma, a semicolon, a tab or a bar, or say --delimiter."
            }
            Self::HeaderTooLong { .. } => {
                "Check that it is a table in CSV: the column names in the first line, and every \
                 row in a line of its own."
            }
            Self::TooManyColumns { .. } => {
                "Check that every row is in a line of its own, and export only the columns needed."
            }
            Self::HeaderEmpty { .. } => "Name every column in the first line, or delete it.",
            Self::HeaderNameTooLong { .. } => {
                "Check that the first line holds the column names, and shorten this one."
            }
            Self::HeaderTwice { .. } => "Rename or delete one of them.",
            Self::HeaderBroken(_) => "Correct the first line.",
        };
        advice.to_owned()
    }
}

/// A row that is not given out, or the end of reading before the end of the file.
#[derive(Debug, thiserror::Error)]
pub struct RowError {
    /// The physical line where the row begins, counted from 1.
    pub line: u64,
    /// The name of the column it is about.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: RowProblem,
}

impl RowError {
    pub(super) const fn new(line: u64, problem: RowProblem) -> Self {
        Self { line, column: None, problem }
    }

    /// Whether nothing is read after it, so that the rest of the file is unknown.
    #[must_use]
    pub const fn ends_reading(&self) -> bool {
        matches!(
            self.problem,
            RowProblem::Unreadable(_)
                | RowProblem::Changed { .. }
                | RowProblem::TooManyRows { .. }
                | RowProblem::TooManyBrokenQuotes { .. }
        )
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if let Some(column) = &self.column {
            write!(f, "column {column:?}: ")?;
        }
        self.problem.fmt(f)
    }
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub enum RowProblem {
    /// More or fewer cells than columns.
    #[error(
        "it has {}, but there are {}: {}",
        counted(*cells, "cell"),
        counted(*columns, "column"),
        ragged(*cells, *columns)
    )]
    Ragged {
        /// Cells of the row.
        cells: usize,
        /// Columns of the table.
        columns: usize,
    },
    /// A line without an end.
    #[error("it is longer than {}: is a line break missing?", size(*limit as u64))]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A cell beyond measure.
    #[error("the cell has {}, the limit is {}", size(*bytes as u64), size(*limit as u64))]
    CellTooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A quote that nothing closes, or that something in a later row closes.
    #[error("a quote is opened here and not closed: close it, or write a quote in a text twice")]
    OpenQuote,
    /// `"Acme" Ltd`.
    #[error(
        "text follows the closing quote of a cell: put all of it in quotes, and write a quote in \
         a text twice"
    )]
    TextAfterQuote,
    /// Bytes that mean nothing in the file's encoding.
    #[error("it has bytes that are not {0}: type the text anew")]
    Undecodable(TextEncoding),
    /// More rows than are read. Ends reading.
    #[error("the file has more than {limit} rows: split it; this row and the rest were not read")]
    TooManyRows {
        /// The limit.
        limit: u64,
    },
    /// So many broken quotes that nothing can be trusted. Ends reading.
    #[error(
        "{count} rows have quotes that are not closed: check how the file was exported; the rest \
         was not read"
    )]
    TooManyBrokenQuotes {
        /// How many.
        count: u32,
    },
    /// The file grew or shrank under the reader. Ends reading.
    #[error(
        "the file changed while it was read, from {before} to {after} bytes: import it again when \
         nothing writes to it"
    )]
    Changed {
        /// Length when it was opened.
        before: u64,
        /// What could be read.
        after: u64,
    },
    /// The disk failed. Ends reading.
    #[error("the file cannot be read on: {0}")]
    Unreadable(io::Error),
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

const fn ragged(cells: usize, columns: usize) -> &'static str {
    if cells < columns {
        "is a cell missing, or a line break not in quotes?"
    } else {
        "is a text with a separator in it not in quotes?"
    }
}
