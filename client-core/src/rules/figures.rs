//! What is computed once for a rep and a period, and the figures beside the card.
//!
//! Card, figures, risk and reminders ask the same things of the same facts: which
//! visits count, who bought, which money paid what. So that is worked out once, here,
//! and no two of them can disagree.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::DocId;
use crate::period::{Days, Period};
use crate::records::Metric;
use crate::rules::adherence::adherence;
use crate::rules::buyers::{self, Purchase};
use crate::rules::collection::{Ledger, Stretch};
use crate::rules::effective_visit::Judged;
use crate::rules::facts::Facts;
use crate::rules::figure::{Evidence, Figure};
use crate::rules::measures::{Measure, Span, measure};
use crate::rules::outcome::{LineState, NotApplicable, RuleId};
use crate::rules::policy::{CollectionVariant, CountPolicy, Policy};
use crate::rules::quotes::quote_conversion;
use crate::rules::response::{Until, waits};
use crate::rules::satisfaction::Satisfaction;
use crate::rules::takings::takings;
use crate::time::{Date, Timestamp};

/// A figure with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedFigure {
    /// The stable code.
    pub id: String,
    /// What its value counts.
    pub unit: FigureUnit,
    /// The figure.
    pub figure: Figure,
}

/// What a figure's value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureUnit {
    /// Things.
    Count,
    /// Hundredths of a percent.
    BasisPoints,
    /// Hundredths of one.
    Hundredths,
    /// Half days.
    HalfDays,
    /// Hundredths of a day.
    HundredthsOfDays,
    /// Minutes.
    Minutes,
    /// Minor units of the org's currency.
    MinorUnits,
}

impl FigureUnit {
    /// What the value of an indicator or a target counts.
    pub const fn of(metric: &Metric) -> Self {
        unit_of(metric)
    }

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::BasisPoints => "basis_points",
            Self::Hundredths => "hundredths",
            Self::HalfDays => "half_days",
            Self::HundredthsOfDays => "hundredths_of_days",
            Self::Minutes => "minutes",
            Self::MinorUnits => "minor_units",
        }
    }
}

/// What the value of an indicator of the card counts.
pub(super) const fn unit_of(metric: &Metric) -> FigureUnit {
    match metric {
        Metric::SalesAmount => FigureUnit::MinorUnits,
        Metric::CollectionRate | Metric::NewCustomerGrowth | Metric::QuoteConversion => {
            FigureUnit::BasisPoints
        }
        Metric::CustomerSatisfaction => FigureUnit::Hundredths,
        _ => FigureUnit::Count,
    }
}

/// The collection rate (F7) of some reps together in a stretch of days, by the policy's
/// formula: what all of them collected ÷ what all of them were owed.
pub fn collection_rate(facts: &[Facts], policy: &Policy, days: Days, as_of: Timestamp) -> Figure {
    let each: Vec<Figure> = facts.iter().map(|one| collected(one, policy, days, as_of)).collect();
    collected_by_all(&each)
}

/// What one rep collected ÷ what the rep was owed (F7) in a stretch of days.
pub fn collected(one: &Facts, policy: &Policy, days: Days, as_of: Timestamp) -> Figure {
    let (from, until) = days.bounds(&one.calendar.zone);
    let span = Span { from, until: until.min(as_of.plus_millis(1)) };
    let last = one.calendar.zone.date(span.until.plus_millis(-1));
    let booked = measure(&Metric::SalesAmount, one, &[], policy, span);
    Ledger::of(one, policy.scorecard.count).rate(
        policy.goals.collection_formula,
        Stretch { first: days.from, last },
        booked.map_or(0, |measure| measure.sum),
    )
}

/// The rate of all together, from what [`collected`] gives of each.
pub fn collected_by_all(each: &[Figure]) -> Figure {
    let sum =
        |part: fn(&Figure) -> i64| -> i128 { each.iter().map(|one| i128::from(part(one))).sum() };
    let evidence = Evidence {
        facts: each.iter().flat_map(|one| one.facts.iter().cloned()).collect(),
        exclusions: each.iter().flat_map(|one| one.exclusions.iter().cloned()).collect(),
    };
    let ratio = (sum(|one| one.numerator), sum(|one| one.denominator));
    let all = Figure::ratio(RuleId::F7, ratio, 10_000, evidence.tidied());
    // What could not be told of one cannot be told of all.
    let large = LineState::NotApplicable(NotApplicable::TooLarge);
    if each.iter().any(|one| one.state == large) {
        return Figure { state: large, value: None, ..all };
    }
    all
}

/// What the rules of a rep and a period stand on.
pub(super) struct Basis<'a> {
    pub facts: &'a Facts,
    pub policy: &'a Policy,
    pub period: Period,
    /// The instant looked from, however late.
    pub as_of: Timestamp,
    /// The same, and at most the period's last millisecond.
    pub horizon: Timestamp,
    pub judged: &'a [Judged<'a>],
    pub purchases: &'a [Purchase],
    pub ledger: &'a Ledger,
}

