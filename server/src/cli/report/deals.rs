//! `fieldsync report deals`.

use anyhow::Context;
use client_core::money::Money;
use client_core::period::Days;
use client_core::rules::BasisPoints;
use client_core::time::Date;

use crate::cli::answer::{Align, Answer, columns};
use crate::cli::data::DataArg;
use crate::cli::failure::Failure;
use crate::cli::report::figure::{amount, grouped};
use crate::reports::{By, DealReport, DealRow, DealsQuestion, deal_report};

/// Deals won, lost and open, with amounts, win rate and sales cycle.
#[derive(Debug, clap::Args)]
pub(super) struct Deals {
    /// The first day, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// The day after the last, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    to: Date,
    /// A row for each of these.
    #[arg(long, value_enum)]
    by: By,
}

impl Deals {
    pub(super) async fn run(&self, data: &DataArg) -> Result<Answer, Failure> {
        let none = || {
            let happened = format!(
                "--to {} is not after --from {}: it is the day after the last",
                self.to, self.from
            );
            Failure::usage(happened)
        };
        let days = Days::new(self.from, self.to).ok_or_else(none)?;
        let (app, office) = data.office().await?;
        let report = deal_report(&app, &office, DealsQuestion { days, by: self.by }).await?;
        Ok(Answer::of(words(&report), &report).context("the report has no JSON form")?)
    }
}

/// The report as people read it.
fn words(report: &DealReport) -> String {
    let last = report.to.plus_days(-1);
    let mut words = format!("Deals by {}, {} to {last}\n\n", title(report.by), report.from);
    if report.rows.is_empty() {
        words.push_str("No deal was closed or begun in these days.\n");
    } else {
        let header = [
            heading(report.by),
            "CURRENCY",
            "WON",
            "LOST",
            "OPEN",
            "WON AMOUNT",
            "WIN RATE",
            "MEDIAN DAYS",
            "MEAN DAYS",
        ];
        let mut lines = vec![header.map(str::to_owned)];
        lines.extend(report.rows.iter().chain(&report.totals).map(line));
        let aligns = [
            Align::Left,
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
        ];
        words.push_str(&columns(&lines.iter().collect::<Vec<_>>(), aligns));
        words.push('\n');
    }
    words.push('\n');
    words.push_str(&match report.undated {
        0 => "Every deal has a day.".to_owned(),
        1 => "1 deal has no day and is in no row, whatever the days.".to_owned(),
        many => {
            format!("{} deals have no day and are in no row, whatever the days.", grouped(many))
        }
    });
    words
}

const fn title(by: By) -> &'static str {
    match by {
        By::Rep => "rep",
        By::Unit => "unit",
        By::Customer => "customer",
        By::Product => "product",
        By::Month => "month",
    }
}

const fn heading(by: By) -> &'static str {
    match by {
        By::Rep => "REP",
        By::Unit => "UNIT",
        By::Customer => "CUSTOMER",
        By::Product => "PRODUCT",
        By::Month => "MONTH",
    }
}

fn line(row: &DealRow) -> [String; 9] {
    let indent = if row.depth == 0 { 0 } else { row.depth * 2 };
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    [
        format!("{}{}", " ".repeat(indent), row.name),
        row.currency.to_string(),
        grouped(row.won),
        grouped(row.lost),
        grouped(row.open),
        amount(Money::new(row.won_minor, row.currency)),
        or_none(row.win_rate_bp.map(|bp| BasisPoints(bp).to_string())),
        // A median has half days at most.
        or_none(row.cycle_median_days.map(|days| format!("{}.{}", days.0 / 100, days.0 / 10 % 10))),
        or_none(row.cycle_mean_days.map(|days| format!("{}.{:02}", days.0 / 100, days.0 % 100))),
    ]
}

#[cfg(test)]
mod tests {
    use client_core::money::Currency;

    use super::*;
    use crate::reports::deals::Hundredths;

    fn row(name: &str, depth: usize) -> DealRow {
        DealRow {
            key: "k".into(),
            name: name.into(),
            currency: Currency::CNY,
            won: 1234,
            lost: 5,
            open: 0,
            won_minor: 123_456_789,
            win_rate_bp: Some(9960),
            cycle_median_days: Some(Hundredths(4550)),
            cycle_mean_days: Some(Hundredths(5178)),
            depth,
        }
    }

    #[test]
    fn a_table_has_its_numbers_below_one_another_and_a_total_line() {
        let bare = DealRow {
            won: 0,
            lost: 0,
            open: 3,
            won_minor: 0,
            win_rate_bp: None,
            cycle_median_days: None,
            cycle_mean_days: None,
            ..row("华东 team", 1)
        };
        let report = DealReport {
            from: "2017-01-01".parse().unwrap(),
            to: "2018-01-01".parse().unwrap(),
            by: By::Unit,
            rows: vec![row("Acme", 0), bare],
            undated: 1500,
            totals: vec![row("TOTAL", 0)],
        };
        insta::assert_snapshot!(words(&report), @"
        Deals by unit, 2017-01-01 to 2017-12-31

        UNIT         CURRENCY    WON  LOST  OPEN    WON AMOUNT  WIN RATE  MEDIAN DAYS  MEAN DAYS
        Acme         CNY       1,234     5     0  1,234,567.89    99.60%         45.5      51.78
          华东 team  CNY           0     0     3          0.00        –           –         –
        TOTAL        CNY       1,234     5     0  1,234,567.89    99.60%         45.5      51.78

        1,500 deals have no day and are in no row, whatever the days.
        ");
        let empty = DealReport { rows: vec![], totals: vec![], undated: 0, ..report };
        assert!(words(&empty).contains("No deal was closed or begun"), "{}", words(&empty));
    }
}
