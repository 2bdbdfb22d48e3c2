//! What comes back: stable keys, ids as they were given.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::goals::{PlainGoal, goal};
use super::names::Names;
use super::read::Material;
use super::{alarms, team};
use crate::id::DocId;
use crate::period::Period;
use crate::rules::evaluate::{evaluate, measured};
use crate::rules::facts::{FactRef, Facts};
use crate::rules::figures::{FigureUnit, NamedFigure, unit_of};
use crate::rules::outcome::{
    Exclusion, ExclusionReason, IndicatorLine, LineState, Outcome, ReviewReason, VisitReason,
};
use crate::rules::policy::{Group, Policy};
use crate::rules::units::CentiPoints;
use crate::rules::{CoveredCustomer, RULES_VERSION, Risk, RiskLevel, RiskReason, Share};
use crate::time::Timestamp;

/// Everything the rules say about a file of facts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluated {
    /// Version of the rule code.
    pub rules_version: u32,
    /// The policy's name.
    pub policy: String,
    /// SHA-256 of the policy's values.
    pub policy_hash: String,
    /// For when.
    pub period: Period,
    /// From when it was looked.
    pub as_of: String,
    /// Every figure, by scope and id.
    pub indicators: Vec<PlainIndicator>,
    /// The card, where one rep was evaluated.
    pub scorecard: Option<PlainCard>,
    /// A card for each rep.
    pub scorecards: Vec<PlainCard>,
    /// Risks, anomalies, signals and warnings.
    pub flags: Vec<PlainFlag>,
    /// Reminders.
    pub tasks: Vec<PlainTask>,
    /// The period's visits, each with its verdict.
    pub visits: Vec<Value>,
    /// Whom to visit next, most urgent first.
    pub due: Vec<Value>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlainIndicator {
    /// Its name.
    pub id: String,
    /// Whose: `rep:…` or `team`.
    pub scope: String,
    /// The rule.
    pub rule: String,
    /// What the value counts.
    pub unit: FigureUnit,
    /// The value, rounded half-even once; absent where there is none.
    pub value: Option<i64>,
    /// Above the line.
    pub numerator: Option<i64>,
    /// Below the line; 1 for a sum or a count.
    pub denominator: Option<i64>,
    /// `applicable` or `not_applicable`.
    pub status: &'static str,
    /// Why it is not applicable.
    pub reason: Option<String>,
    /// What it was computed from.
    pub facts: Vec<String>,
    /// What was left out.
    pub exclusions: Vec<PlainExclusion>,
    /// What the policy wants of it, if it has a goal for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<PlainGoal>,
}

/// A fact that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlainExclusion {
    /// Which.
    pub fact: String,
    /// Why.
    pub reasons: Vec<String>,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlainCard {
    /// Whose.
    pub rep: String,
    /// Points; absent when nothing was applicable.
    pub total: Option<f64>,
    /// The same in hundredths.
    pub total_centipoints: Option<i64>,
    /// Points of the result indicators.
    pub result: f64,
    /// Points of the process indicators.
    pub process: f64,
    /// One line for each indicator of the policy. Their points sum to the total.
    pub lines: Vec<PlainLine>,
}

/// A line of a card.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlainLine {
    /// The indicator.
    pub id: String,
    /// `result` or `process`.
    pub group: Group,
    /// Weight in percent of the total.
    pub weight: u32,
    /// `applicable` or `not_applicable`.
    pub status: &'static str,
    /// Why it is not applicable.
    pub reason: Option<String>,
    /// The value.
    pub value: Option<i64>,
    /// The target, in the value's unit.
    pub target: Option<i64>,
    /// Actual ÷ target in basis points, before cap and floor.
    pub attainment: Option<i64>,
    /// After cap and floor, in 10⁻⁹.
    pub normalised: Option<i64>,
    /// Points.
    pub points: f64,
    /// The same in hundredths.
    pub centipoints: i64,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlainFlag {
    /// The rule.
    pub rule: String,
    /// What it is: `risk`, `stage_gate`, `signal`, …
    pub kind: String,
    /// Whose.
    pub scope: String,
    /// What it is about.
    pub subject: Option<String>,
    /// `yellow`, `red` or `warning`.
    pub level: String,
    /// Why.
    pub reasons: Vec<String>,
    /// What it rests on.
    pub facts: Vec<String>,
    /// The figures behind it.
    pub detail: Value,
}

