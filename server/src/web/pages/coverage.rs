//! Coverage (C1 item 4): tier by unit and rep, from the cards of a month.
//!
//! A unit's figures are the sums of its reps' numerators and denominators, never
//! the mean of their shares. What a phone that was not heard may still hold is
//! hatched, not counted as missing.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use client_core::id::{UnitId, UserId};
use client_core::period::Period;
use client_core::records::Tier;
use client_core::rules::policy::Policy;
use client_core::rules::{CoverageFigures, DueStatus, Share};
use client_core::time::Date;

use super::board::Heard;
use super::{scorecard, wording};
use crate::web::address::Address;
use crate::web::filters::{Choices, Control, Filters};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::lists::coverage::{CoverageAsk, Measure};
use crate::web::lists::customers::{CellPart, tier_code};
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// What the page is given.
#[derive(Debug, Clone)]
pub struct CoverageData {
    /// What is asked for.
    pub ask: CoverageAsk,
    /// Units, each below its parent.
    pub units: Vec<UnitOf>,
    /// Reps with a card of the month, by name.
    pub reps: Vec<RepCoverage>,
    /// Whose may be asked for.
    pub choices: Choices,
    /// The policy of the month.
    pub policy: Option<Policy>,
    /// The day it is.
    pub today: Date,
}

/// A unit.
#[derive(Debug, Clone)]
pub struct UnitOf {
    /// Which.
    pub unit: UnitId,
    /// How far below the first.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// It and the units below it.
    pub members: BTreeSet<UnitId>,
}

/// A rep's coverage.
#[derive(Debug, Clone)]
pub struct RepCoverage {
    /// Who.
    pub rep: UserId,
    /// Their name.
    pub name: String,
    /// Their main unit.
    pub unit: Option<UnitId>,
    /// When their phone was heard last, if that is too long ago.
    pub unheard: Option<Heard>,
    /// What the card says.
    pub tally: Tally,
}

/// Figures that can be added up.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// By tier.
    pub tiers: BTreeMap<Option<Tier>, CoverageFigures>,
    /// All customers.
    pub total: CoverageFigures,
    /// Those new to the company.
    pub new: CoverageFigures,
    /// The others.
    pub existing: CoverageFigures,
    /// How many customers stand how.
    pub due: BTreeMap<(Option<Tier>, DueStatus), i64>,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        for (tier, figures) in &other.tiers {
            add(self.tiers.entry(*tier).or_default(), figures);
        }
        add(&mut self.total, &other.total);
        add(&mut self.new, &other.new);
        add(&mut self.existing, &other.existing);
        for (key, count) in &other.due {
            *self.due.entry(*key).or_default() += count;
        }
    }
}

/// Adds what is above and below the line.
fn add(sum: &mut CoverageFigures, more: &CoverageFigures) {
    let share = |one: Share, other: Share| {
        Share::of(one.numerator + other.numerator, one.denominator + other.denominator)
    };
    sum.reach = share(sum.reach, more.reach);
    sum.standard_met = share(sum.standard_met, more.standard_met);
    sum.frequency = share(sum.frequency, more.frequency);
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "coverage.html")]
pub struct Coverage {
    frame: Frame,
    period_name: String,
    filters: Filters,
    earlier: String,
    later: Option<String>,
    tabs: Vec<Tab>,
    rule: String,
    columns: Vec<String>,
    rows: Vec<MatrixRow>,
    statuses: Vec<State>,
    /// By tier, then by unit and rep.
    dues: [Vec<DueRow>; 2],
}

#[derive(Debug)]
struct Tab {
    href: String,
    label: String,
    chosen: bool,
}

#[derive(Debug)]
struct MatrixRow {
    name: String,
    href: Option<String>,
    class: &'static str,
    depth: usize,
    note: Option<State>,
    cells: Vec<Cell>,
}

#[derive(Debug)]
struct Cell {
    label: String,
    share: String,
    fraction: String,
    href: String,
    missing: Option<(String, String)>,
    heat: &'static str,
}

#[derive(Debug)]
struct DueRow {
    name: String,
    class: &'static str,
    depth: usize,
    cells: Vec<DueCell>,
}

#[derive(Debug)]
struct DueCell {
    label: String,
    count: String,
    href: Option<String>,
}

/// A row before it is drawn: a unit or a rep, with what its links ask for.
struct Line<'a> {
    name: String,
    href: Option<String>,
    depth: usize,
    unheard: Vec<Heard>,
    of: usize,
    tally: Tally,
    whose: Address,
    rep: Option<&'a RepCoverage>,
}

