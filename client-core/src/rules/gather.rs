//! How facts are gathered, the same way on a phone and on the server.
//!
//! The phone holds its user's scope and the server holds everything. If either
//! gathered facts its own way, their digests would differ and nobody could tell
//! a bug from a late visit. So both call [`Facts::for_rep`], and it takes only
//! what the rep's phone holds too:
//!
//! - **Visits** logged by the rep, in full; where the policy counts joint visits
//!   for every participant, also those the rep joined. Of these: visits that
//!   began by the horizon, and not before the first day of the frequency rules'
//!   periods that touch the card's, less the policy's `lookback_days`.
//! - **Customers** the rep owned or worked on at the horizon, with name and
//!   position: as they are now, or, where they were passed on since, as they were
//!   then, which the closed placement keeps; customers without a placement yet that
//!   the rep made; and of customers owned earlier in the window only the closed
//!   placement. So what is decided later changes no card of a month that is over.
//! - **Deals** credited to the rep that were created, moved or decided in the period,
//!   and, while it runs, those that are open; [`credit`](super::credit) says to whom, by
//!   the placement as it stood at the horizon. The server keeps a deal in the scope of
//!   whom it is credited to.
//! - **Quotes, contract, instalments and payments** of deals credited to the rep that
//!   have a day of those in the period, or where what fell due before it and what was
//!   paid before it are not the same: what is owed now was agreed long ago, and what
//!   is settled changes no later month. While the period runs, also of contracts whose
//!   callback may be due, and of deals with such a day as far back as a level of risk is
//!   kept and told (R3).
//! - **Purchases**: every deal here that was won, whoever won it.
//! - **Orders, contracts and payments that were confirmed**, of the rep's customers
//!   and deals, dated up to the horizon. An order is the rep's own if its deal is
//!   credited to the rep, or, without a deal, if the rep owned the customer that day.
//! - **Cases and answers** of customers that the rep owned when the case was opened
//!   or the answer given, from the lookback on.
//! - **Plans** of the rep's days, from 60 days before the period on.
//! - What stands at a customer that is another one by an alias counts for that
//!   other one: its visits, deals and placements. A merged customer was held until
//!   the merge; from then on the placement of the one that stands for it decides.
//! - **Targets** of the rep whose period touches the card's, for the whole of a metric.
//! - **Rulings and signals** on the visits taken.
//!
//! The horizon is `as_of`, or the period's last millisecond if that is earlier.

mod business;
mod confirmed;

use std::collections::{BTreeMap, BTreeSet};

use crate::docs::deal::DealState;
use crate::docs::{DocKind, Header, Heads, Hydrated};
use crate::id::{DocId, UserId};
use crate::money::Currency;
use crate::period::Period;
use crate::records::{
    Aliases, CalendarRecord, Confirms, LeftWith, PlacementRecord, TargetLevel, TargetRecord,
};
use crate::rules::facts::{
    CaseFact, ContractFact, CustomerFact, CustomerSeen, DealFact, Decision, Facts, InstalmentFact,
    OrderFact, OwnedSpan, PaymentFact, PlanFact, Signal, SurveyFact, TargetFact, VisitFact,
};
use crate::rules::policy::{JointVisits, Policy};
use crate::rules::team;
use crate::time::{Date, Timestamp};

/// A document as a projection row gives it.
#[derive(Debug)]
pub struct Row<'a, T> {
    /// The immutable header.
    pub header: Header,
    /// The heads the state was read at.
    pub heads: &'a Heads,
    /// The state.
    pub state: &'a Hydrated<T>,
}

impl<T> Clone for Row<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Row<'_, T> {}