impl PlainFlag {
    /// Where it stands among the others: by whose it is, its rule and what it is about.
    fn place(&self) -> (String, String, usize, [String; 6]) {
        let letters = self.rule.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let number = self.rule.get(letters.len()..).and_then(|digits| digits.parse().ok());
        let rest = [
            self.kind.clone(),
            self.subject.clone().unwrap_or_default(),
            self.reasons.join(" "),
            self.facts.join("\n"),
            self.level.clone(),
            self.detail.to_string(),
        ];
        (self.scope.clone(), letters.to_owned(), number.unwrap_or_default(), rest)
    }
}

/// A reminder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlainTask {
    /// The same for the same thing.
    pub id: String,
    /// What kind.
    pub kind: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// Whose.
    pub scope: String,
    /// `open`, `overdue` or `resolved`.
    pub state: Value,
    /// The customer.
    pub customer: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
    /// It came up on.
    pub opened_on: String,
    /// Due on.
    pub due_on: String,
    /// The last instant in time.
    pub due_at: String,
    /// The deal's priority.
    pub priority: Option<String>,
    /// What it follows from.
    pub facts: Vec<String>,
    /// What resolved it.
    pub resolved_by: Option<String>,
}

pub(super) fn answer(
    material: &Material,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
) -> Evaluated {
    let names = &material.names;
    let mut evaluated = Evaluated {
        rules_version: RULES_VERSION,
        policy: policy.name.clone(),
        policy_hash: data_encoding::HEXLOWER.encode(&policy.hash()),
        period,
        as_of: as_of.to_string(),
        indicators: Vec::new(),
        scorecard: None,
        scorecards: Vec::new(),
        flags: Vec::new(),
        tasks: Vec::new(),
        visits: Vec::new(),
        due: Vec::new(),
    };
    let (_start, end) = period.bounds(&material.calendar.zone);
    let mut judged = Vec::new();
    for facts in &material.facts(policy, as_of.min(end.plus_millis(-1))) {
        let outcome = evaluate(facts, policy, period, as_of);
        let scope = format!("rep:{}", names.text(facts.rep.as_bytes()));
        evaluated.indicators.extend(indicators(names, facts, policy, &outcome, &scope));
        evaluated.scorecards.push(card(names, &outcome));
        evaluated.flags.extend(flags(names, &outcome, &scope));
        evaluated.tasks.extend(tasks(names, &outcome, &scope));
        evaluated.visits.extend(visits(names, &outcome, &scope));
        evaluated.due.extend(due(names, &outcome, &scope));
        judged.extend(outcome.visits);
    }
    for facts in &material.facts(policy, as_of) {
        evaluated.flags.extend(alarms::milestones(facts, policy, period, as_of, material));
    }
    evaluated.flags.extend(alarms::figure_milestones(material, policy, period, as_of));
    evaluated.indicators.extend(team::indicators(material, policy, period, as_of, &judged));
    for one in &mut evaluated.indicators {
        let fraction = one.numerator.zip(one.denominator);
        one.goal = fraction.and_then(|fraction| goal(&one.id, policy, fraction));
    }
    evaluated.flags.extend(alarms::alarms(material, policy, period, as_of));
    evaluated.indicators.sort_by(|a, b| (&a.scope, &a.id).cmp(&(&b.scope, &b.id)));
    evaluated.flags.sort_by_cached_key(PlainFlag::place);
    if let [only] = evaluated.scorecards.as_slice() {
        evaluated.scorecard = Some(only.clone());
    }
    evaluated
}

pub(super) fn facts_of(names: &Names, facts: &[FactRef]) -> Vec<String> {
    let mut texts: Vec<String> = facts.iter().map(|fact| names.of_doc(fact.doc)).collect();
    texts.sort();
    texts.dedup();
    texts
}

