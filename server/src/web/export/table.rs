//! A short list as a file: its rows are at hand, not read while they are sent.

use axum::body::Body;

use super::{Cell, SheetError, lines, sheet};
use crate::web::words::Words;

/// A list whose rows are at hand.
#[derive(Debug)]
pub struct Table {
    /// What its sheet is called.
    pub name: &'static str,
    /// Stable codes of the columns; their words stand under `column` in the catalogue.
    pub codes: &'static [&'static str],
    /// The rows, each as long as the codes.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    fn headings(&self, w: Words) -> [Vec<String>; 2] {
        let names = self.codes.iter().map(|code| w.code("column", code).into_owned());
        [self.codes.iter().map(|code| (*code).to_owned()).collect(), names.collect()]
    }

    /// As CSV.
    pub fn csv(self, w: Words) -> Body {
        let mut out = "\u{feff}".as_bytes().to_vec();
        out.extend(lines(self.headings(w)));
        let written = |row: Vec<Cell>| row.into_iter().map(Cell::written).collect();
        out.extend(lines(self.rows.into_iter().map(written)));
        out.into()
    }

    /// As XLSX.
    pub async fn sheet(self, w: Words) -> Result<Body, SheetError> {
        sheet::at_hand(self.name, self.headings(w), self.rows).await
    }
}
