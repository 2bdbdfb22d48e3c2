//! The figures of a team in a stretch of days (F11, F13), from what the policy counts.
//!
//! `fieldsync evaluate`, a report, a page and a milestone ask for the same figures; they are
//! computed here, once. Money is what a card would count: claims of won deals, each replaced
//! by its orders as soon as there are any, or orders alone. An order that names no deal is
//! the sale of whoever held the customer that day, where orders alone count. How a deal ends
//! and how long it takes is the deal's own history, whoever confirms its price.

use std::collections::BTreeMap;

use crate::docs::deal::{DealKind, DealOutcome};
use crate::id::DocId;
use crate::money::{Currency, Money};
use crate::period::Days;
use crate::records::{ProductClass, ProductRecord};
use crate::rules::facts::OrderFact;
use crate::rules::figure::{Evidence, Figure, TeamView};
use crate::rules::figures::{FigureUnit, NamedFigure};
use crate::rules::outcome::{JudgedVisit, LineState, NotApplicable, RuleId};
use crate::rules::policy::{CountPolicy, MilestoneFigure, Policy};
use crate::rules::rates::{concentration, product_mix, products_per_customer, win_rate};
use crate::rules::rounding::basis_points;
use crate::rules::sales::{
    ActiveMonths, ActiveRep, active_customers, amount_per_customer, amount_per_head, sales_at_home,
    sales_cycle, visits_per_head,
};
use crate::rules::team::{Catalogue, Credit, DealLine, TeamDeal};
use crate::rules::team_sales::TeamSales;
use crate::time::{Timestamp, Zone};

/// An order with whose it is and what was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamOrder {
    /// The order.
    pub order: OrderFact,
    /// Whose it is.
    pub credit: Credit,
    /// Its lines; empty where the books do not say.
    pub lines: Vec<DealLine>,
}

/// What a team's figures are computed from; of the team alone, in any order.
#[derive(Debug, Clone, Copy)]
pub struct TeamFacts<'a> {
    /// Deals.
    pub deals: &'a [TeamDeal],
    /// Orders.
    pub orders: &'a [TeamOrder],
    /// The catalogue.
    pub products: &'a [ProductRecord],
    /// Visits as the cards judge them.
    pub visits: &'a [JudgedVisit],
    /// Who was there and when.
    pub reps: &'a [ActiveRep],
    /// The org's currency: its figures have no suffix.
    pub currency: Currency,
    /// What all sellers together sold in the days, where somebody entered it.
    pub market_size: Option<i64>,
}

/// The figures, by id.
pub fn team_figures(
    facts: &TeamFacts<'_>,
    policy: &Policy,
    zone: &Zone,
    days: Days,
    as_of: Timestamp,
) -> Vec<NamedFigure> {
    use FigureUnit::{BasisPoints, HalfDays, Hundredths, HundredthsOfDays, MinorUnits};
    let mut all: Vec<(String, FigureUnit, Figure)> = Vec::new();
    let mut add = |id: &str, unit, figure| all.push((id.to_owned(), unit, figure));
    let decided = TeamView::new(facts.deals, zone, days, as_of);
    let cycle = sales_cycle(&decided);
    add("sales_cycle.median", HalfDays, cycle.median);
    add("sales_cycle.mean", HundredthsOfDays, cycle.mean);
    add("win_rate", BasisPoints, win_rate(&decided, None));
    add("win_rate.tender", BasisPoints, win_rate(&decided, Some(&DealKind::Tender)));
    add("tenders", FigureUnit::Count, tenders(facts.deals, zone, days, as_of));

    let count = policy.scorecard.count;
    let sold = TeamSales::of(facts.deals, facts.orders, count, zone, days, as_of);
    let view = sold.view(zone, days, as_of);
    let catalogue = Catalogue::of(facts.products);
    add("products_per_customer", Hundredths, sold.told(products_per_customer(&view, &catalogue)));
    // Of several currencies each has its own.
    let named = |id: &str, currency: Currency| {
        if currency == facts.currency { id.to_owned() } else { format!("{id}.{currency}") }
    };
    let months = ActiveMonths::of(facts.reps, days);
    let (from, until) = days.bounds(zone);
    let inside = facts.visits.iter().filter(|visit| from <= visit.at && visit.at < until);
    let inside = inside.filter(|visit| visit.at <= as_of);
    add("visits_per_head", Hundredths, visits_per_head(inside.clone(), months));
    let active = active_customers(&view, inside);
    for mut one in sales_at_home(&view, facts.currency) {
        one.amount = sold.told(one.amount);
        let own = one.currency == facts.currency;
        if let Some(size) = facts.market_size.filter(|_size| own) {
            add("market_share", BasisPoints, share_of(&one.amount, size));
        }
        let per_head = amount_per_head(&one, months);
        let output = amount_per_customer(&one, &active);
        add(&named("amount_per_head", one.currency), MinorUnits, per_head);
        add(&named("amount_per_customer", one.currency), MinorUnits, output);
        let per_customer = sold.told(one.per_customer);
        let average = sold.told(one.average_order);
        add(&named("won_amount", one.currency), MinorUnits, one.amount);
        add(&named("sales_per_customer", one.currency), MinorUnits, per_customer);
        add(&named("average_order_value", one.currency), MinorUnits, average);
    }
    for one in concentration(&view, policy.goals.key_accounts) {
        let (first, five) = (sold.told(one.top_1), sold.told(one.top_5));
        add(&named("concentration.top_1", one.currency), BasisPoints, first);
        add(&named("concentration.top_5", one.currency), BasisPoints, five);
        let key = sold.told(one.key);
        add(&named("concentration.key_accounts", one.currency), BasisPoints, key);
    }
    for one in product_mix(&view, &catalogue, &policy.goals) {
        for class in one.classes {
            let id = named(&format!("mix.{}", class.class), one.currency);
            add(&id, BasisPoints, sold.told(class.share));
        }
        let high = sold.told(one.high_margin);
        add(&named("high_margin_share", one.currency), BasisPoints, high);
        let new = sold.told(one.new_products);
        add(&named("new_product_share", one.currency), BasisPoints, new);
    }
    let mut figures: Vec<NamedFigure> =
        all.into_iter().map(|(id, unit, figure)| NamedFigure { id, unit, figure }).collect();
    for id in shares() {
        if figures.iter().all(|one| one.id != id) {
            let none = Figure::ratio(RuleId::F13, (0, 0), 1, Evidence::default());
            figures.push(NamedFigure { id, unit: BasisPoints, figure: sold.told(none) });
        }
    }
    figures.sort_by(|a, b| a.id.cmp(&b.id));
    figures
}

