//! A rep's scorecard: every number with its rule, its guide and the way to its facts.

use askama::Template;
use client_core::id::UserId;
use client_core::money::Currency;
use client_core::period::Period;
use client_core::records::Tier;
use client_core::rules::policy::{Group, Policy, RulePeriod};
use client_core::rules::{
    CoverageFigures, GroupLine, IndicatorLine, Limit, LineState, NamedFigure, Normalised, Outcome,
    Scorecard, Share,
};
use client_core::time::Date;

use super::figure::{self, FigureView};
use super::whatif::{self, Supposed, WhatIf};
use super::wording;
use crate::web::form::Input;
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// What the page is given.
#[derive(Debug, Clone)]
pub struct ScorecardData {
    /// Whose.
    pub rep: UserId,
    /// Their name.
    pub name: String,
    /// Their unit.
    pub unit: String,
    /// For when.
    pub period: Period,
    /// The day it is now.
    pub today: Date,
    /// The org's currency.
    pub currency: Currency,
    /// What the rules said, if they have run.
    pub outcome: Option<Outcome>,
    /// The policy they ran with, if it is still known.
    pub policy: Option<Policy>,
    /// The card as it was when the month closed.
    pub closed: Option<Closed>,
    /// Figures that the reader supposes.
    pub supposed: Supposed,
}

/// A card of a closed month.
#[derive(Debug, Clone)]
pub struct Closed {
    /// Closed on.
    pub on: Date,
    /// Its total in hundredths of a point.
    pub total: Option<i64>,
    /// Something that came later moved it.
    pub restated: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "scorecard.html")]
pub struct ScorecardPage {
    frame: Frame,
    rep: String,
    unit: String,
    period_name: String,
    leaderboard_href: String,
    earlier: String,
    earlier_name: String,
    later: Option<String>,
    later_name: String,
    standing: State,
    total: String,
    parts: Vec<Part>,
    note: Option<String>,
    changes_href: Option<String>,
    closed: Option<String>,
    restated: bool,
    groups: Vec<GroupView>,
    coverage: Vec<CoverageView>,
    coverage_rule: String,
    figures: Vec<FigureView>,
    what_if: Option<WhatIf>,
    provenance: String,
}

#[derive(Debug)]
struct Part {
    points: String,
    label: String,
}

#[derive(Debug)]
struct GroupView {
    label: String,
    guide: String,
    lines: Vec<LineView>,
}

#[derive(Debug)]
struct LineView {
    href: String,
    label: String,
    rule: String,
    not_applicable: Option<String>,
    actual: String,
    target: String,
    attainment: String,
    counted: String,
    capped: bool,
    weight: String,
    points: String,
}

#[derive(Debug)]
struct CoverageView {
    tier: Option<String>,
    standard: String,
    reach: ShareView,
    met: ShareView,
    frequency: ShareView,
}

#[derive(Debug)]
struct ShareView {
    share: String,
    fraction: String,
}

impl ScorecardPage {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &ScorecardData) -> Self {
        let link = |period: Period| format!("/scorecards/{}/{period}", data.rep);
        let next = Period::month_of(data.period.next_first_day());
        let card = data.outcome.as_ref().map(|outcome| &outcome.scorecard);
        let groups = card.map(|card| card.groups.as_slice()).unwrap_or_default();
        let redistributed = card
            .is_some_and(|card| card.lines.iter().any(|line| line.state != LineState::Applicable));
        Self {
            rep: data.name.clone(),
            unit: data.unit.clone(),
            period_name: f.period(data.period),
            leaderboard_href: format!("/leaderboard?period={}", data.period),
            earlier: link(data.period.previous()),
            earlier_name: f.period(data.period.previous()),
            later: (next.first_day() <= data.today).then(|| link(next)),
            later_name: f.period(next),
            standing: standing(f, data),
            total: card
                .and_then(|card| card.total)
                .map_or_else(|| "–".to_owned(), |total| format::points(total.0)),
            parts: groups.iter().map(|group| part(f, group)).collect(),
            note: redistributed.then(|| f.w.say("scorecard.redistributed").to_owned()),
            changes_href: data
                .outcome
                .as_ref()
                .map(|_card| format!("{}/changes", link(data.period))),
            closed: data.closed.as_ref().map(|closed| closed_line(f, closed)),
            restated: data.closed.as_ref().is_some_and(|closed| closed.restated),
            groups: groups.iter().map(|group| group_view(f, data, group)).collect(),
            coverage: coverage(f, data),
            coverage_rule: f.w.say("coverage.rule").to_owned(),
            figures: data
                .outcome
                .iter()
                .flat_map(|outcome| &outcome.figures)
                .filter(|one| card.is_none_or(|card| !is_a_line(card, one)))
                .map(|one| figure::view(f, data.currency, &link(data.period), one))
                .collect(),
            what_if: card.zip(data.policy.as_ref()).and_then(|(card, policy)| {
                let rules = (policy, data.currency);
                whatif::panel(f, &link(data.period), card, rules, &data.supposed)
            }),
            provenance: provenance(f, data),
            frame,
        }
    }
}

