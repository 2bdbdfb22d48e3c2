//! What the address of a team's board asks for: whose work, of which month or day.

use client_core::period::Period;
use client_core::records::Metric;
use client_core::time::Date;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Unreadable, Whose, given};
use crate::web::address::Address;
use crate::web::filters::{Choices, Control, Filters};
use crate::web::words::Words;

/// The address as it comes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct TeamQuery {
    /// The month; this one if absent.
    period: String,
    /// The day; today if absent.
    date: String,
    /// Whose.
    rep: String,
    /// In this unit or below.
    unit: String,
    /// Code of the figure.
    metric: String,
    /// Code of the kind.
    kind: String,
    /// Code of the product line.
    line: String,
    /// Which page, from 1.
    page: String,
}

/// What is asked for. What the address does not say is the month or day it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamAsk {
    /// Whose work.
    pub whose: Whose,
    /// Of which month.
    pub month: Period,
    /// Of which day.
    pub day: Date,
    /// Of which figure, where there are several.
    pub metric: Option<Metric>,
    /// Of which kind, where a list has several: a code.
    pub kind: Option<String>,
    /// Of products of which line, where sales are shown.
    pub line: Option<String>,
    /// Which page of a list.
    pub page: usize,
    /// The day it is.
    pub today: Date,
}

impl TeamQuery {
    /// What it asks for.
    pub fn ask(&self, today: Date) -> Result<TeamAsk, Unreadable> {
        let month = given(&self.period)?.unwrap_or_else(|| Period::month_of(today));
        if !matches!(month, Period::Month(_)) {
            return Err(Unreadable);
        }
        let metric = (!self.metric.is_empty()).then(|| Metric::from(self.metric.as_str()));
        Ok(TeamAsk {
            whose: Whose::parse(&self.rep, &self.unit)?,
            month,
            day: given(&self.date)?.unwrap_or(today),
            metric,
            kind: super::text(&self.kind),
            line: super::text(&self.line),
            page: super::page(&self.page)?,
            today,
        })
    }
}

impl TeamAsk {
    /// The address of `path` with whose work is asked for.
    pub fn address(&self, path: &str) -> Address {
        Address::new(path).given("rep", self.whose.rep).given("unit", self.whose.unit)
    }

    /// The form over a board of a month.
    pub fn by_month(&self, w: Words, path: &str, choices: &Choices) -> Filters {
        let month = Control::month("period", w.say("period.month"), self.month);
        self.form(w, path, month, choices)
    }

    /// The form over a board of a day.
    pub fn by_day(&self, w: Words, path: &str, choices: &Choices) -> Filters {
        let day = Control::date("date", w.say("period.day"), Some(self.day));
        self.form(w, path, day, choices)
    }

    /// The form over a board of now.
    pub fn of_now(&self, w: Words, path: &str, choices: &Choices) -> Filters {
        Filters::new(w, &self.address(path), self.whose_controls(w, choices), Vec::new())
    }

    fn form(&self, w: Words, path: &str, when: Control, choices: &Choices) -> Filters {
        let mut controls = vec![when];
        controls.extend(self.whose_controls(w, choices));
        Filters::new(w, &self.address(path), controls, Vec::new())
    }

    fn whose_controls(&self, w: Words, choices: &Choices) -> Vec<Control> {
        let said = |id: Option<String>| id.unwrap_or_default();
        let rep = said(self.whose.rep.map(|rep| rep.to_string()));
        choices.controls(w, rep, said(self.whose.unit.map(|unit| unit.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_without_an_address_is_of_now_and_one_of_a_year_is_not_read() {
        let today: Date = "2026-10-15".parse().unwrap();
        let ask = TeamQuery::default().ask(today).unwrap();
        assert_eq!((ask.month.to_string(), ask.day, ask.page), ("2026-10".into(), today, 1));
        assert_eq!(ask.address("/due").to_string(), "/due");
        let year = TeamQuery { period: "2026".into(), ..TeamQuery::default() };
        assert_eq!(year.ask(today), Err(Unreadable));
    }
}