const DUES: [DueStatus; 5] = [
    DueStatus::Never,
    DueStatus::Overdue,
    DueStatus::FollowUp,
    DueStatus::OnTrack,
    DueStatus::Unknown,
];

impl Coverage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &CoverageData) -> Self {
        let w = f.w;
        let ask = data.ask;
        let at = |period: Period| CoverageAsk { period, ..ask }.address().to_string();
        let next = Period::month_of(ask.period.next_first_day());
        let lines = lines(w, data);
        let columns = columns(w);
        let period = Control::month("period", w.say("period.month"), ask.period);
        let unit = ask.unit.map(|unit| unit.to_string()).unwrap_or_default();
        let mut controls = vec![period];
        let choices = Choices { reps: Vec::new(), units: data.choices.units.clone() };
        controls.extend(choices.controls(w, String::new(), unit));
        let all = lines.first().map(|line| &line.tally);
        Self {
            period_name: f.period(ask.period),
            filters: Filters {
                clear: None,
                ..Filters::new(w, &Address::new("/coverage"), controls, Vec::new())
            }
            .keeping("show", ask.show.as_str()),
            earlier: at(ask.period.previous()),
            later: (next.first_day() <= data.today).then(|| at(next)),
            tabs: Measure::ALL
                .into_iter()
                .map(|show| Tab {
                    href: CoverageAsk { show, ..ask }.address().to_string(),
                    label: w.say(measure_key(show)).to_owned(),
                    chosen: show == ask.show,
                })
                .collect(),
            rule: rule(w, data),
            rows: lines.iter().map(|line| matrix_row(f, data, &columns, line)).collect(),
            columns: columns.into_iter().map(|(_, _, label)| label).collect(),
            statuses: DUES.into_iter().filter_map(|status| wording::due(w, status)).collect(),
            dues: [
                all.map(|all| due_by_tier(w, data, all)).unwrap_or_default(),
                lines.iter().map(|line| due_row(w, data, line)).collect(),
            ],
            frame,
        }
    }
}

const fn measure_key(measure: Measure) -> &'static str {
    match measure {
        Measure::Reach => "coverage.reach",
        Measure::Met => "coverage.standard_met",
        Measure::Frequency => "coverage.frequency",
    }
}

/// What the number means, and where the standard comes from.
fn rule(w: Words, data: &CoverageData) -> String {
    let key = match data.ask.show {
        Measure::Reach => "coverage.how_reach",
        Measure::Met => "coverage.how_met",
        Measure::Frequency => "coverage.how_frequency",
    };
    let guide = wording::guide(data.policy.as_ref(), &["frequency"]);
    if guide.is_empty() { w.say(key).to_owned() } else { format!("{} · {guide}", w.say(key)) }
}

/// The units that have reps, each with its reps below it; first of all their sum.
fn lines<'a>(w: Words, data: &'a CoverageData) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut shown: BTreeSet<UserId> = BTreeSet::new();
    let address = || Address::new("/customers");
    let sum = |reps: &[&RepCoverage]| {
        let mut tally = Tally::default();
        reps.iter().for_each(|rep| tally.add(&rep.tally));
        tally
    };
    let unheard = |reps: &[&RepCoverage]| reps.iter().filter_map(|rep| rep.unheard).collect();
    let all: Vec<&RepCoverage> = data.reps.iter().collect();
    if all.len() > 1 {
        lines.push(Line {
            name: w.say("coverage.everybody").to_owned(),
            href: None,
            depth: 0,
            unheard: unheard(&all),
            of: all.len(),
            tally: sum(&all),
            whose: address().given("unit", data.ask.unit),
            rep: None,
        });
    }
    let rep_line = |rep: &'a RepCoverage, depth: usize| Line {
        name: rep.name.clone(),
        href: Some(format!("/scorecards/{}/{}#coverage", rep.rep, data.ask.period)),
        depth,
        unheard: rep.unheard.into_iter().collect(),
        of: 1,
        tally: rep.tally.clone(),
        whose: address().with("rep", rep.rep),
        rep: Some(rep),
    };
    let top = data.units.iter().map(|unit| unit.depth).min().unwrap_or(0);
    for unit in &data.units {
        let inside = |rep: &&RepCoverage| rep.unit.is_some_and(|u| unit.members.contains(&u));
        let members: Vec<&RepCoverage> = data.reps.iter().filter(inside).collect();
        // A unit that says the same as the line above it says nothing.
        if members.is_empty() {
            continue;
        }
        let depth = unit.depth - top;
        lines.push(Line {
            name: unit.name.clone(),
            href: Some(CoverageAsk { unit: Some(unit.unit), ..data.ask }.address().to_string()),
            depth,
            unheard: unheard(&members),
            of: members.len(),
            tally: sum(&members),
            whose: address().with("unit", unit.unit),
            rep: None,
        });
        for rep in members.iter().filter(|rep| rep.unit == Some(unit.unit)) {
            shown.insert(rep.rep);
            lines.push(rep_line(rep, depth + 1));
        }
    }
    let others = data.reps.iter().filter(|rep| !shown.contains(&rep.rep));
    lines.extend(others.map(|rep| rep_line(rep, 0)));
    lines
}

