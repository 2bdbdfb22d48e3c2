//! `/reports`: which there are, and those that were issued.

use askama::Template;
use client_core::period::Period;
use client_core::time::Date;

use super::report::{kind, period, whose};
use crate::reports::periodic::{Kind, Question};
use crate::storage::model::IssuedReport;
use crate::web::format::Format;
use crate::web::frame::Frame;

/// What the page is given.
#[derive(Debug, Clone)]
pub struct ReportsData {
    /// The day it is now.
    pub today: Date,
    /// The running period of each kind.
    pub running: Vec<(Kind, Period)>,
    /// Issued reports that the reader may see, newest first, each with its unit's name and
    /// who issued it.
    pub issued: Vec<(IssuedReport, Option<String>, Option<String>)>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "reports.html")]
pub struct Reports {
    frame: Frame,
    kinds: Vec<KindView>,
    issued: Vec<IssuedView>,
}

#[derive(Debug)]
struct KindView {
    name: String,
    running: (String, String),
    last: (String, String),
}

#[derive(Debug)]
struct IssuedView {
    href: String,
    name: String,
    whose: String,
    at: String,
    by: String,
}

impl Reports {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &ReportsData) -> Self {
        let link = |of: Kind, when: Period| {
            let question = Question { kind: of, period: when, unit: None };
            (format!("/reports/{}/{when}", of.as_str()), period(f, question))
        };
        Self {
            kinds: data
                .running
                .iter()
                .map(|(of, when)| KindView {
                    name: kind(f, *of),
                    running: link(*of, *when),
                    last: link(*of, when.previous()),
                })
                .collect(),
            issued: data
                .issued
                .iter()
                .map(|(row, unit, by)| IssuedView {
                    href: format!("/reports/issued/{}", row.id),
                    name: issued_name(f, row),
                    whose: whose(f, unit.as_deref()),
                    at: f.moment_seen(row.issued_at, data.today),
                    by: by.clone().unwrap_or_else(|| f.w.say("reports.command_line").to_owned()),
                })
                .collect(),
            frame,
        }
    }
}

/// "Weekly report 2026-W41".
fn issued_name(f: &Format, row: &IssuedReport) -> String {
    let known = Kind::parse(&row.kind).zip(row.period.parse::<Period>().ok());
    known.map_or_else(
        || format!("{} {}", row.kind, row.period),
        |(of, when)| {
            let question = Question { kind: of, period: when, unit: None };
            format!("{} · {}", kind(f, of), period(f, question))
        },
    )
}
