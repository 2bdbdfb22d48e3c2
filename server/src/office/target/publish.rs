//! Publishing targets: from a day on everybody whom they concern sees them.

use std::collections::BTreeSet;

use client_core::id::UserId;
use client_core::period::Period;
use client_core::records::{TargetLevel, TargetRecord, UserStatus};
use client_core::rules::policy::Policy;
use client_core::rules::{SumCheck, sums};
use client_core::time::Date;

use super::Office;
use crate::storage::{StorageError, scopes};

/// What was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// From this day on.
    pub on: Date,
    /// The targets.
    pub targets: Vec<TargetRecord>,
    /// Everybody whom one of them concerns: the rep, the people of the unit and those
    /// below, or the whole org.
    pub people: BTreeSet<UserId>,
    /// Wholes among them whose parts do not sum to them as the policy asks.
    pub warnings: Vec<SumCheck>,
}

impl Office {
    /// Publishes the drafts of `period` and of the stretches of time inside it, from
    /// `on`; from today if absent.
    pub async fn publish_targets(
        &self,
        period: Period,
        on: Option<Date>,
    ) -> Result<Published, StorageError> {
        let on = match on {
            Some(on) => on,
            None => self.today().await?,
        };
        let mut drafts = self.targets().await?;
        drafts.retain(|target| target.draft && period.covers(target.period));
        for target in &mut drafts {
            target.draft = false;
            target.published_on = Some(on);
        }
        self.write_targets(drafts.clone()).await?;
        let people = self.concerned(&drafts).await?;
        let warnings = self.check_targets(Some(period)).await?;
        let warnings = warnings.into_iter().filter(|check| check.state.is_warning()).collect();
        Ok(Published { on, targets: drafts, people, warnings })
    }

    /// Every whole beside its parts (R14), of one period or of all.
    pub async fn check_targets(
        &self,
        period: Option<Period>,
    ) -> Result<Vec<SumCheck>, StorageError> {
        let targets = self.targets().await?;
        let month = Period::month_of(self.today().await?);
        let policy = self.policy_for(month).await?;
        let policy = policy.and_then(|record| Policy::kept(&record.toml).ok());
        let allowed = policy.map(|policy| policy.targets.over_assignment).unwrap_or_default();
        let mut checks = sums(&targets, allowed);
        let is_asked =
            |target: &TargetRecord| period.is_none_or(|asked| asked.covers(target.period));
        checks.retain(|check| {
            targets.iter().any(|target| target.id == check.parent && is_asked(target))
        });
        Ok(checks)
    }

    /// Whom targets concern.
    async fn concerned(&self, targets: &[TargetRecord]) -> Result<BTreeSet<UserId>, StorageError> {
        let units: Vec<_> = self.units().await?.into_values().collect();
        let people = self.people().await?;
        let active = || people.iter().filter(|user| user.status == UserStatus::Active);
        let levels: BTreeSet<TargetLevel> = targets.iter().map(|target| target.level).collect();
        let mut found = BTreeSet::new();
        for level in levels {
            match level {
                TargetLevel::Org => found.extend(active().map(|user| user.id)),
                TargetLevel::Rep(rep) => {
                    found.insert(rep);
                }
                TargetLevel::Unit(unit) => {
                    let reach = scopes::at_or_below(&[unit], &units);
                    let inside =
                        active().filter(|user| user.units.iter().any(|u| reach.contains(u)));
                    found.extend(inside.map(|user| user.id));
                }
            }
        }
        Ok(found)
    }
}
