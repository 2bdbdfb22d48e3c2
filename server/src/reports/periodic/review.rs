//! The month's review (S3 月度业绩复盘): how far everybody got, why, one won and one lost
//! case, and how the work is spread.

use std::collections::BTreeMap;

use client_core::docs::deal::DealOutcome;
use client_core::id::UserId;
use client_core::money::Money;
use client_core::names::fold;
use client_core::records::Metric;
use client_core::rules::DueStatus;
use client_core::rules::policy::Group;

use super::card::CardTold;
use super::model::{Cell, Figure, Named, Section, Table};
use super::sales::decided;
use super::sources::{DealTold, Sources};
use super::voices::rep;

/// Reasons that a report names.
const REASONS: usize = 12;

/// A rep's cards of the period.
fn by_rep(sources: &Sources) -> Vec<(UserId, Vec<&CardTold>)> {
    let mut reps: BTreeMap<UserId, Vec<&CardTold>> = BTreeMap::new();
    for card in &sources.cards {
        reps.entry(card.rep).or_default().push(card);
    }
    let mut reps: Vec<_> = reps.into_iter().collect();
    reps.sort_by_key(|(who, _cards)| (sources.person(*who), *who));
    reps
}

/// What a metric that can be added up came to over some cards, and its target.
fn added(cards: &[&CardTold], metric: &Metric) -> (Option<i64>, Option<i64>) {
    let lines = || cards.iter().filter_map(|card| card.line(metric));
    let sum = |each: Vec<i64>| (!each.is_empty()).then(|| each.iter().sum());
    let values = lines().filter_map(|line| line.value).collect();
    let targets = lines().filter_map(|line| line.target).collect();
    (sum(values), sum(targets))
}

/// Attainment and points of each rep.
pub(super) fn attainment(sources: &Sources) -> Section {
    let money = |minor: Option<i64>| {
        minor.map_or(Cell::Empty, |minor| Cell::Money(Money::new(minor, sources.currency)))
    };
    let points = |cards: &[&CardTold], group: Group| {
        let each: Vec<i64> = cards
            .iter()
            .flat_map(|card| &card.groups)
            .filter(|(of, _points)| *of == group)
            .map(|(_of, points)| points.0)
            .collect();
        mean(&each)
    };
    let reps = by_rep(sources);
    let rows = reps.iter().map(|(who, cards)| {
        let (won, target) = added(cards, &Metric::SalesAmount);
        let totals: Vec<i64> =
            cards.iter().filter_map(|card| card.total.map(|total| total.0)).collect();
        vec![
            rep(sources, *who),
            mean(&totals),
            points(cards, Group::Result),
            points(cards, Group::Process),
            money(won),
            money(target),
            won.zip(target).map_or(Cell::Empty, |(won, target)| Cell::part(won, target)),
        ]
    });
    let columns =
        ["rep", "points", "result_points", "process_points", "won", "target", "attainment"];
    let all: Vec<&CardTold> = sources.cards.iter().collect();
    let (won, target) = added(&all, &Metric::SalesAmount);
    let share = won.zip(target).map_or(Cell::Empty, |(won, target)| Cell::part(won, target));
    let table = Table::of("attainment", &columns, rows.collect(), usize::MAX);
    Section::new("attainment")
        .with([Figure::new("attainment", share), Figure::new("reps", Cell::count(reps.len()))])
        .table(table)
}

fn mean(points: &[i64]) -> Cell {
    let count = i64::try_from(points.len()).unwrap_or(0);
    let mean = super::model::ratio(points.iter().sum(), count, 1);
    mean.map_or(Cell::Empty, |hundredths| Cell::Points { hundredths })
}

/// Why it was not more: reasons that reps gave, and reasons of lost deals.
pub(super) fn causes(sources: &Sources) -> Section {
    let mut given: BTreeMap<String, (&str, i64, Vec<UserId>)> = BTreeMap::new();
    let period = sources.question.period;
    for plan in sources.plans.iter().filter(|plan| period.contains(plan.date)) {
        let reason = plan.gap_reason.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let Some(reason) = reason else { continue };
        let (_words, days, people) = given.entry(fold(reason)).or_insert((reason, 0, Vec::new()));
        *days += 1;
        if !people.contains(&plan.rep) {
            people.push(plan.rep);
        }
    }
    let mut given: Vec<_> = given.into_values().collect();
    given.sort_by_key(|(words, days, _people)| (std::cmp::Reverse(*days), *words));
    let reasons = given.iter().map(|(words, days, people)| {
        vec![Cell::text(Some(words)), Cell::Count(*days), Cell::count(people.len())]
    });
    let mut lost: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for one in decided(sources, period, &DealOutcome::Lost) {
        let (count, minor) = lost.entry(one.lost_reason.as_deref().unwrap_or("")).or_default();
        *count += 1;
        let amount = one.deal.fact.amount.filter(|amount| amount.currency == sources.currency);
        *minor = minor.saturating_add(amount.map_or(0, |amount| amount.minor));
    }
    let mut lost: Vec<_> = lost.into_iter().collect();
    lost.sort_by_key(|(reason, (count, minor))| (std::cmp::Reverse((*count, *minor)), *reason));
    let losses = lost.iter().map(|(reason, (count, minor))| {
        let reason = match *reason {
            "" => Cell::Empty,
            reason => Cell::code("lost_reason", reason),
        };
        vec![reason, Cell::Count(*count), Cell::Money(Money::new(*minor, sources.currency))]
    });
    let gaps = ["gap_reason", "days", "reps"];
    let columns = ["lost_reason", "deals", "amount"];
    Section::new("causes")
        .table(Table::of("gap_reasons", &gaps, reasons.collect(), REASONS))
        .table(Table::of("lost_reasons", &columns, losses.collect(), REASONS))
}

