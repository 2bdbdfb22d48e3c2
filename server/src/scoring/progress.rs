//! How far targets are, from the rep up to the org (F12, S4 周跟踪).
//!
//! A unit's amount or count is the sum of its reps', each counted as on the rep's card, so
//! that the attainment of the whole and of the parts never tell two stories. A pace
//! outside the policy's bounds today and a week ago is a serious deviation (严重偏离): a
//! reason to ask for another target.

use std::collections::BTreeSet;

use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::records::{
    CalendarRecord, Metric, Role, TargetLevel, TargetRecord, UnitRecord, UserRecord,
};
use client_core::rules::{
    BasisPoints, PaceSide, Policy, Progress, outside, pace, serious, week_before,
};
use client_core::time::Timestamp;
use serde::Serialize;

use super::ScoringError;
use super::gather::Setting;
use super::reached::Count;
use super::recompute::as_of;
use crate::app::App;
use crate::office::Office;
use crate::storage::{StorageError, main_unit, scopes};

/// How far the targets of a period are. Its JSON is a contract: these keys, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgressReport {
    /// The period.
    pub period: Period,
    /// The instant looked from.
    pub as_of: Timestamp,
    /// Working days of the period.
    pub working_days: i64,
    /// Those that have passed, today included.
    pub elapsed_days: i64,
    /// Its targets: org, units, reps.
    pub targets: Vec<TargetProgress>,
}

/// How far one target is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetProgress {
    /// The target.
    pub target: RecordId,
    /// Whose it is.
    pub level: TargetLevel,
    /// Of what.
    pub metric: Metric,
    /// To be reached.
    pub value: i64,
    /// Reached so far; null for a share, which has no sum.
    pub actual: Option<i64>,
    /// Actual ÷ target in basis points.
    pub attainment: Option<BasisPoints>,
    /// Actual ÷ what the passed working days would have brought.
    pub pace: Option<BasisPoints>,
    /// Outside the policy's bounds now.
    pub outside: Option<PaceSide>,
    /// Outside on the same side a week ago too: a reason to ask for another target.
    pub serious: bool,
}

/// How far those of the targets of `period` are, as seen now, that whoever asks `sees`. Only
/// reps whose work these are about are counted, and of them only of whom something moved
/// since; what is counted follows from all targets of the org, so that everybody shares it.
pub async fn progress(
    app: &App,
    office: &Office,
    period: Period,
    mut targets: Vec<TargetRecord>,
    sees: impl Fn(&TargetRecord) -> bool,
) -> Result<ProgressReport, ScoringError> {
    let calendar = office.calendar().await?;
    let policy = Setting::policy_of(&office.policies().await?, period)?;
    let as_of = as_of(&calendar, period, app.clock().now());
    let today = calendar.zone.date(as_of).min(period.last_day());
    targets.retain(|target| target.period == period && target.is_whole());
    targets.sort_by_key(|target| (target.level, target.metric.clone(), target.id));
    let metrics = targets.iter().map(|target| target.metric.clone());
    let metrics: BTreeSet<Metric> = metrics.filter(Metric::is_additive).collect();
    targets.retain(|target| sees(target));
    let additive = targets.iter().filter(|target| target.metric.is_additive());
    let team = Team::read(office).await?;
    let levels: BTreeSet<TargetLevel> = additive.map(|target| target.level).collect();
    let reps: BTreeSet<UserId> = levels.iter().flat_map(|level| team.of(*level)).collect();
    let week_ago = week_before(period, today);
    let count = Count { period, as_of, today, week_ago, metrics, policy };
    let by_rep = count.all(app, office.org(), &reps).await?;
    let now = Progress::on(period, today, &calendar);
    let told = targets.iter().map(|target| {
        let reps = team.of(target.level);
        // Who is away has fewer working days; a unit has those of the org.
        let calendar = match target.level {
            TargetLevel::Rep(rep) => team.calendar_of(rep, &calendar),
            TargetLevel::Org | TargetLevel::Unit(_) => calendar.clone(),
        };
        let now = Progress::on(period, today, &calendar);
        let before = week_ago.map(|day| Progress::on(period, day, &calendar));
        let sum = |pick: fn(&(i64, Option<i64>)) -> Option<i64>| {
            // What a rep's part of is not known, the whole is not known of either.
            let of = |rep: &UserId| by_rep.get(rep)?.get(&target.metric).and_then(pick);
            reps.iter().map(of).try_fold(0_i64, |sum, one| Some(sum.saturating_add(one?)))
        };
        let actual = target.metric.is_additive().then(|| sum(|one| Some(one.0))).flatten();
        let earlier = sum(|one| one.1).zip(before);
        judge(target, actual, now, earlier, &count.policy)
    });
    Ok(ProgressReport {
        period,
        as_of,
        working_days: now.working_days,
        elapsed_days: now.elapsed_days,
        targets: told.collect(),
    })
}

