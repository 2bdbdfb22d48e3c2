//! R1 to R3: which customers are in danger, and why.
//!
//! Yellow calls the supervisor, red a rescue (S1). A customer that paid this morning
//! must not turn green at noon and yellow again tomorrow, so a level drops only when
//! its cause has been gone for some days. Nothing is remembered for that: facts are
//! dated, so each of the last days is judged anew, and the level is the worst of
//! them. The same holds for history, which is why phone and server tell the same one.
//!
//! Choices of ours: a customer that never ordered cannot stop ordering; the owner's
//! mark "at risk" has no date and holds while it is set; a stage regression holds
//! while the deal is open and below the furthest stage it had reached.
//!
//! A card looks at some hundred days of each customer, and of most days only at whether
//! there is a reason: what a reason rests on is gathered for the days that make the level.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::once_with;

use serde::{Deserialize, Serialize};

use crate::id::DocId;
use crate::rules::buyers::Purchase;
use crate::rules::collection::Ledger;
use crate::rules::effective_visit::Judged;
use crate::rules::facts::{
    CaseFact, CaseKind, CustomerFact, DealFact, FactRef, Facts, SurveyFact, SurveyKind,
};
use crate::rules::policy::{Policy, RiskPolicy};
use crate::time::{Date, Timestamp};

/// How much danger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// The supervisor steps in.
    Yellow,
    /// A rescue with a plan.
    Red,
}

impl RiskLevel {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }
}

/// Why a customer is in danger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskReason {
    /// An instalment is overdue (R1).
    Overdue,
    /// Many complaints in a short time (R1).
    Complaints,
    /// No visit for much longer than the tier allows (R2).
    NoVisit,
    /// No order for much longer than usual (R2).
    NoOrder,
    /// The last answer would not recommend us (R2).
    LowScore,
    /// A complaint is open for long (R2).
    ComplaintOpen,
    /// An instalment is overdue for long (R2).
    LongOverdue,
    /// A competitor was seen and a deal fell back (R2).
    Competitor,
    /// Its owner marked it "at risk" (R2).
    MarkedAtRisk,
}

impl RiskReason {
    /// Signals of churn, of which two make red.
    const fn is_signal(self) -> bool {
        !matches!(self, Self::Overdue | Self::Complaints)
    }

    /// Every reason, in the order of their declaration.
    const ALL: [Self; 9] = [
        Self::Overdue,
        Self::Complaints,
        Self::NoVisit,
        Self::NoOrder,
        Self::LowScore,
        Self::ComplaintOpen,
        Self::LongOverdue,
        Self::Competitor,
        Self::MarkedAtRisk,
    ];

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Complaints => "complaints",
            Self::NoVisit => "no_visit",
            Self::NoOrder => "no_order",
            Self::LowScore => "low_score",
            Self::ComplaintOpen => "complaint_open",
            Self::LongOverdue => "long_overdue",
            Self::Competitor => "competitor",
            Self::MarkedAtRisk => "marked_at_risk",
        }
    }
}

/// A customer in danger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// The customer.
    pub customer: DocId,
    /// The level in force.
    pub level: RiskLevel,
    /// Why: what holds today, or what held within the days that a level is kept.
    pub reasons: Vec<RiskReason>,
    /// Nothing holds today that would give this level: it is kept (R3).
    pub kept: bool,
    /// In this level since, as far back as history goes.
    pub since: Date,
    /// How the level came about, newest first.
    pub history: Vec<RiskChange>,
    /// What it rests on.
    pub facts: Vec<FactRef>,
}

/// A change of level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskChange {
    /// From this day on.
    pub on: Date,
    /// The level; none where the danger was over.
    pub level: Option<RiskLevel>,
    /// Why.
    pub reasons: Vec<RiskReason>,
}

/// Reasons of one day: a set so small that a day costs no memory of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Reasons(u16);

impl Reasons {
    fn insert(&mut self, reason: RiskReason) {
        self.0 |= 1 << reason as u16;
    }

    const fn or(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    fn iter(self) -> impl Iterator<Item = RiskReason> {
        RiskReason::ALL.into_iter().filter(move |reason| self.0 & 1 << *reason as u16 != 0)
    }

    fn level(self, policy: &RiskPolicy) -> Option<RiskLevel> {
        let signals = self.iter().filter(|reason| reason.is_signal()).count();
        if u32::try_from(signals).unwrap_or(u32::MAX) >= policy.red_signals {
            Some(RiskLevel::Red)
        } else if self == Self::default() {
            None
        } else {
            Some(RiskLevel::Yellow)
        }
    }
}

/// Who hears what a day says of a customer.
trait Hearer {
    /// `reason` holds, because of `facts`.
    fn hear(&mut self, reason: RiskReason, facts: impl IntoIterator<Item = FactRef>);
}

impl Hearer for Reasons {
    fn hear(&mut self, reason: RiskReason, _facts: impl IntoIterator<Item = FactRef>) {
        self.insert(reason);
    }
}

impl Hearer for BTreeSet<FactRef> {
    fn hear(&mut self, _reason: RiskReason, facts: impl IntoIterator<Item = FactRef>) {
        self.extend(facts);
    }
}

/// Everything known of one customer, by kind.
struct Watched<'a> {
    customer: &'a CustomerFact,
    visits: Vec<&'a Judged<'a>>,
    purchases: Vec<&'a Purchase>,
    /// The days with a purchase, in their order.
    order_days: Vec<Date>,
    surveys: Vec<&'a SurveyFact>,
    complaints: Vec<&'a CaseFact>,
    deals: Vec<&'a DealFact>,
}

