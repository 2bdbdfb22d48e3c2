//! Lists as files for a spreadsheet.
//!
//! The same rows as on the page, all of them, written while they are sent: the
//! list is its ids, taken at one instant, and rows are read a few hundred at a
//! time, so that a hundred thousand visits need no more memory than a page.
//!
//! Two lines stand above the rows: stable codes of the columns, for programs,
//! and their words, for people.
//!
//! As CSV, a byte order mark makes spreadsheets read UTF-8, and a text that a
//! spreadsheet would run as a formula is written with an apostrophe before it. As
//! XLSX (`sheet`), numbers, amounts and dates are what they are, and a text is a
//! text.

mod body;
mod columns;
pub mod report;
mod sheet;
mod table;

use std::time::Duration;

use axum::body::Body;
use client_core::id::{DocId, UserId};
use client_core::money::Money;
use client_core::rules::policy::Policy;
use client_core::time::{Date, Timestamp};
pub use sheet::{MOST_ROWS, SheetError};
pub use table::Table;

use crate::app::App;
use crate::storage::StorageError;
use crate::web::format::{self, Format};
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
    /// How the file's name begins, and what its sheet is called.
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
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// Something a person typed, or a word.
    Text(String),
    /// An id or a code, made here.
    Code(String),
    /// How many.
    Number(i64),
    /// An amount; its currency has a column of its own.
    Amount(Money),
    /// A day.
    Day(Date),
    /// A minute in the org's zone: the day, and the time since its midnight.
    Moment(Date, Duration),
}

impl Cell {
    /// What a person typed, or nothing.
    pub fn text(text: Option<impl Into<String>>) -> Self {
        text.map(Into::into).filter(|text| !text.is_empty()).map_or(Self::Empty, Self::Text)
    }

    /// An id or a code, or nothing.
    pub fn code(value: Option<impl ToString>) -> Self {
        value.map_or(Self::Empty, |value| Self::Code(value.to_string()))
    }

    /// A minute in the zone of `f`.
    pub fn moment(f: &Format, at: Timestamp) -> Self {
        let date = f.zone.date(at);
        let since = at.since(f.zone.start_of(date));
        Self::Moment(date, Duration::from_millis(since.unsigned_abs()))
    }

    fn day(date: Option<Date>) -> Self {
        date.map_or(Self::Empty, Self::Day)
    }

    /// As CSV has it.
    fn written(self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) if starts_a_formula(&text) => format!("'{text}"),
            Self::Text(text) | Self::Code(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Amount(money) => format::plain(money),
            Self::Day(date) => date.to_string(),
            Self::Moment(date, time) => {
                let minutes = time.as_secs() / 60;
                format!("{date} {:02}:{:02}", minutes / 60, minutes % 60)
            }
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
    /// As CSV, written while it is read.
    pub fn csv(self, docs: Vec<DocId>) -> Body {
        Body::new(body::Rows::new(self, docs))
    }

    /// As XLSX, made before the first byte is sent, because its table of contents
    /// stands at its end.
    pub async fn sheet(self, docs: Vec<DocId>) -> Result<Body, SheetError> {
        sheet::made(self, docs).await
    }

    /// The two lines above the rows.
    fn headings(&self) -> [Vec<String>; 2] {
        let codes = columns::codes(self.what);
        let names = codes.iter().map(|code| self.f.w.code("column", code).into_owned());
        [codes.iter().map(|code| (*code).to_owned()).collect(), names.collect()]
    }

    fn head(&self) -> Vec<u8> {
        let mut out = "\u{feff}".as_bytes().to_vec();
        out.extend(lines(self.headings()));
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
        let refund = Money::new(-1_250, "CNY".parse().unwrap());
        assert_eq!(Cell::Amount(refund).written(), "-12.50");
    }

    #[test]
    fn a_moment_is_written_to_the_minute() {
        let day: Date = "2026-10-08".parse().unwrap();
        let at = Duration::from_secs(9 * 3600 + 5 * 60 + 59);
        assert_eq!(Cell::Moment(day, at).written(), "2026-10-08 09:05");
        assert_eq!(Cell::Empty.written(), "");
    }

    #[test]
    fn line_ends_and_quotes_in_a_text_stay_in_its_cell() {
        let out = lines([vec!["a \"b\"\nc".to_owned(), "d,e".to_owned()]]);
        assert_eq!(String::from_utf8(out).unwrap(), "\"a \"\"b\"\"\nc\",\"d,e\"\r\n");
    }
}
