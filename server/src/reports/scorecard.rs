//! Official scorecards with everything that explains them.

use client_core::id::UserId;
use client_core::period::Period;
use client_core::records::{PolicyRecord, UserRecord};
use client_core::rules::{
    CentiPoints, Coverage, Due, GroupLine, IndicatorLine, JudgedVisit, NamedFigure, Outcome, Pace,
    Policy, Provisional,
};
use client_core::time::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::office::Office;
use crate::scoring::{self, ScoringError};
use crate::storage::model::ScorecardRow;
use crate::storage::{Scores, StorageError};

/// The cards of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardReport {
    /// The month.
    pub period: Period,
    /// One for each rep, the highest total first, reps without a total last.
    pub cards: Vec<RepCard>,
}

/// A rep's official card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RepCard {
    /// The rep.
    pub rep: UserId,
    /// The rep's name.
    pub name: String,
    /// The month.
    pub period: Period,
    /// The instant at which the rules looked at the facts.
    pub as_of: Timestamp,
    /// Version of the rule code.
    pub rules_version: u32,
    /// Version of the policy; absent if it is not kept any more.
    pub policy_version: Option<u32>,
    /// SHA-256 of the policy, in hexadecimal.
    pub policy_hash: String,
    /// SHA-256 of the facts, in hexadecimal.
    pub inputs_digest: String,
    /// SHA-256 of the outcome, in hexadecimal.
    pub outcome_digest: String,
    /// The total in hundredths of a point; null when nothing was applicable.
    pub total_centipoints: Option<CentiPoints>,
    /// Result and process.
    pub groups: Vec<GroupLine>,
    /// The indicators with the facts they used and left out.
    pub lines: Vec<IndicatorLine>,
    /// The figures beside the card, with the facts they used and left out.
    pub figures: Vec<NamedFigure>,
    /// Visit coverage (F3).
    pub coverage: Coverage,
    /// Pace (F12).
    pub pace: Vec<Pace>,
    /// The month's visits with their verdict (F1).
    pub visits: Vec<JudgedVisit>,
    /// Whom to visit next (F5).
    pub due: Vec<Due>,
    /// What may still change.
    pub provisional: Provisional,
}

/// The cards of a month as they are now, of every rep or of one.
pub async fn scorecards(
    app: &App,
    office: &Office,
    period: Period,
    only: Option<UserId>,
) -> Result<CardReport, ScoringError> {
    scoring::refresh(app, office.org(), period).await?;
    let people = office.people().await?;
    let policies = office.policies().await?;
    let mut cards = Vec::new();
    for row in app.storage().scorecards(office.org(), period).await? {
        if only.is_none_or(|rep| rep == row.record.rep) {
            cards.push(RepCard::read(&row, &people, &policies)?);
        }
    }
    cards.sort_by(|a, b| {
        (b.total_centipoints, &a.name, a.rep).cmp(&(a.total_centipoints, &b.name, b.rep))
    });
    Ok(CardReport { period, cards })
}

impl RepCard {
    fn read(
        row: &ScorecardRow,
        people: &[UserRecord],
        policies: &[PolicyRecord],
    ) -> Result<Self, StorageError> {
        let outcome: Outcome = ciborium::from_reader(row.outcome.as_slice()).map_err(
            |error: ciborium::de::Error<_>| StorageError::Corrupt {
                what: "outcome",
                reason: error.to_string(),
            },
        )?;
        let person = people.iter().find(|user| user.id == outcome.rep);
        let policy = policies.iter().rev().find(|policy| {
            Policy::kept(&policy.toml).is_ok_and(|read| read.hash() == outcome.policy_hash)
        });
        let hex = |digest: &[u8; 32]| data_encoding::HEXLOWER.encode(digest);
        Ok(Self {
            rep: outcome.rep,
            name: person.map_or_else(|| outcome.rep.to_string(), |person| person.name.clone()),
            period: outcome.period,
            as_of: outcome.as_of,
            rules_version: outcome.rules_version,
            policy_version: policy.map(|policy| policy.version),
            policy_hash: hex(&outcome.policy_hash),
            inputs_digest: hex(&outcome.inputs_digest),
            outcome_digest: hex(&row.record.outcome_digest),
            total_centipoints: outcome.scorecard.total,
            groups: outcome.scorecard.groups,
            lines: outcome.scorecard.lines,
            figures: outcome.figures,
            coverage: outcome.coverage,
            pace: outcome.pace,
            visits: outcome.visits,
            due: outcome.due,
            provisional: outcome.provisional,
        })
    }
}
