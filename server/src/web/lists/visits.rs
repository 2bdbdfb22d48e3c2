//! Lists of visits.

use client_core::id::DocId;
use client_core::period::Period;
use client_core::time::Date;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Unreadable, Whose, code, given, instants, page, text};
use crate::storage::lists::{VerdictFilter, VisitFilter};
use crate::web::address::Address;
use crate::web::queries::base::Base;
use crate::web::queries::reach::Reach;

/// The address as it comes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct VisitsQuery {
    /// The first day; with `to` absent as well, this month.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    /// Part of the customer's name, pinyin or its initials.
    q: String,
    /// Whose.
    rep: String,
    /// In this unit or below.
    unit: String,
    /// Code of the way of contact.
    mode: String,
    /// Code of what came out.
    outcome: String,
    /// `effective`, `not_effective`, `needs_review`, `draft` or `not_judged`.
    verdict: String,
    /// Code of one of the verdict's reasons.
    reason: String,
    /// To this customer.
    customer: String,
    /// `oldest`, or the latest first.
    sort: String,
    /// Which page, from 1.
    page: String,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct VisitsAsk {
    /// The first and the last day; open where absent.
    pub days: (Option<Date>, Option<Date>),
    /// Part of the customer's name.
    pub text: String,
    /// Logged by whom.
    pub whose: Whose,
    /// By which mode.
    pub mode: Option<String>,
    /// With which outcome.
    pub outcome: Option<String>,
    /// With which verdict.
    pub verdict: Option<VerdictFilter>,
    /// For which reason.
    pub reason: Option<String>,
    /// To which customer.
    pub customer: Option<DocId>,
    /// The oldest first.
    pub oldest_first: bool,
    /// Which page, from 1.
    pub page: usize,
}

/// Every kind of verdict with its code in addresses.
pub const VERDICTS: [(VerdictFilter, &str); 5] = [
    (VerdictFilter::Effective, "effective"),
    (VerdictFilter::NotEffective, "not_effective"),
    (VerdictFilter::NeedsReview, "needs_review"),
    (VerdictFilter::Draft, "draft"),
    (VerdictFilter::NotJudged, "not_judged"),
];

impl VisitsQuery {
    /// What it asks for. An address that says nothing of days means this month;
    /// one that leaves them empty means all.
    pub fn ask(&self, today: Date) -> Result<VisitsAsk, Unreadable> {
        let month = Period::month_of(today);
        let days = match (&self.from, &self.to) {
            (None, None) if self.customer.is_empty() => {
                (Some(month.first_day()), Some(month.last_day()))
            }
            (from, to) => {
                let day = |text: &Option<String>| given(text.as_deref().unwrap_or_default());
                (day(from)?, day(to)?)
            }
        };
        Ok(VisitsAsk {
            days,
            text: self.q.trim().to_owned(),
            whose: Whose::parse(&self.rep, &self.unit)?,
            mode: text(&self.mode),
            outcome: text(&self.outcome),
            verdict: code(&self.verdict, |code| {
                VERDICTS.iter().find(|(_, each)| *each == code).map(|(verdict, _)| *verdict)
            })?,
            reason: text(&self.reason),
            customer: given(&self.customer)?,
            oldest_first: code(&self.sort, |code| (code == "oldest").then_some(true))?
                .unwrap_or_default(),
            page: page(&self.page)?,
        })
    }
}

impl VisitsAsk {
    /// The verdict's code.
    pub fn verdict_code(&self) -> &'static str {
        let known = VERDICTS.iter().find(|(verdict, _)| Some(*verdict) == self.verdict);
        known.map_or("", |(_, code)| code)
    }

    /// The address, without its page.
    pub fn address(&self) -> Address {
        let mut address = Address::new("/visits");
        address = match self.days {
            // Open on both sides differs from saying nothing.
            (None, None) if self.customer.is_none() => address.empty("from"),
            (from, to) => address.given("from", from).given("to", to),
        };
        address
            .with("q", &self.text)
            .given("rep", self.whose.rep)
            .given("unit", self.whose.unit)
            .given("mode", self.mode.as_ref())
            .given("outcome", self.outcome.as_ref())
            .with("verdict", self.verdict_code())
            .given("reason", self.reason.as_ref())
            .given("customer", self.customer)
            .with("sort", if self.oldest_first { "oldest" } else { "" })
    }

    /// What storage is asked.
    pub fn filter(&self, base: &Base, reach: &Reach) -> VisitFilter {
        let (from, until) = instants(base.zone(), self.days);
        VisitFilter {
            within: reach.scopes(),
            text: self.text.clone(),
            from,
            until,
            reps: self.whose.people(base),
            mode: self.mode.clone(),
            outcome: self.outcome.clone(),
            verdict: self.verdict,
            reason: self.reason.clone(),
            customer: self.customer,
            oldest_first: self.oldest_first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &VisitsQuery) -> VisitsAsk {
        query.ask("2026-10-08".parse().unwrap()).unwrap()
    }

    #[test]
    fn without_days_it_is_this_month_and_with_empty_days_all_of_time() {
        let month = ask(&VisitsQuery::default());
        assert_eq!(month.address().to_string(), "/visits?from=2026-10-01&to=2026-10-31");
        let all = VisitsQuery { from: Some(String::new()), ..VisitsQuery::default() };
        assert_eq!(ask(&all).days, (None, None));
        assert_eq!(ask(&all).address().to_string(), "/visits?from=");
        let odd = VisitsQuery { verdict: "splendid".into(), ..VisitsQuery::default() };
        assert!(odd.ask("2026-10-08".parse().unwrap()).is_err());
    }
}
