//! Facts as plain JSON: to recompute a figure, or to test the rules from outside,
//! without a database.
//!
//! Ids may be any texts, times RFC 3339 or days, amounts minor units. What an error
//! says names the path in the file and what is allowed there. The schema of the file
//! is generated from these types.

mod alarms;
mod answer;
mod goals;
mod names;
#[cfg(test)]
mod order_tests;
mod read;
mod team;
#[cfg(test)]
mod tests;
mod types;

pub use answer::{
    Evaluated, PlainCard, PlainExclusion, PlainFlag, PlainIndicator, PlainLine, PlainTask,
};
pub use goals::PlainGoal;
pub use read::PlainError;
pub use types::{
    PlainAnswer, PlainCalendar, PlainCase, PlainCheck, PlainChurn, PlainContract, PlainCustomer,
    PlainDeal, PlainDecision, PlainFacts, PlainInstalment, PlainLineItem, PlainMilestone,
    PlainMonth, PlainOrder, PlainPayment, PlainPlan, PlainProduct, PlainQuote, PlainSignal,
    PlainSpan, PlainStage, PlainStop, PlainTarget, PlainVisit,
};

use crate::period::Period;
use crate::records::CalendarRecord;
use crate::rules::policy::Policy;
use crate::time::Timestamp;

/// A file of plain facts, read.
pub struct PlainFile {
    material: read::Material,
    period: Period,
}

impl PlainFile {
    /// Reads a file for a period. `calendar` gives the calendar of a time zone.
    ///
    /// # Errors
    /// When the text is not JSON of this shape, or says something that cannot be; the
    /// message names the path and what is allowed.
    pub fn read(
        text: &str,
        period: Period,
        calendar: &dyn Fn(&str) -> Option<CalendarRecord>,
    ) -> Result<Self, PlainError> {
        Ok(Self { material: read::Material::read(text, period, calendar)?, period })
    }

    /// The calendar that the file is read by.
    pub const fn calendar(&self) -> &CalendarRecord {
        &self.material.calendar
    }

    /// What the rules say, as seen from `as_of`.
    ///
    /// # Errors
    /// When the file names a stage that the policy does not have.
    pub fn evaluate(&self, policy: &Policy, as_of: Timestamp) -> Result<Evaluated, PlainError> {
        self.material.known_to(policy)?;
        Ok(answer::answer(&self.material, policy, self.period, as_of))
    }
}

impl std::fmt::Debug for PlainFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlainFile").field("period", &self.period).finish_non_exhaustive()
    }
}

/// A time as a person writes it, `2026-10-31`, `2026-10-31T18:00:00+08:00`: a day means
/// its end, in the zone of the calendar. `what` is what an error calls it.
///
/// # Errors
/// When it is neither.
pub fn instant(what: &str, text: &str, calendar: &CalendarRecord) -> Result<Timestamp, PlainError> {
    read::instant(what, text, calendar, read::DayMeans::End)
}
