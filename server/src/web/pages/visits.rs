//! Visits to look through.

use askama::Template;
use client_core::docs::visit::{Outcome, VisitMode};
use client_core::id::UserId;
use client_core::period::Period;
use client_core::rules::{Verdict, VisitReason};
use client_core::time::Date;

use super::wording;
use crate::storage::lists::{Found, VisitRow};
use crate::web::filters::{Chip, Choices, Control, Filters, Heading, Listing};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::lists::visits::{VERDICTS, VisitsAsk};
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// What the page is given.
#[derive(Debug, Clone)]
pub struct VisitsData {
    /// What is asked for.
    pub ask: VisitsAsk,
    /// What was found.
    pub found: Found,
    /// Those of this page.
    pub visits: Vec<VisitInList>,
    /// Whose may be asked for.
    pub choices: Choices,
    /// The name of the customer asked for.
    pub customer_name: Option<String>,
    /// The day it is.
    pub today: Date,
}

/// A visit in the list.
#[derive(Debug, Clone)]
pub struct VisitInList {
    /// Its row.
    pub row: VisitRow,
    /// The rep's name.
    pub rep: String,
    /// The rep, where the reader may open their card.
    pub rep_id: Option<UserId>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "visits.html")]
pub struct Visits {
    frame: Frame,
    title: String,
    filters: Filters,
    listing: Listing,
    headings: Vec<Heading>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    href: String,
    customer: String,
    mode: String,
    time: String,
    rep: String,
    rep_href: Option<String>,
    outcome: String,
    state: State,
    reasons: String,
}

impl Visits {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &VisitsData) -> Self {
        let address = data.ask.address();
        let counts = (data.found.matching, data.found.all);
        Self {
            title: span(f, data.ask.days),
            filters: filters(f, data),
            listing: Listing::new(f.w, &address, "lists.n_visits", data.ask.page, counts),
            headings: headings(f.w, data),
            rows: data.visits.iter().map(|visit| row(f, data.today, visit)).collect(),
            frame,
        }
    }
}

/// The days in words: a month where it is one.
fn span(f: &Format, days: (Option<Date>, Option<Date>)) -> String {
    match days {
        (Some(from), Some(to)) => {
            let month = Period::month_of(from);
            if month.first_day() == from && month.last_day() == to {
                return f.period(month);
            }
            f.w.with("customer.span", &[("from", &f.date(from)), ("until", &f.date(to))])
        }
        (Some(from), None) => f.w.with("customer.span_open", &[("from", &f.date(from))]),
        (None, Some(to)) => f.w.with("lists.until", &[("day", &f.date(to))]),
        (None, None) => f.w.say("lists.all_days").to_owned(),
    }
}

fn filters(f: &Format, data: &VisitsData) -> Filters {
    let (w, ask) = (f.w, &data.ask);
    let text = |id: Option<String>| id.unwrap_or_default();
    let all = w.say("lists.all");
    let mut main = vec![
        Control::search("q", w.say("visits.search"), &ask.text),
        Control::date("from", w.say("lists.from"), ask.days.0),
        Control::date("to", w.say("lists.to"), ask.days.1),
    ];
    main.extend(data.choices.controls(
        w,
        text(ask.whose.rep.map(|rep| rep.to_string())),
        text(ask.whose.unit.map(|unit| unit.to_string())),
    ));
    let verdicts =
        VERDICTS.map(|(_, code)| (code.to_owned(), w.code("verdict", code).into_owned()));
    let (label, chosen) = (w.say("word.effective_visit"), ask.verdict_code());
    main.push(Control::select("verdict", label, all, verdicts, chosen));
    let coded = |group: &'static str, codes: Vec<String>| {
        codes.into_iter().map(move |code| (code.clone(), w.code(group, &code).into_owned()))
    };
    let modes = VisitMode::KNOWN.iter().map(ToString::to_string).collect();
    let outcomes = Outcome::KNOWN.iter().map(ToString::to_string).collect();
    let reasons = REASONS.map(str::to_owned).to_vec();
    let sorts = [("oldest".to_owned(), w.say("visits.oldest").to_owned())];
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    let more = vec![
        Control::select("mode", w.say("word.mode"), all, coded("mode", modes), &value(&ask.mode)),
        Control::select(
            "outcome",
            w.say("word.outcome"),
            all,
            coded("outcome", outcomes),
            &value(&ask.outcome),
        ),
        Control::select(
            "reason",
            w.say("visits.reason"),
            all,
            coded("reason", reasons),
            &value(&ask.reason),
        ),
        Control::select(
            "sort",
            w.say("lists.sort"),
            w.say("visits.newest"),
            sorts,
            if ask.oldest_first { "oldest" } else { "" },
        ),
    ];
    let mut filters = Filters::new(w, &ask.address(), main, more);
    if let Some(customer) = ask.customer {
        let without = VisitsAsk { customer: None, ..ask.clone() };
        filters.chips.push(Chip {
            label: wording::customer_name(w, data.customer_name.as_deref()),
            without: without.address().to_string(),
            kept: vec![("customer", customer.to_string())],
        });
    }
    filters
}

/// Codes of reasons that a visit may be looked for by.
const REASONS: [&str; 16] = [
    "unverifiable",
    "open_signal",
    "edited_after_submit",
    "too_short",
    "out_of_fence",
    "no_check_in",
    "no_check_out",
    "no_start",
    "no_end",
    "no_outcome",
    "no_next_step",
    "no_text",
    "duplicate",
    "submitted_late",
    "mode_not_counted",
    "rejected",
];

fn headings(w: Words, data: &VisitsData) -> Vec<Heading> {
    let other = if data.ask.oldest_first { "" } else { "oldest" };
    let time = Heading {
        href: data.ask.address().with("sort", other).to_string(),
        label: w.say("word.time").to_owned(),
        sorted: Some(if data.ask.oldest_first { "ascending" } else { "descending" }),
        number: false,
    };
    vec![
        Heading::plain(w.say("word.customer")),
        time,
        Heading::plain(w.say("word.rep")),
        Heading::plain(w.say("word.outcome")),
        Heading::plain(w.say("word.effective_visit")),
    ]
}

fn row(f: &Format, today: Date, visit: &VisitInList) -> Row {
    let row = &visit.row;
    let verdict = row.verdict.as_ref();
    let is_draft = verdict.is_some_and(|(verdict, _)| match verdict {
        Verdict::NotEffective(reasons) => reasons.contains(&VisitReason::NotSubmitted),
        Verdict::Effective | Verdict::NeedsReview(_) => false,
    });
    let month = row.started_at.map(|at| Period::month_of(f.zone.date(at)));
    Row {
        href: format!("/visits/{}", row.doc),
        customer: wording::customer_name(f.w, row.customer_name.as_deref()),
        mode: wording::code(f.w, "mode", row.mode.as_deref()),
        time: row.started_at.map_or_else(|| "–".to_owned(), |at| f.moment_seen(at, today)),
        rep: visit.rep.clone(),
        rep_href: visit.rep_id.zip(month).map(|(rep, month)| format!("/scorecards/{rep}/{month}")),
        outcome: wording::code(f.w, "outcome", row.outcome.as_deref()),
        state: verdict.map_or_else(
            || wording::not_judged(f.w, row.submitted_at.is_some()),
            |(verdict, counts)| wording::verdict(f.w, verdict, *counts),
        ),
        reasons: verdict
            .filter(|_| !is_draft)
            .map(|(verdict, _)| wording::reasons(f.w, verdict).join("; "))
            .unwrap_or_default(),
    }
}
