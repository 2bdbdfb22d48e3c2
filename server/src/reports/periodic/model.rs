//! What a report says: sections of figures and tables, each cell typed.
//!
//! A page, a print, a spreadsheet, JSON and the comparison with an earlier report all
//! read this one form, so none of them can tell another story. Texts in it are what
//! people wrote; everything else is a code, an id or a number, and the reader's language
//! is put on when it is shown.

use client_core::id::{DocId, UserId};
use client_core::money::Money;
use client_core::period::Period;
use client_core::rules::BasisPoints;
use client_core::time::Date;
use serde::Serialize;

/// A part of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// The stable code.
    pub code: &'static str,
    /// Single numbers.
    pub figures: Vec<Figure>,
    /// Rows of things.
    pub tables: Vec<Table>,
}

/// A number beside what it is held against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The stable code.
    pub code: &'static str,
    /// The number.
    pub value: Cell,
    /// The same of the period before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Cell>,
    /// What was aimed at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Cell>,
}

/// Rows of things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The stable code.
    pub code: &'static str,
    /// Stable codes of the columns.
    pub columns: Vec<&'static str>,
    /// The rows; as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that there are besides.
    pub left_out: usize,
}

/// A value. Its JSON says what it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing is known, or there is nothing.
    Empty,
    /// How many.
    Count(i64),
    /// What a person wrote.
    Text(String),
    /// A code of ours, or of the policy's stages.
    Code {
        /// Which list of words it belongs to.
        #[serde(skip)]
        of: &'static str,
        /// The code.
        code: String,
    },
    /// An amount.
    Money(Money),
    /// A share of a whole.
    Share {
        /// In hundredths of a percent.
        basis_points: i64,
    },
    /// A difference of two shares.
    Change {
        /// In hundredths of a percentage point.
        centipoints: i64,
    },
    /// Points of a card.
    Points {
        /// In hundredths.
        hundredths: i64,
    },
    /// A day.
    Day {
        /// The day.
        day: Date,
    },
    /// A month or another period.
    Period {
        /// The period.
        period: Period,
    },
    /// A person, customer, deal or visit.
    Named {
        /// What it is.
        #[serde(skip)]
        kind: Named,
        /// Its id.
        id: String,
        /// What it is called.
        name: Option<String>,
    },
}

/// What a named thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A person.
    Rep,
    /// A customer.
    Customer,
    /// A deal.
    Deal,
    /// A visit.
    Visit,
}

impl Section {
    /// An empty part.
    pub(super) const fn new(code: &'static str) -> Self {
        Self { code, figures: Vec::new(), tables: Vec::new() }
    }

    #[must_use]
    pub(super) fn with(mut self, figures: impl IntoIterator<Item = Figure>) -> Self {
        self.figures.extend(figures);
        self
    }

    #[must_use]
    pub(super) fn table(mut self, table: Table) -> Self {
        self.tables.push(table);
        self
    }
}

impl Figure {
    pub(super) const fn new(code: &'static str, value: Cell) -> Self {
        Self { code, value, before: None, target: None }
    }

    #[must_use]
    pub(super) fn before(mut self, before: Cell) -> Self {
        self.before = Some(before);
        self
    }

    #[must_use]
    pub(super) fn target(mut self, target: Option<Cell>) -> Self {
        self.target = target;
        self
    }
}

impl Table {
    /// The first `most` of `rows`.
    pub(super) fn of(
        code: &'static str,
        columns: &[&'static str],
        mut rows: Vec<Vec<Cell>>,
        most: usize,
    ) -> Self {
        let left_out = rows.len().saturating_sub(most);
        rows.truncate(most);
        Self { code, columns: columns.to_vec(), rows, left_out }
    }
}

impl Cell {
    pub(super) fn count(number: impl TryInto<i64>) -> Self {
        Self::Count(number.try_into().unwrap_or(i64::MAX))
    }

    pub(super) fn text(text: Option<&str>) -> Self {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        text.map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }

    pub(super) fn code(of: &'static str, code: impl Into<String>) -> Self {
        Self::Code { of, code: code.into() }
    }

    pub(super) fn share(share: Option<BasisPoints>) -> Self {
        share.map_or(Self::Empty, |share| Self::Share { basis_points: share.0 })
    }

    /// `part` of `whole`, half to even.
    pub(super) fn part(part: i64, whole: i64) -> Self {
        let share = ratio(part, whole, 10_000);
        share.map_or(Self::Empty, |basis_points| Self::Share { basis_points })
    }

    pub(super) fn day(day: Option<Date>) -> Self {
        day.map_or(Self::Empty, |day| Self::Day { day })
    }

    pub(super) fn doc(kind: Named, doc: DocId, name: Option<String>) -> Self {
        Self::Named { kind, id: doc.to_string(), name }
    }

    pub(super) fn rep(rep: UserId, name: Option<String>) -> Self {
        Self::Named { kind: Named::Rep, id: rep.to_string(), name }
    }
}

/// `part ÷ whole` in units of which `scale` make one, half to even.
pub(super) fn ratio(part: i64, whole: i64, scale: i64) -> Option<i64> {
    let (over, under) = (i128::from(part) * i128::from(scale), i128::from(whole));
    if under <= 0 {
        return None;
    }
    let (quotient, rest) = (over.div_euclid(under), over.rem_euclid(under));
    let up = rest * 2 > under || (rest * 2 == under && quotient % 2 != 0);
    i64::try_from(quotient + i128::from(up)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_to_even() {
        assert_eq!(ratio(1, 3, 10_000), Some(3_333));
        assert_eq!(ratio(5, 2, 1), Some(2));
        assert_eq!(ratio(7, 2, 1), Some(4));
        assert_eq!(ratio(1, 0, 10_000), None);
    }

    #[test]
    fn a_cell_says_in_json_what_it_counts() {
        let json = |cell: &Cell| serde_json::to_string(cell).unwrap();
        assert_eq!(json(&Cell::Empty), "null");
        assert_eq!(json(&Cell::part(1, 4)), "{\"basis_points\":2500}");
        assert_eq!(json(&Cell::code("stage", "won")), "{\"code\":\"won\"}");
        let money = Cell::Money(Money::new(150, client_core::money::Currency::CNY));
        assert_eq!(json(&money), "{\"minor\":150,\"currency\":\"CNY\"}");
        let rep = Cell::rep(UserId::from_bytes([0; 16]), Some("Anna".into()));
        assert!(json(&rep).contains("\"name\":\"Anna\""));
    }
}
