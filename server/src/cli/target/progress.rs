//! `fieldsync target progress` and `milestones`.

use anyhow::Context;
use client_core::period::Period;
use client_core::rules::{BasisPoints, PaceSide};

use super::list::Whose;
use crate::cli::answer::{Align, Answer, columns};
use crate::cli::data::DataArg;
use crate::cli::failure::Failure;
use crate::scoring::{self, ScoringError};

/// How far the targets of a period are, from the org down to the reps.
#[derive(Debug, clap::Args)]
pub(super) struct Progress {
    /// The period; this month if absent.
    #[arg(long)]
    period: Option<Period>,
}

impl Progress {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (app, office) = data.office().await?;
        let today = office.calendar().await?.zone.date(app.clock().now());
        let period = self.period.unwrap_or_else(|| Period::month_of(today));
        if today < period.first_day() {
            return Err(Failure::usage(format!("{period} has not begun: nothing was reached yet")));
        }
        let report =
            scoring::progress(&app, &office, period, office.targets().await?, |_one| true).await;
        let report = report.map_err(|error| match error {
            ScoringError::Storage(error) => Failure::from(error),
            error => anyhow::Error::new(error).into(),
        })?;
        let whose = Whose::read(&app, &office).await?;
        let share = |share: Option<BasisPoints>| {
            share.map_or_else(|| "–".to_owned(), |share| share.to_string())
        };
        let header = ["WHOSE", "METRIC", "TARGET", "REACHED", "ATTAINED", "PACE", ""];
        let mut lines = vec![header.map(str::to_owned)];
        lines.extend(report.targets.iter().map(|one| {
            let deviation = match (one.outside, one.serious) {
                (None, _) => "",
                (Some(PaceSide::Below), false) => "too slow",
                (Some(PaceSide::Above), false) => "faster than foreseen",
                (Some(_), true) => "off for two weeks: ask for another target?",
            };
            [
                whose.of(one.level),
                one.metric.to_string(),
                one.value.to_string(),
                one.actual.map_or_else(|| "–".to_owned(), |actual| actual.to_string()),
                share(one.attainment),
                share(one.pace),
                deviation.to_owned(),
            ]
        }));
        let right = Align::Right;
        let aligns = [Align::Left, Align::Left, right, right, right, right, Align::Left];
        let words = format!(
            "{period}: {} of {} working days have passed.\n\n{}",
            report.elapsed_days,
            report.working_days,
            columns(&lines.iter().collect::<Vec<_>>(), aligns)
        );
        Ok(Answer::of(words, &report).context("the report has no JSON form")?)
    }
}

/// Milestones of the year (S3): what was to be reached by the end of a quarter, and was.
#[derive(Debug, clap::Args)]
pub(super) struct Milestones {
    /// The year, such as 2026 or FY2026-04; this calendar year if absent.
    #[arg(long)]
    year: Option<Period>,
}

impl Milestones {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (app, office) = data.office().await?;
        let today = office.calendar().await?.zone.date(app.clock().now());
        let year = self.year.unwrap_or_else(|| Period::year_of(today));
        if year.quarters().is_empty() {
            let happened = format!("{year} is no year: milestones are of 2026 or FY2026-04");
            return Err(Failure::usage(happened));
        }
        let found =
            scoring::milestones(&app, &office, year, office.targets().await?, |_level, _target| {
                true
            })
            .await;
        let found = found.map_err(|error| match error {
            ScoringError::Storage(error) => Failure::from(error),
            error => anyhow::Error::new(error).into(),
        })?;
        let whose = Whose::read(&app, &office).await?;
        let none = || "–".to_owned();
        let rows: Vec<[String; 7]> = found
            .iter()
            .map(|one| {
                let state = one.milestone.state(one.over).as_str().replace('_', " ");
                let at_least =
                    format!("{} {}", one.milestone.operator.as_str(), one.milestone.wanted);
                [
                    whose.of(one.level),
                    one.milestone.metric.to_string(),
                    one.milestone.quarter.to_string(),
                    one.milestone.target.map_or_else(none, |target| target.to_string()),
                    match one.milestone.at_most {
                        Some(most) => format!("{at_least}, <= {most}"),
                        None => at_least,
                    },
                    one.milestone.actual.map_or_else(none, |actual| actual.to_string()),
                    state,
                ]
            })
            .collect();
        let header = ["WHOSE", "METRIC", "BY THE END OF", "YEAR", "WANTED", "REACHED", "STATE"];
        Ok(Answer::table(header, &rows, serde_json::json!(found)))
    }
}
