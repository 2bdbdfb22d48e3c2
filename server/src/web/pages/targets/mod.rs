//! Targets (S4 进度报表): how far each is against the days that have passed, and the
//! milestones of the year.

pub mod one;
pub mod requests;
pub mod value;

use askama::Template;
use client_core::money::Currency;
use client_core::period::Period;
use client_core::records::Metric;
use client_core::rules::policy::{MilestoneFigure, MilestoneMetric, Operator};
use client_core::rules::{MilestoneState, PaceSide, SumCheck};
use client_core::time::Date;

use self::requests::{Request, RequestView};
use super::{figure, wording};
use crate::scoring::{MilestoneProgress, TargetProgress};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// A target of the page.
#[derive(Debug, Clone)]
pub struct Target {
    /// A person's or a unit's name; none for the whole company's.
    pub whose: Option<String>,
    /// Nobody below has been told of it yet.
    pub draft: bool,
    /// How far it is.
    pub progress: TargetProgress,
}

/// What the page is given.
#[derive(Debug, Clone)]
pub struct TargetsData {
    /// The month.
    pub period: Period,
    /// The day it is now.
    pub today: Date,
    /// Working days of the month, and how many have passed.
    pub days: (i64, i64),
    /// Its targets: the org's, units', reps'.
    pub targets: Vec<Target>,
    /// The year of the milestones.
    pub year: Period,
    /// Milestones that have begun, with whose they are.
    pub milestones: Vec<(Option<String>, MilestoneProgress)>,
    /// Wholes whose parts do not sum to them as the policy asks, with whose they are (R14).
    pub sums: Vec<(Option<String>, (Metric, Period), SumCheck)>,
    /// What is asked for.
    pub requests: Vec<Request>,
    /// The reader sets targets.
    pub sets: bool,
    /// Drafts that the reader may publish with this month.
    pub drafts: usize,
    /// The org's currency.
    pub currency: Currency,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "targets.html")]
pub struct Targets {
    frame: Frame,
    message: Option<State>,
    period: String,
    period_name: String,
    days: String,
    earlier: (String, String),
    later: Option<(String, String)>,
    rows: Vec<RowView>,
    sums: Vec<SumRow>,
    requests: Vec<RequestView>,
    sets: bool,
    publish: Option<String>,
    milestones_title: String,
    milestones: Vec<MilestoneView>,
}

#[derive(Debug)]
struct SumRow {
    href: String,
    whose: String,
    metric: String,
    cut: String,
    value: String,
    sum: String,
    state: State,
}

#[derive(Debug)]
struct RowView {
    href: String,
    whose: String,
    metric: String,
    value: String,
    reached: String,
    attained: String,
    pace: String,
    state: Option<State>,
}

#[derive(Debug)]
struct MilestoneView {
    whose: String,
    metric: String,
    by: String,
    wanted: String,
    of_year: String,
    reached: String,
    state: State,
}

impl Targets {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &TargetsData, message: Option<State>) -> Self {
        let link = |period: Period| (format!("/targets?period={period}"), f.period(period));
        let next = Period::month_of(data.period.next_first_day());
        let (all, passed) = data.days;
        let year = f.period(data.year);
        let drafts = i64::try_from(data.drafts).unwrap_or(i64::MAX);
        Self {
            message,
            period: data.period.to_string(),
            sums: data.sums.iter().map(|one| sum_row(f, data.currency, one)).collect(),
            requests: data
                .requests
                .iter()
                .map(|one| RequestView::new(f, data.currency, one))
                .collect(),
            sets: data.sets,
            publish: (drafts > 0)
                .then(|| f.w.count("targets.publish_n", drafts, &[("n", &drafts)])),
            period_name: f.period(data.period),
            days: f.w.with("targets.days", &[("n", &passed), ("all", &all)]),
            earlier: link(data.period.previous()),
            later: (next.first_day() <= data.today).then(|| link(next)),
            rows: data.targets.iter().map(|target| row(f, data.currency, target)).collect(),
            milestones_title: f.w.with("targets.milestones", &[("year", &year)]),
            milestones: data
                .milestones
                .iter()
                .map(|(whose, one)| milestone(f, data.currency, whose.as_deref(), one))
                .collect(),
            frame,
        }
    }
}

