//! A list as XLSX: two frozen lines of headings, typed cells, filters, and print
//! settings that fit its width on a page.
//!
//! Rows are written while they are read, into temporary files, so that a long list
//! needs no more memory than a short one.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::time::Duration;

use axum::body::Body;
use chrono::Datelike;
use client_core::id::DocId;
use client_core::money::Money;
use client_core::time::Date;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;

use super::{CHUNK, Cell, Export, columns};
use crate::storage::StorageError;

/// Rows of a list that fit on a sheet under its two headings.
pub const MOST_ROWS: usize = 1_048_576 - HEADINGS as usize;

const HEADINGS: u32 = 2;
/// The longest text of a cell.
const MOST_CHARS: usize = 32_767;
/// A4, as sheets count paper.
const A4: u8 = 9;
/// Chunks that wait to be written.
const WAITING: usize = 2;

/// Why there is no sheet.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// The rows could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The sheet could not be made.
    #[error("the sheet could not be made: {0}")]
    Sheet(#[from] XlsxError),
    /// Its temporary file could not be written.
    #[error("the sheet's temporary file: {0}")]
    File(#[from] std::io::Error),
    /// Its writer ended early.
    #[error("the sheet's writer ended: {0}")]
    Writer(#[from] tokio::task::JoinError),
}

/// The whole list, made before its first byte is sent.
pub(super) async fn made(export: Export, docs: Vec<DocId>) -> Result<Body, SheetError> {
    let (give, take) = mpsc::channel(WAITING);
    let (name, headings, rows) = (export.what.stem(), export.headings(), docs.len());
    let writer = tokio::task::spawn_blocking(move || written(name, &headings, rows, take));
    for docs in docs.chunks(CHUNK) {
        let rows = columns::rows(&export, docs.to_vec()).await?;
        if give.send(rows).await.is_err() {
            // The writer failed, and says why.
            break;
        }
    }
    drop(give);
    let file = writer.await??;
    Ok(Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file))))
}

/// A list whose rows are at hand.
pub(super) async fn at_hand(
    name: &'static str,
    headings: [Vec<String>; 2],
    rows: Vec<Vec<Cell>>,
) -> Result<Body, SheetError> {
    let (give, take) = mpsc::channel(1);
    let many = rows.len();
    let writer = tokio::task::spawn_blocking(move || written(name, &headings, many, take));
    // Whether it was taken is the writer's to say.
    drop(give.send(rows).await);
    drop(give);
    let file = writer.await??;
    Ok(Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file))))
}

fn written(
    name: &str,
    headings: &[Vec<String>; 2],
    rows: usize,
    mut chunks: mpsc::Receiver<Vec<Vec<Cell>>>,
) -> Result<File, SheetError> {
    let mut book = Workbook::new();
    let looks = Looks::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(name)?;
    lay_out(sheet, headings, rows)?;
    for (row, (line, look)) in (0..).zip(headings.iter().zip([&looks.code, &looks.heading])) {
        for (column, text) in (0..).zip(line) {
            sheet.write_string_with_format(row, column, text, look)?;
        }
    }
    let mut row = HEADINGS;
    while let Some(chunk) = chunks.blocking_recv() {
        for cells in chunk {
            for (column, cell) in (0..).zip(cells) {
                looks.put(sheet, (row, column), cell)?;
            }
            row += 1;
        }
    }
    let mut file = tempfile::tempfile()?;
    book.save_to_writer(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

fn lay_out(
    sheet: &mut Worksheet,
    headings: &[Vec<String>; 2],
    rows: usize,
) -> Result<(), XlsxError> {
    for (column, code) in (0..).zip(&headings[0]) {
        sheet.set_column_width(column, width(code))?;
    }
    let last_column = u16::try_from(headings[0].len().saturating_sub(1)).unwrap_or(u16::MAX);
    let last_row = u32::try_from(rows).unwrap_or(u32::MAX).saturating_add(HEADINGS - 1);
    sheet.set_freeze_panes(HEADINGS, 1)?;
    sheet.autofilter(HEADINGS - 1, 0, last_row.max(HEADINGS), last_column)?;
    sheet.set_repeat_rows(HEADINGS - 1, HEADINGS - 1)?;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}

/// A column's width in digits, by what it holds.
fn width(code: &str) -> f64 {
    match code {
        "customer" | "deal" | "result" | "reasons" | "next_step" => 32.0,
        "started" | "ended" | "submitted" | "received" | "last_contact" => 17.0,
        "minutes" | "tier" | "currency" | "counts" | "priority" => 9.0,
        _ => 14.0,
    }
}

/// How cells look.
struct Looks {
    code: Format,
    heading: Format,
    whole: Format,
    /// With no, one, two and three decimals.
    amounts: [Format; 4],
    day: Format,
    moment: Format,
}

impl Looks {
    fn new() -> Self {
        let number = |format: &str| Format::new().set_num_format(format);
        Self {
            code: Format::new().set_font_color(0x0080_8080),
            heading: Format::new().set_bold(),
            whole: number("#,##0"),
            amounts: ["#,##0", "#,##0.0", "#,##0.00", "#,##0.000"].map(number),
            day: number("yyyy-mm-dd"),
            moment: number("yyyy-mm-dd hh:mm"),
        }
    }

    fn put(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        cell: Cell,
    ) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) | Cell::Code(text) => {
                sheet.write_string(row, column, fitting(text))?;
            }
            Cell::Number(number) => {
                sheet.write_number_with_format(row, column, number as f64, &self.whole)?;
            }
            Cell::Amount(money) => {
                let decimals = money.currency.decimals() as usize;
                let look = self.amounts.get(decimals).unwrap_or(&self.whole);
                sheet.write_number_with_format(row, column, major(money), look)?;
            }
            Cell::Day(date) => {
                sheet.write_datetime_with_format(row, column, day(date)?, &self.day)?;
            }
            Cell::Moment(date, time) => {
                let at = clock(day(date)?, time)?;
                sheet.write_datetime_with_format(row, column, at, &self.moment)?;
            }
        }
        Ok(())
    }
}

/// As much of a text as a cell takes; the page has the rest.
pub(super) fn fitting(text: String) -> String {
    if text.len() <= MOST_CHARS {
        return text;
    }
    let cut: String = text.chars().take(MOST_CHARS - 1).collect();
    if cut.len() == text.len() { text } else { format!("{cut}…") }
}

/// Sheets know no other numbers; fifteen digits are exact.
pub(super) fn major(money: Money) -> f64 {
    money.minor as f64 / 10_f64.powi(money.currency.decimals() as i32)
}

pub(super) fn day(date: Date) -> Result<ExcelDateTime, XlsxError> {
    let naive = date.naive();
    // Sheets begin in 1900; what is earlier stands as their first day.
    let year = u16::try_from(naive.year()).unwrap_or(0).clamp(1900, 9999);
    ExcelDateTime::from_ymd(year, naive.month() as u8, naive.day() as u8)
}

fn clock(day: ExcelDateTime, time: Duration) -> Result<ExcelDateTime, XlsxError> {
    let minutes = time.as_secs() / 60;
    day.and_hms((minutes / 60) as u16, (minutes % 60) as u8, 0_u32)
}