/// The reps of an org by the units they are in.
pub(super) struct Team {
    pub reps: Vec<UserRecord>,
    units: Vec<UnitRecord>,
}

impl Team {
    pub(super) async fn read(office: &Office) -> Result<Self, StorageError> {
        let mut reps = office.people().await?;
        reps.retain(|user| user.role == Role::Rep);
        Ok(Self { reps, units: office.units().await?.into_values().collect() })
    }

    /// The calendar of a rep: the org's without the days on which the rep is away.
    fn calendar_of(&self, rep: UserId, calendar: &CalendarRecord) -> CalendarRecord {
        let user = self.reps.iter().find(|user| user.id == rep);
        calendar.of_person(user.map(|user| user.leave.as_slice()).unwrap_or_default())
    }

    /// Whose work a target of this level is about.
    pub(super) fn of(&self, level: TargetLevel) -> BTreeSet<UserId> {
        let inside = |unit: UnitId| {
            let reach = scopes::at_or_below(&[unit], &self.units);
            let below = self
                .reps
                .iter()
                .filter(move |user| main_unit(user).is_some_and(|unit| reach.contains(&unit)));
            below.map(|user| user.id).collect()
        };
        match level {
            TargetLevel::Org => self.reps.iter().map(|user| user.id).collect(),
            TargetLevel::Unit(unit) => inside(unit),
            TargetLevel::Rep(rep) => BTreeSet::from([rep]),
        }
    }
}

fn judge(
    target: &TargetRecord,
    actual: Option<i64>,
    now: Progress,
    earlier: Option<(i64, Progress)>,
    policy: &Policy,
) -> TargetProgress {
    let side = |actual, progress| outside(actual, target.value, progress, &policy.pace);
    let today = actual.and_then(|actual| side(actual, now));
    let before = earlier.and_then(|(actual, progress)| side(actual, progress));
    let whole = Progress { working_days: 1, elapsed_days: 1 };
    TargetProgress {
        target: target.id,
        level: target.level,
        metric: target.metric.clone(),
        value: target.value,
        actual,
        attainment: actual.and_then(|actual| pace(actual, target.value, whole)),
        pace: actual.and_then(|actual| pace(actual, target.value, now)),
        outside: today,
        serious: serious(today, before),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn two_weeks_outside_on_one_side_are_a_serious_deviation() {
        let policy = Policy::preset("guide-standard").unwrap();
        let target = TargetRecord {
            id: RecordId::from_bytes([1; 16]),
            level: TargetLevel::Org,
            metric: Metric::SalesAmount,
            period: "2026-10".parse().unwrap(),
            value: 100,
            parent: None,
            published_on: None,
            dimension: BTreeMap::new(),
            draft: false,
        };
        let at = |elapsed_days| Progress { working_days: 22, elapsed_days };
        let told = |actual, earlier: Option<i64>| {
            let earlier = earlier.map(|actual| (actual, at(6)));
            let found = judge(&target, Some(actual), at(11), earlier, &policy);
            (found.attainment.unwrap().0, found.pace.unwrap().0, found.outside, found.serious)
        };
        // DOMAIN F12: 40 of 100 on day 11 of 22 is a pace of 0.80, which is not below 0.80.
        assert_eq!(told(40, Some(1)), (4_000, 8_000, None, false));
        assert_eq!(told(39, Some(10)), (3_900, 7_800, Some(PaceSide::Below), true));
        assert_eq!(told(39, Some(25)), (3_900, 7_800, Some(PaceSide::Below), false));
        assert_eq!(told(39, None), (3_900, 7_800, Some(PaceSide::Below), false));
        assert_eq!(told(70, Some(40)), (7_000, 14_000, Some(PaceSide::Above), true));
        let share = judge(&target, None, at(11), None, &policy);
        assert_eq!((share.actual, share.pace, share.serious), (None, None, false));
    }
}
