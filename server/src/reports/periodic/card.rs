//! What a report takes from a card: its lines, reminders, risks and figures, without the
//! facts behind each. Those stay with the card, which its digests name.

use std::collections::BTreeMap;

use client_core::id::{DocId, UserId};
use client_core::period::Period;
use client_core::records::{Metric, Tier};
use client_core::rules::policy::Group;
use client_core::rules::{
    BasisPoints, CentiPoints, CoverageFigures, DueStatus, RiskLevel, RiskReason, TaskKind,
    TaskState,
};
use client_core::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

use crate::storage::StorageError;
use crate::storage::model::ScorecardRow;

/// What a report takes from a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CardTold {
    /// Whose.
    pub rep: UserId,
    /// Of which month.
    pub period: Period,
    /// The instant it was looked from.
    pub as_of: Timestamp,
    /// SHA-256 of its facts.
    #[serde(with = "serde_bytes")]
    pub inputs_digest: [u8; 32],
    /// SHA-256 of the whole card.
    #[serde(with = "serde_bytes")]
    pub outcome_digest: [u8; 32],
    /// Its total.
    pub total: Option<CentiPoints>,
    /// Points of its groups.
    pub groups: Vec<(Group, CentiPoints)>,
    /// Its lines.
    pub lines: Vec<LineTold>,
    /// Coverage of all its customers (F3).
    pub coverage: CoverageFigures,
    /// Customers by when they are due.
    pub due: Vec<(DueStatus, Option<Tier>, u32)>,
    /// Figures beside the card.
    pub figures: Vec<FigureTold>,
    /// Customers in danger.
    pub risks: Vec<RiskTold>,
    /// Reminders that wait.
    pub tasks: Vec<TaskTold>,
}

/// A line of a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineTold {
    /// Of what.
    pub indicator: Metric,
    /// The value in its metric's unit.
    pub value: Option<i64>,
    /// The target.
    pub target: Option<i64>,
    /// Actual ÷ target.
    pub attainment: Option<BasisPoints>,
}

/// A figure beside a card, as a fraction that can be added up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureTold {
    /// The stable code.
    pub id: String,
    /// Above the line.
    pub numerator: i64,
    /// Below the line.
    pub denominator: i64,
    /// Whether there is one.
    pub known: bool,
}

/// A customer in danger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskTold {
    /// Which.
    pub customer: DocId,
    /// How much.
    pub level: RiskLevel,
    /// Why.
    pub reasons: Vec<RiskReason>,
    /// Since.
    pub since: Date,
}

/// A reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskTold {
    /// What kind.
    pub kind: TaskKind,
    /// How it stands.
    pub state: TaskState,
    /// The customer.
    pub customer: Option<DocId>,
    /// The deal, visit, case or plan.
    pub subject: Option<DocId>,
    /// The last day in time.
    pub due_on: Date,
}

/// The parts of a stored outcome that are read; the rest is passed over.
#[derive(Deserialize)]
struct Stored {
    rep: UserId,
    period: Period,
    as_of: Timestamp,
    scorecard: StoredScore,
    coverage: StoredCoverage,
    due: Vec<StoredDue>,
    #[serde(default)]
    figures: Vec<StoredFigure>,
    #[serde(default)]
    risks: Vec<RiskTold>,
    #[serde(default)]
    tasks: Vec<TaskTold>,
}

#[derive(Deserialize)]
struct StoredScore {
    total: Option<CentiPoints>,
    groups: Vec<StoredGroup>,
    lines: Vec<LineTold>,
}

#[derive(Deserialize)]
struct StoredGroup {
    group: Group,
    points: CentiPoints,
}

#[derive(Deserialize)]
struct StoredCoverage {
    total: CoverageFigures,
}

#[derive(Deserialize)]
struct StoredDue {
    tier: Option<Tier>,
    status: DueStatus,
}

#[derive(Deserialize)]
struct StoredFigure {
    id: String,
    figure: StoredFraction,
}

#[derive(Deserialize)]
struct StoredFraction {
    value: Option<i64>,
    numerator: i64,
    denominator: i64,
}

impl CardTold {
    /// What a report takes from a stored card.
    pub(super) fn read(row: &ScorecardRow) -> Result<Self, StorageError> {
        let stored: Stored = ciborium::from_reader(row.outcome.as_slice()).map_err(
            |error: ciborium::de::Error<_>| StorageError::Corrupt {
                what: "outcome",
                reason: error.to_string(),
            },
        )?;
        let mut due: BTreeMap<(DueStatus, Option<Tier>), u32> = BTreeMap::new();
        for one in stored.due {
            *due.entry((one.status, one.tier)).or_default() += 1;
        }
        let groups = stored.scorecard.groups.into_iter();
        let figures = stored.figures.into_iter().map(|one| FigureTold {
            id: one.id,
            numerator: one.figure.numerator,
            denominator: one.figure.denominator,
            known: one.figure.value.is_some(),
        });
        let waiting = |task: &TaskTold| task.state != TaskState::Resolved;
        Ok(Self {
            rep: stored.rep,
            period: stored.period,
            as_of: stored.as_of,
            inputs_digest: row.record.inputs_digest,
            outcome_digest: row.record.outcome_digest,
            total: stored.scorecard.total,
            groups: groups.map(|one| (one.group, one.points)).collect(),
            lines: stored.scorecard.lines,
            coverage: stored.coverage.total,
            due: due.into_iter().map(|((status, tier), count)| (status, tier, count)).collect(),
            figures: figures.collect(),
            risks: stored.risks,
            tasks: stored.tasks.into_iter().filter(waiting).collect(),
        })
    }

    /// The line of a metric.
    pub(super) fn line(&self, metric: &Metric) -> Option<&LineTold> {
        self.lines.iter().find(|line| line.indicator == *metric)
    }
}