pub(super) fn exclusions_of(names: &Names, exclusions: &[Exclusion]) -> Vec<PlainExclusion> {
    let each = exclusions.iter().map(|out| PlainExclusion {
        fact: names.of_doc(out.fact.doc),
        reasons: out.reasons.iter().map(ExclusionReason::short_code).collect(),
    });
    let mut each: Vec<PlainExclusion> = each.collect();
    each.sort_by(|a, b| (&a.fact, &a.reasons).cmp(&(&b.fact, &b.reasons)));
    each.dedup();
    each
}

/// The stable code of a unit variant, as JSON has it.
pub(super) fn code(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(code)) => code,
        _ => String::new(),
    }
}

fn status(state: LineState) -> (&'static str, Option<String>) {
    match state {
        LineState::Applicable => ("applicable", None),
        LineState::NotApplicable(reason) => ("not_applicable", Some(code(&reason))),
    }
}

pub(super) fn figure(names: &Names, named: &NamedFigure, scope: &str) -> PlainIndicator {
    let figure = &named.figure;
    let (status, reason) = status(figure.state);
    PlainIndicator {
        id: named.id.clone(),
        scope: scope.to_owned(),
        rule: code(&figure.rule),
        unit: named.unit,
        value: figure.value,
        numerator: Some(figure.numerator),
        denominator: Some(figure.denominator),
        status,
        reason,
        facts: facts_of(names, &figure.facts),
        exclusions: exclusions_of(names, &figure.exclusions),
        goal: None,
    }
}

fn indicators(
    names: &Names,
    facts: &Facts,
    policy: &Policy,
    outcome: &Outcome,
    scope: &str,
) -> Vec<PlainIndicator> {
    let mut all: Vec<PlainIndicator> =
        outcome.figures.iter().map(|named| figure(names, named, scope)).collect();
    for line in &outcome.scorecard.lines {
        // The same figure stands beside the card already.
        if all.iter().any(|known| known.id == line.indicator.as_str()) {
            continue;
        }
        all.push(of_line(names, line, scope));
    }
    all.extend(coverage(names, outcome, scope));
    for pace in &outcome.pace {
        let value = pace.pace.map(|pace| pace.0);
        let until = outcome.as_of.plus_millis(1);
        let counted = measured(facts, policy, &pace.metric, outcome.period, until);
        let counted = counted.unwrap_or_default();
        all.push(PlainIndicator {
            id: format!("pace.{}", pace.metric),
            scope: scope.to_owned(),
            rule: "F12".to_owned(),
            unit: FigureUnit::BasisPoints,
            value,
            numerator: pace.actual.checked_mul(pace.working_days),
            denominator: pace.target.checked_mul(pace.elapsed_days),
            status: if value.is_some() { "applicable" } else { "not_applicable" },
            reason: None,
            facts: facts_of(names, &counted.facts),
            exclusions: exclusions_of(names, &counted.exclusions),
            goal: None,
        });
    }
    all
}

fn of_line(names: &Names, line: &IndicatorLine, scope: &str) -> PlainIndicator {
    // A value without a target is a figure all the same.
    let there = line.value.is_some();
    let (_state, reason) = status(line.state);
    PlainIndicator {
        id: line.indicator.to_string(),
        scope: scope.to_owned(),
        rule: code(&line.rule),
        unit: unit_of(&line.indicator),
        value: line.value,
        numerator: line.numerator,
        denominator: line.denominator,
        status: if there { "applicable" } else { "not_applicable" },
        reason: reason.filter(|_reason| !there),
        facts: facts_of(names, &line.facts),
        exclusions: exclusions_of(names, &line.exclusions),
        goal: None,
    }
}

