//! One target: what it is part of, what its parts are, and what is asked about it.

use askama::Template;
use client_core::money::Currency;
use client_core::records::{Metric, TargetRecord};
use client_core::rules::{Axis, SumCheck, SumState};

use super::requests::{Request, RequestView};
use super::{metric, named};
use crate::web::form::{Field, Input};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::pages::wording;
use crate::web::view::{State, Tone};

/// A target with whose it is.
#[derive(Debug, Clone)]
pub struct Named {
    /// The target.
    pub target: TargetRecord,
    /// A person's or a unit's name; none for the whole company's.
    pub whose: Option<String>,
}

/// What the page is given.
#[derive(Debug, Clone)]
pub struct TargetData {
    /// The target.
    pub own: Named,
    /// What it is split from, if the reader may see it.
    pub parent: Option<Named>,
    /// Its parts that the reader may see.
    pub parts: Vec<Named>,
    /// The parts beside the whole, cut by cut (R14).
    pub sums: Vec<SumCheck>,
    /// What was asked about it.
    pub requests: Vec<Request>,
    /// The reader sets it.
    pub sets: bool,
    /// The reader may ask for another value.
    pub asks: bool,
    /// Into what it can be split, each with its parts' keys and names.
    pub cuts: Vec<(&'static str, Vec<(String, String)>)>,
    /// The org's currency.
    pub currency: Currency,
    /// What was typed and could not be taken.
    pub entered: Entered,
}

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct Entered {
    /// The value.
    pub value: Option<String>,
    /// Why another one is asked for.
    pub reason: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "target.html")]
pub struct TargetPage {
    frame: Frame,
    message: Option<State>,
    title: String,
    about: String,
    path: String,
    value: String,
    standing: State,
    parent: Option<(String, String)>,
    sums: Vec<SumView>,
    parts: Vec<PartView>,
    requests: Vec<RequestView>,
    change: Option<Field>,
    ask: Option<[Field; 2]>,
    cuts: Vec<CutView>,
}

#[derive(Debug)]
struct PartView {
    href: String,
    name: String,
    about: String,
    value: String,
    draft: bool,
}

#[derive(Debug)]
struct SumView {
    cut: String,
    sum: String,
    state: State,
}

#[derive(Debug)]
struct CutView {
    code: &'static str,
    label: String,
    hint: String,
    fields: Vec<Field>,
}

impl TargetPage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &TargetData, message: Option<State>) -> Self {
        let target = &data.own.target;
        let value = |value: i64| wording::value(f, &target.metric, data.currency, value);
        let field = |required: bool| {
            let typed = data.entered.value.clone();
            let typed = typed.unwrap_or_else(|| {
                super::value::written(&target.metric, data.currency, target.value)
            });
            let field = Field::line("value", f.w.say("targets.value"), typed);
            let field = Field { required, ..field };
            field.hint(f.w.say(unit_hint(&target.metric)))
        };
        let reason = Field::lines("reason", f.w.say("targets.reason"), data.entered.reason.clone())
            .hint(f.w.say("targets.reason_hint"));
        let standing = match (target.draft, target.published_on) {
            (true, _) => State::new(Tone::Watch, f.w.say("targets.draft_state")),
            (false, Some(day)) => {
                let day = f.date(day);
                State::new(Tone::Good, f.w.with("targets.published_on", &[("day", &day)]))
            }
            (false, None) => State::new(Tone::Good, f.w.say("targets.published")),
        };
        Self {
            message,
            title: named(f, data.own.whose.as_deref()),
            about: about(f, target),
            path: format!("/targets/{}", target.id),
            value: value(target.value),
            standing,
            parent: data.parent.as_ref().map(|parent| {
                let whose = named(f, parent.whose.as_deref());
                let line = format!("{whose} · {}", about(f, &parent.target));
                (format!("/targets/{}", parent.target.id), line)
            }),
            sums: data.sums.iter().map(|sum| sum_view(f, data, sum)).collect(),
            parts: data.parts.iter().map(|part| part_view(f, data.currency, part)).collect(),
            requests: data
                .requests
                .iter()
                .map(|one| RequestView::new(f, data.currency, one))
                .collect(),
            change: (data.sets && target.draft).then(|| field(true)),
            ask: (data.asks && !target.draft).then(|| [field(true), reason]),
            cuts: data.cuts.iter().map(|(code, parts)| cut_view(f, code, parts)).collect(),
            frame,
        }
    }
}

/// In what a metric is typed.
pub fn unit_hint(metric: &Metric) -> &'static str {
    match metric {
        Metric::SalesAmount => "targets.in_money",
        Metric::CollectionRate | Metric::NewCustomerGrowth | Metric::QuoteConversion => {
            "targets.in_percent"
        }
        Metric::CustomerSatisfaction => "targets.in_points",
        _ => "targets.in_number",
    }
}

/// Of what, for when and for which part of the whole.
fn about(f: &Format, target: &TargetRecord) -> String {
    let parts = target.dimension.iter().map(|(key, value)| format!("{key}: {value}"));
    [metric(f, &target.metric), f.period(target.period)]
        .into_iter()
        .chain(parts)
        .collect::<Vec<_>>()
        .join(" · ")
}

fn part_view(f: &Format, currency: Currency, part: &Named) -> PartView {
    let target = &part.target;
    PartView {
        href: format!("/targets/{}", target.id),
        name: named(f, part.whose.as_deref()),
        about: about(f, target),
        value: wording::value(f, &target.metric, currency, target.value),
        draft: target.draft,
    }
}

fn sum_view(f: &Format, data: &TargetData, check: &SumCheck) -> SumView {
    let value = |value: i64| wording::value(f, &data.own.target.metric, data.currency, value);
    SumView {
        cut: axis(f, &check.axis),
        sum: value(check.sum),
        state: sum_state(f, check, &value(check.difference.saturating_abs())),
    }
}

/// Along which cut.
pub fn axis(f: &Format, axis: &Axis) -> String {
    match axis {
        Axis::Time => f.w.say("targets.by_time").to_owned(),
        Axis::People => f.w.say("targets.by_people").to_owned(),
        Axis::Dimension(key) => key.clone(),
    }
}

/// How the parts compare with the whole; `difference` in words.
pub fn sum_state(f: &Format, check: &SumCheck, difference: &str) -> State {
    let (tone, key) = match check.state {
        SumState::Exact => (Tone::Good, "targets.sum_exact"),
        SumState::Allowed => (Tone::Neutral, "targets.sum_allowed"),
        SumState::Over => (Tone::Late, "targets.sum_over"),
        SumState::Under => (Tone::Watch, "targets.sum_under"),
    };
    State::new(tone, f.w.with(key, &[("n", &difference)]))
}

fn cut_view(f: &Format, code: &'static str, parts: &[(String, String)]) -> CutView {
    let field = |(key, name): &(String, String)| Field {
        kind: Input::Line("number"),
        ..Field::line(&format!("weight.{key}"), name, "")
    };
    CutView {
        code,
        label: f.w.code("target_cut", code).into_owned(),
        hint: f
            .w
            .say(if code == "months" { "targets.months_hint" } else { "targets.alike_hint" })
            .to_owned(),
        fields: parts.iter().map(field).collect(),
    }
}

/// The page where a target is made.
#[derive(Debug, Template)]
#[template(path = "target_new.html")]
pub struct NewTarget {
    /// The frame.
    pub frame: Frame,
    /// What went wrong.
    pub message: Option<State>,
    /// What is entered.
    pub fields: Vec<Field>,
    /// It is a draft.
    pub draft: bool,
}
