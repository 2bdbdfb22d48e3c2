//! R9: what a stage asks for before it is left (S1 节点动作标准).

use serde::{Deserialize, Serialize};

use super::Desk;
use crate::id::DocId;
use crate::rules::effective_visit::judge_all;
use crate::rules::facts::{DealFact, FactRef, Facts, StageFact};
use crate::rules::policy::{Policy, StageGate};
use crate::time::Timestamp;

/// A deal that left a stage without what the stage asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateWarning {
    /// The deal.
    pub deal: DocId,
    /// The stage that was left.
    pub stage: String,
    /// When it was left.
    pub left_at: Timestamp,
    /// Deep contacts there were.
    pub contacts: u32,
    /// Deep contacts asked for.
    pub contacts_wanted: u32,
    /// Documents that are missing.
    pub documents_missing: Vec<String>,
    /// The policy blocks it, and does not only warn.
    pub blocks: bool,
    /// What it rests on.
    pub facts: Vec<FactRef>,
}

/// Warnings for the gates that deals passed in the period, by deal.
pub(super) fn gates(desk: Desk<'_>) -> Vec<GateWarning> {
    let mut warnings = Vec::new();
    for deal in &desk.facts.deals {
        for gate in &desk.policy.pipeline.gates {
            warnings.extend(passed(desk, deal, gate));
        }
    }
    warnings
}

/// What the gates would say if a deal moved to a stage at an instant: asked before it
/// moves. Nothing of a deal that is not among the facts.
pub fn gates_ahead(
    facts: &Facts,
    policy: &Policy,
    deal: DocId,
    stage: &str,
    at: Timestamp,
) -> Vec<GateWarning> {
    let found = facts.deals.iter().find(|found| found.doc == deal);
    let Some(mut moved) = found.cloned() else { return Vec::new() };
    moved.stages.push(StageFact { at, stage: stage.to_owned() });
    let judged = judge_all(facts, policy, at);
    let desk = Desk { facts, policy, judged: &judged, horizon: at, open: true };
    let gates = policy.pipeline.gates.iter().filter_map(|gate| passed(desk, &moved, gate));
    gates.filter(|warning| warning.left_at == at).collect()
}

fn passed(desk: Desk<'_>, deal: &DealFact, gate: &StageGate) -> Option<GateWarning> {
    let pipeline = &desk.policy.pipeline;
    let place = pipeline.stages.iter().rposition(|stage| stage.phase == gate.phase)?;
    let entered = |beyond: bool| {
        deal.stages.iter().filter(move |entry| {
            pipeline
                .position(&entry.stage)
                .is_some_and(|at| if beyond { at > place } else { at <= place })
        })
    };
    let left_at = entered(true).map(|entry| entry.at).filter(|at| *at <= desk.horizon).min()?;
    let (start, _end) = desk.facts.period.bounds(&desk.facts.calendar.zone);
    if left_at < start {
        return None;
    }
    // A deal that began beyond the stage never stood at the gate.
    entered(false).find(|entry| entry.at <= left_at)?;
    let deep: Vec<FactRef> = desk
        .judged
        .iter()
        .filter(|one| {
            one.counts
                && one.at <= left_at
                && one.visit.mode.as_ref().is_some_and(|mode| gate.deep_modes.contains(mode))
                && (one.visit.deals.contains(&deal.doc)
                    || (deal.customer.is_some() && one.visit.customer == deal.customer))
                && deal.created_at.is_none_or(|created| created <= one.at)
        })
        .map(|one| one.visit.fact())
        .collect();
    let left_on = desk.facts.calendar.zone.date(left_at);
    let missing = gate.documents.iter().filter(|wanted| {
        !deal.milestones.iter().any(|done| done.what == **wanted && done.done_on <= left_on)
    });
    let documents_missing: Vec<String> = missing.cloned().collect();
    let contacts = u32::try_from(deep.len()).unwrap_or(u32::MAX);
    if contacts >= gate.deep_contacts && documents_missing.is_empty() {
        return None;
    }
    let stage = pipeline.stages.get(place).map(|stage| stage.code.clone()).unwrap_or_default();
    let mut facts = deep;
    facts.push(deal.fact());
    facts.sort();
    Some(GateWarning {
        deal: deal.doc,
        stage,
        left_at,
        contacts,
        contacts_wanted: gate.deep_contacts,
        documents_missing,
        blocks: gate.block,
        facts,
    })
}