/// F3 with the customers that each share is of, and their visits that count.
fn coverage(names: &Names, outcome: &Outcome, scope: &str) -> Vec<PlainIndicator> {
    let mut all = Vec::new();
    let used = |inside: &dyn Fn(&CoveredCustomer) -> bool| {
        let customers = outcome.coverage.customers.iter().filter(|one| inside(one));
        let customers: BTreeSet<DocId> = customers.map(|one| one.customer).collect();
        let visits = outcome.visits.iter().filter(|visit| visit.counts);
        let visits =
            visits.filter(|visit| visit.customer.is_some_and(|one| customers.contains(&one)));
        let visits = visits.map(|visit| visit.fact.doc);
        let mut texts: Vec<String> =
            customers.iter().copied().chain(visits).map(|doc| names.of_doc(doc)).collect();
        texts.sort();
        texts
    };
    let mut add = |part: &str, figures: &crate::rules::CoverageFigures, facts: Vec<String>| {
        let shares: [(&str, &Share); 3] = [
            ("reach", &figures.reach),
            ("standard_met", &figures.standard_met),
            ("frequency", &figures.frequency),
        ];
        for (name, share) in shares {
            all.push(PlainIndicator {
                id: format!("coverage.{part}.{name}"),
                scope: scope.to_owned(),
                rule: "F3".to_owned(),
                unit: FigureUnit::BasisPoints,
                value: share.share.map(|share| share.0),
                numerator: Some(share.numerator),
                denominator: Some(share.denominator),
                status: if share.share.is_some() { "applicable" } else { "not_applicable" },
                reason: share.share.is_none().then(|| "zero_denominator".to_owned()),
                facts: facts.clone(),
                exclusions: Vec::new(),
                goal: None,
            });
        }
    };
    add("total", &outcome.coverage.total, used(&|_customer| true));
    add("new", &outcome.coverage.new, used(&|customer| customer.is_new));
    add("existing", &outcome.coverage.existing, used(&|customer| !customer.is_new));
    for tier in &outcome.coverage.tiers {
        let of_tier = used(&|customer| customer.tier == tier.tier);
        add(tier.tier.map_or("none", |tier| tier.as_str()), &tier.figures, of_tier);
    }
    all
}

/// Hundredths as a number people read; exact, as far as numbers of JSON are.
#[expect(clippy::cast_precision_loss, reason = "points have few digits")]
fn points(points: CentiPoints) -> f64 {
    points.0 as f64 / 100.0
}

fn card(names: &Names, outcome: &Outcome) -> PlainCard {
    let group = |wanted: Group| {
        let groups = outcome.scorecard.groups.iter();
        groups.filter(|one| one.group == wanted).map(|one| one.points).next().unwrap_or_default()
    };
    PlainCard {
        rep: names.text(outcome.rep.as_bytes()),
        total: outcome.scorecard.total.map(points),
        total_centipoints: outcome.scorecard.total.map(|total| total.0),
        result: points(group(Group::Result)),
        process: points(group(Group::Process)),
        lines: outcome
            .scorecard
            .lines
            .iter()
            .map(|line| {
                let (status, reason) = status(line.state);
                PlainLine {
                    id: line.indicator.to_string(),
                    group: line.group,
                    weight: line.weight,
                    status,
                    reason,
                    value: line.value,
                    target: line.target,
                    attainment: line.attainment.map(|attained| attained.0),
                    normalised: line.normalised.map(|normalised| normalised.0),
                    points: points(line.points),
                    centipoints: line.points.0,
                }
            })
            .collect(),
    }
}

/// A level belongs to the rule whose causes made it.
fn rule_of(risk: &Risk) -> &'static str {
    let slow = [RiskReason::Overdue, RiskReason::Complaints];
    let yellow = risk.reasons.iter().any(|reason| slow.contains(reason));
    if risk.level == RiskLevel::Red || !yellow { "R2" } else { "R1" }
}