/// The judgement of a rep's customers as seen from `horizon`.
pub(super) struct Watch<'a> {
    facts: &'a Facts,
    policy: &'a Policy,
    ledger: &'a Ledger,
    horizon: Timestamp,
    customers: BTreeMap<DocId, Watched<'a>>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(
        facts: &'a Facts,
        policy: &'a Policy,
        ledger: &'a Ledger,
        judged: &'a [Judged<'a>],
        purchases: &'a [Purchase],
        horizon: Timestamp,
    ) -> Self {
        let held = facts.customers.iter().filter(|one| one.owned_at(horizon).is_some());
        let mut customers: BTreeMap<DocId, Watched<'a>> = held
            .map(|customer| {
                let watched = Watched {
                    customer,
                    visits: Vec::new(),
                    purchases: Vec::new(),
                    order_days: Vec::new(),
                    surveys: Vec::new(),
                    complaints: Vec::new(),
                    deals: Vec::new(),
                };
                (customer.doc, watched)
            })
            .collect();
        let mut add = |customer: Option<DocId>, put: &mut dyn FnMut(&mut Watched<'a>)| {
            if let Some(watched) = customer.and_then(|customer| customers.get_mut(&customer)) {
                put(watched);
            }
        };
        for one in judged {
            add(one.visit.customer, &mut |watched| watched.visits.push(one));
        }
        for one in purchases {
            add(Some(one.customer), &mut |watched| watched.purchases.push(one));
        }
        for one in facts.surveys.iter().filter(|one| one.kind == SurveyKind::Nps) {
            add(one.customer, &mut |watched| watched.surveys.push(one));
        }
        for one in facts.cases.iter().filter(|one| one.kind == CaseKind::Complaint) {
            add(one.customer, &mut |watched| watched.complaints.push(one));
        }
        for one in &facts.deals {
            add(one.customer, &mut |watched| watched.deals.push(one));
        }
        for watched in customers.values_mut() {
            watched.order_days = watched.purchases.iter().map(|one| one.on).collect();
            watched.order_days.sort_unstable();
            watched.order_days.dedup();
        }
        Self { facts, policy, ledger, horizon, customers }
    }

    /// Customers in danger: red before yellow, then by id.
    pub(super) fn risks(&self) -> Vec<Risk> {
        let today = self.facts.calendar.zone.date(self.horizon);
        let mut risks: Vec<Risk> =
            self.customers.values().filter_map(|one| self.risk(one, today)).collect();
        risks.sort_by_key(|risk| (std::cmp::Reverse(risk.level), risk.customer));
        risks
    }

    fn risk(&self, watched: &Watched<'a>, today: Date) -> Option<Risk> {
        let policy = &self.policy.risk;
        let kept_for = i64::from(policy.hold_days.max(1));
        let days = |from: i64, count: i64| {
            (from..from.saturating_add(count)).map(|back| today.plus_days(-back))
        };
        let recent: Vec<Reasons> =
            days(0, kept_for).map(|day| self.reasons(watched, day)).collect();
        let level = recent.iter().filter_map(|found| found.level(policy)).max()?;
        let now = recent.first().and_then(|found| found.level(policy));
        let mut facts = BTreeSet::new();
        let mut reasons = Reasons::default();
        // What made the level: today if that is enough, else the days that keep it.
        let enough = if now == Some(level) { 1 } else { recent.len() };
        for (day, found) in days(0, kept_for).zip(&recent).take(enough) {
            if found.level(policy) == Some(level) {
                reasons = reasons.or(*found);
                self.look(watched, day, &mut facts);
            }
        }
        let history = match self.silent_since(watched) {
            // Most customers of a large territory: nothing ever happened, so there is
            // one day on which the silence became too long.
            Some(day) => vec![RiskChange {
                on: day.max(today.plus_days(-i64::from(policy.history_days))),
                level: Some(level),
                reasons: reasons.iter().collect(),
            }],
            None => {
                let past = days(kept_for, i64::from(policy.history_days))
                    .map(|day| self.reasons(watched, day));
                let all: Vec<Reasons> = recent.into_iter().chain(past).collect();
                history(&all, today, policy)
            }
        };
        Some(Risk {
            customer: watched.customer.doc,
            level,
            reasons: reasons.iter().collect(),
            kept: now != Some(level),
            since: history.first().map_or(today, |change| change.on),
            history,
            facts: facts.into_iter().collect(),
        })
    }

    /// The day on which a customer with whom nothing ever happened became silent.
    fn silent_since(&self, watched: &Watched<'a>) -> Option<Date> {
        let customer = watched.customer;
        let nothing = watched.visits.is_empty()
            && watched.purchases.is_empty()
            && watched.surveys.is_empty()
            && watched.complaints.is_empty()
            && watched.deals.is_empty()
            && !customer.at_risk
            && customer.owned.len() == 1
            && self.ledger.owes_nothing(customer.doc);
        let span = customer.owned.first().filter(|_span| nothing)?;
        let zone = &self.facts.calendar.zone;
        let (known, owned) = (zone.date(customer.known_since?), zone.date(span.from));
        let rules = self.policy.frequency.iter().filter(|rule| Some(rule.tier) == span.tier);
        rules
            .map(|rule| {
                let intervals = i64::from(self.policy.risk.visit_intervals);
                let nominal = i64::from(rule.period.nominal_days());
                let allowed = intervals * nominal / i64::from(rule.count.max(1));
                // Silent before it was this rep's, it is in danger from the first day on.
                owned.max(known.plus_days(allowed + 1))
            })
            .min()
    }

    /// Why a customer was in danger on the evening of `day`, or at the horizon on its own day.
    fn reasons(&self, watched: &Watched<'a>, day: Date) -> Reasons {
        let mut reasons = Reasons::default();
        self.look(watched, day, &mut reasons);
        reasons
    }

    /// Tells what the evening of `day` says, or the horizon on its own day.
    fn look(&self, watched: &Watched<'a>, day: Date, hearer: &mut impl Hearer) {
        let (policy, zone) = (&self.policy.risk, &self.facts.calendar.zone);
        let now = zone.end_of(day).min(self.horizon);
        for (days, fact) in self.ledger.overdue(watched.customer.doc, day) {
            if days >= i64::from(policy.overdue_days) {
                hearer.hear(RiskReason::Overdue, once_with(|| fact.clone()));
            }
            if days > i64::from(policy.long_overdue_days) {
                hearer.hear(RiskReason::LongOverdue, once_with(|| fact.clone()));
            }
        }
        complaints(watched, policy, day, now, |at| zone.date(at), hearer);
        self.no_visit(watched, day, now, hearer);
        no_order(watched, policy, day, hearer);
        let answers =
            watched.surveys.iter().filter(|one| one.answered_on.is_some_and(|on| on <= day));
        if let Some(last) = answers.max_by_key(|one| (one.answered_on, one.fact.doc, one.item))
            && u32::from(last.score) <= policy.score_at_most
        {
            hearer.hear(RiskReason::LowScore, once_with(|| last.fact.clone()));
        }
        self.competitor(watched, day, now, hearer);
        if watched.customer.at_risk {
            hearer.hear(RiskReason::MarkedAtRisk, once_with(|| watched.customer.fact()));
        }
    }

    fn no_visit(&self, watched: &Watched<'a>, day: Date, now: Timestamp, hearer: &mut impl Hearer) {
        let zone = &self.facts.calendar.zone;
        let tier = watched.customer.owned_at(now).and_then(|span| span.tier);
        let rules = self.policy.frequency.iter().filter(|rule| Some(rule.tier) == tier);
        for rule in rules {
            let visits = watched.visits.iter().filter(|one| {
                one.counts
                    && one.at <= now
                    && one.visit.mode.as_ref().is_some_and(|mode| rule.takes(mode))
            });
            let last = visits.max_by_key(|one| (one.at, one.visit.doc));
            let known = watched.customer.known_since.map(|at| zone.date(at));
            let Some(since) = last.map(|one| one.date).or(known) else { continue };
            // Days × count against intervals × nominal days: no division.
            let used = i128::from(day.days_since(since)) * i128::from(rule.count);
            let allowed = i128::from(self.policy.risk.visit_intervals)
                * i128::from(rule.period.nominal_days());
            if used > allowed {
                let fact = || last.map_or_else(|| watched.customer.fact(), |one| one.visit.fact());
                hearer.hear(RiskReason::NoVisit, once_with(fact));
            }
        }
    }

    fn competitor(
        &self,
        watched: &Watched<'a>,
        day: Date,
        now: Timestamp,
        hearer: &mut impl Hearer,
    ) {
        let first = day.plus_days(-i64::from(self.policy.risk.competitor_days));
        let seen = || {
            watched
                .visits
                .iter()
                .filter(|one| one.visit.competitor_seen && one.at <= now && first <= one.date)
        };
        let open = watched
            .deals
            .iter()
            .filter(|deal| deal.outcome.is_none() || deal.decided_at.is_some_and(|at| now < at));
        for deal in open {
            let places = || {
                let entries = deal.stages.iter().filter(|entry| entry.at <= now);
                entries.filter_map(|entry| self.policy.pipeline.position(&entry.stage))
            };
            let fell_back = places().next_back() < places().max();
            if fell_back && (deal.competitor || seen().next().is_some()) {
                let visits = seen().map(|one| one.visit.fact());
                hearer.hear(RiskReason::Competitor, visits.chain(once_with(|| deal.fact())));
            }
        }
    }
}