/// What facts are gathered from. Any superset may be passed, in any order,
/// with repetitions: [`Facts::for_rep`] takes what concerns the rep.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The instant the rules will look from; what began later is left out.
    pub as_of: Timestamp,
    /// The org's currency.
    pub currency: Currency,
    /// The org's calendar.
    pub calendar: &'a CalendarRecord,
    /// The policy in force.
    pub policy: &'a Policy,
    /// Visits.
    pub visits: &'a [VisitFact],
    /// Customers.
    pub customers: &'a [CustomerSeen],
    /// Deals.
    pub deals: &'a [Row<'a, DealState>],
    /// Placements of customers and deals.
    pub placements: &'a [PlacementRecord],
    /// Targets.
    pub targets: &'a [TargetRecord],
    /// Which customers are one.
    pub aliases: &'a Aliases,
    /// Rulings on visits.
    pub decisions: &'a [Decision],
    /// Signals on visits.
    pub signals: &'a [Signal],
    /// Day plans.
    pub plans: &'a [PlanFact],
    /// Cases.
    pub cases: &'a [CaseFact],
    /// Answers of customers.
    pub surveys: &'a [SurveyFact],
    /// What the business confirmed.
    pub confirmed: &'a Confirmed,
}

/// What records of the business say, for every rep: orders, and what was agreed and
/// paid. Whether an order is the rep's own is worked out by [`Facts::for_rep`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// What the org's books confirm at all, for whomever.
    pub source: Confirms,
    /// Orders.
    pub orders: Vec<OrderFact>,
    /// Contracts.
    pub contracts: Vec<ContractFact>,
    /// Instalments.
    pub instalments: Vec<InstalmentFact>,
    /// Payments.
    pub payments: Vec<PaymentFact>,
}

/// The rep and the stretches of time that facts are taken from.
struct Window {
    rep: UserId,
    /// Start of the card's period.
    start: Timestamp,
    /// Start of the first rule period that touches the card's.
    rules_start: Timestamp,
    /// Start of the lookback.
    first: Timestamp,
    /// The last instant looked at.
    horizon: Timestamp,
    /// The period has not ended at `as_of`.
    running: bool,
}

impl Window {
    fn new(rep: UserId, period: Period, inputs: &Inputs<'_>) -> Self {
        let zone = &inputs.calendar.zone;
        let (start, end) = period.bounds(zone);
        Self {
            rep,
            start,
            rules_start: zone.start_of(rules_first(period, inputs.policy, inputs.calendar)),
            first: Facts::first_visit(period, inputs.policy, inputs.calendar),
            horizon: inputs.as_of.min(end.plus_millis(-1)),
            running: inputs.as_of < end,
        }
    }
}

/// The first day of the frequency rules' periods that touch `period`.
fn rules_first(period: Period, policy: &Policy, calendar: &CalendarRecord) -> Date {
    let first_day = period.first_day();
    let rules = policy.frequency.iter();
    rules.map(|rule| rule.period.of(first_day, calendar).first_day()).fold(first_day, Ord::min)
}

impl Facts {
    /// No visit before this instant is a fact of `period`: a caller that reads a
    /// long history may begin here.
    pub fn first_visit(period: Period, policy: &Policy, calendar: &CalendarRecord) -> Timestamp {
        let lookback = i64::from(policy.due.lookback_days);
        calendar.zone.start_of(rules_first(period, policy, calendar).plus_days(-lookback))
    }

    /// The facts of `rep` for `period`; see the module for what is included.
    pub fn for_rep(rep: UserId, period: Period, inputs: Inputs<'_>) -> Self {
        let window = Window::new(rep, period, &inputs);
        let placements = placements(inputs.placements);
        let joint = inputs.policy.visits.joint_visits;
        let visits: Vec<VisitFact> = latest(inputs.visits, |visit| (visit.doc, &visit.heads))
            .filter(|visit| concerns(visit, joint, &window))
            .map(|visit| VisitFact {
                customer: visit.customer.map(|customer| inputs.aliases.resolve(customer)),
                ..visit.clone()
            })
            .collect();
        let taken: BTreeSet<DocId> = visits.iter().map(|visit| visit.doc).collect();
        let customers = customers(inputs.customers, &placements, inputs.aliases, &window);
        let mut facts = Self {
            customers,
            confirms: inputs.confirmed.source,
            deals: unique(inputs.deals)
                .filter_map(|row| deal(&row, placements.get(&row.header.doc).copied(), &window))
                .map(|deal| DealFact {
                    customer: deal.customer.map(|customer| inputs.aliases.resolve(customer)),
                    ..deal
                })
                .collect(),
            targets: targets(inputs.targets, rep, period),
            decisions: decisions(inputs.decisions, &taken),
            signals: signals(inputs.signals, &taken),
            visits,
            ..Self::empty(rep, period, inputs.currency, inputs.calendar.clone())
        };
        business::gather(&mut facts, &inputs, &placements, &window);
        facts.sort();
        facts
    }
}

