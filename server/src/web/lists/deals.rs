//! Lists of deals.

use client_core::id::DocId;
use client_core::money::Currency;
use client_core::period::Period;
use client_core::time::{Date, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

use super::funnel::CohortAsk;
use super::{Unreadable, Whose, code, given, instants, page, text};
use crate::storage::lists::{DealFilter, DealSort, OutcomeFilter, Sold};
use crate::web::address::Address;
use crate::web::queries::base::Base;
use crate::web::queries::reach::Reach;

/// The address as it comes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct DealsQuery {
    /// Part of the deal's or the customer's name.
    q: String,
    /// Owned by whom.
    rep: String,
    /// In this unit or below.
    unit: String,
    /// Code of the stage; `none` for deals without one.
    stage: String,
    /// `open`, `won` or `lost`.
    outcome: String,
    /// The smallest amount, in units of the org's currency.
    min: String,
    /// The largest amount.
    max: String,
    /// The first day of creation.
    created_from: String,
    /// The last day of creation.
    created_to: String,
    /// The first day of decision.
    decided_from: String,
    /// The last day of decision.
    decided_to: String,
    /// With this product.
    product: String,
    /// With products of this line.
    line: String,
    /// From this lead source: a code.
    source: String,
    /// With this customer.
    customer: String,
    /// `p1`, `p2` or `p3`.
    priority: String,
    /// Days without movement.
    stalled: String,
    /// The period of a cohort of the funnel.
    period: String,
    /// Which number of that funnel.
    cohort: String,
    /// Code of the order.
    sort: String,
    /// Which page, from 1.
    page: String,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct DealsAsk {
    /// Part of the deal's or the customer's name.
    pub text: String,
    /// Owned by whom.
    pub whose: Whose,
    /// In which stage; `none` for deals without one.
    pub stage: Option<String>,
    /// How it ended.
    pub outcome: Option<OutcomeFilter>,
    /// The smallest and the largest amount, as typed, in the org's currency.
    pub amount: (String, String),
    /// The first and the last day of creation.
    pub created: (Option<Date>, Option<Date>),
    /// The first and the last day of decision.
    pub decided: (Option<Date>, Option<Date>),
    /// With which product.
    pub product: Option<String>,
    /// With products of which line.
    pub line: Option<String>,
    /// From which lead source: a code.
    pub source: Option<String>,
    /// With which customer.
    pub customer: Option<DocId>,
    /// Of which priority.
    pub priority: Option<String>,
    /// Open, and for this many days neither moved nor in contact.
    pub stalled: Option<u16>,
    /// Behind which number of a funnel. Person and unit are then those that the
    /// deals are credited to.
    pub cohort: Option<CohortAsk>,
    /// In which order.
    pub sort: DealSort,
    /// Which page, from 1.
    pub page: usize,
}

/// Every outcome with its code in addresses.
pub const OUTCOMES: [(OutcomeFilter, &str); 3] =
    [(OutcomeFilter::Open, "open"), (OutcomeFilter::Won, "won"), (OutcomeFilter::Lost, "lost")];

/// Every order with its code in addresses; empty for the one without asking.
pub const SORTS: [(DealSort, &str); 4] = [
    (DealSort::Created, ""),
    (DealSort::Decided, "decided"),
    (DealSort::Amount, "amount"),
    (DealSort::Stalled, "stalled"),
];

/// `none` stands for deals without a stage.
pub const NO_STAGE: &str = "none";

impl DealsQuery {
    /// What it asks for.
    pub fn ask(&self) -> Result<DealsAsk, Unreadable> {
        let amount = |text: &str| {
            let text = text.trim();
            match minor(text, 0) {
                None if !text.is_empty() => Err(Unreadable),
                _ => Ok(text.to_owned()),
            }
        };
        let period: Option<Period> = given(&self.period)?;
        let cohort = match (period, self.cohort.as_str()) {
            (None, "") => None,
            (Some(period), code) => Some(CohortAsk::parse(period, code).ok_or(Unreadable)?),
            (None, _) => return Err(Unreadable),
        };
        Ok(DealsAsk {
            cohort,
            text: self.q.trim().to_owned(),
            whose: Whose::parse(&self.rep, &self.unit)?,
            stage: text(&self.stage),
            outcome: code(&self.outcome, |code| {
                OUTCOMES.iter().find(|(_, each)| *each == code).map(|(outcome, _)| *outcome)
            })?,
            amount: (amount(&self.min)?, amount(&self.max)?),
            created: (given(&self.created_from)?, given(&self.created_to)?),
            decided: (given(&self.decided_from)?, given(&self.decided_to)?),
            product: text(&self.product),
            line: text(&self.line),
            source: text(&self.source),
            customer: given(&self.customer)?,
            priority: text(&self.priority),
            stalled: given(&self.stalled)?,
            sort: code(&self.sort, |code| {
                SORTS.iter().find(|(_, each)| *each == code).map(|(sort, _)| *sort)
            })?
            .unwrap_or_default(),
            page: page(&self.page)?,
        })
    }
}

/// `1234.5` in minor units of a currency with `decimals`; what is finer is cut.
/// An amount beyond what fits is the largest that does.
fn minor(text: &str, decimals: u32) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let places = usize::try_from(decimals).unwrap_or(0);
    let part: String = part.chars().chain(std::iter::repeat('0')).take(places).collect();
    Some(format!("{whole}{part}").parse().unwrap_or(i64::MAX))
}

