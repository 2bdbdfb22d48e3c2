//! The funnel (C1 item 3): what lies in each stage now, how a period's deals went
//! on, and which stand still.

use askama::Template;
use client_core::money::Money;
use client_core::period::Period;
use client_core::rules::policy::{Phase, Policy};
use client_core::rules::{BasisPoints, Cohort, Conversion, Funnel as Figures, below_benchmark};
use client_core::time::Date;

use super::customer::stage_name;
use super::deals::{self, DealInList, line_control, source_control};
use crate::storage::lists::{OutcomeFilter, StageTotal};
use crate::web::address::Address;
use crate::web::filters::{Choices, Control, Filters};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::lists::deals::{DealsAsk, NO_STAGE};
use crate::web::lists::funnel::{CohortAsk, Ended, FunnelAsk, StepAsk};
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// What the page is given.
#[derive(Debug, Clone)]
pub struct FunnelData {
    /// What is asked for.
    pub ask: FunnelAsk,
    /// The cohorts; none without a policy.
    pub funnel: Option<Figures>,
    /// What lies in each stage now.
    pub stages: Vec<StageTotal>,
    /// The first of the stalled deals.
    pub stalled: Vec<DealInList>,
    /// How many are stalled.
    pub stalled_count: u64,
    /// Whose may be asked for.
    pub choices: Choices,
    /// The product lines there are.
    pub lines: Vec<String>,
    /// The policy, for the stages.
    pub policy: Option<Policy>,
    /// The day it is.
    pub today: Date,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "funnel.html")]
pub struct Funnel {
    frame: Frame,
    period_name: String,
    before_name: String,
    filters: Filters,
    earlier: String,
    later: Option<String>,
    open_line: String,
    stages: Vec<StageView>,
    elsewhere: Vec<StageView>,
    label: String,
    steps: Vec<StepView>,
    benchmarks: bool,
    how: String,
    stalled_line: String,
    stalled_href: String,
    stalled: Vec<StalledView>,
}

#[derive(Debug)]
struct StageView {
    name: String,
    count: String,
    amounts: String,
    href: String,
    /// Corners of the drawing, 400 wide and 48 high.
    shape: String,
    /// How the period's deals went on from here.
    passed: String,
    change: String,
}

#[derive(Debug)]
struct StepView {
    name: String,
    strong: bool,
    value: String,
    before: String,
    change: String,
    benchmark: String,
    below: Option<State>,
    counts: Vec<CountView>,
    sample: String,
    left_out: String,
}

#[derive(Debug)]
struct CountView {
    label: String,
    count: String,
    href: Option<String>,
}

#[derive(Debug)]
struct StalledView {
    href: String,
    name: String,
    customer: String,
    owner: String,
    stage: String,
    amount: String,
    days: String,
}

/// Half the width of the drawing.
const HALF: i64 = 200;
/// Fewer than this in a cohort say little (R6).
const SMALL: u32 = 10;

impl Funnel {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &FunnelData) -> Self {
        let w = f.w;
        let ask = &data.ask;
        let at = |period: Period| FunnelAsk { period, ..ask.clone() }.address().to_string();
        let next = ask.period.following();
        let open: u64 = data.stages.iter().map(|stage| stage.total.deals).sum();
        let open = i64::try_from(open).unwrap_or(i64::MAX);
        let stages = stages(f, data);
        let said = stages.iter().map(|stage| format!("{} {}", stage.name, stage.count));
        let label = said.collect::<Vec<_>>().join(", ");
        let stalled = i64::try_from(data.stalled_count).unwrap_or(i64::MAX);
        Self {
            period_name: f.period(ask.period),
            before_name: f.period(ask.period.previous()),
            filters: filters(w, data),
            earlier: at(ask.period.previous()),
            later: (next.first_day() <= data.today).then(|| at(next)),
            open_line: w.count("funnel.open", open, &[("n", &format::count(open))]),
            elsewhere: elsewhere(f, data),
            steps: steps(f, data),
            benchmarks: data.policy.as_ref().is_some_and(|p| !p.alarms.benchmarks.is_empty()),
            how: how(f, data),
            stalled_line: w.count(
                "funnel.stalled",
                stalled,
                &[("n", &format::count(stalled)), ("days", &ask.stalled)],
            ),
            stalled_href: stalled_list(data),
            stalled: data.stalled.iter().map(|deal| stalled_view(f, data, deal)).collect(),
            stages,
            label,
            frame,
        }
    }
}

