//! Where each point of a card comes from: lines, facts, documents and heads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::Heads;
use crate::id::{DocId, UserId};
use crate::period::Period;
use crate::records::Metric;
use crate::rules::facts::{FactRef, Facts, Source};
use crate::rules::outcome::{ExclusionReason, IndicatorLine, LineState, Outcome, RuleId};
use crate::rules::policy::{Group, Policy};
use crate::rules::units::{BasisPoints, CentiPoints};
use crate::time::{Date, Timestamp};

/// A card, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Whose.
    pub rep: UserId,
    /// For when.
    pub period: Period,
    /// The instant the rules looked from.
    pub as_of: Timestamp,
    /// Version of the rule code.
    pub rules_version: u32,
    /// The policy's name.
    pub policy: String,
    /// The total; absent when nothing was applicable.
    pub total: Option<CentiPoints>,
    /// The lines asked for, in the order of the card.
    pub lines: Vec<ExplainedLine>,
}

/// A line, opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedLine {
    /// Of what.
    pub indicator: Metric,
    /// Result or process.
    pub group: Group,
    /// The rule.
    pub rule: RuleId,
    /// Where the policy has it from.
    pub source: Option<String>,
    /// Weight in percent of the total.
    pub weight: u32,
    /// Whether it counts.
    pub state: LineState,
    /// The value.
    pub value: Option<i64>,
    /// Above the line.
    pub numerator: Option<i64>,
    /// Below it.
    pub denominator: Option<i64>,
    /// The target.
    pub target: Option<i64>,
    /// Actual ÷ target.
    pub attainment: Option<BasisPoints>,
    /// Points.
    pub points: CentiPoints,
    /// What it was computed from.
    pub facts: Vec<ExplainedFact>,
    /// What was left out, with the reasons.
    pub exclusions: Vec<ExplainedExclusion>,
}

/// A fact, with the document or record that says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedFact {
    /// What kind of document or record.
    pub kind: FactKind,
    /// Its id.
    pub doc: DocId,
    /// The heads it was read at; of a record the hash of its body.
    pub heads: Heads,
    /// The business day.
    pub on: Option<Date>,
}

/// A fact that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedExclusion {
    /// Which.
    #[serde(flatten)]
    pub fact: ExplainedFact,
    /// Why.
    pub reasons: Vec<ExclusionReason>,
}

/// What a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// A visit document.
    Visit,
    /// A customer document.
    Customer,
    /// A deal document, with its quotes and claims.
    Deal,
    /// A case document, with its answers.
    Case,
    /// A plan document.
    Plan,
    /// A contract record.
    Contract,
    /// A payment record.
    Payment,
    /// An order record.
    Order,
    /// Something that is not among the facts any more.
    Unknown,
}

/// Opens the lines of a card, or one of them.
pub fn explain(
    facts: &Facts,
    policy: &Policy,
    outcome: &Outcome,
    only: Option<&Metric>,
) -> Explanation {
    let known = Known::of(facts);
    let lines = outcome.scorecard.lines.iter();
    let lines = lines.filter(|line| only.is_none_or(|only| line.indicator == *only));
    Explanation {
        rep: outcome.rep,
        period: outcome.period,
        as_of: outcome.as_of,
        rules_version: outcome.rules_version,
        policy: policy.name.clone(),
        total: outcome.scorecard.total,
        lines: lines.map(|line| known.line(line, policy)).collect(),
    }
}

/// What is known of each document and record.
struct Known(BTreeMap<DocId, (FactKind, Option<Date>)>);

