//! Reports: figures of a stretch of time, for people and scripts.
//!
//! A report is asked again by hand with a spreadsheet, so what it counts must be
//! said in a sentence and computed in one place. Each report is a pure function
//! over facts ([`deals::report`]) beside a query that brings them together; the
//! figures themselves are the rule core's, so that a report, a page and a card
//! never tell two stories. Reports of a day, week, month or quarter are [`periodic`].

mod by;
pub mod deals;
pub mod periodic;
mod query;
mod scorecard;
mod sold;
mod team;
#[cfg(test)]
mod tests;

pub use by::{By, Names};
pub use deals::{DealReport, DealRow, DealsQuestion};
pub use query::deal_report;
pub use scorecard::{CardReport, RepCard, scorecards};
pub(crate) use sold::{SoldIn, sold_in};
pub(crate) use team::{TeamMaterial, orders};
pub use team::{TeamReport, team_report};
