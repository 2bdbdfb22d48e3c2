//! What was closed, and how it went over a year (S3 周报: 本周累计成交金额, 折线图).

use std::collections::BTreeMap;

use client_core::docs::deal::DealOutcome;
use client_core::money::{Currency, Money};
use client_core::period::Period;

use super::model::{Cell, Figure, Named, Section, Table};
use super::sources::{DealTold, Sources};

/// Deals that a table names.
const SHOWN: usize = 20;

/// Deals decided in a period, as far as it was known at the instant of looking.
pub(super) fn decided<'a>(
    sources: &'a Sources,
    period: Period,
    outcome: &'a DealOutcome,
) -> impl Iterator<Item = &'a DealTold> {
    sources.deals.iter().filter(move |one| {
        let fact = &one.deal.fact;
        let at = fact.decided_at.filter(|at| *at <= sources.as_of);
        fact.outcome.as_ref() == Some(outcome)
            && at.is_some_and(|at| period.contains(sources.zone.date(at)))
    })
}

/// The sums of amounts: the org's currency first, then by code. What has no amount counts 0.
fn sums<'a>(
    sources: &Sources,
    deals: impl Iterator<Item = &'a DealTold>,
) -> BTreeMap<(bool, Currency), i64> {
    let home = sources.currency;
    let mut sums = BTreeMap::from([((false, home), 0_i64)]);
    for amount in deals.filter_map(|one| one.deal.fact.amount) {
        let sum = sums.entry((amount.currency != home, amount.currency)).or_default();
        *sum = sum.saturating_add(amount.minor);
    }
    sums
}

/// What was sold, as [`sums`] gives it: what the policy counts, else what was claimed.
fn sold<'a>(
    sources: &'a Sources,
    counted: Option<&Vec<Money>>,
    won: impl Iterator<Item = &'a DealTold>,
) -> BTreeMap<(bool, Currency), i64> {
    let Some(counted) = counted else { return sums(sources, won) };
    let home = sources.currency;
    let each = counted.iter().map(|sum| ((sum.currency != home, sum.currency), sum.minor));
    let mut sums = BTreeMap::from([((false, home), 0_i64)]);
    sums.extend(each);
    sums
}

/// What was won, in how many deals, and what was lost.
pub(super) fn closed(sources: &Sources) -> Section {
    let period = sources.question.period;
    let previous = period.previous();
    let won = |period| decided(sources, period, &DealOutcome::Won);
    let lost = |period| decided(sources, period, &DealOutcome::Lost);
    let counted = sources.sold.as_ref();
    let before = sold(sources, counted.map(|sold| &sold.before), won(previous));
    let now = sold(sources, counted.map(|sold| &sold.now), won(period));
    let target = match period {
        Period::Month(_) => month_target(sources, period),
        Period::Quarter(_) | Period::FiscalQuarter(_) => {
            let months: Option<Vec<i64>> =
                period.months().into_iter().map(|month| month_target(sources, month)).collect();
            months.map(|targets| targets.iter().sum())
        }
        _ => None,
    };
    let amounts = now.into_iter().map(|((foreign, currency), minor)| {
        let money = |minor| Cell::Money(Money::new(minor, currency));
        let was = before.get(&(foreign, currency)).copied().unwrap_or(0);
        let target = target.filter(|_target| !foreign).map(money);
        Figure::new("won_amount", money(minor)).before(money(was)).target(target)
    });
    let amounts: Vec<Figure> = amounts.collect();
    let (wins, losses) = (won(period).count(), lost(period).count());
    let (wins_before, losses_before) = (won(previous).count(), lost(previous).count());
    let rate = |wins: usize, losses: usize| {
        let all = i64::try_from(wins + losses).unwrap_or(i64::MAX);
        Cell::part(i64::try_from(wins).unwrap_or(i64::MAX), all)
    };
    let visits = |of: &[super::sources::VisitsOf], count: fn(&super::sources::VisitsOf) -> u64| {
        Cell::count(of.iter().map(count).sum::<u64>())
    };
    let (seen, earlier) = (&sources.visits, &sources.visits_before);
    Section::new("closed")
        .with(amounts)
        .with([
            Figure::new("won_deals", Cell::count(wins)).before(Cell::count(wins_before)),
            Figure::new("lost_deals", Cell::count(losses)).before(Cell::count(losses_before)),
            Figure::new("win_rate", rate(wins, losses)).before(rate(wins_before, losses_before)),
            Figure::new("visits", visits(seen, |one| one.visits))
                .before(visits(earlier, |one| one.visits)),
            Figure::new("effective_visits", visits(seen, |one| one.counted))
                .before(visits(earlier, |one| one.counted)),
        ])
        .table(deals_table(sources, "won", won(period).collect()))
}

fn month_target(sources: &Sources, month: Period) -> Option<i64> {
    sources.months.iter().find(|one| one.month == month)?.target
}

/// Deals by amount: the org's currency first, the largest first.
fn deals_table(sources: &Sources, code: &'static str, mut deals: Vec<&DealTold>) -> Table {
    let home = sources.currency;
    deals.sort_by_key(|one| {
        let amount = one.deal.fact.amount;
        let foreign = amount.map(|amount| (amount.currency != home, amount.currency));
        let minor = amount.map_or(i64::MIN, |amount| amount.minor);
        (foreign.is_none(), foreign, std::cmp::Reverse(minor), one.deal.fact.doc)
    });
    let rows = deals.into_iter().map(|one| {
        let fact = &one.deal.fact;
        let customer = fact.customer;
        vec![
            Cell::doc(Named::Deal, fact.doc, one.name.clone()),
            customer.map_or(Cell::Empty, |customer| {
                Cell::doc(Named::Customer, customer, sources.customer(customer))
            }),
            Cell::rep(one.deal.credit.rep, sources.person(one.deal.credit.rep)),
            Cell::day(fact.decided_at.map(|at| sources.zone.date(at))),
            fact.amount.map_or(Cell::Empty, Cell::Money),
        ]
    });
    Table::of(code, &["deal", "customer", "rep", "decided", "amount"], rows.collect(), SHOWN)
}

/// What was sold in each of the last months, in the org's currency, beside its target.
pub(super) fn trend(sources: &Sources) -> Section {
    let home = sources.currency;
    let rows = sources.months.iter().map(|one| {
        let won = one.won.iter().find(|money| money.currency == home);
        let money = |minor| Cell::Money(Money::new(minor, home));
        vec![
            Cell::Period { period: one.month },
            money(won.map_or(0, |money| money.minor)),
            one.target.map_or(Cell::Empty, money),
        ]
    });
    let table = Table::of("months", &["month", "won", "target"], rows.collect(), usize::MAX);
    Section::new("trend").table(table)
}
