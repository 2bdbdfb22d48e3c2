//! The facts behind one line of a scorecard: what counted, what did not and why.

use std::borrow::Cow;

use askama::Template;
use client_core::docs::Heads;
use client_core::id::{DocId, UserId};
use client_core::money::Currency;
use client_core::period::Period;
use client_core::rules::policy::Policy;
use client_core::rules::{Exclusion, FactRef, IndicatorLine, LineState, NamedFigure, Scorecard};
use client_core::time::Timestamp;

use super::{figure, scorecard, wording};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::view::{Pages, State, Tone};

/// What the page is given.
#[derive(Debug, Clone)]
pub struct FactsData {
    /// Whose.
    pub rep: UserId,
    /// Their name.
    pub name: String,
    /// For when.
    pub period: Period,
    /// The org's currency.
    pub currency: Currency,
    /// Of what.
    pub of: FactsOf,
    /// The policy it was computed with.
    pub policy: Option<Policy>,
    /// The facts of this page.
    pub facts: Vec<Fact>,
    /// Which page, from 1.
    pub page: usize,
    /// What was left out.
    pub excluded: Vec<Fact>,
}

/// What the facts are behind.
#[derive(Debug, Clone)]
pub enum FactsOf {
    /// A line of the card.
    Line {
        /// The line.
        line: Box<IndicatorLine>,
        /// The weight it has after redistribution, in hundredths.
        shared_weight: i64,
    },
    /// A figure beside the card.
    Figure(NamedFigure),
}

impl FactsOf {
    /// Its stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Line { line, .. } => line.indicator.as_str(),
            Self::Figure(one) => &one.id,
        }
    }

    /// What counted.
    pub fn facts(&self) -> &[FactRef] {
        match self {
            Self::Line { line, .. } => &line.facts,
            Self::Figure(one) => &one.figure.facts,
        }
    }

    /// What was left out.
    pub fn exclusions(&self) -> &[Exclusion] {
        match self {
            Self::Line { line, .. } => &line.exclusions,
            Self::Figure(one) => &one.figure.exclusions,
        }
    }

    fn rule(&self, policy: Option<&Policy>) -> String {
        match self {
            Self::Line { line, .. } => scorecard::rule_line(policy, line),
            Self::Figure(one) => wording::rule(one.figure.rule).to_owned(),
        }
    }
}

/// A fact with what is known about its document.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The document.
    pub doc: DocId,
    /// Its heads when it was read.
    pub heads: Heads,
    /// The customer's or the deal's name.
    pub name: Option<String>,
    /// Its business time.
    pub at: Option<Timestamp>,
    /// What it is, in words.
    pub what: String,
    /// Its verdict.
    pub state: Option<State>,
    /// Its page.
    pub href: Option<String>,
    /// Why it was left out.
    pub why: Vec<String>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "facts.html")]
pub struct FactsPage {
    frame: Frame,
    rep: String,
    indicator: String,
    period_name: String,
    leaderboard_href: String,
    card_href: String,
    rule: String,
    definition: Option<String>,
    steps: Vec<String>,
    counted_line: String,
    facts: Vec<FactRow>,
    pages: Option<Pages>,
    excluded: Vec<FactRow>,
    excluded_line: String,
}

#[derive(Debug)]
struct FactRow {
    href: Option<String>,
    name: String,
    when: String,
    what: String,
    state: Option<State>,
    change: String,
    why: String,
}

impl FactsPage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &FactsData) -> Self {
        let code = data.of.code();
        let card_href = format!("/scorecards/{}/{}", data.rep, data.period);
        let here = format!("{card_href}/{code}");
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let counted = number(data.of.facts().len());
        let excluded = number(data.of.exclusions().len());
        Self {
            rep: data.name.clone(),
            indicator: figure::name(f, code),
            period_name: f.period(data.period),
            leaderboard_href: format!("/leaderboard?period={}", data.period),
            card_href,
            rule: data.of.rule(data.policy.as_ref()),
            definition: Some(f.w.code("definition", code))
                .filter(|said| said != code)
                .map(Cow::into_owned),
            steps: steps(f, data),
            counted_line: f.w.count("facts.counted_line", counted, &[("n", &counted)]),
            facts: data.facts.iter().map(|fact| fact_row(f, fact)).collect(),
            pages: Pages::of(f.w, &here, data.page, data.of.facts().len()),
            excluded: data.excluded.iter().map(|fact| fact_row(f, fact)).collect(),
            excluded_line: f.w.count("facts.excluded_line", excluded, &[("n", &excluded)]),
            frame,
        }
    }
}

