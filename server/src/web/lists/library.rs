//! What the addresses of the case library and of the competitors' brief ask for.

use client_core::period::Period;
use client_core::time::Date;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Unreadable, code, given, text};
use crate::storage::lists::OutcomeFilter;
use crate::web::queries::base::Base;
use crate::web::queries::library::CasesAsk;

/// The address of the case library as it comes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CasesQuery {
    /// Of customers of this industry.
    industry: String,
    /// `won` or `lost`; both if absent.
    outcome: String,
}

/// Ways a case ends, with their codes in addresses.
const ENDS: [(OutcomeFilter, &str); 2] =
    [(OutcomeFilter::Won, "won"), (OutcomeFilter::Lost, "lost")];

impl CasesQuery {
    /// What it asks for.
    pub fn ask(&self) -> Result<CasesAsk, Unreadable> {
        let outcome = code(&self.outcome, |code| {
            ENDS.iter().find(|(_, each)| *each == code).map(|(outcome, _)| *outcome)
        });
        Ok(CasesAsk { industry: text(&self.industry), outcome: outcome? })
    }
}

impl CasesAsk {
    /// The outcome's code; empty for both.
    pub fn outcome_code(&self) -> &'static str {
        let asked = ENDS.iter().find(|(outcome, _)| Some(*outcome) == self.outcome);
        asked.map_or("", |(_, code)| code)
    }
}

/// The address of a week's brief as it comes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct WeekQuery {
    /// Such as 2026-W41; this week if absent.
    week: String,
}

impl WeekQuery {
    /// The week; one that has not begun has no brief.
    pub fn ask(&self, base: &Base, today: Date) -> Result<Period, Unreadable> {
        let week = given(&self.week)?.unwrap_or_else(|| base.calendar.week_of(today));
        let is_week = matches!(week, Period::Week(_) | Period::SundayWeek(_));
        if is_week && week.first_day() <= today { Ok(week) } else { Err(Unreadable) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_ends_one_of_two_ways() {
        let ask =
            |outcome: &str| CasesQuery { outcome: outcome.into(), ..CasesQuery::default() }.ask();
        assert_eq!(ask("lost").unwrap().outcome_code(), "lost");
        assert_eq!(ask("").unwrap(), CasesAsk::default());
        assert_eq!(ask("open"), Err(Unreadable));
    }
}
