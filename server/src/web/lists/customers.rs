//! Lists of customers.

use client_core::period::Period;
use client_core::records::Tier;
use client_core::rules::DueStatus;
use client_core::time::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Unreadable, Whose, code, given, page, text};
use crate::storage::lists::{CustomerFilter, CustomerSort};
use crate::web::address::Address;
use crate::web::queries::base::Base;
use crate::web::queries::reach::Reach;
use crate::web::queries::then::When;

/// The address as it comes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CustomersQuery {
    /// Part of a name, alias, industry or region, pinyin or its initials, or a phone's tail.
    q: String,
    /// Held by whom.
    rep: String,
    /// In this unit or below.
    unit: String,
    /// `a`, `b`, `c` or `none`.
    tier: String,
    /// Of this industry.
    industry: String,
    /// Code of the point of its life.
    lifecycle: String,
    /// Code of the due status.
    due: String,
    /// The month of a cell of the coverage.
    period: String,
    /// Which part of that cell.
    coverage: String,
    /// Code of the order.
    sort: String,
    /// Which page, from 1.
    page: String,
}

/// The address of one customer as it comes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct AsOfQuery {
    /// As it was known on the evening of this day; as it stands if absent.
    as_of: String,
}

impl AsOfQuery {
    /// What it asks for.
    pub fn when(&self, now: Timestamp) -> Result<When, Unreadable> {
        Ok(When { as_of: given(&self.as_of)?, ..When::now(now) })
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct CustomersAsk {
    /// Text to look for.
    pub text: String,
    /// Held by whom.
    pub whose: Whose,
    /// Of which tier; `Some(None)` for none.
    pub tier: Option<Option<Tier>>,
    /// Of which industry.
    pub industry: Option<String>,
    /// At which point of its life.
    pub lifecycle: Option<String>,
    /// With which due status.
    pub due: Option<DueStatus>,
    /// Behind which cell of a month's coverage. Person, unit and tier are then
    /// those of the cards, not those of today.
    pub cell: Option<(Period, CellPart)>,
    /// In which order.
    pub sort: CustomerSort,
    /// Which page, from 1.
    pub page: usize,
}

/// A part of a coverage cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellPart {
    /// Every customer of the month.
    All,
    /// Those with an effective visit.
    Reached,
    /// Those without.
    NotReached,
    /// Those that got every required visit.
    Met,
    /// Those that a rule asked visits for and that did not get them all.
    NotMet,
    /// Those new to the company.
    New,
    /// The others.
    Existing,
    /// Those with a due status.
    Due(DueStatus),
}

impl CellPart {
    /// The parts that do not depend on due status.
    pub const ALL: [Self; 7] = [
        Self::All,
        Self::Reached,
        Self::NotReached,
        Self::Met,
        Self::NotMet,
        Self::New,
        Self::Existing,
    ];

    /// The code in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Reached => "reached",
            Self::NotReached => "not_reached",
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::New => "new",
            Self::Existing => "existing",
            Self::Due(status) => status.as_str(),
        }
    }

    fn parse(code: &str) -> Option<Self> {
        let due = || DueStatus::parse(code).map(Self::Due);
        Self::ALL.into_iter().find(|part| part.as_str() == code).or_else(due)
    }
}

/// `none` stands for customers without a tier.
const NO_TIER: &str = "none";

impl CustomersQuery {
    /// What it asks for.
    pub fn ask(&self) -> Result<CustomersAsk, Unreadable> {
        let part = code(&self.coverage, CellPart::parse)?;
        let period: Option<Period> = given(&self.period)?;
        let cell = match (period, part) {
            (Some(period @ Period::Month(_)), Some(part)) => Some((period, part)),
            (None, None) => None,
            _ => return Err(Unreadable),
        };
        Ok(CustomersAsk {
            text: self.q.trim().to_owned(),
            whose: Whose::parse(&self.rep, &self.unit)?,
            tier: code(&self.tier, |code| match code {
                NO_TIER => Some(None),
                code => Tier::parse(code).map(Some),
            })?,
            industry: text(&self.industry),
            lifecycle: text(&self.lifecycle),
            due: code(&self.due, DueStatus::parse)?,
            cell,
            sort: code(&self.sort, parse_sort)?.unwrap_or_default(),
            page: page(&self.page)?,
        })
    }
}

/// The code of an order in addresses; empty for the one without asking.
pub const fn sort_code(sort: CustomerSort) -> &'static str {
    match sort {
        CustomerSort::Name => "",
        CustomerSort::Due => "due",
        CustomerSort::Contact => "contact",
    }
}

fn parse_sort(code: &str) -> Option<CustomerSort> {
    let all = [CustomerSort::Name, CustomerSort::Due, CustomerSort::Contact];
    all.into_iter().find(|sort| sort_code(*sort) == code)
}

/// The code of a tier in addresses.
pub fn tier_code(tier: Option<Tier>) -> &'static str {
    tier.map_or(NO_TIER, Tier::as_str)
}

impl CustomersAsk {
    /// The address, without its page.
    pub fn address(&self) -> Address {
        Address::new("/customers")
            .with("q", &self.text)
            .given("rep", self.whose.rep)
            .given("unit", self.whose.unit)
            .given("tier", self.tier.map(tier_code))
            .given("industry", self.industry.as_ref())
            .given("lifecycle", self.lifecycle.as_ref())
            .given("due", self.due.map(DueStatus::as_str))
            .given("period", self.cell.map(|(period, _)| period))
            .given("coverage", self.cell.map(|(_, part)| part.as_str()))
            .with("sort", sort_code(self.sort))
    }

    /// What storage is asked, but for the customers of a cell.
    pub fn filter(&self, base: &Base, reach: &Reach) -> CustomerFilter {
        let mut filter = CustomerFilter {
            within: reach.scopes(),
            text: self.text.clone(),
            industry: self.industry.clone(),
            lifecycle: self.lifecycle.clone(),
            due: self.due,
            sort: self.sort,
            ..CustomerFilter::default()
        };
        if self.cell.is_none() {
            filter.owners = self.whose.owner();
            filter.units = self.whose.units(base);
            filter.tier = self.tier;
        }
        filter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        let query = CustomersQuery {
            q: " 浦江 ".into(),
            tier: "none".into(),
            due: "never".into(),
            period: "2026-10".into(),
            coverage: "not_met".into(),
            sort: "due".into(),
            ..CustomersQuery::default()
        };
        let ask = query.ask().unwrap();
        assert_eq!(
            ask.address().to_string(),
            "/customers?q=%E6%B5%A6%E6%B1%9F&tier=none&due=never&period=2026-10&coverage=not_met\
             &sort=due"
        );
        for odd in ["d", "A"] {
            let query = CustomersQuery { tier: odd.into(), ..CustomersQuery::default() };
            assert_eq!(query.ask().unwrap_err(), Unreadable);
        }
        let half = CustomersQuery { period: "2026-10".into(), ..CustomersQuery::default() };
        assert!(half.ask().is_err(), "a month without a part is no cell");
    }
}
