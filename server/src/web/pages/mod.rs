//! One page per file: what it is given, and how that becomes text.
//!
//! A page's data are plain values read by [`super::queries`]; its template
//! prints text and decides nothing. So a page can be rendered from a fixture,
//! without server or database, and looked at.

pub mod alarms;
pub mod appraisals;
pub mod attainment;
pub mod audit;
pub mod board;
pub mod books;
pub mod buying;
pub mod changes;
pub mod conflicts;
pub mod coverage;
pub mod customer;
pub mod customers;
pub mod deal;
pub mod deals;
pub mod devices;
pub mod due;
pub mod edit;
pub mod facts;
pub mod figure;
pub mod funnel;
pub mod history;
pub mod late;
pub mod leaderboard;
pub mod library;
pub mod map;
pub mod meetings;
pub mod merge;
pub mod merges;
pub mod moved;
pub mod people;
pub mod placement;
pub mod policy;
pub mod problem;
pub mod report;
pub mod report_view;
pub mod reports;
pub mod risks;
pub mod scorecard;
pub mod sign_in;
pub mod targets;
pub mod timeline;
pub mod trends;
pub mod visit;
pub mod visits;
pub mod void;
pub mod whatif;
pub mod wording;

#[cfg(test)]
mod fixtures;

/// The first eight hexadecimal digits: enough to find a change on a page.
fn short_hash(bytes: &[u8]) -> String {
    bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
