//! F11: how long a sale takes, what a customer and an order bring, what a head does.
//!
//! A deal's days are days of the calendar in the org's zone, from the day it was
//! created to the day it was won, so that neither the hour of a signature nor a
//! change of the clocks makes half a day. Amounts of two currencies are two
//! figures: nothing here converts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{DocId, UserId};
use crate::money::Currency;
use crate::period::{Days, Period};
use crate::rules::figure::{Evidence, Figure, TeamView};
use crate::rules::outcome::{DealReason, Exclusion, ExclusionReason, JudgedVisit, RuleId, Verdict};
use crate::time::Date;

/// The sales cycle (销售周期) of the deals won.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesCycle {
    /// The middle one, in half days: an even count has its middle between two.
    pub median: Figure,
    /// The mean, in hundredths of a day.
    pub mean: Figure,
}

/// Days from creation to won, of deals won in the days.
pub fn sales_cycle(view: &TeamView<'_>) -> SalesCycle {
    let mut evidence = Evidence::default();
    let mut all = Vec::new();
    for (deal, won) in view.won() {
        let days = deal
            .fact
            .created_at
            .map(|created| view.zone.date(won).days_since(view.zone.date(created)));
        match days {
            Some(days) if days >= 0 => {
                all.push(days);
                evidence.take(&deal.fact);
            }
            Some(_) => {
                evidence.leave(&deal.fact, ExclusionReason::Deal(DealReason::DecidedBeforeItBegan))
            }
            None => evidence.leave(&deal.fact, ExclusionReason::Deal(DealReason::NoBeginning)),
        }
    }
    all.sort_unstable();
    let sum: i128 = all.iter().map(|days| i128::from(*days)).sum();
    let count = i128::try_from(all.len()).unwrap_or(i128::MAX);
    SalesCycle {
        median: Figure::ratio(RuleId::F11, middle(&all), 2, evidence.clone()),
        mean: Figure::ratio(RuleId::F11, (sum, count), 100, evidence),
    }
}

/// The middle of sorted numbers as a fraction; 0 ÷ 0 of none.
fn middle(sorted: &[i64]) -> (i128, i128) {
    let at = |index: usize| sorted.get(index).map_or(0, |days| i128::from(*days));
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => (0, 0),
        count if count % 2 == 1 => (at(half), 1),
        _ => (at(half - 1) + at(half), 2),
    }
}

/// Won amounts of one currency, all in its minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencySales {
    /// The currency.
    pub currency: Currency,
    /// Their sum.
    pub amount: Figure,
    /// Sales per customer (客单价): ÷ distinct buying customers.
    pub per_customer: Figure,
    /// Average order value (单均金额): ÷ orders.
    pub average_order: Figure,
}

/// Deals won in the days, one entry for each currency, by its code.
///
/// A deal without an amount is in none and is named by each. A deal without a
/// customer is an order, and is left out of the sales per customer.
pub fn sales(view: &TeamView<'_>) -> Vec<CurrencySales> {
    in_currencies(view, BTreeMap::new())
}

/// The same, with an entry for the currency `home` also where nothing was sold in it.
pub(super) fn sales_at_home(view: &TeamView<'_>, home: Currency) -> Vec<CurrencySales> {
    in_currencies(view, BTreeMap::from([(home, Sum::default())]))
}

fn in_currencies(view: &TeamView<'_>, mut sums: BTreeMap<Currency, Sum>) -> Vec<CurrencySales> {
    let mut without = Vec::new();
    for (deal, _won) in view.won() {
        let Some(amount) = deal.fact.amount else {
            without.push(Exclusion {
                fact: deal.fact.fact(),
                reasons: vec![ExclusionReason::NoAmount],
            });
            continue;
        };
        let sum = sums.entry(amount.currency).or_default();
        // What was called off later is taken back from the amount, and is no order.
        let is_order = !deal.taken_back;
        sum.orders += i128::from(is_order);
        sum.amount += i128::from(amount.minor);
        sum.evidence.take(&deal.fact);
        match deal.fact.customer {
            Some(customer) => {
                if is_order {
                    sum.customers.insert(customer);
                }
                sum.placed += i128::from(amount.minor);
                sum.placed_evidence.take(&deal.fact);
            }
            None => {
                sum.placed_evidence.leave(&deal.fact, ExclusionReason::Deal(DealReason::NoCustomer))
            }
        }
    }
    sums.into_iter().map(|(currency, sum)| sum.figures(currency, &without)).collect()
}

#[derive(Default)]
struct Sum {
    orders: i128,
    amount: i128,
    evidence: Evidence,
    customers: BTreeSet<DocId>,
    placed: i128,
    placed_evidence: Evidence,
}

impl Sum {
    fn figures(self, currency: Currency, without: &[Exclusion]) -> CurrencySales {
        let with = |mut evidence: Evidence| {
            evidence.exclusions.extend_from_slice(without);
            evidence.exclusions.sort_by_key(|exclusion| exclusion.fact.doc);
            evidence
        };
        let customers = i128::try_from(self.customers.len()).unwrap_or(i128::MAX);
        let evidence = with(self.evidence);
        CurrencySales {
            currency,
            amount: Figure::ratio(RuleId::F11, (self.amount, 1), 1, evidence.clone()),
            per_customer: Figure::ratio(
                RuleId::F11,
                (self.placed, customers),
                1,
                with(self.placed_evidence),
            ),
            average_order: Figure::ratio(RuleId::F11, (self.amount, self.orders), 1, evidence),
        }
    }
}

