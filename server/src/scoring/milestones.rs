//! Milestones of the year (R15, S3 季度里程碑): how much of a year's target was reached by
//! the end of a quarter, counted as on the cards.

use std::collections::BTreeMap;

use client_core::id::{RecordId, UserId};
use client_core::period::Period;
use client_core::records::{TargetLevel, TargetRecord};
use client_core::rules::{Facts, Milestone, milestone, reached};
use serde::Serialize;

use super::ScoringError;
use super::gather::{Held, Setting};
use super::progress::Team;
use super::recompute::as_of;
use crate::app::App;
use crate::office::Office;

/// How far a target of a year is at one of its milestones. Its JSON is a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MilestoneProgress {
    /// The year's target, whose value is the milestone's `target`.
    #[serde(rename = "target_id")]
    pub target: RecordId,
    /// Whose it is.
    pub level: TargetLevel,
    /// The milestone.
    #[serde(flatten)]
    pub milestone: Milestone,
    /// Its quarter is over: what was not reached is missed.
    pub over: bool,
}

/// The milestones of the published targets of a year whose quarters have begun.
pub async fn milestones(
    app: &App,
    office: &Office,
    year: Period,
) -> Result<Vec<MilestoneProgress>, ScoringError> {
    let setting = Setting::read(app, office.org()).await?;
    let now = app.clock().now();
    let today = setting.calendar.zone.date(now);
    let policy = setting.policy(Period::month_of(today.min(year.last_day())))?;
    let mut targets: Vec<TargetRecord> = office.targets().await?;
    targets.retain(|target| target.period == year && target.is_whole());
    targets.sort_by_key(|target| (target.level, target.metric.clone(), target.id));
    let team = Team::read(office).await?;
    let since = Facts::first_visit(year, &policy, &setting.calendar);
    let mut found = Vec::new();
    for rule in &policy.milestones {
        let quarter = milestone(rule, year, 0, 0).quarter;
        let asked: Vec<&TargetRecord> =
            targets.iter().filter(|target| target.metric == rule.metric).collect();
        if today < quarter.first_day() || asked.is_empty() {
            continue;
        }
        let until = as_of(&setting.calendar, quarter, now);
        let mut by_rep: BTreeMap<UserId, i64> = BTreeMap::new();
        for user in &team.reps {
            let held = Held::read(app, office.org(), user.id, since, &setting).await?;
            let question = setting.question(user.id, year, until, policy.clone());
            let metric = rule.metric.clone();
            let counted = tokio::task::spawn_blocking(move || {
                let facts = question.facts(&held);
                reached(&facts, &question.policy, &metric, year, until)
            });
            let counted = counted.await;
            let counted =
                counted.map_err(|error| ScoringError::Rules { reason: error.to_string() })?;
            by_rep.insert(user.id, counted.unwrap_or(0));
        }
        for target in asked {
            let reps = team.of(target.level);
            let each = reps.iter().filter_map(|rep| by_rep.get(rep));
            let actual = each.fold(0_i64, |sum, one| sum.saturating_add(*one));
            found.push(MilestoneProgress {
                target: target.id,
                level: target.level,
                milestone: milestone(rule, year, target.value, actual),
                over: quarter.last_day() < today,
            });
        }
    }
    Ok(found)
}
