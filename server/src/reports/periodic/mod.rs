//! Reports of a day, week, month or quarter (S3), and proving what they said.
//!
//! A report is a pure function of its facts ([`Report::of`]). The facts are brought together
//! in one place ([`gather`]); an issued report keeps them, so that the same bytes of JSON can
//! be computed again a year later, whatever arrived since, and a difference has a cause.

mod ahead;
mod card;
mod conversion;
mod day;
mod diagnosis;
mod gather;
mod issue;
mod model;
mod report;
mod review;
mod sales;
mod sources;
#[cfg(test)]
mod tests;
mod voices;

pub use gather::gather;
pub use issue::{
    Arrived, Kept, MovedFigure, ReceiptFile, Restated, Told, Verified, id_in, is_report, issue,
    kept, restated, verify,
};
pub use model::{Cell, Figure, Named, Section, Table};
pub use report::{FORMAT, Receipt, Report};
pub use sources::{Kind, Known, Question, Sources};