fn filters(w: Words, data: &FunnelData) -> Filters {
    let text = |id: Option<String>| id.unwrap_or_default();
    let mut controls = vec![Control::month("period", w.say("period.month"), data.ask.period)];
    controls.extend(data.choices.controls(
        w,
        text(data.ask.whose.rep.map(|rep| rep.to_string())),
        text(data.ask.whose.unit.map(|unit| unit.to_string())),
    ));
    if !data.lines.is_empty() {
        controls.push(line_control(w, &data.lines, data.ask.line.as_deref()));
    }
    controls.push(source_control(w, data.ask.source.as_deref()));
    let days = data.ask.stalled.to_string();
    controls.push(Control::number("stalled", w.say("deals.stalled_days"), &days));
    Filters::new(w, &Address::new("/funnel"), controls, Vec::new())
}

fn deals_of(data: &FunnelData) -> DealsAsk {
    let (line, source) = (data.ask.line.clone(), data.ask.source.clone());
    DealsAsk { whose: data.ask.whose, line, source, ..DealsAsk::default() }
}

fn open_deals(data: &FunnelData, stage: &str) -> String {
    let ask = DealsAsk {
        stage: Some(stage.to_owned()),
        outcome: Some(OutcomeFilter::Open),
        ..deals_of(data)
    };
    ask.address().to_string()
}

fn stalled_list(data: &FunnelData) -> String {
    let ask = DealsAsk { stalled: Some(data.ask.stalled), ..deals_of(data) };
    ask.stalled_first().address().to_string()
}

/// How many lie in a stage, and what they amount to in each currency.
fn lying(f: &Format, data: &FunnelData, stage: Option<&str>) -> (i64, String) {
    let here = || data.stages.iter().filter(|each| each.stage.as_deref() == stage);
    let deals: u64 = here().map(|each| each.total.deals).sum();
    let amounts = here().filter_map(|each| {
        let currency = each.total.currency?;
        Some(f.money(Money::new(each.total.minor, currency)))
    });
    let amounts: Vec<String> = amounts.collect();
    (i64::try_from(deals).unwrap_or(i64::MAX), amounts.join(" + "))
}

fn stages(f: &Format, data: &FunnelData) -> Vec<StageView> {
    let Some(policy) = &data.policy else { return Vec::new() };
    let codes: Vec<&str> = policy.pipeline.stages.iter().map(|s| s.code.as_str()).collect();
    let counts: Vec<(i64, String)> = codes.iter().map(|code| lying(f, data, Some(code))).collect();
    let most = counts.iter().map(|(count, _)| *count).max().unwrap_or(0).max(1);
    let half = |count: i64| count * HALF / most;
    let nexts = counts.iter().skip(1).map(|(count, _)| Some(*count)).chain([None]);
    codes
        .iter()
        .zip(&counts)
        .zip(nexts)
        .map(|((code, (count, amounts)), next)| {
            // Narrowing downwards says how much is behind; a stage that holds more
            // than the one before it stays as wide as it is.
            let (top, foot) = (half(*count), half(next.unwrap_or(*count).min(*count)));
            let conversion = data
                .funnel
                .as_ref()
                .and_then(|funnel| funnel.stages.iter().find(|stage| stage.stage == *code))
                .filter(|stage| stage.phase != Phase::Closed)
                .map(|stage| &stage.conversion)
                .filter(|conversion| conversion.now.entered > 0);
            StageView {
                name: stage_name(f.w, Some(policy), code),
                count: format::count(*count),
                amounts: amounts.clone(),
                href: open_deals(data, code),
                shape: format!(
                    "{},0 {},0 {},48 {},48",
                    HALF - top,
                    HALF + top,
                    HALF + foot,
                    HALF - foot
                ),
                passed: conversion.map(|each| went_on(f.w, &each.now)).unwrap_or_default(),
                change: conversion.map(|each| change(f.w, each)).unwrap_or_default(),
            }
        })
        .collect()
}

