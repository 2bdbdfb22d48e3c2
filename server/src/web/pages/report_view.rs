//! A report in the reader's language: sections of figures, tables and drawings.

use client_core::money::Money;
use client_core::rules::policy::Policy;

use super::customer::stage_name;
use crate::reports::periodic::{Cell, Figure, Named, Report, Section, Table};
use crate::web::format::{self, Format};
use crate::web::plot::{Line, Pie, Stop};

/// A part of a report.
#[derive(Debug)]
pub struct SectionView {
    /// Its code, for links to it.
    pub code: &'static str,
    /// What it is called.
    pub title: String,
    /// Single numbers.
    pub figures: Vec<FigureView>,
    /// Rows of things.
    pub tables: Vec<TableView>,
    /// A line over months.
    pub line: Option<Line>,
    /// A pie.
    pub pie: Option<Pie>,
}

/// A number with what it is held against.
#[derive(Debug)]
pub struct FigureView {
    /// What it is.
    pub label: String,
    /// The number.
    pub value: String,
    /// Target and change, in words.
    pub against: Vec<String>,
}

/// Rows of things.
#[derive(Debug)]
pub struct TableView {
    /// What it is called; empty where the section's title says it.
    pub title: String,
    /// Headings, and whether a column holds numbers.
    pub heads: Vec<(String, bool)>,
    /// The rows.
    pub rows: Vec<Vec<CellView>>,
    /// How many rows there are besides; empty for none.
    pub more: String,
}

/// A cell.
#[derive(Debug)]
pub struct CellView {
    /// Its text.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// A short reference of what it leads to, for paper.
    pub reference: String,
    /// It is a number.
    pub number: bool,
    /// The heading above it.
    pub label: String,
}

/// The sections of a report.
pub fn sections(f: &Format, report: &Report, policy: Option<&Policy>) -> Vec<SectionView> {
    report.sections.iter().map(|one| section(f, one, policy)).collect()
}

fn section(f: &Format, section: &Section, policy: Option<&Policy>) -> SectionView {
    let table_of = |code: &str| section.tables.iter().find(|table| table.code == code);
    SectionView {
        code: section.code,
        title: f.w.code("report_section", section.code).into_owned(),
        figures: section.figures.iter().map(|one| figure(f, one, policy)).collect(),
        tables: section.tables.iter().map(|one| table(f, one, policy)).collect(),
        line: table_of("months").map(|months| line(f, months)),
        pie: table_of("industries").map(|industries| pie(f, industries, policy)),
    }
}

/// What a code of a figure or column is called.
pub fn field(f: &Format, code: &str) -> String {
    f.w.code("report_field", code).into_owned()
}

fn figure(f: &Format, figure: &Figure, policy: Option<&Policy>) -> FigureView {
    let target = figure.target.as_ref().map(|target| {
        let share = match (&figure.value, target) {
            (Cell::Money(value), Cell::Money(target)) => {
                format!(" · {}", format::percent(value.minor, target.minor))
            }
            _ => String::new(),
        };
        let value = text(f, target, policy);
        format!("{}{share}", f.w.with("reports.of_target", &[("value", &value)]))
    });
    let before = figure
        .before
        .as_ref()
        .map(|before| f.w.with("reports.before", &[("value", &text(f, before, policy))]));
    FigureView {
        label: field(f, figure.code),
        value: text(f, &figure.value, policy),
        against: target.into_iter().chain(before).collect(),
    }
}

fn table(f: &Format, table: &Table, policy: Option<&Policy>) -> TableView {
    let numbers: Vec<bool> = (0..table.columns.len())
        .map(|column| {
            let cells = || table.rows.iter().filter_map(|row| row.get(column));
            cells().any(|cell| *cell != Cell::Empty) && cells().all(is_number_or_empty)
        })
        .collect();
    let heads: Vec<(String, bool)> = table
        .columns
        .iter()
        .zip(&numbers)
        .map(|(code, number)| (field(f, code), *number))
        .collect();
    let rows = table.rows.iter().map(|row| {
        let cells = row.iter().zip(&heads);
        cells
            .map(|(cell, (label, number))| CellView {
                text: text(f, cell, policy),
                href: href(cell),
                reference: reference(cell),
                number: *number,
                label: label.clone(),
            })
            .collect()
    });
    let named = f.w.code("report_table", table.code);
    TableView {
        title: if named == table.code { String::new() } else { named.into_owned() },
        rows: rows.collect(),
        heads,
        more: match table.left_out {
            0 => String::new(),
            more => f.w.with("reports.more", &[("n", &more)]),
        },
    }
}