/// Whether the card has a line of the same name: it is not said twice.
fn is_a_line(card: &Scorecard, one: &NamedFigure) -> bool {
    card.lines.iter().any(|line| line.indicator.as_str() == one.id)
}

fn standing(f: &Format, data: &ScorecardData) -> State {
    match &data.outcome {
        None => State::new(Tone::Unknown, f.w.say("verdict.not_judged")),
        Some(outcome) if outcome.provisional.period_open => {
            State::new(Tone::Neutral, f.w.say("scorecard.running"))
        }
        Some(_) => State::new(Tone::Good, f.w.say("scorecard.official")),
    }
}

fn closed_line(f: &Format, closed: &Closed) -> String {
    let key = if closed.restated { "changes.restated" } else { "changes.closed_unchanged" };
    let points = closed.total.map_or_else(|| "–".to_owned(), format::points);
    f.w.with(key, &[("day", &f.date(closed.on)), ("points", &points)])
}

const fn group_word(group: Group) -> &'static str {
    match group {
        Group::Result => "scorecard.result_group",
        Group::Process => "scorecard.process_group",
    }
}

fn part(f: &Format, group: &GroupLine) -> Part {
    let name = f.w.say(group_word(group.group));
    let values: [(&str, &dyn std::fmt::Display); 2] = [("group", &name), ("weight", &group.weight)];
    Part { points: format::points(group.points.0), label: f.w.with("scorecard.part", &values) }
}

fn group_view(f: &Format, data: &ScorecardData, group: &GroupLine) -> GroupView {
    let weight = f.w.with("scorecard.group_weight", &[("weight", &group.weight)]);
    let key = match group.group {
        Group::Result => "scorecard.result_weight",
        Group::Process => "scorecard.process_weight",
    };
    let source = wording::guide(data.policy.as_ref(), &[key]);
    let lines = data.outcome.iter().flat_map(|outcome| &outcome.scorecard.lines);
    GroupView {
        label: f.w.say(group_word(group.group)).to_owned(),
        guide: if source.is_empty() { weight } else { format!("{weight} · {source}") },
        lines: lines
            .filter(|line| line.group == group.group)
            .map(|line| line_view(f, data, line))
            .collect(),
    }
}

fn line_view(f: &Format, data: &ScorecardData, line: &IndicatorLine) -> LineView {
    let code = line.indicator.as_str();
    let value = |value: Option<i64>| {
        value.map_or_else(
            || "–".to_owned(),
            |value| wording::value(f, &line.indicator, data.currency, value),
        )
    };
    LineView {
        href: format!("/scorecards/{}/{}/{code}", data.rep, data.period),
        label: f.w.code("metric", code).into_owned(),
        rule: rule_line(data.policy.as_ref(), line),
        not_applicable: match line.state {
            LineState::Applicable => None,
            LineState::NotApplicable(why) => Some(wording::not_applicable(f.w, why)),
        },
        actual: value(line.value),
        target: value(line.target),
        attainment: attainment(line),
        counted: counted(line.normalised),
        capped: line.limit == Some(Limit::Cap),
        weight: line.weight.to_string(),
        points: match line.state {
            LineState::Applicable => format::points(line.points.0),
            LineState::NotApplicable(_) => "–".to_owned(),
        },
    }
}