impl DealsAsk {
    /// The outcome's code.
    pub fn outcome_code(&self) -> &'static str {
        let known = OUTCOMES.iter().find(|(outcome, _)| Some(*outcome) == self.outcome);
        known.map_or("", |(_, code)| code)
    }

    /// The same, those longest without movement first.
    #[must_use]
    pub fn stalled_first(self) -> Self {
        Self { sort: DealSort::Stalled, ..self }
    }

    /// The order's code.
    pub fn sort_code(&self) -> &'static str {
        SORTS.iter().find(|(sort, _)| *sort == self.sort).map_or("", |(_, code)| code)
    }

    /// The address, without its page.
    pub fn address(&self) -> Address {
        Address::new("/deals")
            .with("q", &self.text)
            .given("rep", self.whose.rep)
            .given("unit", self.whose.unit)
            .given("stage", self.stage.as_ref())
            .with("outcome", self.outcome_code())
            .with("min", &self.amount.0)
            .with("max", &self.amount.1)
            .given("created_from", self.created.0)
            .given("created_to", self.created.1)
            .given("decided_from", self.decided.0)
            .given("decided_to", self.decided.1)
            .given("product", self.product.as_ref())
            .given("line", self.line.as_ref())
            .given("source", self.source.as_ref())
            .given("customer", self.customer)
            .given("priority", self.priority.as_ref())
            .given("stalled", self.stalled)
            .given("period", self.cohort.as_ref().map(|cohort| cohort.period))
            .given("cohort", self.cohort.as_ref().map(CohortAsk::code))
            .with("sort", self.sort_code())
    }

    /// What storage is asked.
    pub fn filter(&self, base: &Base, reach: &Reach, now: Timestamp) -> DealFilter {
        const DAY_MS: i64 = 24 * 3_600_000;
        let currency: Currency = base.org.currency;
        let typed = |text: &str| minor(text, currency.decimals());
        let amount = (typed(&self.amount.0), typed(&self.amount.1));
        DealFilter {
            within: reach.scopes(),
            text: self.text.clone(),
            owners: self.whose.owner().filter(|_| self.cohort.is_none()),
            units: self.whose.units(base).filter(|_| self.cohort.is_none()),
            stage: self.stage.as_ref().map(|stage| (stage != NO_STAGE).then(|| stage.clone())),
            outcome: self.outcome,
            amount: (amount != (None, None)).then_some((currency, amount.0, amount.1)),
            unpriced: false,
            industries: None,
            created: instants(base.zone(), self.created),
            decided: instants(base.zone(), self.decided),
            product: self.product.clone(),
            // Which products a line has is for whoever can read the catalogue.
            sold: Sold { products: None, source: self.source.clone() },
            customer: self.customer,
            priority: self.priority.clone(),
            stalled_since: self.stalled.map(|days| now.plus_millis(-i64::from(days) * DAY_MS)),
            moved: None,
            only: None,
            sort: self.sort,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_the_currencys_decimals() {
        assert_eq!(minor("1234.5", 2), Some(123_450));
        assert_eq!(minor("1234.567", 2), Some(123_456));
        assert_eq!(minor("1234.9", 0), Some(1234));
        assert_eq!(minor("99999999999999999999", 2), Some(i64::MAX));
        for odd in ["-1", "1e5", "1,000", "", "."] {
            assert_eq!(minor(odd, 2), None, "{odd}");
        }
    }

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        let query = DealsQuery {
            stage: "proposal".into(),
            outcome: "open".into(),
            min: "5000".into(),
            created_from: "2017-01-01".into(),
            stalled: "14".into(),
            sort: "amount".into(),
            ..DealsQuery::default()
        };
        assert_eq!(
            query.ask().unwrap().address().to_string(),
            "/deals?stage=proposal&outcome=open&min=5000&created_from=2017-01-01&stalled=14\
             &sort=amount"
        );
        let odd = DealsQuery { min: "much".into(), ..DealsQuery::default() };
        assert_eq!(odd.ask().unwrap_err(), Unreadable);
    }
}