/// The largest deal won, and the largest lost (S3: one won and one lost case).
pub(super) fn cases(sources: &Sources) -> Section {
    let period = sources.question.period;
    let largest = |outcome: &DealOutcome| {
        let deals = decided(sources, period, outcome);
        deals
            .max_by_key(|one| {
                let amount = one.deal.fact.amount;
                let home = amount.is_some_and(|amount| amount.currency == sources.currency);
                // A loss that was looked into teaches more than a larger one that was not.
                let minor = amount.map_or(0, |amount| amount.minor);
                (one.review.is_some(), home, minor, std::cmp::Reverse(one.deal.fact.doc))
            })
            .map(|one| case(sources, one))
    };
    let rows = [DealOutcome::Won, DealOutcome::Lost].iter().filter_map(largest).collect();
    let columns = [
        "outcome",
        "deal",
        "customer",
        "rep",
        "amount",
        "cycle_days",
        "background",
        "solution",
        "lesson",
    ];
    Section::new("cases").table(Table::of("cases", &columns, rows, usize::MAX))
}

fn case(sources: &Sources, one: &DealTold) -> Vec<Cell> {
    let fact = &one.deal.fact;
    let days = fact
        .created_at
        .zip(fact.decided_at)
        .map(|(from, until)| sources.zone.date(until).days_since(sources.zone.date(from)));
    let products: Vec<&str> =
        one.deal.lines.iter().filter_map(|line| line.product.as_deref()).collect();
    let review = one.review.as_ref();
    let lesson = review.and_then(|review| review.reason.as_deref());
    let lesson = match (lesson, one.lost_reason.as_deref()) {
        (Some(lesson), _) => Cell::text(Some(lesson)),
        (None, Some(reason)) => Cell::code("lost_reason", reason),
        (None, None) => Cell::Empty,
    };
    vec![
        Cell::code("deal_outcome", fact.outcome.as_ref().map_or("", |outcome| outcome.as_str())),
        Cell::doc(Named::Deal, fact.doc, one.name.clone()),
        fact.customer.map_or(Cell::Empty, |customer| {
            Cell::doc(Named::Customer, customer, sources.customer(customer))
        }),
        rep(sources, one.deal.credit.rep),
        fact.amount.map_or(Cell::Empty, Cell::Money),
        days.map_or(Cell::Empty, Cell::Count),
        Cell::text(one.intent.as_deref()),
        Cell::text(Some(&products.join(", "))),
        lesson,
    ]
}

/// How customers and required visits are spread over the reps (S3 资源调配).
pub(super) fn allocation(sources: &Sources) -> Section {
    let last = sources.cards.iter().map(|card| card.period).max();
    let cards = sources.cards.iter().filter(|card| Some(card.period) == last);
    let mut cards: Vec<&CardTold> = cards.collect();
    cards.sort_by_key(|card| (sources.person(card.rep), card.rep));
    let rows = cards.iter().map(|card| {
        let overdue = card
            .due
            .iter()
            .filter(|(status, ..)| matches!(status, DueStatus::Overdue | DueStatus::Never));
        let visits = sources.visits.iter().find(|one| one.rep == card.rep);
        vec![
            rep(sources, card.rep),
            Cell::Count(card.coverage.reach.denominator),
            Cell::Count(card.coverage.frequency.denominator),
            Cell::Count(card.coverage.frequency.numerator),
            Cell::share(card.coverage.frequency.share),
            Cell::count(overdue.map(|(_status, _tier, count)| count).sum::<u32>()),
            Cell::count(visits.map_or(0, |one| one.counted)),
        ]
    });
    let columns = [
        "rep",
        "customers",
        "required_visits",
        "required_done",
        "frequency",
        "customers_due",
        "effective_visits",
    ];
    let table = Table::of("allocation", &columns, rows.collect(), usize::MAX);
    Section::new("allocation").table(table)
}