/// Open deals in a stage that the policy does not know, or in none.
fn elsewhere(f: &Format, data: &FunnelData) -> Vec<StageView> {
    let known = |code: &str| {
        data.policy.as_ref().is_some_and(|policy| policy.pipeline.stage(code).is_some())
    };
    let mut codes: Vec<Option<&str>> =
        data.stages.iter().map(|each| each.stage.as_deref()).collect();
    codes.dedup();
    let strange = codes.into_iter().filter(|code| code.is_none_or(|code| !known(code)));
    strange
        .map(|code| {
            let (count, amounts) = lying(f, data, code);
            StageView {
                name: code.map_or_else(
                    || f.w.say("deals.no_stage").to_owned(),
                    |code| stage_name(f.w, data.policy.as_ref(), code),
                ),
                count: format::count(count),
                amounts,
                href: open_deals(data, code.unwrap_or(NO_STAGE)),
                shape: String::new(),
                passed: String::new(),
                change: String::new(),
            }
        })
        .collect()
}

fn share(value: Option<BasisPoints>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format::percent(value.0, 10_000))
}

fn went_on(w: Words, cohort: &Cohort) -> String {
    let (passed, entered) = (cohort.passed, cohort.entered);
    let share = share(cohort.value);
    w.with("funnel.went_on", &[("share", &share), ("passed", &passed), ("entered", &entered)])
}

fn change(w: Words, conversion: &Conversion) -> String {
    let Some(BasisPoints(change)) = conversion.change else { return String::new() };
    let sign = if change > 0 { "+" } else { "" };
    let points = format!("{sign}{}", format::points(change));
    w.with("funnel.points", &[("points", &points)])
}

fn steps(f: &Format, data: &FunnelData) -> Vec<StepView> {
    let Some(funnel) = &data.funnel else { return Vec::new() };
    let w = f.w;
    let stages = funnel.stages.iter().filter(|stage| stage.phase != Phase::Closed);
    let stages = stages.map(|stage| {
        let name = stage_name(w, data.policy.as_ref(), &stage.stage);
        let name = w.with("funnel.from_stage", &[("stage", &name)]);
        step(w, data, name, StepAsk::Stage(stage.stage.clone()), &stage.conversion)
    });
    let whole = [
        ("funnel.lead_to_deal", StepAsk::Lead, &funnel.lead_to_deal),
        ("funnel.deal_to_signing", StepAsk::Deal, &funnel.deal_to_signing),
    ];
    let whole = whole.map(|(key, ask, conversion)| StepView {
        strong: true,
        ..step(w, data, w.say(key).to_owned(), ask, conversion)
    });
    stages.chain(whole).collect()
}

