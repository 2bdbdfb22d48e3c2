//! Lists as files for a spreadsheet.
//!
//! The same rows as on the page, all of them, written while they are sent: the
//! list is its ids, taken at one instant, and rows are read a few hundred at a
//! time, so that a hundred thousand visits need no more memory than a page.
//!
//! Two lines stand above the rows: stable codes of the columns, for programs,
//! and their words, for people. A byte order mark makes spreadsheets read UTF-8,
//! and a text that a spreadsheet would run as a formula is written with an
//! apostrophe before it.

mod body;
mod columns;

use axum::body::Body;
use client_core::id::{DocId, UserId};
use client_core::rules::policy::Policy;

use crate::app::App;
use crate::storage::StorageError;
use crate::web::format::Format;
use crate::web::queries::base::Base;

/// Rows read at a time.
const CHUNK: usize = 500;

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Customers.
    Customers,
    /// Visits.
    Visits,
    /// Deals.
    Deals,
}

impl What {
    /// How the file's name begins.
    pub const fn stem(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Visits => "visits",
            Self::Deals => "deals",
        }
    }
}

/// What writing a file needs.
pub struct Export {
    /// Which list.
    pub what: What,
    /// Where rows are read.
    pub app: App,
    /// The org and its people.
    pub base: Base,
    /// The policy, for the names of stages.
    pub policy: Option<Policy>,
    /// The reader's words and the org's zone.
    pub f: Format,
    /// People whose phones were not heard lately.
    pub silent: Vec<UserId>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    /// Something a person typed, or a word.
    Text(String),
    /// A number, a date, an id: made here, so it is what it looks like.
    Plain(String),
}

impl Cell {
    fn text(text: Option<impl Into<String>>) -> Self {
        Self::Text(text.map(Into::into).unwrap_or_default())
    }

    fn plain(value: Option<impl ToString>) -> Self {
        Self::Plain(value.map(|value| value.to_string()).unwrap_or_default())
    }

    fn written(self) -> String {
        match self {
            Self::Text(text) if starts_a_formula(&text) => format!("'{text}"),
            Self::Text(text) | Self::Plain(text) => text,
        }
    }
}

/// Whether a spreadsheet would run it: a formula may begin with any of these,
/// full width too, and behind white space.
fn starts_a_formula(text: &str) -> bool {
    let signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(signs)
}

impl Export {
    /// The file, written while it is read.
    pub fn body(self, docs: Vec<DocId>) -> Body {
        Body::new(body::Rows::new(self, docs))
    }

    fn head(&self) -> Vec<u8> {
        let codes = columns::codes(self.what);
        let names = codes.iter().map(|code| self.f.w.code("column", code).into_owned());
        let mut out = "\u{feff}".as_bytes().to_vec();
        out.extend(lines([codes.iter().map(|code| (*code).to_owned()).collect(), names.collect()]));
        out
    }

    async fn chunk(&self, docs: Vec<DocId>) -> Result<Vec<u8>, StorageError> {
        let rows = columns::rows(self, docs).await?;
        Ok(lines(rows.into_iter().map(|row| row.into_iter().map(Cell::written).collect())))
    }
}

fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Writing to memory does not fail, and every row has the same length.
        let written = writer.write_record(row);
        debug_assert!(written.is_ok());
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_would_run_as_a_formula_does_not() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Cell::Text(text.into()).written(), expected);
        };
        check("=HYPERLINK(\"http://evil\")", "'=HYPERLINK(\"http://evil\")");
        check("@SUM(1)", "'@SUM(1)");
        check("-2+3", "'-2+3");
        check("＋1", "'＋1");
        check("  =1", "'  =1");
        check("\t=1", "'\t=1");
        check("Acme = good", "Acme = good");
        assert_eq!(Cell::Plain("-12.50".into()).written(), "-12.50");
    }

    #[test]
    fn line_ends_and_quotes_in_a_text_stay_in_its_cell() {
        let out = lines([vec!["a \"b\"\nc".to_owned(), "d,e".to_owned()]]);
        assert_eq!(String::from_utf8(out).unwrap(), "\"a \"\"b\"\"\nc\",\"d,e\"\r\n");
    }
}