/// Which customers a column is about.
#[derive(Clone, Copy)]
enum Column {
    Tier(Option<Tier>),
    All,
    New,
    Existing,
}

fn columns(w: Words) -> Vec<(Column, CellPart, String)> {
    let tiers = Tier::ALL.into_iter().map(Some).chain([None]).map(|tier| {
        let label = match tier {
            Some(_) => scorecard::tier_letter(tier),
            None => w.say("word.no_tier").to_owned(),
        };
        (Column::Tier(tier), CellPart::All, label)
    });
    let rest = [
        (Column::All, CellPart::All, w.say("lists.all").to_owned()),
        (Column::New, CellPart::New, w.say("coverage.new").to_owned()),
        (Column::Existing, CellPart::Existing, w.say("coverage.existing").to_owned()),
    ];
    tiers.chain(rest).collect()
}

fn matrix_row(
    f: &Format,
    data: &CoverageData,
    columns: &[(Column, CellPart, String)],
    line: &Line<'_>,
) -> MatrixRow {
    let silent = line.rep.is_some_and(|rep| rep.unheard.is_some());
    let cells = columns.iter().map(|(column, part, label)| {
        let figures = match column {
            Column::Tier(tier) => line.tally.tiers.get(tier).cloned().unwrap_or_default(),
            Column::All => line.tally.total.clone(),
            Column::New => line.tally.new.clone(),
            Column::Existing => line.tally.existing.clone(),
        };
        cell(f.w, data, line, (*column, *part, label), &figures, silent)
    });
    MatrixRow {
        name: line.name.clone(),
        href: line.href.clone(),
        class: if line.rep.is_some() { "" } else { "group" },
        depth: line.depth.min(4),
        note: note(f, data, line),
        cells: cells.collect(),
    }
}

/// Who was not heard lately, and so is not fully known.
fn note(f: &Format, data: &CoverageData, line: &Line<'_>) -> Option<State> {
    let first = line.unheard.first()?;
    let text = match (line.rep, first) {
        (Some(_), Heard::NoPhone) => f.w.say("heard.no_phone").to_owned(),
        (Some(_), Heard::At(at)) => {
            let when = f.moment_seen(*at, data.today);
            f.w.with("customers.heard_before", &[("when", &when)])
        }
        (None, _) => {
            let silent = i64::try_from(line.unheard.len()).unwrap_or(i64::MAX);
            f.w.count("coverage.unheard", silent, &[("n", &silent), ("all", &line.of)])
        }
    };
    Some(State::new(Tone::Unknown, text))
}

fn cell(
    w: Words,
    data: &CoverageData,
    line: &Line<'_>,
    (column, all, label): (Column, CellPart, &str),
    figures: &CoverageFigures,
    silent: bool,
) -> Cell {
    let (share, part, missing) = match data.ask.show {
        Measure::Reach => (figures.reach, CellPart::Reached, CellPart::NotReached),
        Measure::Met => (figures.standard_met, CellPart::Met, CellPart::NotMet),
        Measure::Frequency => (figures.frequency, CellPart::All, CellPart::NotMet),
    };
    let list = |part: CellPart| {
        let address = line.whose.clone().with("period", data.ask.period);
        let tier = match column {
            Column::Tier(tier) => tier_code(tier),
            Column::All | Column::New | Column::Existing => "",
        };
        address.with("tier", tier).with("coverage", part.as_str()).to_string()
    };
    // New and existing customers are listed as such: an address names one part.
    let by_age = matches!(column, Column::New | Column::Existing);
    let left = share.denominator - share.numerator;
    let left_words = || w.with("coverage.missing", &[("n", &format::count(left))]);
    Cell {
        label: label.to_owned(),
        share: format::percent(share.numerator, share.denominator),
        fraction: if share.denominator == 0 {
            String::new()
        } else {
            let (of, all) = (format::count(share.numerator), format::count(share.denominator));
            w.with("coverage.fraction", &[("of", &of), ("all", &all)])
        },
        href: list(if by_age { all } else { part }),
        missing: (left > 0 && !by_age).then(|| (left_words(), list(missing))),
        heat: heat(share, silent),
    }
}

