//! A report as CSV and as XLSX.
//!
//! As CSV each number is a line of its own: section, table, row, column, value, unit. So a
//! program reads every kind of report with one loop, whatever tables it has. As XLSX the
//! single numbers stand on a first sheet and each table on its own, with typed cells. Both
//! begin with stable codes, and the words of the reader's language below them.

use client_core::money::Money;
use client_core::rules::policy::Policy;
use rust_xlsxwriter::{Format as Look, Workbook, Worksheet, XlsxError};

use super::sheet::{SheetError, day, fitting, major};
use super::{lines, starts_a_formula};
use crate::reports::periodic::{Cell, Report, Section, Table};
use crate::web::format::{self, Format};
use crate::web::pages::report_view::{field, text};

/// The columns of the CSV.
const COLUMNS: [&str; 6] = ["section", "table", "row", "field", "value", "unit"];
/// A4, as sheets count paper.
const A4: u8 = 9;
/// Sheets have names of at most so many letters.
const MOST_LETTERS: usize = 31;

/// The report as CSV, with a byte order mark.
pub fn csv(f: &Format, report: &Report, policy: Option<&Policy>) -> Vec<u8> {
    let words = |code: &&str| match *code {
        "table" => field(f, "figure_table"),
        code => field(f, code),
    };
    let mut rows = vec![
        COLUMNS.iter().map(|code| (*code).to_owned()).collect(),
        COLUMNS.iter().map(words).collect::<Vec<String>>(),
    ];
    for section in &report.sections {
        for figure in &section.figures {
            let sides = [
                ("value", Some(&figure.value)),
                ("before", figure.before.as_ref()),
                ("target", figure.target.as_ref()),
            ];
            for (side, cell) in sides.into_iter().filter_map(|(side, cell)| Some((side, cell?))) {
                let (value, unit) = written(f, cell, policy);
                let named = [section.code, "figures", figure.code, side].map(str::to_owned);
                rows.push(named.into_iter().chain([value, unit]).collect());
            }
        }
        for table in &section.tables {
            rows.extend(table_lines(f, section, table, policy));
        }
    }
    let mut out = "\u{feff}".as_bytes().to_vec();
    out.extend(lines(rows));
    out
}

fn table_lines(
    f: &Format,
    section: &Section,
    table: &Table,
    policy: Option<&Policy>,
) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (number, row) in table.rows.iter().enumerate() {
        for (code, cell) in table.columns.iter().zip(row) {
            if *cell == Cell::Empty {
                continue;
            }
            let (value, unit) = written(f, cell, policy);
            let place = (number + 1).to_string();
            let named = [section.code.to_owned(), table.code.to_owned(), place, (*code).to_owned()];
            rows.push(named.into_iter().chain([value, unit]).collect());
        }
    }
    rows
}

/// A value as CSV has it, and what it counts.
fn written(f: &Format, cell: &Cell, policy: Option<&Policy>) -> (String, String) {
    let guarded = |text: String| if starts_a_formula(&text) { format!("'{text}") } else { text };
    let decimal = |value: i64| {
        let sign = if value < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", value.unsigned_abs() / 100, value.unsigned_abs() % 100)
    };
    match cell {
        Cell::Empty => (String::new(), String::new()),
        Cell::Count(number) => (number.to_string(), "count".to_owned()),
        Cell::Money(money) => (format::plain(*money), money.currency.to_string()),
        Cell::Share { basis_points } => (decimal(*basis_points), "percent".to_owned()),
        Cell::Change { centipoints } => (decimal(*centipoints), "percentage_points".to_owned()),
        Cell::Points { hundredths } => (decimal(*hundredths), "points".to_owned()),
        Cell::Day { day } => (day.to_string(), "day".to_owned()),
        Cell::Period { period } => (period.to_string(), "period".to_owned()),
        Cell::Text(_) | Cell::Code { .. } | Cell::Named { .. } => {
            (guarded(text(f, cell, policy)), "text".to_owned())
        }
    }
}

/// The report as a workbook.
pub fn sheet(f: &Format, report: &Report, policy: Option<&Policy>) -> Result<Vec<u8>, SheetError> {
    let mut book = Workbook::new();
    let looks = Looks::new();
    let sheet = book.add_worksheet();
    sheet.set_name("summary")?;
    summary(f, report, policy, sheet, &looks)?;
    for section in &report.sections {
        for table in &section.tables {
            let name = format!("{} {}", section.code, table.code);
            let name: String = match section.code == table.code {
                true => section.code.to_owned(),
                false => name.chars().take(MOST_LETTERS).collect(),
            };
            let sheet = book.add_worksheet();
            sheet.set_name(&name)?;
            rows(f, table, policy, sheet, &looks)?;
        }
    }
    Ok(book.save_to_buffer()?)
}

