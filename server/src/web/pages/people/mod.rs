//! People and units: who works here, what they may do, and how they get in.

pub mod cards;
pub mod list;
pub mod person;
pub mod units;
pub mod wording;
