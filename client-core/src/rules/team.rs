//! Deals as the figures of a team see them.
//!
//! A card is one rep's; a funnel, a win rate or a report is a unit's. Whose deal
//! it is must be the same question with the same answer in both, or a team's sum
//! would not be the sum of its reps. So [`credit`] decides it, here and in
//! [`Facts::for_rep`](crate::rules::Facts::for_rep).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::Header;
use crate::docs::deal::{DealKind, DealOutcome, DealState};
use crate::id::{DocId, UnitId, UserId};
use crate::money::Money;
use crate::records::{PlacementRecord, ProductRecord};
use crate::rules::facts::{AwaitedFact, DealFact, MilestoneFact, StageFact};
use crate::rules::gather::{self, Row};
use crate::rules::outcome::DealReason;
use crate::time::Timestamp;

/// Whose a deal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Whom it is credited to.
    pub rep: UserId,
    /// The unit of the deal's own placement; absent before it was placed.
    pub unit: Option<UnitId>,
}

/// Whose a deal is: the frozen credit; else the owner by the deal's own placement
/// in force when it was decided, or by the latest one; else its author.
pub fn credit(header: &Header, placement: Option<&PlacementRecord>, state: &DealState) -> Credit {
    let Some(record) = placement else { return Credit { rep: header.author, unit: None } };
    let decided = state.outcome.as_ref().and(state.decided_at);
    let holder = decided.and_then(|at| record.at(at)).or(record.current());
    let owner = holder.map(|span| span.owner);
    Credit {
        rep: record.credit.or(owner).unwrap_or(header.author),
        unit: holder.map(|span| span.unit),
    }
}

/// A deal with what only figures of a team ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamDeal {
    /// What a card would see of it.
    pub fact: DealFact,
    /// Whose it is.
    pub credit: Credit,
    /// Normal or tender.
    pub kind: Option<DealKind>,
    /// Its lines, by the item's id.
    pub lines: Vec<DealLine>,
    /// It is no sale but the end of one: an order of earlier days that was called off in
    /// these. Its amounts are below zero, and nothing was bought by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taken_back: bool,
}

/// A line of a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealLine {
    /// Code or name of the product, as written.
    pub product: Option<String>,
    /// The line's amount.
    pub amount: Option<Money>,
}

impl TeamDeal {
    /// The deal of a row, placed by the deal's own placement.
    pub fn of(row: &Row<'_, DealState>, placement: Option<&PlacementRecord>) -> Self {
        let state = &row.state.value;
        let lines = state.products.values();
        Self {
            fact: fact(row),
            credit: credit(&row.header, placement, state),
            kind: state.kind.clone(),
            lines: lines
                .map(|line| DealLine { product: line.product.clone(), amount: line.amount })
                .collect(),
            taken_back: false,
        }
    }

    /// What each of its products came to. The final amount of a deal is agreed for
    /// the whole, so where there is one line it is that line's; of several each has
    /// what it says.
    pub fn line_amounts(&self) -> Vec<(Option<&str>, Option<Money>)> {
        let single = self.lines.len() == 1;
        let amount = |line: &DealLine| match self.fact.amount {
            Some(amount) if single => Some(amount),
            _ => line.amount,
        };
        self.lines.iter().map(|line| (line.product.as_deref(), amount(line))).collect()
    }
}

/// The catalogue, to find the products that lines mean.
#[derive(Debug, Clone, Default)]
pub struct Catalogue<'a> {
    by_text: BTreeMap<String, &'a ProductRecord>,
}

impl<'a> Catalogue<'a> {
    /// Of these products. Where a code is another product's name, the code holds.
    pub fn of(products: &'a [ProductRecord]) -> Self {
        let names = products.iter().map(|product| (&product.name, product));
        let codes = products.iter().map(|product| (&product.code, product));
        let by_text = names.chain(codes).map(|(text, product)| (text.to_lowercase(), product));
        Self { by_text: by_text.collect() }
    }

    /// The product that a line means; see [`ProductRecord::answers_to`].
    pub fn find(&self, text: &str) -> Option<&'a ProductRecord> {
        self.by_text.get(&text.trim().to_lowercase()).copied()
    }
}

/// The deals of `rows`, each once, by document id. Any order, with repetitions.
pub fn team_deals(rows: &[Row<'_, DealState>], placements: &[PlacementRecord]) -> Vec<TeamDeal> {
    let placements: BTreeMap<DocId, &PlacementRecord> = gather::placements(placements);
    let deals = gather::unique(rows)
        .map(|row| TeamDeal::of(&row, placements.get(&row.header.doc).copied()));
    deals.collect()
}

/// A deal as a card sees it.
pub(super) fn fact(row: &Row<'_, DealState>) -> DealFact {
    let state = &row.state.value;
    let entries = state.stage_history.values();
    let mut stages: Vec<StageFact> =
        entries.map(|entry| StageFact { at: entry.at, stage: entry.stage.clone() }).collect();
    stages.sort_unstable();
    DealFact {
        doc: row.header.doc,
        heads: row.heads.clone(),
        customer: row.header.customer,
        stage: state.stage.clone(),
        stages,
        outcome: state.outcome.clone(),
        decided_at: state.decided_at,
        amount: state.amount,
        created_at: state.created_at,
        grade: state.grade.clone(),
        graded_at: state.graded_at,
        priority: state.priority.clone(),
        competitor: !state.competitors.is_empty(),
        milestones: reached(state),
        awaited: awaited(state),
    }
}

fn reached(state: &DealState) -> Vec<MilestoneFact> {
    let milestones = state.milestones.values();
    let mut reached: Vec<MilestoneFact> = milestones
        .filter_map(|one| {
            let what = one.what.as_ref().map(|what| what.trim().to_owned())?;
            Some(MilestoneFact { what, done_on: one.done_on? })
        })
        .collect();
    reached.sort_unstable();
    reached
}

fn awaited(state: &DealState) -> Vec<AwaitedFact> {
    let open = state.milestones.values().filter(|one| one.done_on.is_none());
    let mut awaited: Vec<AwaitedFact> = open
        .filter_map(|one| {
            let what = one.what.as_deref().map(str::trim).unwrap_or_default().to_owned();
            Some(AwaitedFact { due_on: one.due?, what })
        })
        .collect();
    awaited.sort_unstable();
    awaited
}

/// How a deal stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Not decided yet.
    Open,
    /// Won, at.
    Won(Timestamp),
    /// Lost, at.
    Lost(Timestamp),
    /// Decided, and nobody can say when or how.
    Unclear(DealReason),
}

/// How `deal` stands at `as_of`: what was decided later is open then.
pub(super) fn fate(deal: &DealFact, as_of: Timestamp) -> Fate {
    match (&deal.outcome, deal.decided_at) {
        (None, _) => Fate::Open,
        (Some(DealOutcome::Unknown(_)), _) => Fate::Unclear(DealReason::UnknownOutcome),
        (Some(_), None) => Fate::Unclear(DealReason::UndatedDecision),
        (Some(_), Some(at)) if as_of < at => Fate::Open,
        (Some(DealOutcome::Won), Some(at)) => Fate::Won(at),
        (Some(DealOutcome::Lost), Some(at)) => Fate::Lost(at),
    }
}