/// A rep's time with the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveRep {
    /// The rep.
    pub rep: UserId,
    /// Hired on; long ago if absent.
    pub from: Option<Date>,
    /// The first day no longer there; still there if absent.
    pub until: Option<Date>,
}

/// Months that reps were active, summed: the heads that a figure is divided by.
///
/// A month in which a rep was there for half the days is half a month. As months
/// have 28 to 31 days, a sum is a whole number of parts of [`ActiveMonths::PARTS`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ActiveMonths(i64);

impl ActiveMonths {
    /// Parts of a month: a multiple of 28, 29, 30 and 31.
    pub const PARTS: i64 = 377_580;

    /// The months of `reps` in `days`; each rep once, by the first that is given.
    pub fn of(reps: &[ActiveRep], days: Days) -> Self {
        let mut seen = BTreeSet::new();
        let each = reps.iter().filter(|rep| seen.insert(rep.rep));
        Self(each.map(|rep| parts(*rep, days)).fold(0, i64::saturating_add))
    }

    /// The sum in parts.
    pub const fn parts(self) -> i64 {
        self.0
    }
}

fn parts(rep: ActiveRep, days: Days) -> i64 {
    let from = rep.from.map_or(days.from, |from| from.max(days.from));
    let until = rep.until.map_or(days.until, |until| until.min(days.until));
    let (mut sum, mut day) = (0_i64, from);
    while day < until {
        let month = Period::month_of(day);
        let next = month.next_first_day();
        // At the end of the calendar there is no next month.
        if next <= day {
            break;
        }
        let length = next.days_since(month.first_day()).max(1);
        let active = next.min(until).days_since(day);
        sum = sum.saturating_add(active.saturating_mul(ActiveMonths::PARTS / length));
        day = next;
    }
    sum
}

/// Visits that count ÷ active months (单人月均拜访量), in hundredths of a visit.
/// Pass the judged visits of every rep of the team; a joint visit counts once.
pub fn visits_per_head<'a>(
    visits: impl IntoIterator<Item = &'a JudgedVisit>,
    months: ActiveMonths,
) -> Figure {
    let mut by_id: BTreeMap<DocId, &JudgedVisit> = BTreeMap::new();
    for visit in visits {
        // A visit that counts for one participant counts.
        let kept = by_id.entry(visit.fact.doc).or_insert(visit);
        if !kept.counts && visit.counts {
            *kept = visit;
        }
    }
    let mut evidence = Evidence::default();
    for visit in by_id.into_values() {
        if visit.counts {
            evidence.facts.push(visit.fact.clone());
        } else {
            let reasons = why_not(&visit.verdict);
            evidence.exclusions.push(Exclusion { fact: visit.fact.clone(), reasons });
        }
    }
    let count = i128::try_from(evidence.facts.len()).unwrap_or(i128::MAX);
    Figure::ratio(RuleId::F11, per_month(count, months), 100, evidence)
}

fn why_not(verdict: &Verdict) -> Vec<ExclusionReason> {
    match verdict {
        Verdict::Effective => Vec::new(),
        Verdict::NotEffective(reasons) => {
            reasons.iter().copied().map(ExclusionReason::Visit).collect()
        }
        Verdict::NeedsReview(reasons) => {
            reasons.iter().copied().map(ExclusionReason::UnderReview).collect()
        }
    }
}

/// Won amount ÷ active months (人均效能), in minor units.
pub fn amount_per_head(sales: &CurrencySales, months: ActiveMonths) -> Figure {
    let fraction = per_month(i128::from(sales.amount.numerator), months);
    Figure::ratio(RuleId::F11, fraction, 1, evidence_of(&sales.amount))
}

/// `total` ÷ months as a fraction in lowest terms: months of whole heads stay whole.
fn per_month(total: i128, months: ActiveMonths) -> (i128, i128) {
    let (parts, whole) = (i128::from(months.0), i128::from(ActiveMonths::PARTS));
    let shared = common_divisor(parts, whole);
    (total.saturating_mul(whole / shared), parts / shared)
}

fn common_divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// Won amount ÷ active customers (单客户产出), in minor units; see
/// [`active_customers`].
pub fn amount_per_customer(sales: &CurrencySales, active: &BTreeSet<DocId>) -> Figure {
    let customers = i128::try_from(active.len()).unwrap_or(i128::MAX);
    let fraction = (i128::from(sales.amount.numerator), customers);
    Figure::ratio(RuleId::F11, fraction, 1, evidence_of(&sales.amount))
}

/// Customers the team was active at: those with a visit that counts or a sale in the days.
/// (The guides do not say what an active customer is.) Who only called off what was bought
/// earlier bought nothing: the amount goes down, and the customer is not among them.
pub fn active_customers<'a>(
    view: &TeamView<'_>,
    visits: impl IntoIterator<Item = &'a JudgedVisit>,
) -> BTreeSet<DocId> {
    let visited = visits
        .into_iter()
        .filter(|visit| visit.counts && view.span().contains(visit.at))
        .filter_map(|visit| visit.customer);
    let sales = view.won().filter(|(deal, _won)| !deal.taken_back);
    let bought = sales.filter_map(|(deal, _won)| deal.fact.customer);
    visited.chain(bought).collect()
}

fn evidence_of(figure: &Figure) -> Evidence {
    Evidence { facts: figure.facts.clone(), exclusions: figure.exclusions.clone() }
}

#[cfg(test)]
mod tests;