/// Shares of what was sold in the org's currency: where nothing was, each is there and has no
/// value, so that whoever asks for it by its key is told so.
fn shares() -> impl Iterator<Item = String> {
    let named = [
        "concentration.top_1",
        "concentration.top_5",
        "concentration.key_accounts",
        "high_margin_share",
        "new_product_share",
    ];
    let classes = ProductClass::KNOWN.iter().map(|class| format!("mix.{class}"));
    named.into_iter().map(str::to_owned).chain(classes)
}

/// The figure of a team that a milestone is of, as [`team_figures`] has it, without the others;
/// of the collection rate, which rests on every rep's own facts, see
/// [`collection_rate`](crate::rules::collection_rate).
pub fn milestone_figure(
    facts: &TeamFacts<'_>,
    policy: &Policy,
    of: MilestoneFigure,
    zone: &Zone,
    days: Days,
    as_of: Timestamp,
) -> Figure {
    match of {
        MilestoneFigure::ProductsPerCustomer => {
            let count = policy.scorecard.count;
            let sold = TeamSales::of(facts.deals, facts.orders, count, zone, days, as_of);
            let view = sold.view(zone, days, as_of);
            sold.told(products_per_customer(&view, &Catalogue::of(facts.products)))
        }
        MilestoneFigure::Tenders => tenders(facts.deals, zone, days, as_of),
        MilestoneFigure::TenderWinRate => {
            win_rate(&TeamView::new(facts.deals, zone, days, as_of), Some(&DealKind::Tender))
        }
        MilestoneFigure::CollectionRate => {
            Figure::ratio(RuleId::F13, (0, 0), 1, Evidence::default())
        }
    }
}

/// Sales as a share of a market, in basis points.
fn share_of(amount: &Figure, size: i64) -> Figure {
    let exact = basis_points(i128::from(amount.numerator), i128::from(size));
    Figure {
        rule: RuleId::F13,
        state: match exact {
            Some(_) => LineState::Applicable,
            None => LineState::NotApplicable(NotApplicable::ZeroDenominator),
        },
        value: exact.map(|share| share.0),
        denominator: size,
        ..amount.clone()
    }
}

/// Tenders (招标项目) that were worked on in the days: begun before their end and not decided
/// before their beginning.
fn tenders(deals: &[TeamDeal], zone: &Zone, days: Days, as_of: Timestamp) -> Figure {
    let (from, until) = days.bounds(zone);
    let until = until.min(as_of.plus_millis(1));
    let worked = deals.iter().filter(|deal| {
        let fact = &deal.fact;
        let entered = fact.stages.iter().map(|entry| entry.at);
        let began = entered.chain(fact.created_at).min().or(fact.decided_at);
        let ended = fact.outcome.as_ref().and(fact.decided_at);
        deal.kind == Some(DealKind::Tender)
            && began.is_some_and(|at| at < until)
            && ended.is_none_or(|at| from <= at)
    });
    let mut found: Vec<_> = worked.map(|deal| deal.fact.fact()).collect();
    found.sort();
    found.dedup_by_key(|fact| fact.doc);
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    Figure {
        rule: RuleId::F13,
        state: LineState::Applicable,
        value: Some(count),
        numerator: count,
        denominator: 1,
        facts: found,
        exclusions: Vec::new(),
    }
}

/// Deals with the amounts that the policy counts: a deal's orders in the place of its claim,
/// and no amount where only what is confirmed counts and nothing of it is.
pub fn counted<'a>(
    deals: impl IntoIterator<Item = &'a mut TeamDeal>,
    orders: &[TeamOrder],
    count: CountPolicy,
) {
    let mut by_deal: BTreeMap<DocId, Option<Money>> = BTreeMap::new();
    for one in orders {
        let Some(deal) = one.order.deal else { continue };
        let sum = by_deal.entry(deal).or_default();
        let stands = one.order.amount.filter(|_amount| one.order.cancelled_on.is_none());
        *sum = match (*sum, stands) {
            (Some(sum), Some(more)) if sum.currency == more.currency => {
                Some(Money::new(sum.minor.saturating_add(more.minor), sum.currency))
            }
            (sum, more) => sum.or(more),
        };
    }
    let won = |deal: &&mut TeamDeal| deal.fact.outcome == Some(DealOutcome::Won);
    for deal in deals.into_iter().filter(won) {
        match by_deal.get(&deal.fact.doc) {
            Some(ordered) => deal.fact.amount = *ordered,
            None if count == CountPolicy::Confirmed => deal.fact.amount = None,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
