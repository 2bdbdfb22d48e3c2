//! Milestones of the year (R15, S3 季度里程碑): how much of a year's target was reached by
//! the end of a quarter, counted as on the cards, and how far the figures of the teams are
//! that have no target.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::{Days, Period};
use client_core::records::{Metric, TargetLevel, TargetRecord, UserRecord};
use client_core::rules::policy::{MilestoneFigure, MilestoneMetric, MilestoneRule};
use client_core::rules::{
    Facts, Figure, Milestone, Policy, collection_rate, figure_milestone, milestone,
    milestone_figure, reached,
};
use client_core::time::Timestamp;
use serde::Serialize;

use super::ScoringError;
use super::gather::{Held, Setting};
use super::progress::Team;
use super::recompute::as_of;
use crate::app::App;
use crate::office::Office;
use crate::reports::TeamMaterial;

/// How far a milestone is. Its JSON is a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MilestoneProgress {
    /// The year's target, whose value is the milestone's `target`; none of a figure.
    #[serde(rename = "target_id")]
    pub target: Option<RecordId>,
    /// Whose it is.
    pub level: TargetLevel,
    /// The milestone.
    #[serde(flatten)]
    pub milestone: Milestone,
    /// Its quarter is over: what was not reached is missed.
    pub over: bool,
}

/// The milestones of a year whose quarters have begun: of published targets, and of the
/// figures of the org and of the units that have reps.
pub async fn milestones(
    app: &App,
    office: &Office,
    year: Period,
) -> Result<Vec<MilestoneProgress>, ScoringError> {
    let asked = Asked::read(app, office, year).await?;
    let mut found = Vec::new();
    for rule in &asked.policy.milestones {
        if asked.setting.calendar.zone.date(asked.now) < rule.ends(year).first_day() {
            continue;
        }
        match &rule.metric {
            MilestoneMetric::Metric(metric) => found.extend(asked.of_targets(rule, metric).await?),
            MilestoneMetric::Figure(of) => found.extend(asked.of_figure(rule, *of).await?),
        }
    }
    Ok(found)
}

/// What milestones of a year are worked out with.
struct Asked<'a> {
    app: &'a App,
    office: &'a Office,
    year: Period,
    now: Timestamp,
    setting: Setting,
    policy: Policy,
    team: Team,
}

impl<'a> Asked<'a> {
    async fn read(app: &'a App, office: &'a Office, year: Period) -> Result<Self, ScoringError> {
        let setting = Setting::read(app, office.org()).await?;
        let now = app.clock().now();
        let today = setting.calendar.zone.date(now);
        let policy = setting.policy(Period::month_of(today.min(year.last_day())))?;
        let team = Team::read(office).await?;
        Ok(Self { app, office, year, now, setting, policy, team })
    }

    /// The instant from which a milestone is looked at.
    fn until(&self, days: Days) -> Timestamp {
        self.now.min(days.bounds(&self.setting.calendar.zone).1.plus_millis(-1))
    }

    fn is_over(&self, rule: &MilestoneRule) -> bool {
        rule.ends(self.year).last_day() < self.setting.calendar.zone.date(self.now)
    }

    /// A rep's facts of a year as they were known at an instant.
    async fn facts(
        &self,
        rep: UserId,
        year: Period,
        until: Timestamp,
    ) -> Result<Facts, ScoringError> {
        let (app, org) = (self.app, self.office.org());
        let since = Facts::first_visit(year, &self.policy, &self.setting.calendar);
        let held = Held::read(app, org, rep, since, &self.setting).await?;
        let question = self.setting.question(rep, year, until, self.policy.clone());
        let facts = tokio::task::spawn_blocking(move || question.facts(&held));
        facts.await.map_err(|error| ScoringError::Rules { reason: error.to_string() })
    }

