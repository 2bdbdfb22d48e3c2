//! `fieldsync calendar`.

use std::path::PathBuf;

use chrono::Datelike;
use clap::Subcommand;
use client_core::period::Period;
use client_core::records::{CalendarRecord, WeekStart};
use client_core::time::Date;
use serde_json::json;

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::CALENDARS;

/// Working days: weekends, holidays, adjusted workdays, weeks, the fiscal year, the zone.
#[derive(Debug, clap::Args)]
pub(super) struct Calendar {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// The calendar in force, with the working days of each month.
    Show {
        /// Of this year; this year if absent.
        #[arg(long)]
        year: Option<i32>,
    },
    /// Put a calendar in force. Days of years that it does not name stay.
    Set {
        /// A TOML file.
        #[arg(required_unless_present = "preset", conflicts_with = "preset")]
        file: Option<PathBuf>,
        /// A calendar that ships with fieldsync: china-2026.
        #[arg(long)]
        preset: Option<String>,
    },
    /// Print a calendar that ships with fieldsync, to write one's own after it.
    Example {
        /// Its name.
        #[arg(default_value = "china-2026")]
        name: String,
    },
}

impl Calendar {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            Verb::Example { name } => {
                let text = shipped(&name)?;
                Ok(Answer::new(text.trim_end(), json!({ "name": name, "toml": text })))
            }
            Verb::Show { year } => {
                let (app, office) = self.data.office().await?;
                let (calendar, settings) = (office.calendar().await?, office.settings().await?);
                let today = calendar.zone.date(app.clock().now());
                let year = year.unwrap_or_else(|| today.naive().year());
                show(&calendar, settings.fiscal_start_month, year)
            }
            Verb::Set { file, preset } => {
                let text = match (file, preset) {
                    (Some(file), _) => data::text(&file)?,
                    (None, preset) => shipped(&preset.unwrap_or_default())?.to_owned(),
                };
                let (_app, office) = self.data.office().await?;
                let calendar = office.set_calendar(&text).await?;
                let words = format!(
                    "The calendar of {} is in force: {} holidays, {} adjusted workdays. Cards of \
                     months that it changes are computed again.",
                    calendar.zone.name,
                    calendar.holidays.len(),
                    calendar.adjusted_workdays.len()
                );
                let json = json!({
                    "zone": calendar.zone.name,
                    "week_starts": calendar.week_starts,
                    "holidays": calendar.holidays,
                    "adjusted_workdays": calendar.adjusted_workdays,
                });
                Ok(Answer::new(words, json))
            }
        }
    }
}

fn shipped(name: &str) -> Result<&'static str, Failure> {
    let unknown = || {
        let known: Vec<&str> = CALENDARS.into_iter().map(|(name, _text)| name).collect();
        let known = known.join(", ");
        Failure::usage(format!("there is no calendar {name:?}: choose one of {known}"))
    };
    let found = CALENDARS.into_iter().find(|(known, _text)| *known == name);
    found.map(|(_name, text)| text).ok_or_else(unknown)
}

/// A year of the calendar, month by month.
fn show(calendar: &CalendarRecord, fiscal_start: u8, year: i32) -> Result<Answer, Failure> {
    let first = Date::from_ymd(year, 1, 1).filter(|_first| (1900..=2200).contains(&year));
    let first = first.ok_or_else(|| Failure::usage(format!("{year} is no year to show")))?;
    let months = Period::year_of(first).months();
    let within = |days: &std::collections::BTreeSet<Date>, month: Period| -> Vec<Date> {
        days.iter().copied().filter(|day| month.contains(*day)).collect()
    };
    let working = |month: Period| calendar.working_days(month.first_day(), month.next_first_day());
    let days = |days: &[Date]| -> String {
        let days: Vec<String> = days.iter().map(|day| day.naive().day().to_string()).collect();
        days.join(" ")
    };
    let rows: Vec<[String; 4]> = months
        .iter()
        .map(|month| {
            [
                month.to_string(),
                working(*month).to_string(),
                days(&within(&calendar.holidays, *month)),
                days(&within(&calendar.adjusted_workdays, *month)),
            ]
        })
        .collect();
    let weekend: Vec<String> = calendar.weekend.iter().map(ToString::to_string).collect();
    let week = match calendar.week_starts {
        WeekStart::Monday => "Monday",
        WeekStart::Sunday => "Sunday",
    };
    let json = json!({
        "zone": calendar.zone.name,
        "week_starts": calendar.week_starts,
        "fiscal_year_starts": fiscal_start,
        "fiscal_year": Period::fiscal_year_of(first, fiscal_start),
        "weekend": weekend,
        "year": year,
        "working_days": calendar.working_days(first, first.plus_months(12)),
        "months": months.iter().map(|month| json!({
            "month": month,
            "working_days": working(*month),
            "holidays": within(&calendar.holidays, *month),
            "adjusted_workdays": within(&calendar.adjusted_workdays, *month),
        })).collect::<Vec<_>>(),
    });
    let words = format!(
        "{}; weeks begin on {week}, fiscal years with month {fiscal_start}; no work on {}\n\n",
        calendar.zone.name,
        weekend.join(" and ")
    );
    let header = ["MONTH", "WORKING DAYS", "HOLIDAYS", "WORKED FOR THEM"];
    Ok(Answer::table(header, &rows, json).below(&words))
}