/// The rule's number and the guide the indicator comes from.
pub fn rule_line(policy: Option<&Policy>, line: &IndicatorLine) -> String {
    let code = line.indicator.as_str();
    let (by_metric, by_list) =
        (format!("scorecard.indicators.{code}"), "scorecard.indicators".to_owned());
    let source = wording::guide(policy, &[&by_metric, &by_list]);
    let rule = wording::rule(line.rule);
    if source.is_empty() { rule.to_owned() } else { format!("{rule} · {source}") }
}

/// Actual ÷ target as a percentage.
pub fn attainment(line: &IndicatorLine) -> String {
    line.attainment.map_or_else(|| "–".to_owned(), |share| format::percent(share.0, 10_000))
}

/// A normalised attainment as a factor with three decimals.
pub fn counted(normalised: Option<Normalised>) -> String {
    normalised.map_or_else(
        || "–".to_owned(),
        |Normalised(n)| format::decimal(i128::from((n + 500_000).div_euclid(1_000_000)), 3),
    )
}

fn coverage(f: &Format, data: &ScorecardData) -> Vec<CoverageView> {
    let Some(outcome) = &data.outcome else { return Vec::new() };
    let rows = outcome.coverage.tiers.iter().filter(|row| row.figures.reach.denominator > 0);
    rows.map(|row| coverage_view(f, data, row.tier, &row.figures)).collect()
}

fn coverage_view(
    f: &Format,
    data: &ScorecardData,
    tier: Option<Tier>,
    figures: &CoverageFigures,
) -> CoverageView {
    let rules = data.policy.iter().flat_map(|policy| &policy.frequency);
    let standard: Vec<String> = rules
        .filter(|rule| Some(rule.tier) == tier)
        .map(|rule| {
            let key = match rule.period {
                RulePeriod::Week => "freq.week",
                RulePeriod::Month => "freq.month",
                RulePeriod::Quarter => "freq.quarter",
            };
            let modes: Vec<String> = rule
                .modes
                .iter()
                .map(|mode| f.w.code("mode", mode.as_str()).into_owned())
                .collect();
            let count = f.w.with(key, &[("n", &rule.count)]);
            if modes.is_empty() { count } else { format!("{count} ({})", modes.join(", ")) }
        })
        .collect();
    let share = |share: &Share| ShareView {
        share: format::percent(share.numerator, share.denominator),
        fraction: f.w.with(
            "coverage.fraction",
            &[("of", &format::count(share.numerator)), ("all", &format::count(share.denominator))],
        ),
    };
    CoverageView {
        tier: tier.map(|tier| tier_letter(Some(tier))),
        standard: if standard.is_empty() { "–".to_owned() } else { standard.join("; ") },
        reach: share(&figures.reach),
        met: share(&figures.standard_met),
        frequency: share(&figures.frequency),
    }
}

/// `A`, `B`, `C`, or a dash for a customer without tier.
pub fn tier_letter(tier: Option<Tier>) -> String {
    tier.map_or_else(|| "–".to_owned(), |tier| tier.as_str().to_ascii_uppercase())
}

fn provenance(f: &Format, data: &ScorecardData) -> String {
    let Some(outcome) = &data.outcome else { return String::new() };
    let short = |digest: &[u8; 32]| {
        let text = data_encoding::HEXLOWER.encode(digest);
        text.get(..8).unwrap_or_default().to_owned()
    };
    f.w.with(
        "scorecard.provenance",
        &[
            ("as_of", &f.moment(outcome.as_of)),
            ("rules", &outcome.rules_version),
            ("policy", &short(&outcome.policy_hash)),
            ("inputs", &short(&outcome.inputs_digest)),
            ("outcome", &short(&outcome.digest())),
        ],
    )
}