/// How the points come about, one sentence a step.
fn steps(f: &Format, data: &FactsData) -> Vec<String> {
    let (line, shared_weight) = match &data.of {
        FactsOf::Line { line, shared_weight } => (line, *shared_weight),
        FactsOf::Figure(one) => return vec![of_figure(f, data.currency, one)],
    };
    if let LineState::NotApplicable(why) = line.state {
        return vec![wording::not_applicable(f.w, why)];
    }
    let value = |value: Option<i64>| {
        let text = value.map(|n| wording::value(f, &line.indicator, data.currency, n));
        text.unwrap_or_else(|| "–".to_owned())
    };
    let limits = data
        .policy
        .as_ref()
        .map(|policy| (policy.scorecard.floor.to_string(), policy.scorecard.cap.to_string()));
    let (floor, cap) = limits.unwrap_or_else(|| ("–".to_owned(), "–".to_owned()));
    let (actual, target) = (value(line.value), value(line.target));
    let (attained, counted) = (scorecard::attainment(line), scorecard::counted(line.normalised));
    let points = format::points(line.points.0);
    vec![
        f.w.with(
            "facts.step_attainment",
            &[("actual", &actual), ("target", &target), ("attainment", &attained)],
        ),
        f.w.with("facts.step_counted", &[("counted", &counted), ("floor", &floor), ("cap", &cap)]),
        if shared_weight == i64::from(line.weight) * 100 {
            f.w.with("facts.step_points", &[("weight", &line.weight), ("points", &points)])
        } else {
            let shared = format::points(shared_weight);
            f.w.with(
                "facts.step_shared",
                &[("weight", &line.weight), ("shared", &shared), ("points", &points)],
            )
        },
    ]
}

/// How a figure comes about.
fn of_figure(f: &Format, currency: Currency, one: &NamedFigure) -> String {
    let Some(n) = one.figure.value else {
        return match one.figure.state {
            LineState::NotApplicable(why) => wording::not_applicable(f.w, why),
            LineState::Applicable => "–".to_owned(),
        };
    };
    let shown = figure::value(f, one.unit, currency, n);
    if one.figure.denominator == 1 {
        return shown;
    }
    let (of, all) = figure::parts(f, currency, one);
    f.w.with("facts.step_figure", &[("of", &of), ("all", &all), ("value", &shown)])
}

/// What `line` weighs on `card` after redistribution, in hundredths: its part of
/// what its group weighs among the lines that apply (F14).
pub fn shared_weight(card: &Scorecard, line: &IndicatorLine) -> i64 {
    let group = card.groups.iter().find(|group| group.group == line.group);
    let in_force = group.map_or(0, |group| i64::from(group.weight_in_force));
    let applies =
        |each: &&IndicatorLine| each.group == line.group && each.state == LineState::Applicable;
    let all: i64 = card.lines.iter().filter(applies).map(|each| i64::from(each.weight)).sum();
    if all == 0 { 0 } else { in_force * i64::from(line.weight) * 100 / all }
}

fn fact_row(f: &Format, fact: &Fact) -> FactRow {
    let change = fact.heads.as_slice().first().map(|hash| super::short_hash(&hash.0));
    FactRow {
        href: fact.href.clone(),
        name: fact
            .name
            .clone()
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| f.w.say("facts.unnamed").to_owned()),
        when: fact.at.map_or_else(|| "–".to_owned(), |at| f.moment(at)),
        what: fact.what.clone(),
        state: fact.state.clone(),
        change: change.unwrap_or_default(),
        why: fact.why.join("; "),
    }
}