fn step(
    w: Words,
    data: &FunnelData,
    name: String,
    step: StepAsk,
    conversion: &Conversion,
) -> StepView {
    let list = |ended: Ended, before: bool| {
        let cohort = CohortAsk { period: data.ask.period, step: step.clone(), ended, before };
        DealsAsk { cohort: Some(cohort), ..deals_of(data) }.address().to_string()
    };
    let count = |ended: Ended, n: u32| CountView {
        label: w.say(ended_key(ended)).to_owned(),
        count: format::count(n.into()),
        href: (n > 0).then(|| list(ended, false)),
    };
    let now = &conversion.now;
    let before = &conversion.before;
    let left_out = i64::try_from(now.exclusions.len()).unwrap_or(i64::MAX);
    let benchmark = benchmark(data.policy.as_ref(), &step, now);
    StepView {
        name,
        strong: false,
        value: share(now.value),
        before: if before.entered == 0 {
            "–".to_owned()
        } else {
            let (passed, entered) = (before.passed, before.entered);
            let parts = w.with("coverage.fraction", &[("of", &passed), ("all", &entered)]);
            format!("{} · {parts}", share(before.value))
        },
        change: change(w, conversion),
        benchmark: benchmark.map_or_else(|| "–".to_owned(), |(held, _below)| share(Some(held))),
        below: benchmark
            .filter(|(_held, below)| *below)
            .map(|_benchmark| State::new(Tone::Late, w.say("funnel.below"))),
        counts: vec![
            count(Ended::Entered, now.entered),
            count(Ended::Passed, now.passed),
            count(Ended::Lost, now.lost),
            count(Ended::Undecided, now.undecided),
        ],
        sample: if (1..SMALL).contains(&now.entered) {
            w.say("funnel.small").to_owned()
        } else {
            String::new()
        },
        left_out: if left_out > 0 {
            w.count("funnel.left_out", left_out, &[("n", &left_out)])
        } else {
            String::new()
        },
    }
}

/// What a stage is held against (R6), and whether it lies below by more than the policy
/// lets pass.
fn benchmark(
    policy: Option<&Policy>,
    step: &StepAsk,
    seen: &Cohort,
) -> Option<(BasisPoints, bool)> {
    let StepAsk::Stage(code) = step else { return None };
    let alarms = &policy?.alarms;
    let held = alarms.benchmarks.get(code)?.0;
    let passed = (i64::from(seen.passed), i64::from(seen.entered));
    Some((held, below_benchmark(passed, held, alarms)))
}

/// What became of the deals of a cohort, in words.
pub const fn ended_key(ended: Ended) -> &'static str {
    match ended {
        Ended::Entered => "funnel.entered",
        Ended::Passed => "funnel.passed",
        Ended::Lost => "funnel.lost",
        Ended::Undecided => "funnel.undecided",
    }
}

/// A number of the funnel in words, for the list behind it.
pub fn cohort(f: &Format, policy: Option<&Policy>, ask: &CohortAsk) -> String {
    let step = match &ask.step {
        StepAsk::Lead => f.w.say("funnel.lead_to_deal").to_owned(),
        StepAsk::Deal => f.w.say("funnel.deal_to_signing").to_owned(),
        StepAsk::Stage(code) => stage_name(f.w, policy, code),
    };
    let period = if ask.before { ask.period.previous() } else { ask.period };
    format!("{step} · {} · {}", f.w.say(ended_key(ask.ended)), f.period(period))
}

/// From where the two cohorts are looked at.
fn how(f: &Format, data: &FunnelData) -> String {
    let Some(funnel) = &data.funnel else { return String::new() };
    let day = |at| f.date(f.zone.date(at));
    f.w.with(
        "funnel.how",
        &[
            ("period", &f.period(funnel.period)),
            ("as_of", &day(funnel.as_of)),
            ("before", &f.period(funnel.compared_with)),
            ("before_as_of", &day(funnel.compared_as_of)),
        ],
    )
}

fn stalled_view(f: &Format, data: &FunnelData, deal: &DealInList) -> StalledView {
    let row = &deal.row;
    let days = data.today.days_since(f.zone.date(row.moved_at)).max(0);
    let amount = row.amount_minor.zip(row.currency);
    StalledView {
        href: format!("/deals/{}", row.doc),
        name: deals::name(f.w, row.name.as_deref(), row.doc.to_string()),
        customer: row.customer_name.clone().unwrap_or_default(),
        owner: deal.owner.clone(),
        stage: row
            .stage
            .as_deref()
            .map_or_else(|| "–".to_owned(), |code| stage_name(f.w, data.policy.as_ref(), code)),
        amount: amount.map_or_else(
            || "–".to_owned(),
            |(minor, currency)| f.money(Money::new(minor, currency)),
        ),
        days: f.w.count("deals.days", days, &[("n", &format::count(days))]),
    }
}