impl Known {
    fn of(facts: &Facts) -> Self {
        let zone = &facts.calendar.zone;
        let day = |at: Option<Timestamp>| at.map(|at| zone.date(at));
        let mut known = BTreeMap::new();
        let of_record = |source: Source, kind: FactKind| match source {
            Source::Claimed => FactKind::Deal,
            Source::Confirmed => kind,
        };
        for fact in &facts.instalments {
            let kind = of_record(fact.origin.source, FactKind::Contract);
            known.insert(fact.origin.fact.doc, (kind, fact.due_on));
        }
        for fact in &facts.payments {
            let kind = of_record(fact.origin.source, FactKind::Payment);
            known.insert(fact.origin.fact.doc, (kind, fact.received_on));
        }
        for fact in &facts.quotes {
            known.insert(fact.origin.fact.doc, (FactKind::Deal, fact.issued_on));
        }
        for fact in &facts.contracts {
            let kind = of_record(fact.origin.source, FactKind::Contract);
            known.insert(fact.origin.fact.doc, (kind, fact.signed_on));
        }
        for fact in &facts.orders {
            known.insert(fact.origin.fact.doc, (FactKind::Order, fact.ordered_on));
        }
        for fact in &facts.purchases {
            known.insert(fact.fact.doc, (FactKind::Deal, Some(fact.on)));
        }
        for fact in &facts.deals {
            let on = day(fact.decided_at.or(fact.created_at));
            known.insert(fact.doc, (FactKind::Deal, on));
        }
        for fact in &facts.cases {
            known.insert(fact.fact.doc, (FactKind::Case, day(fact.opened_at)));
        }
        for fact in &facts.surveys {
            known.insert(fact.fact.doc, (FactKind::Case, fact.answered_on));
        }
        for fact in &facts.plans {
            known.insert(fact.fact.doc, (FactKind::Plan, Some(fact.date)));
        }
        for fact in &facts.customers {
            known.insert(fact.doc, (FactKind::Customer, day(fact.known_since)));
        }
        for fact in &facts.visits {
            known.insert(fact.doc, (FactKind::Visit, day(fact.business_time())));
        }
        Self(known)
    }

    fn fact(&self, fact: &FactRef) -> ExplainedFact {
        let (kind, on) = self.0.get(&fact.doc).copied().unwrap_or((FactKind::Unknown, None));
        ExplainedFact { kind, doc: fact.doc, heads: fact.heads.clone(), on }
    }

    fn line(&self, line: &IndicatorLine, policy: &Policy) -> ExplainedLine {
        let key = format!("scorecard.indicators.{}", line.indicator);
        ExplainedLine {
            indicator: line.indicator.clone(),
            group: line.group,
            rule: line.rule,
            source: policy.source(&key).map(str::to_owned),
            weight: line.weight,
            state: line.state,
            value: line.value,
            numerator: line.numerator,
            denominator: line.denominator,
            target: line.target,
            attainment: line.attainment,
            points: line.points,
            facts: line.facts.iter().map(|fact| self.fact(fact)).collect(),
            exclusions: line
                .exclusions
                .iter()
                .map(|out| ExplainedExclusion {
                    fact: self.fact(&out.fact),
                    reasons: out.reasons.clone(),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::evaluate;
    use crate::rules::fixture::*;

    #[test]
    fn a_line_opens_into_the_documents_at_their_heads() {
        let mut facts = facts("2026-10");
        facts.customers = vec![customer(100, None)];
        let mut draft = onsite(2, 100, "2026-10-09 09:00", 20);
        draft.submitted_at = None;
        facts.visits = vec![onsite(1, 100, "2026-10-08 09:00", 20), draft];
        facts.quotes = vec![quote(40, 1, "2026-10-08")];
        let outcome = evaluate(&facts, &policy(), facts.period, at("2026-10-31 12:00"));
        let all = explain(&facts, &policy(), &outcome, None);
        assert_eq!(all.lines.len(), outcome.scorecard.lines.len());
        let only = explain(&facts, &policy(), &outcome, Some(&Metric::EffectiveVisits));
        let line = &only.lines[0];
        assert_eq!(
            (only.lines.len(), line.source.as_deref()),
            (1, Some("S1 过程指标: 有效拜访量"))
        );
        let fact = &line.facts[0];
        assert_eq!((fact.kind, fact.doc, &fact.heads), (FactKind::Visit, doc(1), &heads(1)));
        assert_eq!(fact.on, Some(day("2026-10-08")));
        assert_eq!(line.exclusions[0].fact.doc, doc(2));
        let quotes = explain(&facts, &policy(), &outcome, Some(&Metric::QuoteConversion));
        assert_eq!(quotes.lines[0].facts[0].kind, FactKind::Deal);
    }
}