fn complaints(
    watched: &Watched<'_>,
    policy: &RiskPolicy,
    day: Date,
    now: Timestamp,
    date: impl Fn(Timestamp) -> Date,
    hearer: &mut impl Hearer,
) {
    let first = day.plus_days(1 - i64::from(policy.complaint_days));
    let opened = || {
        watched
            .complaints
            .iter()
            .filter_map(|case| Some((*case, case.opened_at?)))
            .filter(|(_case, opened)| *opened <= now)
    };
    let lately = || opened().filter(|(_case, opened)| first <= date(*opened));
    if u32::try_from(lately().count()).unwrap_or(u32::MAX) >= policy.complaints {
        hearer.hear(RiskReason::Complaints, lately().map(|(case, _opened)| case.fact.clone()));
    }
    let mut waiting = opened().filter(|(case, opened)| {
        case.resolved_at.is_none_or(|at| now < at)
            && day.days_since(date(*opened)) > i64::from(policy.complaint_open_days)
    });
    if let Some(first) = waiting.next() {
        let all = std::iter::once(first).chain(waiting);
        hearer.hear(RiskReason::ComplaintOpen, all.map(|(case, _opened)| case.fact.clone()));
    }
}

fn no_order(watched: &Watched<'_>, policy: &RiskPolicy, day: Date, hearer: &mut impl Hearer) {
    let until = watched.order_days.partition_point(|on| *on <= day);
    let days = watched.order_days.get(..until).unwrap_or_default();
    let Some(last) = days.last().copied() else { return };
    let since = day.days_since(last);
    let mut gaps: Vec<i64> = days
        .iter()
        .zip(days.iter().skip(1))
        .map(|(before, after)| after.days_since(*before))
        .collect();
    gaps.sort_unstable();
    let enough = u32::try_from(days.len()).unwrap_or(u32::MAX) >= policy.order_min;
    // Twice the median, so that the middle of an even number stays whole.
    let half = gaps.len() / 2;
    let at = |index: usize| gaps.get(index).copied().unwrap_or(0);
    let twice =
        if gaps.len() % 2 == 1 { 2 * at(half) } else { at(half) + at(half.wrapping_sub(1)) };
    let long = enough
        && !gaps.is_empty()
        && i128::from(since) * 20_000 > i128::from(twice) * i128::from(policy.order_gap.0.0);
    if long || since > i64::from(policy.order_days) {
        let purchases = watched.purchases.iter().filter(|one| one.on == last);
        hearer.hear(RiskReason::NoOrder, purchases.map(|one| one.fact.clone()));
    }
}

