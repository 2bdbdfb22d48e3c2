//! `fieldsync report team`.

use anyhow::Context;
use client_core::id::UnitId;
use client_core::money::{Currency, Money};
use client_core::period::{Days, Period};
use client_core::rules::{BasisPoints, FigureUnit, LineState, NamedFigure};

use crate::cli::answer::{Align, Answer, columns};
use crate::cli::data::DataArg;
use crate::cli::failure::{Exit, Failure};
use crate::cli::report::figure::amount;
use crate::reports::{TeamReport, team_report};

/// A team's product mix, concentration, win rates, and what a customer and a head bring.
#[derive(Debug, clap::Args)]
pub(super) struct Team {
    /// A week, month, quarter or year: 2026-W42, 2026-10, 2026-Q4, 2026.
    #[arg(long)]
    period: Period,
    /// A unit with those below it; the whole org if absent.
    #[arg(long, value_name = "ID")]
    unit: Option<UnitId>,
}

impl Team {
    pub(super) async fn run(&self, data: &DataArg) -> Result<Answer, Failure> {
        let (app, office) = data.office().await?;
        if let Some(unit) = self.unit
            && !office.units().await?.contains_key(&unit)
        {
            return Err(Failure::usage(format!("there is no unit {unit}")));
        }
        let report = team_report(&app, &office, Days::from(self.period), self.unit).await?;
        let report = report.ok_or_else(|| {
            Failure::new(
                Exit::Config,
                "there is no policy yet",
                "Set one with `fieldsync policy set FILE`.",
            )
        })?;
        Ok(Answer::of(words(&report), &report).context("the report has no JSON form")?)
    }
}

/// The report as people read it.
fn words(report: &TeamReport) -> String {
    let header = ["FIGURE", "VALUE", "OF", "RULE"];
    let mut lines = vec![header.map(str::to_owned)];
    lines.extend(report.figures.iter().map(|one| line(one, report.currency)));
    let aligns = [Align::Left, Align::Right, Align::Right, Align::Left];
    let last = report.to.plus_days(-1);
    let table = columns(&lines.iter().collect::<Vec<_>>(), aligns);
    format!("Team, {} to {last}\n\n{table}", report.from)
}

fn line(one: &NamedFigure, home: Currency) -> [String; 4] {
    let figure = &one.figure;
    // Another currency than the org's stands at the end of the name.
    let currency =
        one.id.rsplit('.').next().and_then(|code| Currency::kept(code).ok()).unwrap_or(home);
    let money = |minor: i64| amount(Money::new(minor, currency));
    let value = figure.value.map(|value| match one.unit {
        FigureUnit::BasisPoints => BasisPoints(value).to_string(),
        FigureUnit::Hundredths | FigureUnit::HundredthsOfDays => hundredths(value),
        FigureUnit::HalfDays => hundredths(value.saturating_mul(50)),
        FigureUnit::MinorUnits => money(value),
        FigureUnit::Count | FigureUnit::Minutes => value.to_string(),
    });
    let of = match one.unit {
        FigureUnit::BasisPoints => format!("{} / {}", figure.numerator, figure.denominator),
        _ => String::new(),
    };
    let none = match figure.state {
        LineState::Applicable => "–",
        LineState::NotApplicable(_) => "not applicable",
    };
    [one.id.clone(), value.unwrap_or_else(|| none.to_owned()), of, format!("{:?}", figure.rule)]
}

fn hundredths(value: i64) -> String {
    let (whole, part) = (value / 100, (value % 100).abs());
    format!("{whole}.{part:02}")
}
