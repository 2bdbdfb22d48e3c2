//! What customers said: needs, competitors, and how content they are.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{DocId, UserId};
use client_core::names::fold;

use super::model::{Cell, Figure, Section, Table, ratio};
use super::sources::{Sources, VisitTold};

/// Needs that customers share (S3 TOP3 客户需求共性).
const TOP: usize = 3;
/// Competitors that a brief names.
const COMPETITORS: usize = 12;

/// Who said something, and in which words.
#[derive(Default)]
struct Heard<'a> {
    words: BTreeMap<&'a str, u32>,
    customers: BTreeSet<DocId>,
    visits: BTreeSet<DocId>,
}

impl<'a> Heard<'a> {
    fn add(&mut self, words: &'a str, visit: &VisitTold) {
        *self.words.entry(words).or_default() += 1;
        self.customers.extend(visit.customer);
        self.visits.insert(visit.doc);
    }

    /// The spelling used most.
    fn spelling(&self) -> &'a str {
        let most =
            self.words.iter().max_by_key(|(words, count)| (**count, std::cmp::Reverse(**words)));
        most.map_or("", |(words, _count)| *words)
    }
}

/// The needs that the most customers share. One customer that repeats itself is one.
pub(super) fn needs(sources: &Sources) -> Section {
    let mut heard: BTreeMap<String, Heard<'_>> = BTreeMap::new();
    for visit in &sources.told {
        for need in visit.needs.iter().map(|need| need.trim()).filter(|need| !need.is_empty()) {
            heard.entry(fold(need)).or_default().add(need, visit);
        }
    }
    let mut found: Vec<(String, Heard<'_>)> = heard.into_iter().collect();
    found.sort_by(|(a, a_heard), (b, b_heard)| {
        let size = |heard: &Heard<'_>| (heard.customers.len(), heard.visits.len());
        (size(b_heard), a).cmp(&(size(a_heard), b))
    });
    let rows = found.iter().map(|(_folded, heard)| {
        vec![
            Cell::text(Some(heard.spelling())),
            Cell::count(heard.customers.len()),
            Cell::count(heard.visits.len()),
        ]
    });
    let table = Table::of("needs", &["need", "customers", "visits"], rows.collect(), TOP);
    Section::new("needs").table(table)
}

/// Competitors that were seen, with what was said of them (S1 竞品情报).
pub(super) fn competitors(sources: &Sources) -> Section {
    let mut seen: BTreeMap<String, (Heard<'_>, BTreeSet<&str>)> = BTreeMap::new();
    for visit in &sources.told {
        for (name, note) in &visit.competitors {
            let name = name.trim();
            if name.is_empty() {
                continue;
            }
            let (heard, notes) = seen.entry(fold(name)).or_default();
            heard.add(name, visit);
            notes.extend(note.as_deref().map(str::trim).filter(|note| !note.is_empty()));
        }
    }
    let mut found: Vec<_> = seen.into_values().collect();
    found.sort_by_key(|(heard, _notes)| {
        (std::cmp::Reverse((heard.customers.len(), heard.visits.len())), heard.spelling())
    });
    let rows = found.iter().map(|(heard, notes)| {
        let notes: Vec<&str> = notes.iter().copied().take(5).collect();
        vec![
            Cell::text(Some(heard.spelling())),
            Cell::count(heard.customers.len()),
            Cell::count(heard.visits.len()),
            Cell::text(Some(&notes.join("; "))),
        ]
    });
    let columns = ["competitor", "customers", "visits", "notes"];
    let table = Table::of("competitors", &columns, rows.collect(), COMPETITORS);
    Section::new("competitors").table(table)
}

/// Satisfaction and NPS, from the answers that the cards count (D10).
pub(super) fn satisfaction(sources: &Sources) -> Section {
    let sum = |id: &str, months: &dyn Fn(&super::card::CardTold) -> bool| {
        let figures =
            sources.cards.iter().filter(|card| months(card)).flat_map(|card| &card.figures);
        figures.filter(|figure| figure.id == id).fold((0_i64, 0_i64), |(over, under), figure| {
            (over.saturating_add(figure.numerator), under.saturating_add(figure.denominator))
        })
    };
    let in_hundredths = |(over, under): (i64, i64), one: i64| {
        ratio(over, under, one * 100).map_or(Cell::Empty, |hundredths| Cell::Points { hundredths })
    };
    // The mean is of answers 0 to 10; NPS runs from −100 to 100.
    let mean = |sum| in_hundredths(sum, 1);
    let promoters = |sum| in_hundredths(sum, 100);
    let everything = |_card: &super::card::CardTold| true;
    let (all, nps) = (sum("satisfaction.mean", &everything), sum("satisfaction.nps", &everything));
    let months: BTreeSet<_> = sources.cards.iter().map(|card| card.period).collect();
    let rows = months.into_iter().map(|month| {
        let of_month = |card: &super::card::CardTold| card.period == month;
        let (answers, nps) =
            (sum("satisfaction.mean", &of_month), sum("satisfaction.nps", &of_month));
        vec![Cell::Period { period: month }, Cell::count(answers.1), mean(answers), promoters(nps)]
    });
    let columns = ["month", "answers", "satisfaction", "nps"];
    Section::new("satisfaction")
        .with([
            Figure::new("satisfaction", mean(all)),
            Figure::new("nps", promoters(nps)),
            Figure::new("answers", Cell::count(all.1)),
        ])
        .table(Table::of("satisfaction", &columns, rows.collect(), usize::MAX))
}

/// Customers by industry: at most six, and the rest together (S3 饼图).
pub(super) fn industries(sources: &Sources) -> Section {
    const SLICES: usize = 6;
    let mut named: Vec<(&str, u64)> = Vec::new();
    let (mut unsaid, mut all) = (0, 0);
    for (industry, count) in &sources.industries {
        all += count;
        match industry {
            Some(industry) => named.push((industry, *count)),
            None => unsaid += count,
        }
    }
    named.sort_by_key(|(industry, count)| (std::cmp::Reverse(*count), *industry));
    let other: u64 = named.iter().skip(SLICES).map(|(_industry, count)| count).sum();
    let row = |name: Cell, count: u64| {
        let part = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        vec![name, Cell::count(count), Cell::part(part(count), part(all))]
    };
    let mut rows: Vec<Vec<Cell>> = named
        .iter()
        .take(SLICES)
        .map(|(industry, count)| row(Cell::text(Some(industry)), *count))
        .collect();
    if other > 0 {
        rows.push(row(Cell::code("report_slice", "other"), other));
    }
    if unsaid > 0 {
        rows.push(row(Cell::code("report_slice", "unsaid"), unsaid));
    }
    let columns = ["industry", "customers", "share"];
    Section::new("industries").table(Table::of("industries", &columns, rows, usize::MAX))
}

/// Help that was asked for, by person and day (S1 销售支持日, S3 需协调资源).
pub(super) fn help(sources: &Sources) -> Section {
    const SHOWN: usize = 30;
    let period = sources.question.period;
    let plans = sources.plans.iter().filter(|plan| period.contains(plan.date));
    let planned = plans.flat_map(|plan| {
        plan.help.iter().map(move |(kind, text)| (plan.date, plan.rep, kind, text))
    });
    let visits = sources.told.iter().filter_map(|visit| {
        let help = visit.help.as_ref()?;
        Some((help.on, visit.rep, &help.kind, &help.text))
    });
    let mut asked: Vec<_> = planned.chain(visits).collect();
    // Of one day plans stand first, as in reports that were issued before visits were read.
    asked.sort_by_key(|(on, ..)| *on);
    let rows = asked.into_iter().map(|(on, person, kind, text)| {
        vec![
            Cell::day(Some(on)),
            rep(sources, person),
            kind.as_ref().map_or(Cell::Empty, |kind| Cell::code("help_kind", kind.clone())),
            Cell::text(text.as_deref()),
        ]
    });
    let columns = ["date", "rep", "help_kind", "help"];
    Section::new("help").table(Table::of("help", &columns, rows.collect(), SHOWN))
}

pub(super) fn rep(sources: &Sources, rep: UserId) -> Cell {
    Cell::rep(rep, sources.person(rep))
}
