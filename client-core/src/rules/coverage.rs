//! F3: are the customers visited as often as their tier asks for?
//!
//! One number hides neglect: an account visited daily pays for ten that are
//! never seen. So coverage is three numbers, and visits beyond the required ones
//! add nothing to the third.
//!
//! Choices of ours where the guides are silent:
//! - A rule period that has not begun by `as_of` asks for nothing yet.
//! - A rule period without a working day asks for nothing.
//! - A customer belongs to the tier it had last in the period.
//! - Customers that no rule asks visits for are left out of "standard met".
//! - Personal leave subtracts (DOMAIN C3): who works one day of a week of five is asked a
//!   fifth of the week's visits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::DocId;
use crate::period::Period;
use crate::records::{CalendarRecord, Tier};
use crate::rules::effective_visit::Judged;
use crate::rules::facts::{CustomerFact, Facts};
use crate::rules::policy::{FrequencyRule, Policy, RulePeriod};
use crate::rules::rounding::{basis_points, div_half_up, saturate};
use crate::rules::units::BasisPoints;
use crate::time::{Date, Timestamp};

/// Visit coverage of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// All customers that were the rep's.
    pub total: CoverageFigures,
    /// By tier, A to C; customers without tier last.
    pub tiers: Vec<TierCoverage>,
    /// Customers new to the company.
    pub new: CoverageFigures,
    /// The others.
    pub existing: CoverageFigures,
    /// The customers that were the rep's, by id: whom reach counts.
    #[serde(default)]
    pub customers: Vec<CoveredCustomer>,
    /// One row for each customer and frequency rule, by customer then rule.
    pub rows: Vec<CoverageRow>,
}

/// A customer of the period, as reach counts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoveredCustomer {
    /// Which.
    pub customer: DocId,
    /// The tier it had last.
    pub tier: Option<Tier>,
    /// Whether it is new to the company.
    pub is_new: bool,
    /// Whether it had an effective visit.
    pub reached: bool,
}

/// The coverage of a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierCoverage {
    /// The tier; absent for customers not tiered yet.
    pub tier: Option<Tier>,
    /// Its figures.
    pub figures: CoverageFigures,
}

/// The three numbers of F3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageFigures {
    /// Customers with at least one effective visit ÷ customers.
    pub reach: Share,
    /// Customers that got every required visit ÷ customers that a rule asked visits for.
    pub standard_met: Share,
    /// Visits made, at most the required ones ÷ visits required.
    pub frequency: Share,
}

/// A share with its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Above the line.
    pub numerator: i64,
    /// Below the line.
    pub denominator: i64,
    /// The share, half-even; absent when the denominator is 0.
    pub share: Option<BasisPoints>,
}

/// One customer under one frequency rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageRow {
    /// The customer.
    pub customer: DocId,
    /// The tier the rule is for.
    pub tier: Tier,
    /// Position of the rule in the policy's list.
    pub rule: u32,
    /// Over what the rule counts.
    pub period: RulePeriod,
    /// First day of the first of the rule's periods that end in the card's.
    pub from: Date,
    /// Last day of the last of them.
    pub until: Date,
    /// Visits required, prorated.
    pub required: i64,
    /// Visits that count, uncapped.
    pub actual: i64,
    /// Visits that count, at most what each rule period required.
    pub credited: i64,
    /// Whether every rule period got what it required.
    pub met: bool,
}

impl Share {
    /// `numerator ÷ denominator`.
    pub fn of(numerator: i64, denominator: i64) -> Self {
        let share = basis_points(numerator.into(), denominator.into());
        Self { numerator, denominator, share }
    }
}

/// One customer of the period, with what its figures are made of.
struct Covered {
    seen: CoveredCustomer,
    rows: Vec<CoverageRow>,
}

