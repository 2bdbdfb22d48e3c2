//! The quarter's pack (S3): tiers that changed, and a diagnosis of people and process.

use std::collections::BTreeSet;

use client_core::id::UserId;
use client_core::period::Period;
use client_core::records::Metric;

use super::card::CardTold;
use super::model::{Cell, Figure, Named, Section, Table};
use super::sources::Sources;
use super::voices::rep;

/// Customers that a report names.
const SHOWN: usize = 40;

/// Customers that went up or down (S1, S3: tiers are looked at every quarter).
pub(super) fn tiers(sources: &Sources) -> Section {
    // A is before B: a smaller tier is a higher one; without a tier is the lowest.
    let rank = |tier: Option<_>| tier.map_or((true, None), |tier| (false, Some(tier)));
    // The first tier that a customer gets is no step up.
    let changes: Vec<_> = sources.tiers.iter().filter(|one| one.from.is_some()).collect();
    let first = sources.tiers.len() - changes.len();
    let up = changes.iter().filter(|one| rank(one.to) < rank(one.from)).count();
    let tier = |tier: Option<client_core::records::Tier>| {
        Cell::code("report_tier", tier.map_or("none", client_core::records::Tier::as_str))
    };
    let rows = changes.iter().map(|one| {
        vec![
            Cell::doc(Named::Customer, one.customer, sources.customer(one.customer)),
            tier(one.from),
            tier(one.to),
            Cell::day(Some(one.on)),
            rep(sources, one.owner),
        ]
    });
    let columns = ["customer", "tier_before", "tier", "since", "owner"];
    Section::new("tiers")
        .with([
            Figure::new("tiers_up", Cell::count(up)),
            Figure::new("tiers_down", Cell::count(changes.len() - up)),
            Figure::new("tiers_first", Cell::count(first)),
        ])
        .table(Table::of("tiers", &columns, rows.collect(), SHOWN))
}

fn months(sources: &Sources) -> BTreeSet<Period> {
    sources.cards.iter().map(|card| card.period).collect()
}

/// Points of each rep, month by month.
pub(super) fn people(sources: &Sources) -> Section {
    const MONTHS: [&str; 3] = ["month_1", "month_2", "month_3"];
    let months: Vec<Period> = sources.question.period.months();
    let total = |who: UserId, month: Period| {
        let mut cards = sources.cards.iter();
        let card = cards.find(|card| card.rep == who && card.period == month);
        card.and_then(|card| card.total)
    };
    let reps: BTreeSet<UserId> = sources.cards.iter().map(|card| card.rep).collect();
    let mut reps: Vec<UserId> = reps.into_iter().collect();
    reps.sort_by_key(|who| (sources.person(*who), *who));
    let rows = reps.iter().map(|who| {
        let points: Vec<Option<i64>> =
            months.iter().map(|month| total(*who, *month).map(|points| points.0)).collect();
        let known: Vec<i64> = points.iter().copied().flatten().collect();
        let change = match known.as_slice() {
            [first, .., last] => Cell::Points { hundredths: last - first },
            _ => Cell::Empty,
        };
        let points = points
            .into_iter()
            .map(|one| one.map_or(Cell::Empty, |hundredths| Cell::Points { hundredths }));
        std::iter::once(rep(sources, *who)).chain(points).chain([change]).collect()
    });
    let columns: Vec<&'static str> =
        std::iter::once("rep").chain(MONTHS).chain(["points_change"]).collect();
    let table = Table::of("people", &columns, rows.collect(), usize::MAX);
    Section::new("people").table(table)
}

/// How the work was done, month by month: visits, coverage, adherence, answers.
pub(super) fn process(sources: &Sources) -> Section {
    let rows = months(sources).into_iter().map(|month| {
        let cards: Vec<&CardTold> =
            sources.cards.iter().filter(|card| card.period == month).collect();
        let visits: i64 =
            cards.iter().filter_map(|card| card.line(&Metric::EffectiveVisits)?.value).sum();
        let share = |pick: fn(&CardTold) -> (i64, i64)| {
            let parts = cards.iter().map(|card| pick(card));
            let (over, under) = parts.fold((0, 0), |(a, b), (over, under)| (a + over, b + under));
            Cell::part(over, under)
        };
        vec![
            Cell::Period { period: month },
            Cell::Count(visits),
            share(|card| (card.coverage.reach.numerator, card.coverage.reach.denominator)),
            share(|card| (card.coverage.frequency.numerator, card.coverage.frequency.denominator)),
            share(|card| figure(card, "plan_adherence")),
            share(|card| figure(card, "first_reply.within")),
        ]
    });
    let columns =
        ["month", "effective_visits", "reach", "frequency", "plan_adherence", "answered_in_time"];
    let table = Table::of("process", &columns, rows.collect(), usize::MAX);
    Section::new("process").table(table)
}

/// A figure beside the card as a fraction; nothing over nothing where there is none.
fn figure(card: &CardTold, id: &str) -> (i64, i64) {
    let figure = card.figures.iter().find(|figure| figure.id == id && figure.known);
    figure.map_or((0, 0), |figure| (figure.numerator, figure.denominator))
}