fn summary(
    f: &Format,
    report: &Report,
    policy: Option<&Policy>,
    sheet: &mut Worksheet,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let codes = ["section", "field", "value", "before", "target"];
    for (column, code) in (0_u16..).zip(codes) {
        sheet.write_string_with_format(0, column, code, &looks.code)?;
        sheet.write_string_with_format(1, column, field(f, code), &looks.heading)?;
        sheet.set_column_width(column, if column < 2 { 26.0 } else { 16.0 })?;
    }
    let receipt = &report.receipt;
    let told = [
        ("org", report.org.clone()),
        ("unit", report.unit_name.clone().unwrap_or_default()),
        ("kind", receipt.question.kind.as_str().to_owned()),
        ("period", receipt.question.period.to_string()),
        ("policy", receipt.policy_version.map(|version| version.to_string()).unwrap_or_default()),
        ("receipt", receipt.id.to_string()),
    ];
    let mut row = 2;
    for (code, value) in told {
        sheet.write_string(row, 0, "report")?;
        sheet.write_string(row, 1, code)?;
        sheet.write_string(row, 2, fitting(value))?;
        row += 1;
    }
    for section in &report.sections {
        for figure in &section.figures {
            sheet.write_string(row, 0, f.w.code("report_section", section.code))?;
            sheet.write_string(row, 1, field(f, figure.code))?;
            looks.put(f, sheet, (row, 2), &figure.value, policy)?;
            for (column, cell) in [(3, &figure.before), (4, &figure.target)] {
                if let Some(cell) = cell {
                    looks.put(f, sheet, (row, column), cell, policy)?;
                }
            }
            row += 1;
        }
    }
    laid_out(sheet)
}

fn rows(
    f: &Format,
    table: &Table,
    policy: Option<&Policy>,
    sheet: &mut Worksheet,
    looks: &Looks,
) -> Result<(), XlsxError> {
    for (column, code) in (0_u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, column, *code, &looks.code)?;
        sheet.write_string_with_format(1, column, field(f, code), &looks.heading)?;
        sheet.set_column_width(column, if column == 0 { 30.0 } else { 16.0 })?;
    }
    for (row, cells) in (2_u32..).zip(&table.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            looks.put(f, sheet, (row, column), cell, policy)?;
        }
    }
    laid_out(sheet)
}

fn laid_out(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(2, 1)?;
    sheet.set_repeat_rows(0, 1)?;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}

/// How cells look.
struct Looks {
    code: Look,
    heading: Look,
    whole: Look,
    amounts: [Look; 4],
    share: Look,
    hundredths: Look,
    day: Look,
}

impl Looks {
    fn new() -> Self {
        let number = |format: &str| Look::new().set_num_format(format);
        Self {
            code: Look::new().set_font_color(0x0080_8080),
            heading: Look::new().set_bold().set_text_wrap(),
            whole: number("#,##0"),
            amounts: ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000"].map(number),
            share: number("0.0%"),
            hundredths: number("0.00"),
            day: number("yyyy-mm-dd"),
        }
    }

    fn put(
        &self,
        f: &Format,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        cell: &Cell,
        policy: Option<&Policy>,
    ) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => {}
            Cell::Count(number) => {
                sheet.write_number_with_format(row, column, *number as f64, &self.whole)?;
            }
            Cell::Money(money) => {
                sheet.write_number_with_format(row, column, major(*money), self.amount(*money))?;
            }
            Cell::Share { basis_points } => {
                let share = *basis_points as f64 / 10_000.0;
                sheet.write_number_with_format(row, column, share, &self.share)?;
            }
            Cell::Change { centipoints: hundredths } | Cell::Points { hundredths } => {
                let number = *hundredths as f64 / 100.0;
                sheet.write_number_with_format(row, column, number, &self.hundredths)?;
            }
            Cell::Day { day: on } => {
                sheet.write_datetime_with_format(row, column, day(*on)?, &self.day)?;
            }
            Cell::Period { period } => {
                sheet.write_string(row, column, period.to_string())?;
            }
            Cell::Text(_) | Cell::Code { .. } | Cell::Named { .. } => {
                sheet.write_string(row, column, fitting(text(f, cell, policy)))?;
            }
        }
        Ok(())
    }

    fn amount(&self, money: Money) -> &Look {
        self.amounts.get(money.currency.decimals() as usize).unwrap_or(&self.whole)
    }
}