const fn is_number_or_empty(cell: &Cell) -> bool {
    matches!(
        cell,
        Cell::Empty
            | Cell::Count(_)
            | Cell::Money(_)
            | Cell::Share { .. }
            | Cell::Change { .. }
            | Cell::Points { .. }
    )
}

/// A cell as people read it.
pub fn text(f: &Format, cell: &Cell, policy: Option<&Policy>) -> String {
    match cell {
        Cell::Empty => "–".to_owned(),
        Cell::Count(number) => format::count(*number),
        Cell::Text(text) => text.clone(),
        Cell::Code { of: "stage", code } => stage_name(f.w, policy, code),
        // Several codes stand beside one another.
        Cell::Code { of, code } => {
            let words: Vec<String> =
                code.split(' ').map(|one| f.w.code(of, one).into_owned()).collect();
            words.join(" · ")
        }
        Cell::Money(money) => f.money(*money),
        Cell::Share { basis_points } => format::percent(*basis_points, 10_000),
        Cell::Change { centipoints } => signed(*centipoints),
        Cell::Points { hundredths } => format::points(*hundredths),
        Cell::Day { day } => f.short_day(*day),
        Cell::Period { period } => f.period(*period),
        Cell::Named { name, id, .. } => {
            name.clone().unwrap_or_else(|| id.get(..8).unwrap_or(id).to_owned())
        }
    }
}

fn signed(centipoints: i64) -> String {
    let sign = if centipoints > 0 { "+" } else { "" };
    format!("{sign}{}", format::points(centipoints))
}

fn href(cell: &Cell) -> Option<String> {
    let Cell::Named { kind, id, .. } = cell else { return None };
    match kind {
        Named::Rep => None,
        Named::Customer => Some(format!("/customers/{id}")),
        Named::Deal => Some(format!("/deals/{id}")),
        Named::Visit => Some(format!("/visits/{id}")),
    }
}

/// The end of an id: enough to find a thing again that is named on paper.
fn reference(cell: &Cell) -> String {
    match cell {
        Cell::Named { kind: Named::Customer | Named::Deal | Named::Visit, id, .. } => {
            id.get(id.len().saturating_sub(6)..).unwrap_or(id).to_owned()
        }
        _ => String::new(),
    }
}

fn line(f: &Format, months: &Table) -> Line {
    let minor = |cell: Option<&Cell>| match cell {
        Some(Cell::Money(money)) => Some(*money),
        _ => None,
    };
    let stops: Vec<Stop> = months
        .rows
        .iter()
        .filter_map(|row| {
            let Some(Cell::Period { period }) = row.first() else { return None };
            let won: Money = minor(row.get(1))?;
            let month = period.first_day().naive().format("%-m").to_string();
            let text = f.money(won);
            Some(Stop {
                value: won.minor,
                target: minor(row.get(2)).map(|target| target.minor),
                title: format!("{}: {text}", f.period(*period)),
                caption: match f.w.lang {
                    crate::web::words::Lang::En => {
                        period.first_day().naive().format("%b").to_string()
                    }
                    _ => format!("{month}月"),
                },
                text,
            })
        })
        .collect();
    Line::through(&stops, f.w.say("reports.trend_label").to_owned())
}

fn pie(f: &Format, industries: &Table, policy: Option<&Policy>) -> Pie {
    let parts: Vec<(String, i64, String)> = industries
        .rows
        .iter()
        .filter_map(|row| {
            let [name, Cell::Count(count), share] = row.as_slice() else { return None };
            let value = format!("{} · {}", format::count(*count), text(f, share, policy));
            Some((text(f, name, policy), *count, value))
        })
        .collect();
    Pie::of(&parts, f.w.say("reports.pie_label").to_owned())
}