fn named(f: &Format, whose: Option<&str>) -> String {
    whose.map_or_else(|| f.w.say("targets.org").to_owned(), str::to_owned)
}

fn metric(f: &Format, metric: &Metric) -> String {
    f.w.code("metric", metric.as_str()).into_owned()
}

fn sum_row(
    f: &Format,
    currency: Currency,
    (whose, (of, period), check): &(Option<String>, (Metric, Period), SumCheck),
) -> SumRow {
    let value = |value: i64| wording::value(f, of, currency, value);
    SumRow {
        href: format!("/targets/{}", check.parent),
        whose: named(f, whose.as_deref()),
        metric: format!("{} · {}", metric(f, of), f.period(*period)),
        cut: one::axis(f, &check.axis),
        value: value(check.value),
        sum: value(check.sum),
        state: one::sum_state(f, check, &value(check.difference.saturating_abs())),
    }
}

fn row(f: &Format, currency: Currency, one: &Target) -> RowView {
    let progress = &one.progress;
    let value = |value: i64| wording::value(f, &progress.metric, currency, value);
    let share = |share: Option<client_core::rules::BasisPoints>| {
        share.map_or_else(|| "–".to_owned(), |share| format::percent(share.0, 10_000))
    };
    let state = match (progress.outside, progress.serious) {
        _ if progress.actual.is_none() => None,
        (Some(PaceSide::Below), true) => Some((Tone::Late, "targets.serious")),
        // Far ahead is no failure: it asks whether the target was right (S4).
        (Some(PaceSide::Above), true) => Some((Tone::Watch, "targets.far_ahead")),
        (Some(PaceSide::Below), false) => Some((Tone::Watch, "targets.slow")),
        (Some(PaceSide::Above), false) => Some((Tone::Watch, "targets.fast")),
        (None, _) => Some((Tone::Good, "targets.on_pace")),
    };
    let mut whose = named(f, one.whose.as_deref());
    if one.draft {
        whose = format!("{whose} ({})", f.w.say("targets.draft"));
    }
    RowView {
        href: format!("/targets/{}", progress.target),
        whose,
        metric: metric(f, &progress.metric),
        value: value(progress.value),
        reached: progress.actual.map_or_else(|| "–".to_owned(), value),
        attained: share(progress.attainment),
        pace: share(progress.pace),
        state: state.map(|(tone, key)| State::new(tone, f.w.say(key))),
    }
}

fn milestone(
    f: &Format,
    currency: Currency,
    whose: Option<&str>,
    one: &MilestoneProgress,
) -> MilestoneView {
    let found = &one.milestone;
    let value = |value: i64| figure::value(f, found.unit, currency, value);
    let (tone, key) = match found.state(one.over) {
        MilestoneState::Reached => (Tone::Good, "targets.milestone_reached"),
        MilestoneState::Missed => (Tone::Late, "targets.milestone_missed"),
        MilestoneState::Beyond => (Tone::Watch, "targets.milestone_beyond"),
        MilestoneState::Open => (Tone::Neutral, "targets.milestone_open"),
        MilestoneState::NoData => (Tone::Unknown, "targets.milestone_no_data"),
    };
    MilestoneView {
        whose: named(f, whose),
        metric: figure::name(f, found.metric.as_str()),
        by: f.date(found.quarter.last_day()),
        wanted: match (&found.metric, found.operator) {
            (MilestoneMetric::Figure(MilestoneFigure::ProductsPerCustomer), _) => {
                format!("+{}", value(found.wanted))
            }
            (_, _) if found.at_most.is_some() => {
                let most = found.at_most.unwrap_or(found.wanted);
                format!("{}–{}", value(found.wanted), value(most))
            }
            (_, Operator::Above) => f.w.with("targets.above", &[("n", &value(found.wanted))]),
            (_, Operator::AtLeast) => value(found.wanted),
        },
        of_year: match found.target {
            Some(target) => f.w.with("targets.of_year", &[("n", &value(target))]),
            None => String::new(),
        },
        reached: found.actual.map_or_else(|| "–".to_owned(), value),
        state: State::new(tone, f.w.say(key)),
    }
}
