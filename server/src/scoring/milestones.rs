//! Milestones of the year (R15, S3 季度里程碑): how much of a year's target was reached by
//! the end of a quarter, counted as on the cards, and how far the figures of the teams are
//! that have no target.
//!
//! A year of every rep is too much to read for each look at a page: 6.6 s with 500,000 visits
//! of 200 reps. So what was counted is kept ([`super::kept`]), and only of whom something came
//! since is counted again ([`count`]).

mod count;

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::{Days, Period};
use client_core::records::{Metric, PolicyRecord, TargetLevel, TargetRecord, UserRecord};
use client_core::rules::policy::{MilestoneFigure, MilestoneMetric, MilestoneRule};
use client_core::rules::{
    Figure, Milestone, Policy, collected_by_all, figure_milestone, milestone,
};
use client_core::time::{Date, Timestamp, Zone};
use serde::Serialize;

use self::count::{Counted, Part};
use super::ScoringError;
use super::gather::Setting;
use super::progress::Team;
use crate::app::App;
use crate::office::Office;

pub(crate) use self::count::KeptMilestones;

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

/// The milestones of a year whose quarters have begun, as far as whoever asks `sees` them: of
/// targets, and of the figures of the org and of the units that have reps. `targets` are all
/// of the org's, whoever asks, so that everybody shares what was counted. A year before the
/// org's rules that has no target has no milestones.
pub async fn milestones(
    app: &App,
    office: &Office,
    year: Period,
    mut targets: Vec<TargetRecord>,
    sees: impl Fn(TargetLevel, Option<&TargetRecord>) -> bool,
) -> Result<Vec<MilestoneProgress>, ScoringError> {
    targets.retain(|target| target.period == year && target.is_whole());
    targets.sort_by_key(|target| (target.level, target.id));
    let asked = Asked::read(app, office, year, &targets).await?;
    if asked.rules.is_empty() {
        return Ok(Vec::new());
    }
    let counted = asked.counted().await?;
    let mut found = Vec::new();
    for (place, rule) in asked.rules.iter().enumerate() {
        match &rule.metric {
            MilestoneMetric::Metric(metric) => {
                let of = |one: &&TargetRecord| one.metric == *metric && sees(one.level, Some(*one));
                let own = targets.iter().filter(of);
                found.extend(own.map(|target| asked.of_target(rule, place, target, &counted)));
            }
            MilestoneMetric::Figure(_) => {
                let figures = asked.figures(place, &counted);
                let seen = figures.into_iter().filter(|(level, ..)| sees(*level, None));
                found.extend(seen.map(|(level, now, before)| MilestoneProgress {
                    target: None,
                    level,
                    milestone: figure_milestone(rule, year, &now, before.as_ref()),
                    over: asked.is_over(rule),
                }));
            }
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
    today: Date,
    zone: Zone,
    policy: Policy,
    /// Those whose quarters have begun; of metrics, those that somebody has a target of.
    rules: Vec<MilestoneRule>,
    team: Team,
}

impl<'a> Asked<'a> {
    async fn read(
        app: &'a App,
        office: &'a Office,
        year: Period,
        targets: &[TargetRecord],
    ) -> Result<Self, ScoringError> {
        let zone = office.calendar().await?.zone;
        let now = app.clock().now();
        let today = zone.date(now);
        let policies: Vec<PolicyRecord> = office.policies().await?;
        let policy = Setting::policy_of(&policies, Period::month_of(today.min(year.last_day())))?;
        let begun = policies.iter().map(|policy| policy.effective_from).min();
        let known = !targets.is_empty() || begun.is_some_and(|day| day <= year.last_day());
        let mut rules = policy.milestones.clone();
        rules.retain(|rule| {
            known
                && rule.ends(year).first_day() <= today
                && match &rule.metric {
                    MilestoneMetric::Metric(metric) => {
                        targets.iter().any(|target| target.metric == *metric)
                    }
                    MilestoneMetric::Figure(_) => true,
                }
        });
        let team = Team::read(office).await?;
        Ok(Self { app, office, year, now, today, zone, policy, rules, team })
    }

    /// The instant from which a milestone of a figure is looked at.
    fn until(&self, days: Days) -> Timestamp {
        self.now.min(days.bounds(&self.zone).1.plus_millis(-1))
    }

    fn is_over(&self, rule: &MilestoneRule) -> bool {
        rule.ends(self.year).last_day() < self.today
    }

    /// Whether a rule counts visits: nothing else of them bears on a milestone.
    fn asks_visits(&self) -> bool {
        let visits = MilestoneMetric::Metric(Metric::EffectiveVisits);
        self.rules.iter().any(|rule| rule.metric == visits)
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

    fn of_target(
        &self,
        rule: &MilestoneRule,
        place: usize,
        target: &TargetRecord,
        counted: &Counted,
    ) -> MilestoneProgress {
        let reps = self.team.of(target.level);
        let each = reps.iter().filter_map(|rep| match part(counted, *rep, place) {
            Some(Part::Reached(reached)) => Some(*reached),
            _ => None,
        });
        let actual = each.fold(0_i64, i64::saturating_add);
        MilestoneProgress {
            target: Some(target.id),
            level: target.level,
            milestone: milestone(rule, self.year, target.value, actual),
            over: self.is_over(rule),
        }
    }

    /// A figure of each level, and what it was a year before where it is to grow.
    fn figures(
        &self,
        place: usize,
        counted: &Counted,
    ) -> Vec<(TargetLevel, Figure, Option<Figure>)> {
        let levels = self.levels().into_iter().map(|(level, _unit)| level);
        if self.rules.get(place).is_none_or(|rule| !is_collection(rule)) {
            let mut of: BTreeMap<TargetLevel, _> = counted
                .whole
                .as_ref()
                .and_then(|all| all.what.get(place))
                .cloned()
                .unwrap_or_default();
            let found = levels.filter_map(|level| {
                let (now, before) = of.remove(&level)?;
                Some((level, now, before))
            });
            return found.collect();
        }
        let found = levels.map(|level| {
            let reps: BTreeSet<UserId> = self.team.of(level);
            let each = reps.iter().filter_map(|rep| match part(counted, *rep, place) {
                Some(Part::Collected(now, before)) => Some((now.clone(), before.clone())),
                _ => None,
            });
            let (now, before): (Vec<Figure>, Vec<Option<Figure>>) = each.unzip();
            let before: Vec<Figure> = before.into_iter().flatten().collect();
            let grows = self.rules.get(place).is_some_and(|rule| rule.growth.is_some());
            (level, collected_by_all(&now), grows.then(|| collected_by_all(&before)))
        });
        found.collect()
    }
}

/// What a rep brings to the milestone at a place of the rules.
fn part(counted: &Counted, rep: UserId, place: usize) -> Option<&Part> {
    counted.of(rep)?.get(place)
}

/// Whether a milestone is of the collection rate, which rests on every rep's own facts.
fn is_collection(rule: &MilestoneRule) -> bool {
    rule.metric == MilestoneMetric::Figure(MilestoneFigure::CollectionRate)
}