    async fn of_targets(
        &self,
        rule: &MilestoneRule,
        metric: &Metric,
    ) -> Result<Vec<MilestoneProgress>, ScoringError> {
        let year = self.year;
        let mut targets: Vec<TargetRecord> = self.office.targets().await?;
        targets.retain(|target| {
            target.period == year && target.is_whole() && target.metric == *metric
        });
        targets.sort_by_key(|target| (target.level, target.id));
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let until = as_of(&self.setting.calendar, rule.ends(year), self.now);
        let mut by_rep: BTreeMap<UserId, i64> = BTreeMap::new();
        for user in &self.team.reps {
            let facts = self.facts(user.id, year, until).await?;
            let (policy, metric) = (self.policy.clone(), metric.clone());
            let counted =
                tokio::task::spawn_blocking(move || reached(&facts, &policy, &metric, year, until));
            let counted = counted.await;
            let counted =
                counted.map_err(|error| ScoringError::Rules { reason: error.to_string() })?;
            by_rep.insert(user.id, counted.unwrap_or(0));
        }
        let each = targets.into_iter().map(|target| {
            let reps = self.team.of(target.level);
            let each = reps.iter().filter_map(|rep| by_rep.get(rep));
            let actual = each.fold(0_i64, |sum, one| sum.saturating_add(*one));
            MilestoneProgress {
                target: Some(target.id),
                level: target.level,
                milestone: milestone(rule, year, target.value, actual),
                over: self.is_over(rule),
            }
        });
        Ok(each.collect())
    }

    /// The org, and every unit that has reps and not all of them.
    fn levels(&self) -> Vec<(TargetLevel, Option<UnitId>)> {
        let of = |user: &UserRecord| crate::storage::main_unit(user);
        let units: BTreeSet<UnitId> = self.team.reps.iter().filter_map(of).collect();
        let all = self.team.reps.len();
        let parts =
            units.into_iter().filter(|unit| self.team.of(TargetLevel::Unit(*unit)).len() < all);
        std::iter::once((TargetLevel::Org, None))
            .chain(parts.map(|unit| (TargetLevel::Unit(unit), Some(unit))))
            .collect()
    }

    async fn of_figure(
        &self,
        rule: &MilestoneRule,
        of: MilestoneFigure,
    ) -> Result<Vec<MilestoneProgress>, ScoringError> {
        let now = self.figures(of, self.year, rule).await?;
        let before = match rule.growth {
            Some(_) => Some(self.figures(of, self.year.previous(), rule).await?),
            None => None,
        };
        let levels = self.levels().into_iter().zip(now).enumerate();
        Ok(levels
            .map(|(place, ((level, _unit), figure))| {
                let before = before.as_ref().and_then(|before| before.get(place));
                MilestoneProgress {
                    target: None,
                    level,
                    milestone: figure_milestone(rule, self.year, &figure, before),
                    over: self.is_over(rule),
                }
            })
            .collect())
    }

    /// A figure of each level, in a year.
    async fn figures(
        &self,
        of: MilestoneFigure,
        year: Period,
        rule: &MilestoneRule,
    ) -> Result<Vec<Figure>, ScoringError> {
        let (days, levels) = (rule.days(year), self.levels());
        let until = self.until(days);
        if of == MilestoneFigure::CollectionRate {
            return self.collected(year, days, until, &levels).await;
        }
        let material = TeamMaterial::read(self.app, self.office, days).await?;
        let policy = self.policy.clone();
        let figures = tokio::task::spawn_blocking(move || {
            let each = levels.iter().map(|(_level, unit)| {
                material
                    .of(*unit)
                    .with(|facts, zone| milestone_figure(facts, &policy, of, zone, days, until))
            });
            each.collect()
        });
        figures.await.map_err(|error| ScoringError::Rules { reason: error.to_string() })
    }

    async fn collected(
        &self,
        year: Period,
        days: Days,
        until: Timestamp,
        levels: &[(TargetLevel, Option<UnitId>)],
    ) -> Result<Vec<Figure>, ScoringError> {
        let mut facts = BTreeMap::new();
        for user in &self.team.reps {
            facts.insert(user.id, self.facts(user.id, year, until).await?);
        }
        let teams: Vec<BTreeSet<UserId>> =
            levels.iter().map(|(level, _unit)| self.team.of(*level)).collect();
        let policy = self.policy.clone();
        let figures = tokio::task::spawn_blocking(move || {
            let each = teams.iter().map(|team| {
                let of: Vec<Facts> =
                    team.iter().filter_map(|rep| facts.get(rep).cloned()).collect();
                collection_rate(&of, &policy, days, until)
            });
            each.collect()
        });
        figures.await.map_err(|error| ScoringError::Rules { reason: error.to_string() })
    }
}