/// The coverage of `period` as seen from `as_of`.
pub(super) fn coverage(
    facts: &Facts,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
    judged: &[Judged<'_>],
) -> Coverage {
    let mut visits: BTreeMap<DocId, Vec<&Judged<'_>>> = BTreeMap::new();
    for one in judged.iter().filter(|one| one.counts) {
        if let Some(customer) = one.visit.customer {
            visits.entry(customer).or_default().push(one);
        }
    }
    let none = Vec::new();
    let (start, end) = period.bounds(&facts.calendar.zone);
    let covered: Vec<Covered> = facts
        .customers
        .iter()
        .filter_map(|customer| {
            let spans = customer.owned.iter();
            let last = spans
                .filter(|span| span.from < end && span.from <= as_of)
                .rfind(|span| span.until.is_none_or(|until| start < until))?;
            let made = visits.get(&customer.doc).unwrap_or(&none);
            let new_from =
                facts.calendar.zone.start_of(period.next_first_day().plus_days(-new_days(policy)));
            Some(Covered {
                seen: CoveredCustomer {
                    customer: customer.doc,
                    tier: last.tier,
                    is_new: customer.known_since.is_some_and(|since| new_from <= since),
                    reached: made.iter().any(|one| period.contains(one.date)),
                },
                rows: rows(customer, made, facts, policy, period, as_of),
            })
        })
        .collect();

    let tiers = Tier::ALL.into_iter().map(Some).chain([None]).map(|tier| TierCoverage {
        tier,
        figures: figures(covered.iter().filter(|customer| customer.seen.tier == tier)),
    });
    Coverage {
        total: figures(covered.iter()),
        tiers: tiers.collect(),
        new: figures(covered.iter().filter(|customer| customer.seen.is_new)),
        existing: figures(covered.iter().filter(|customer| !customer.seen.is_new)),
        customers: covered.iter().map(|customer| customer.seen.clone()).collect(),
        rows: covered.into_iter().flat_map(|customer| customer.rows).collect(),
    }
}

fn new_days(policy: &Policy) -> i64 {
    i64::from(policy.visits.new_customer_days)
}

fn figures<'a>(customers: impl Iterator<Item = &'a Covered>) -> CoverageFigures {
    let (mut all, mut reached, mut asked, mut met) = (0, 0, 0, 0);
    let (mut credited, mut required) = (0, 0);
    for customer in customers {
        let rows = || customer.rows.iter().filter(|row| row.required > 0);
        all += 1;
        reached += i64::from(customer.seen.reached);
        asked += i64::from(rows().next().is_some());
        met += i64::from(rows().next().is_some() && rows().all(|row| row.met));
        credited += rows().map(|row| row.credited).sum::<i64>();
        required += rows().map(|row| row.required).sum::<i64>();
    }
    CoverageFigures {
        reach: Share::of(reached, all),
        standard_met: Share::of(met, asked),
        frequency: Share::of(credited, required),
    }
}

fn rows(
    customer: &CustomerFact,
    visits: &[&Judged<'_>],
    facts: &Facts,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
) -> Vec<CoverageRow> {
    let today = facts.calendar.zone.date(as_of);
    let indexed = (0_u32..).zip(&policy.frequency);
    indexed
        .filter_map(|(index, rule)| {
            let mut row: Option<CoverageRow> = None;
            for span in rule_periods(rule.period, period, &facts.calendar)
                .filter(|span| span.first_day() <= today)
            {
                let Some(required) = required(customer, rule, span, &facts.calendar) else {
                    continue;
                };
                let actual = visits.iter().filter(|one| counts(one, rule, span)).map(|_| 1).sum();
                let row = row.get_or_insert(CoverageRow {
                    customer: customer.doc,
                    tier: rule.tier,
                    rule: index,
                    period: rule.period,
                    from: span.first_day(),
                    until: span.last_day(),
                    required: 0,
                    actual: 0,
                    credited: 0,
                    met: true,
                });
                row.until = span.last_day();
                row.required += required;
                row.actual += actual;
                row.credited += required.min(actual);
                row.met &= actual >= required;
            }
            row
        })
        .collect()
}

fn counts(one: &Judged<'_>, rule: &FrequencyRule, span: Period) -> bool {
    one.tier == Some(rule.tier)
        && span.contains(one.date)
        && one.visit.mode.as_ref().is_some_and(|mode| rule.takes(mode))
}

/// The rule's natural periods that end in `period`.
fn rule_periods(
    kind: RulePeriod,
    period: Period,
    calendar: &CalendarRecord,
) -> impl Iterator<Item = Period> {
    std::iter::successors(Some(kind.of(period.first_day(), calendar)), |span| {
        Some(span.following())
    })
    .skip_while(move |span| span.last_day() < period.first_day())
    .take_while(move |span| span.last_day() <= period.last_day())
}

/// Visits that `rule` asks for in `span`: its count, prorated by the days of the org's work
/// on which the rep worked and the customer was theirs and of the rule's tier, half up.
/// `None` when it was on no day.
fn required(
    customer: &CustomerFact,
    rule: &FrequencyRule,
    span: Period,
    calendar: &CalendarRecord,
) -> Option<i64> {
    let (first, end) = (span.first_day(), span.next_first_day());
    let held: Vec<(Date, Date)> = customer
        .owned
        .iter()
        .filter(|owned| owned.tier == Some(rule.tier))
        .map(|owned| {
            let until = owned.until.map_or(end, |until| calendar.zone.date(until));
            (calendar.zone.date(owned.from).max(first), until.min(end))
        })
        .filter(|(from, until)| from < until)
        .collect();
    if held.is_empty() {
        return None;
    }
    let of_customer: i64 =
        held.iter().map(|(from, until)| calendar.working_days(*from, *until)).sum();
    let of_span = calendar.office_days(first, end);
    let asked = i128::from(rule.count) * i128::from(of_customer);
    Some(div_half_up(asked, of_span.into()).map_or(0, saturate))
}

#[cfg(test)]
mod tests;