impl Basis<'_> {
    /// The part of the period that has passed.
    pub(super) fn span(&self) -> Span {
        let (from, until) = self.period.bounds(&self.facts.calendar.zone);
        Span { from, until: until.min(self.horizon.plus_millis(1)) }
    }

    pub(super) fn today(&self) -> Date {
        self.facts.calendar.zone.date(self.horizon)
    }

    fn stretch(&self) -> Stretch {
        Stretch { first: self.period.first_day(), last: self.today() }
    }

    fn booked(&self) -> i128 {
        let (facts, policy) = (self.facts, self.policy);
        measure(&Metric::SalesAmount, facts, self.judged, policy, self.span())
            .map_or(0, |measure| measure.sum)
    }

    fn collection(&self, variant: CollectionVariant) -> Figure {
        self.ledger.rate(variant, self.stretch(), self.booked())
    }

    /// A metric of the card: its measure, or why there is none with what was seen.
    pub(super) fn indicator(&self, metric: &Metric) -> Result<Measure, (NotApplicable, Measure)> {
        if let Some(reason) = self.unconfirmed(metric) {
            return Err((reason, Measure::default()));
        }
        let goals = &self.policy.goals;
        let (figure, scale) = match metric {
            Metric::CollectionRate => (self.collection(goals.collection_formula), 10_000),
            Metric::QuoteConversion => (self.quotes(), 10_000),
            Metric::NewCustomerGrowth => {
                (buyers::new_customers(self.purchases, self.period).growth, 10_000)
            }
            Metric::NewCustomers => (buyers::new_customers(self.purchases, self.period).count, 1),
            Metric::CustomerSatisfaction => {
                Satisfaction::of(self.facts, self.seen()).chosen(goals.satisfaction_measure)
            }
            _ => {
                return measure(metric, self.facts, self.judged, self.policy, self.span())
                    .ok_or_else(|| (NotApplicable::NoRuleYet, Measure::default()))
                    .and_then(Measure::whole);
            }
        };
        Measure::of_figure(figure, scale)
    }

    /// Where only confirmed facts count and the org's books confirm none, of anybody.
    fn unconfirmed(&self, metric: &Metric) -> Option<NotApplicable> {
        if self.policy.scorecard.count == CountPolicy::Claimed {
            return None;
        }
        let source = self.facts.confirms;
        let confirmed = match metric {
            Metric::SalesAmount | Metric::NewCustomerGrowth | Metric::NewCustomers => source.orders,
            Metric::CollectionRate => source.payments || source.contracts,
            _ => true,
        };
        (!confirmed).then_some(NotApplicable::NoConfirmation)
    }

    fn quotes(&self) -> Figure {
        let as_of = self.facts.calendar.zone.date(self.as_of);
        quote_conversion(self.facts, self.seen(), as_of)
    }

    /// The days of the period up to today.
    fn seen(&self) -> Days {
        let days = Days::from(self.period);
        Days { until: days.until.min(self.today().next()), ..days }
    }

    /// Every figure beside the card, by id.
    pub(super) fn figures(&self) -> Vec<NamedFigure> {
        use FigureUnit::{BasisPoints, Count, Hundredths, Minutes};
        let plans = adherence(self.facts, self.judged, self.seen(), self.planned_until());
        let new = buyers::new_customers(self.purchases, self.period);
        let window = self.policy.goals.repurchase_window_months;
        let customers = self.facts.customers.iter();
        let held: BTreeSet<DocId> = customers
            .filter(|customer| customer.owned_at(self.horizon).is_some())
            .map(|customer| customer.doc)
            // Where nothing is known of customers, they are whose sales they are.
            .chain(buyers::sold_to(self.purchases).filter(|_sold| self.facts.customers.is_empty()))
            .collect();
        let answers = Satisfaction::of(self.facts, self.seen());
        let wait =
            |until| waits(self.facts, &self.policy.reminders, self.span(), until, self.horizon);
        let (reply, resolved) = (wait(Until::FirstReply), wait(Until::Resolved));
        let variants = [
            ("collection_rate.received_over_due", CollectionVariant::ReceivedOverDue),
            ("collection_rate.due_in_period", CollectionVariant::DueInPeriod),
            ("collection_rate.received_over_booked", CollectionVariant::ReceivedOverBooked),
        ];
        let rates = variants.map(|(id, variant)| (id, BasisPoints, self.collection(variant)));
        let mut figures = vec![
            ("plan_adherence", BasisPoints, plans.rate),
            ("unplanned_visits", Count, plans.unplanned),
            ("on_time_rate", BasisPoints, self.ledger.on_time(self.stretch())),
            ("quote_conversion", BasisPoints, self.quotes()),
            ("new_customers", Count, new.count),
            ("new_customer_growth", BasisPoints, new.growth),
            (
                "repurchase_rate",
                BasisPoints,
                buyers::repurchase(self.purchases, |one| held.contains(&one), self.seen(), window),
            ),
            ("satisfaction.mean", Hundredths, answers.mean),
            ("satisfaction.nps", Hundredths, answers.nps),
            ("first_reply.mean", Minutes, reply.mean),
            ("first_reply.p50", Minutes, reply.p50),
            ("first_reply.p90", Minutes, reply.p90),
            ("first_reply.within", BasisPoints, reply.within),
            ("resolution.mean", Minutes, resolved.mean),
            ("resolution.p50", Minutes, resolved.p50),
            ("resolution.p90", Minutes, resolved.p90),
            ("resolution.within", BasisPoints, resolved.within),
        ];
        figures.extend(rates);
        figures.extend(takings(self, self.seen()));
        let mut figures: Vec<NamedFigure> = figures
            .into_iter()
            .map(|(id, unit, figure)| NamedFigure { id: id.to_owned(), unit, figure })
            .collect();
        figures.sort_by(|a, b| a.id.cmp(&b.id));
        figures
    }

    /// The day on which plans are looked at: a day that is over is due.
    fn planned_until(&self) -> Date {
        let zone = &self.facts.calendar.zone;
        let (_start, end) = self.period.bounds(zone);
        if self.as_of >= end { self.period.next_first_day() } else { self.today() }
    }
}
