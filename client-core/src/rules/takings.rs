//! F11 of one rep: what a customer and an order bring, how long a sale takes.
//!
//! The amount is the one of the card's sales, so that claims and confirmed orders count
//! here exactly as they count there.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::DocId;
use crate::period::Days;
use crate::records::Metric;
use crate::rules::facts::OrderFact;
use crate::rules::figure::{Evidence, Figure, TeamView};
use crate::rules::figures::{Basis, FigureUnit};
use crate::rules::measures::measure;
use crate::rules::outcome::RuleId;
use crate::rules::rates::win_rate;
use crate::rules::sales::sales_cycle;
use crate::rules::team::{Credit, TeamDeal};

/// The figures with their names and units.
pub(super) fn takings(basis: &Basis<'_>, days: Days) -> Vec<(&'static str, FigureUnit, Figure)> {
    use FigureUnit::{BasisPoints, HalfDays, HundredthsOfDays, MinorUnits};
    let (facts, span) = (basis.facts, basis.span());
    let sold = measure(&Metric::SalesAmount, facts, basis.judged, basis.policy, span);
    let sold = sold.unwrap_or_default();
    // What was called off later is taken back from the amount, and is no other order.
    let first = facts.calendar.zone.date(span.from);
    let earlier = |order: &&OrderFact| order.ordered_on.is_some_and(|on| on < first);
    let taken_back: BTreeSet<DocId> =
        facts.orders.iter().filter(earlier).map(|order| order.origin.fact.doc).collect();
    let bought = || sold.facts.iter().filter(|fact| !taken_back.contains(&fact.doc));
    let orders = facts.orders.iter().map(|order| (order.origin.fact.doc, order.customer));
    let deals = facts.deals.iter().map(|deal| (deal.doc, deal.customer));
    let whose: BTreeMap<DocId, Option<DocId>> = deals.chain(orders).collect();
    let buyers: BTreeSet<DocId> =
        bought().filter_map(|fact| whose.get(&fact.doc).copied().flatten()).collect();
    let counted = basis.judged.iter().filter(|one| one.counts && span.contains(one.at));
    let mut active: BTreeSet<DocId> = counted.filter_map(|one| one.visit.customer).collect();
    active.extend(&buyers);
    let amount = |below: usize| {
        let below = i128::try_from(below).unwrap_or(i128::MAX);
        let evidence = Evidence { facts: sold.facts.clone(), exclusions: sold.exclusions.clone() };
        Figure::ratio(RuleId::F11, (sold.sum, below), 1, evidence.tidied())
    };
    let team: Vec<TeamDeal> = facts
        .deals
        .iter()
        .map(|deal| TeamDeal {
            fact: deal.clone(),
            credit: Credit { rep: facts.rep, unit: None },
            kind: None,
            lines: Vec::new(),
            taken_back: false,
        })
        .collect();
    let view = TeamView::new(&team, &facts.calendar.zone, days, basis.horizon);
    let cycle = sales_cycle(&view);
    vec![
        ("sales_per_customer", MinorUnits, amount(buyers.len())),
        ("average_order_value", MinorUnits, amount(bought().count())),
        ("amount_per_customer", MinorUnits, amount(active.len())),
        ("sales_cycle.median", HalfDays, cycle.median),
        ("sales_cycle.mean", HundredthsOfDays, cycle.mean),
        ("win_rate", BasisPoints, win_rate(&view, None)),
    ]
}