fn flags(names: &Names, outcome: &Outcome, scope: &str) -> Vec<PlainFlag> {
    let mut flags = Vec::new();
    for risk in &outcome.risks {
        let history = risk.history.iter().map(|change| {
            json!({
                "on": change.on,
                "level": change.level,
                "reasons": change.reasons,
            })
        });
        flags.push(PlainFlag {
            rule: rule_of(risk).to_owned(),
            kind: "risk".to_owned(),
            scope: scope.to_owned(),
            subject: Some(names.of_doc(risk.customer)),
            level: risk.level.as_str().to_owned(),
            reasons: risk.reasons.iter().map(|reason| reason.as_str().to_owned()).collect(),
            facts: facts_of(names, &risk.facts),
            detail: json!({
                "since": risk.since,
                "kept": risk.kept,
                "history": history.collect::<Vec<_>>(),
            }),
        });
    }
    for gate in &outcome.gates {
        let mut reasons = Vec::new();
        if gate.contacts < gate.contacts_wanted {
            reasons.push("too_few_deep_contacts".to_owned());
        }
        if !gate.documents_missing.is_empty() {
            reasons.push("document_missing".to_owned());
        }
        flags.push(PlainFlag {
            rule: "R9".to_owned(),
            kind: "stage_gate".to_owned(),
            scope: scope.to_owned(),
            subject: Some(names.of_doc(gate.deal)),
            level: if gate.blocks { "red" } else { "warning" }.to_owned(),
            reasons,
            facts: facts_of(names, &gate.facts),
            detail: json!({
                "stage": gate.stage,
                "left_at": gate.left_at.to_string(),
                "contacts": gate.contacts,
                "contacts_wanted": gate.contacts_wanted,
                "documents_missing": gate.documents_missing,
            }),
        });
    }
    for pace in outcome.pace.iter().filter(|pace| pace.serious) {
        flags.push(PlainFlag {
            rule: "F12".to_owned(),
            kind: "serious_deviation".to_owned(),
            scope: scope.to_owned(),
            subject: Some(pace.metric.to_string()),
            level: "warning".to_owned(),
            reasons: pace.outside.iter().map(code).collect(),
            facts: Vec::new(),
            detail: json!({ "actual": pace.actual, "target": pace.target }),
        });
    }
    flags
}

fn tasks(names: &Names, outcome: &Outcome, scope: &str) -> Vec<PlainTask> {
    let each = outcome.tasks.iter().map(|task| PlainTask {
        id: names.in_task(&task.id),
        kind: task.kind.as_str(),
        rule: task.kind.rule(),
        scope: scope.to_owned(),
        state: json!(task.state),
        customer: task.customer.map(|customer| names.of_doc(customer)),
        subject: task.subject.map(|subject| names.of_doc(subject)),
        opened_on: task.opened_on.to_string(),
        due_on: task.due_on.to_string(),
        due_at: task.due_at.to_string(),
        priority: task.priority.as_ref().map(ToString::to_string),
        facts: facts_of(names, &task.facts),
        resolved_by: task.resolved_by.as_ref().map(|fact| names.of_doc(fact.doc)),
    });
    each.collect()
}

fn visits(names: &Names, outcome: &Outcome, scope: &str) -> Vec<Value> {
    let reason = |reason: VisitReason| code(&reason);
    let doubt = |reason: ReviewReason| code(&reason);
    let each = outcome.visits.iter().map(|visit| {
        let (verdict, reasons): (&str, Vec<String>) = match &visit.verdict {
            crate::rules::Verdict::Effective => ("effective", Vec::new()),
            crate::rules::Verdict::NotEffective(why) => {
                ("not_effective", why.iter().copied().map(reason).collect())
            }
            crate::rules::Verdict::NeedsReview(why) => {
                ("needs_review", why.iter().copied().map(doubt).collect())
            }
        };
        json!({
            "visit": names.of_doc(visit.fact.doc),
            "scope": scope,
            "customer": visit.customer.map(|customer| names.of_doc(customer)),
            "verdict": verdict,
            "reasons": reasons,
            "counts": visit.counts,
            "location": visit.location,
        })
    });
    each.collect()
}

fn due(names: &Names, outcome: &Outcome, scope: &str) -> Vec<Value> {
    let each = outcome.due.iter().map(|due| {
        json!({
            "customer": names.of_doc(due.customer),
            "scope": scope,
            "tier": due.tier,
            "status": due.status,
            "last_visit": due.last_visit,
            "days": due.days,
        })
    });
    each.collect()
}
