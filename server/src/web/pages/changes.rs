//! Why a card is not the earlier one: cause by cause in points, figure by figure, and what
//! arrived. For a closed month this is its restatement.

use askama::Template;
use client_core::docs::DocKind;
use client_core::id::UserId;
use client_core::money::Currency;
use client_core::period::Period;
use client_core::rules::{CentiPoints, MovedFigure};
use client_core::time::Date;

use super::figure as words;
use crate::scoring::{Arrival, CardChanges};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;

/// Facts that one page names; the rest is counted.
const MOST: usize = 200;

/// What the page is given.
#[derive(Debug, Clone)]
pub struct ChangesData {
    /// Whose.
    pub rep: UserId,
    /// Their name.
    pub name: String,
    /// For when.
    pub period: Period,
    /// The day that is compared with: its end.
    pub day: Date,
    /// The day it is now.
    pub today: Date,
    /// The org's currency.
    pub currency: Currency,
    /// The month has closed, so that it can be compared with its closing.
    pub closed: bool,
    /// What moved; none where there is nothing to compare with.
    pub changes: Option<CardChanges>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "changes.html")]
pub struct ChangesPage {
    frame: Frame,
    rep: String,
    period_name: String,
    card_href: String,
    here: String,
    day: String,
    closed_href: Option<String>,
    told: Option<Told>,
}

#[derive(Debug)]
struct Told {
    then: String,
    before: String,
    after: String,
    change: String,
    causes: Vec<CauseView>,
    figures: Vec<FigureView>,
    arrived: Vec<ArrivalView>,
    more: Option<String>,
}

#[derive(Debug)]
struct CauseView {
    name: String,
    points: String,
    lines: Vec<String>,
    facts: String,
}

#[derive(Debug)]
struct FigureView {
    name: String,
    was: String,
    is: String,
}

#[derive(Debug)]
struct ArrivalView {
    href: Option<String>,
    name: String,
    kind: String,
    cause: String,
    came: String,
}

impl ChangesPage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &ChangesData) -> Self {
        let card_href = format!("/scorecards/{}/{}", data.rep, data.period);
        let here = format!("{card_href}/changes");
        Self {
            rep: data.name.clone(),
            period_name: f.period(data.period),
            closed_href: data.closed.then(|| format!("{here}?since=closed")),
            day: data.day.to_string(),
            told: data.changes.as_ref().map(|changes| told(f, data, changes)),
            card_href,
            here,
            frame,
        }
    }
}

fn told(f: &Format, data: &ChangesData, changes: &CardChanges) -> Told {
    let moved = &changes.difference;
    let moment = f.moment_seen(changes.since, data.today);
    let key = if changes.closed_at.is_some() { "changes.at_closing" } else { "changes.at_then" };
    let left = changes.arrived.len().saturating_sub(MOST);
    Told {
        then: f.w.with(key, &[("moment", &moment)]),
        before: format::points(moved.before.0),
        after: format::points(moved.after.0),
        change: signed(CentiPoints(moved.after.0 - moved.before.0)),
        causes: moved
            .moved
            .iter()
            .map(|one| CauseView {
                name: f.w.code("cause", &code(&one.cause)).into_owned(),
                points: signed(one.points),
                lines: one
                    .lines
                    .iter()
                    .map(|(metric, points)| {
                        format!("{} {}", f.w.code("metric", metric.as_str()), signed(*points))
                    })
                    .collect(),
                facts: if one.facts.is_empty() {
                    "–".to_owned()
                } else {
                    format::count(i64::try_from(one.facts.len()).unwrap_or(i64::MAX))
                },
            })
            .collect(),
        figures: moved.figures.iter().map(|one| figure(f, data.currency, one)).collect(),
        arrived: changes.arrived.iter().take(MOST).map(|one| arrival(f, data, one)).collect(),
        more: (left > 0).then(|| f.w.with("changes.more", &[("n", &left)])),
    }
}

fn figure(f: &Format, currency: Currency, moved: &MovedFigure) -> FigureView {
    let value = |value: Option<i64>| {
        value.map_or_else(|| "–".to_owned(), |value| words::value(f, moved.unit, currency, value))
    };
    FigureView { name: name_of(f, &moved.id), was: value(moved.old), is: value(moved.new) }
}

fn name_of(f: &Format, id: &str) -> String {
    if let Some(indicator) = id.strip_suffix(".points") {
        let name = f.w.code("metric", indicator);
        return f.w.with("changes.points_of", &[("name", &name)]);
    }
    words::name(f, id)
}

fn arrival(f: &Format, data: &ChangesData, one: &Arrival) -> ArrivalView {
    let section = match one.kind {
        Some(DocKind::Visit) => Some("visits"),
        Some(DocKind::Customer) => Some("customers"),
        Some(DocKind::Deal) => Some("deals"),
        Some(DocKind::Case | DocKind::Plan) | None => None,
    };
    let kind = one.kind.map_or_else(
        || f.w.say("changes.record").to_owned(),
        |kind| f.w.code("doc_kind", kind.as_str()).into_owned(),
    );
    ArrivalView {
        href: section.map(|section| format!("/{section}/{}", one.doc)),
        name: one.name.clone().unwrap_or_else(|| kind.clone()),
        kind: if one.name.is_some() { kind } else { String::new() },
        cause: f.w.code("cause", &code(&one.cause)).into_owned(),
        came: one
            .changed_at
            .or(one.received_at)
            .map_or_else(|| "–".to_owned(), |at| f.moment_seen(at, data.today)),
    }
}

fn signed(points: CentiPoints) -> String {
    let shown = format::points(points.0);
    if points.0 > 0 { format!("+{shown}") } else { shown }
}

/// The stable code of a unit variant, as JSON has it.
fn code(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}