/// How strongly a cell is filled; hatched where it is not fully known.
fn heat(share: Share, silent: bool) -> &'static str {
    const FILLS: [&str; 5] = ["heat-0", "heat-1", "heat-2", "heat-3", "heat-4"];
    if share.denominator == 0 {
        return "";
    }
    if silent && share.numerator < share.denominator {
        return "hatched";
    }
    let step = usize::try_from(share.numerator * 5 / share.denominator).unwrap_or(0);
    FILLS.get(step.min(4)).copied().unwrap_or("")
}

fn due_by_tier(w: Words, data: &CoverageData, all: &Tally) -> Vec<DueRow> {
    let tiers = Tier::ALL.into_iter().map(Some).chain([None]);
    tiers
        .filter(|tier| all.due.keys().any(|(each, _)| each == tier))
        .map(|tier| {
            let whose = Address::new("/customers").given("unit", data.ask.unit);
            let whose = whose.with("tier", tier_code(tier));
            let name = match tier {
                Some(_) => format!("{} {}", w.say("word.tier"), scorecard::tier_letter(tier)),
                None => w.say("word.no_tier").to_owned(),
            };
            DueRow {
                name,
                class: "",
                depth: 0,
                cells: due_cells(w, data, &whose, |status| {
                    all.due.get(&(tier, status)).copied().unwrap_or(0)
                }),
            }
        })
        .collect()
}

fn due_row(w: Words, data: &CoverageData, line: &Line<'_>) -> DueRow {
    let count = |status: DueStatus| {
        let of_status = line.tally.due.iter().filter(|((_, each), _)| *each == status);
        of_status.map(|(_, count)| count).sum()
    };
    DueRow {
        name: line.name.clone(),
        class: if line.rep.is_some() { "" } else { "group" },
        depth: line.depth.min(4),
        cells: due_cells(w, data, &line.whose, count),
    }
}

fn due_cells(
    w: Words,
    data: &CoverageData,
    whose: &Address,
    count: impl Fn(DueStatus) -> i64,
) -> Vec<DueCell> {
    let cells = DUES.into_iter().map(|status| {
        let n = count(status);
        let list = whose
            .clone()
            .with("period", data.ask.period)
            .with("coverage", CellPart::Due(status).as_str());
        DueCell {
            label: wording::due(w, status).map(|state| state.word).unwrap_or_default(),
            count: format::count(n),
            href: (n > 0).then(|| list.to_string()),
        }
    });
    cells.collect()
}

/// A part of a cell in words.
pub fn part(w: Words, part: CellPart) -> String {
    let key = match part {
        CellPart::All => "coverage_part.all",
        CellPart::Reached => "coverage_part.reached",
        CellPart::NotReached => "coverage_part.not_reached",
        CellPart::Met => "coverage_part.met",
        CellPart::NotMet => "coverage_part.not_met",
        CellPart::New => "coverage_part.new",
        CellPart::Existing => "coverage_part.existing",
        CellPart::Due(DueStatus::NoRule) => "coverage_part.no_rule",
        CellPart::Due(status) => {
            return wording::due(w, status).map(|state| state.word).unwrap_or_default();
        }
    };
    w.say(key).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_the_sum_of_what_is_above_and_below_the_line() {
        let figures = |n: i64, d: i64| CoverageFigures {
            reach: Share::of(n, d),
            ..CoverageFigures::default()
        };
        let mut sum = Tally { total: figures(1, 1), ..Tally::default() };
        sum.add(&Tally { total: figures(0, 3), ..Tally::default() });
        assert_eq!(sum.total.reach, Share::of(1, 4), "not the mean of 100 and 0");
        assert_eq!(heat(Share::of(0, 0), true), "");
        assert_eq!(heat(Share::of(1, 2), true), "hatched");
        assert_eq!(heat(Share::of(2, 2), true), "heat-4", "nothing can be missing");
    }
}