/// The changes of level over `days`, which are given newest first from `today` on.
fn history(days: &[Reasons], today: Date, policy: &RiskPolicy) -> Vec<RiskChange> {
    let kept_for = usize::try_from(policy.hold_days.max(1)).unwrap_or(usize::MAX);
    let level_on = |back: usize| {
        let window = days.iter().skip(back).take(kept_for);
        let worst = window.clone().filter_map(|found| found.level(policy)).max();
        let reasons = window
            .filter(|found| worst.is_some() && found.level(policy) == worst)
            .fold(Reasons::default(), |all, found| all.or(*found));
        (worst, reasons)
    };
    let last = days.len().saturating_sub(kept_for);
    let mut changes: Vec<RiskChange> = Vec::new();
    let mut later: Option<(Option<RiskLevel>, Reasons, Date)> = None;
    for back in 0..=last {
        let day = today.plus_days(-i64::try_from(back).unwrap_or(i64::MAX));
        let (level, reasons) = level_on(back);
        if let Some((known, why, from)) = later.take() {
            if known == level {
                later = Some((known, reasons, day));
                continue;
            }
            changes.push(RiskChange { on: from, level: known, reasons: why.iter().collect() });
        }
        later = Some((level, reasons, day));
    }
    if let Some((level, why, from)) = later
        && level.is_some()
    {
        changes.push(RiskChange { on: from, level, reasons: why.iter().collect() });
    }
    changes
}

#[cfg(test)]
mod tests;