/// Each document once, by id. Rows of one document at different heads should not
/// be passed; if they are, the choice does not depend on their order.
fn latest<'a, T>(
    rows: &'a [T],
    key: impl Fn(&'a T) -> (DocId, &'a Heads),
) -> impl Iterator<Item = &'a T> {
    let mut by_id: BTreeMap<DocId, (&'a Heads, &'a T)> = BTreeMap::new();
    for row in rows {
        let (doc, heads) = key(row);
        let kept = by_id.entry(doc).or_insert((heads, row));
        if kept.0 < heads {
            *kept = (heads, row);
        }
    }
    by_id.into_values().map(|(_heads, row)| row)
}

/// [`latest`] of rows.
pub(super) fn unique<'a, T>(rows: &'a [Row<'a, T>]) -> impl Iterator<Item = Row<'a, T>> {
    latest(rows, |row| (row.header.doc, row.heads)).copied()
}

/// Each placement once; of two versions the one that knows more spans.
pub(super) fn placements(records: &[PlacementRecord]) -> BTreeMap<DocId, &PlacementRecord> {
    let age = |record: &PlacementRecord| {
        let last = record.spans.last().map(|span| (span.from, span.until, span.owner));
        (record.spans.len(), last, record.credit)
    };
    let mut by_subject: BTreeMap<DocId, &PlacementRecord> = BTreeMap::new();
    for record in records {
        let kept = by_subject.entry(record.subject).or_insert(record);
        if age(kept) < age(record) {
            *kept = record;
        }
    }
    by_subject
}

fn concerns(visit: &VisitFact, joint: JointVisits, window: &Window) -> bool {
    let joined = joint == JointVisits::Participants && visit.co_visitors.contains(&window.rep);
    (visit.author == window.rep || joined)
        && visit.business_time().is_some_and(|at| window.first <= at && at <= window.horizon)
}

fn customers(
    seen: &[CustomerSeen],
    placements: &BTreeMap<DocId, &PlacementRecord>,
    aliases: &Aliases,
    window: &Window,
) -> Vec<CustomerFact> {
    let rows: BTreeMap<DocId, &CustomerSeen> =
        latest(seen, |seen| (seen.doc, &seen.heads)).map(|seen| (seen.doc, seen)).collect();
    let mut joined: BTreeMap<DocId, Vec<&PlacementRecord>> = BTreeMap::new();
    for record in placements.values().filter(|record| record.kind == DocKind::Customer) {
        joined.entry(aliases.resolve(record.subject)).or_default().push(record);
    }
    let placed = joined.iter().filter_map(|(customer, records)| {
        placed_customer(*customer, records, rows.get(customer).copied(), aliases, window)
    });
    let mut facts: BTreeMap<DocId, CustomerFact> = placed.map(|fact| (fact.doc, fact)).collect();
    let unplaced = rows.values().filter(|seen| {
        seen.author == window.rep
            && seen.created_at.is_none_or(|created| created <= window.horizon)
            && !placements.contains_key(&seen.doc)
            && aliases.resolve(seen.doc) == seen.doc
    });
    for seen in unplaced {
        facts.entry(seen.doc).or_insert_with(|| unplaced_customer(seen));
    }
    facts.into_values().collect()
}

/// Whether a placement ever named the rep: those are what the rep's phone holds.
fn names(record: &PlacementRecord, rep: UserId) -> bool {
    record.spans.iter().any(|span| span.names(rep))
}

fn placed_customer(
    customer: DocId,
    records: &[&PlacementRecord],
    row: Option<&CustomerSeen>,
    aliases: &Aliases,
    window: &Window,
) -> Option<CustomerFact> {
    let own = records.iter().find(|record| record.subject == customer);
    let stood = own.and_then(|record| at_horizon(record, row, window));
    let (seen, index) = stood.map_or((None, None), |(seen, index)| (seen, Some(index)));
    let created = seen.as_ref().and_then(|seen| seen.created_at);
    let placed = own.and_then(|record| record.spans.first()).map(|span| span.from);
    let known = created.into_iter().chain(placed).min();
    let mut owned: Vec<OwnedSpan> = own
        .map(|record| owned_by(record, window, index))
        .into_iter()
        .flatten()
        // The server places a new customer on receipt; it was the rep's from the
        // moment the rep made it.
        .map(|(index, span)| match known {
            Some(known) if index == 0 => OwnedSpan { from: known, ..span },
            _ => span,
        })
        .collect();
    let merged =
        records.iter().filter(|record| record.subject != customer && names(record, window.rep));
    let mut known_since = known;
    for record in merged {
        known_since = known_since.into_iter().chain(record.spans.first().map(|s| s.from)).min();
        let end = aliases.merged_at(record.subject);
        for (_index, span) in owned_by(record, window, None) {
            let until = span.until.into_iter().chain(end).min();
            let rest = without(OwnedSpan { until, ..span }, &owned);
            owned.extend(rest);
        }
    }
    owned.sort_by_key(|span| span.from);
    let owned_lately = owned.iter().any(|span| {
        span.from <= window.horizon && span.until.is_none_or(|until| window.rules_start < until)
    });
    let still = row.filter(|row| seen.as_ref().is_some_and(|seen| seen.heads == row.heads));
    (seen.is_some() || owned_lately).then(|| CustomerFact {
        doc: customer,
        heads: seen.as_ref().map(|seen| seen.heads.clone()).unwrap_or_default(),
        name: seen.as_ref().and_then(|seen| seen.name.clone()),
        known_since,
        // What nobody keeps of a customer that was passed on is not said of it.
        lifecycle: still.and_then(|row| row.lifecycle.clone()),
        at_risk: still.is_some_and(|row| row.at_risk),
        position: seen.and_then(|seen| seen.position),
        owned,
    })
}

/// What the rep saw of a customer at the horizon, if it was the rep's then, and the
/// last span that had begun.
///
/// The first span began when the customer was made, if that is known: a phone makes
/// customers before the server has heard of them.
fn at_horizon(
    record: &PlacementRecord,
    row: Option<&CustomerSeen>,
    window: &Window,
) -> Option<(Option<LeftWith>, usize)> {
    let begun = record.spans.iter().rposition(|span| span.from <= window.horizon);
    let index = begun.unwrap_or_default();
    let span = record.spans.get(index)?;
    let seen = span.names(window.rep).then(|| seen_since(record, index, row, window.rep)).flatten();
    let made = seen.as_ref().and_then(|seen| seen.created_at);
    let before = begun.is_some() || made.is_some_and(|made| made <= window.horizon);
    before.then_some((seen, index))
}

/// The customer as the rep saw it last since a span that was the rep's: where the
/// rep's time ended since, as it was at that end, else as it is.
fn seen_since(
    record: &PlacementRecord,
    index: usize,
    row: Option<&CustomerSeen>,
    rep: UserId,
) -> Option<LeftWith> {
    let mine = record.spans.iter().skip(index).take_while(|span| span.names(rep));
    if let Some(left) = mine.clone().find_map(|span| span.left_with.as_deref()) {
        return Some(left.clone());
    }
    let still = mine.count() == record.spans.len() - index;
    row.filter(|_row| still).map(|row| LeftWith {
        heads: row.heads.clone(),
        name: row.name.clone(),
        created_at: row.created_at,
        position: row.position,
    })
}

/// The spans in which the rep owned a customer and that had begun at the horizon, up to
/// `last` where that began earlier than it says. One that ended later was open then.
fn owned_by(
    record: &PlacementRecord,
    window: &Window,
    last: Option<usize>,
) -> Vec<(usize, OwnedSpan)> {
    let spans = record.spans.iter().enumerate();
    spans
        .filter(|(index, span)| span.from <= window.horizon || Some(*index) == last)
        .filter(|(_index, span)| span.owner == window.rep)
        .map(|(index, span)| {
            let until = span.until.filter(|until| *until <= window.horizon);
            (index, OwnedSpan { from: span.from, until, tier: span.tier })
        })
        .collect()
}

/// What of a span lies outside those that are taken: a day of a customer is held
/// once, however many customers it was before.
fn without(span: OwnedSpan, taken: &[OwnedSpan]) -> Vec<OwnedSpan> {
    let far = Timestamp::from_millis(i64::MAX);
    let end = |span: &OwnedSpan| span.until.unwrap_or(far);
    let mut rest = vec![span];
    for other in taken {
        let pieces = rest.iter().flat_map(|piece| {
            let before = OwnedSpan {
                until: Some(end(piece).min(other.from)).filter(|until| *until < far),
                ..*piece
            };
            let after = OwnedSpan { from: piece.from.max(end(other)), ..*piece };
            [before, after]
        });
        rest = pieces.filter(|piece| piece.from < end(piece)).collect();
    }
    rest.retain(|piece| piece.from < end(piece));
    rest
}

fn unplaced_customer(seen: &CustomerSeen) -> CustomerFact {
    let from = seen.created_at.unwrap_or_default();
    CustomerFact {
        doc: seen.doc,
        heads: seen.heads.clone(),
        name: seen.name.clone(),
        known_since: seen.created_at,
        position: seen.position,
        lifecycle: seen.lifecycle.clone(),
        at_risk: seen.at_risk,
        owned: vec![OwnedSpan { from, until: None, tier: None }],
    }
}

/// Whether a deal is credited to the rep, as its placement stood at the horizon.
fn credited(
    row: &Row<'_, DealState>,
    placement: Option<&PlacementRecord>,
    window: &Window,
) -> bool {
    let state = &row.state.value;
    let mut stood = placement.map(|placement| placement.as_of(window.horizon));
    if let Some(stood) = &mut stood
        && state.decided_at.is_some_and(|decided| window.horizon < decided)
    {
        stood.credit = None;
    }
    team::credit(&row.header, stood.as_ref(), state).rep == window.rep
}

fn deal(
    row: &Row<'_, DealState>,
    placement: Option<&PlacementRecord>,
    window: &Window,
) -> Option<DealFact> {
    let state = &row.state.value;
    if !credited(row, placement, window) {
        return None;
    }
    let inside = |at: Timestamp| window.start <= at && at <= window.horizon;
    // What a deal was doing in a month that is over does not change with what is
    // written today, so that closed cards rest; reminders are of the running one.
    if state.outcome.is_none() && window.running {
        let began = state.stage_history.values().map(|entry| entry.at).chain(state.created_at);
        // A deal that says nothing of its beginning is there as well.
        return began.min().is_none_or(|at| at <= window.horizon).then(|| team::fact(row));
    }
    let mut times = state
        .stage_history
        .values()
        .map(|entry| entry.at)
        .chain(state.created_at)
        .chain(state.decided_at);
    times.any(inside).then(|| team::fact(row))
}

fn targets(records: &[TargetRecord], rep: UserId, period: Period) -> Vec<TargetFact> {
    let touches = |other: Period| {
        other.first_day() <= period.last_day() && period.first_day() <= other.last_day()
    };
    let by_id: BTreeMap<_, TargetFact> = records
        .iter()
        .filter(|record| record.level == TargetLevel::Rep(rep) && record.is_whole())
        .filter(|record| touches(record.period))
        .map(|record| {
            let fact = TargetFact {
                id: record.id,
                metric: record.metric.clone(),
                period: record.period,
                value: record.value,
                published_on: record.published_on,
            };
            (record.id, fact)
        })
        .collect();
    by_id.into_values().collect()
}

fn decisions(all: &[Decision], taken: &BTreeSet<DocId>) -> Vec<Decision> {
    let mut latest: BTreeMap<DocId, &Decision> = BTreeMap::new();
    for decision in all.iter().filter(|decision| taken.contains(&decision.visit)) {
        let kept = latest.entry(decision.visit).or_insert(decision);
        if (kept.at, kept.ruling) < (decision.at, decision.ruling) {
            *kept = decision;
        }
    }
    latest.into_values().cloned().collect()
}

fn signals(all: &[Signal], taken: &BTreeSet<DocId>) -> Vec<Signal> {
    let mut signals: Vec<Signal> =
        all.iter().filter(|signal| taken.contains(&signal.visit)).cloned().collect();
    signals.sort_unstable_by(|a, b| (a.visit, &a.code, a.open).cmp(&(b.visit, &b.code, b.open)));
    signals.dedup();
    signals
}

#[cfg(test)]
mod tests;
