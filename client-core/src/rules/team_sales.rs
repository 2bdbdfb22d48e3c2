//! What a team sold in some days, from what the policy counts.
//!
//! A team's money is the sum of its cards' money, so it is taken as a card takes it
//! (`measures`): claims of won deals, each replaced by its orders as soon as there are any, or
//! orders alone. An order that is called off later than in the days was sold in them, because
//! what is over rests; it is taken back on the day on which it is called off, as an amount
//! below zero that is no sale ([`TeamDeal::taken_back`]).

use std::collections::BTreeSet;

use crate::docs::deal::DealOutcome;
use crate::id::DocId;
use crate::money::Money;
use crate::period::Days;
use crate::records::{Aliases, Confirms, PlacementRecord, Record};
use crate::rules::facts::{DealFact, FactRef};
use crate::rules::figure::{Figure, TeamView};
use crate::rules::gather::Confirmed;
use crate::rules::outcome::{Exclusion, ExclusionReason, MoneyReason};
use crate::rules::policy::CountPolicy;
use crate::rules::team::{Credit, DealLine, TeamDeal};
use crate::rules::team_figures::TeamOrder;
use crate::time::{Date, Timestamp, Zone};

/// What was sold in some days, each sale as a won deal, and what of the days does not count.
#[derive(Debug, Clone, Default)]
pub struct TeamSales {
    sales: Vec<TeamDeal>,
    left_out: Vec<Exclusion>,
}

impl TeamSales {
    /// Of a team's deals and orders, in any order, as seen from an instant. The deals need not
    /// be all that the orders name.
    pub fn of<'a>(
        deals: impl IntoIterator<Item = &'a TeamDeal>,
        orders: &[TeamOrder],
        count: CountPolicy,
        zone: &'a Zone,
        days: Days,
        as_of: Timestamp,
    ) -> Self {
        let ordered: BTreeSet<DocId> = orders.iter().filter_map(|one| one.order.deal).collect();
        let claimed = |deal: DocId| count == CountPolicy::Claimed && !ordered.contains(&deal);
        let (mut sales, mut left_out) = (Vec::new(), Vec::new());
        for (deal, _at) in TeamView::new(deals, zone, days, as_of).won() {
            match claimed(deal.fact.doc) {
                true => sales.push(deal.clone()),
                false => left_out.push(left(deal.fact.fact(), MoneyReason::NotConfirmed)),
            }
        }
        let last = days.until.plus_days(-1).min(zone.date(as_of));
        for one in orders {
            let order = &one.order;
            let inside = order.ordered_on.is_some_and(|on| days.from <= on && on <= last);
            let off = order.cancelled_on.filter(|on| *on <= last);
            let taken_back = order.ordered_on.is_some_and(|on| on < days.from)
                && off.is_some_and(|on| days.from <= on);
            if !inside && !taken_back {
                continue;
            }
            let nameless = count == CountPolicy::Claimed && order.deal.is_none();
            let reason = match (nameless, inside && off.is_some()) {
                (true, _) => Some(MoneyReason::NoDeal),
                (false, true) => Some(MoneyReason::Cancelled),
                (false, false) => None,
            };
            match reason {
                Some(reason) => left_out.push(left(order.origin.fact.clone(), reason)),
                None => sales.push(sale(one, zone, if taken_back { off } else { None })),
            }
        }
        left_out.sort_by(|a, b| a.fact.cmp(&b.fact));
        Self { sales, left_out }
    }

    /// The sales, for the figures that are made of won deals.
    pub fn view<'a>(&'a self, zone: &'a Zone, days: Days, as_of: Timestamp) -> TeamView<'a> {
        TeamView::new(&self.sales, zone, days, as_of)
    }

    /// The sales: of each deal its claim or its orders, and what was taken back.
    pub fn sales(&self) -> &[TeamDeal] {
        &self.sales
    }

    /// The figure, with what does not count as a sale.
    pub(super) fn told(&self, mut figure: Figure) -> Figure {
        figure.exclusions.extend_from_slice(&self.left_out);
        figure.exclusions.sort_by(|a, b| (&a.fact, &a.reasons).cmp(&(&b.fact, &b.reasons)));
        figure.exclusions.dedup();
        figure
    }
}

/// An order record as a team's, by whom its credit is; none of other records, and of orders
/// that count no more. Of customers that are one, it is with the one that stays.
pub fn team_order(record: &Record, credit: Credit, aliases: &Aliases) -> Option<TeamOrder> {
    let Record::Order(of) = record else { return None };
    let mut order = Confirmed::of(Confirms::default(), [record]).orders.pop()?;
    order.customer = order.customer.map(|customer| aliases.resolve(customer));
    let lines = of
        .lines
        .iter()
        .map(|line| DealLine { product: Some(line.product.clone()), amount: Some(line.amount) });
    Some(TeamOrder { order, credit, lines: lines.collect() })
}

/// Whose an order is that names no deal: whoever held its customer in the evening of its day.
pub fn held_on(placement: &PlacementRecord, day: Date, zone: &Zone) -> Option<Credit> {
    let span = placement.at(zone.end_of(day))?;
    Some(Credit { rep: span.owner, unit: Some(span.unit) })
}

fn left(fact: FactRef, reason: MoneyReason) -> Exclusion {
    Exclusion { fact, reasons: vec![ExclusionReason::Money(reason)] }
}

/// An order as a won deal; one that was called off later is taken back on that day.
fn sale(one: &TeamOrder, zone: &Zone, off: Option<Date>) -> TeamDeal {
    let order = &one.order;
    let sign = |amount: Money| match off {
        Some(_) => Money::new(amount.minor.saturating_neg(), amount.currency),
        None => amount,
    };
    let on = off.or(order.ordered_on);
    let lines = one.lines.iter();
    TeamDeal {
        fact: DealFact {
            customer: order.customer,
            outcome: Some(DealOutcome::Won),
            decided_at: on.map(|on| zone.start_of(on)),
            amount: order.amount.map(sign),
            ..DealFact::new(order.origin.fact.doc, order.origin.fact.heads.clone())
        },
        credit: one.credit,
        kind: None,
        lines: lines
            .map(|line| DealLine { product: line.product.clone(), amount: line.amount.map(sign) })
            .collect(),
        taken_back: off.is_some(),
    }
}
