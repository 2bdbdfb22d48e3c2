//! Splitting a target into its parts.

use std::collections::BTreeMap;

use client_core::id::{RecordId, UserId};
use client_core::period::Period;
use client_core::records::{Role, TargetLevel, TargetRecord, UserStatus};
use client_core::rules::split;

use super::{Office, SetTarget, SetTargetError};
use crate::storage::{Accounts, StorageError, main_unit, scopes};

/// How a target is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// Into its months, by working days unless weights are given.
    Months {
        /// A weight for each month, in order.
        weights: Option<Vec<u64>>,
    },
    /// Into the units right below, alike unless weights are given.
    Units {
        /// Weights by the unit's name; a unit that is not named gets nothing.
        weights: BTreeMap<String, u64>,
    },
    /// Into the active reps of the unit, or of all units, alike unless weights are given.
    Reps {
        /// Weights by login; a rep who is not named gets nothing.
        weights: BTreeMap<String, u64>,
    },
    /// By a key of the org's own.
    Dimension {
        /// Such as `region`.
        key: String,
        /// Weights by the key's values.
        weights: BTreeMap<String, u64>,
    },
}

/// Why a target was not split. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SplitTargetError {
    /// There is no such target.
    #[error("there is no target {target}")]
    Unknown {
        /// What was given.
        target: RecordId,
    },
    /// It is for a day or a week.
    #[error("{period} has no months: expected a target of a month, a quarter or a year")]
    NoMonths {
        /// Its period.
        period: Period,
    },
    /// As many weights as months are needed.
    #[error("{given} weights were given for {months} months")]
    MonthWeights {
        /// How many there are.
        given: usize,
        /// How many are needed.
        months: usize,
    },
    /// A target of a rep is nobody else's.
    #[error("a rep's target is split into months or by a dimension only")]
    Personal,
    /// There is nobody or nothing to give a part to.
    #[error("there is nothing to split it into: {missing}")]
    Nothing {
        /// What was looked for.
        missing: &'static str,
    },
    /// A weight is for something that is not there.
    #[error("{name:?} is none of those it is split into: expected {}", known.join(", "))]
    UnknownPart {
        /// What was given.
        name: String,
        /// Whom or what there is.
        known: Vec<String>,
    },
    /// Every weight is 0.
    #[error("the weights are all 0: nobody would carry the target")]
    NoWeight,
    /// A part cannot be.
    #[error(transparent)]
    Part(#[from] SetTargetError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A part to be, with what it weighs.
struct Part {
    level: TargetLevel,
    period: Period,
    dimension: BTreeMap<String, String>,
    weight: u64,
}

impl Office {
    /// Splits a target; its parts sum to it. A share, such as a collection rate, is not
    /// split but handed down: each part has its value. Parts are drafts where the whole
    /// is one. Splitting again changes the parts that are there.
    pub async fn split_target(
        &self,
        target: RecordId,
        cut: Cut,
    ) -> Result<Vec<TargetRecord>, SplitTargetError> {
        let parts = self.plan_split(target, cut).await?;
        self.write_targets(parts.clone()).await?;
        Ok(parts)
    }

    /// The parts as [`Office::split_target`] would write them.
    pub(in crate::office) async fn plan_split(
        &self,
        target: RecordId,
        cut: Cut,
    ) -> Result<Vec<TargetRecord>, SplitTargetError> {
        let whole = self.target(target).await?.ok_or(SplitTargetError::Unknown { target })?;
        let parts = self.parts(&whole, cut).await?;
        let weights: Vec<u64> = parts.iter().map(|part| part.weight).collect();
        let values = split(whole.value, &weights).ok_or(SplitTargetError::NoWeight)?;
        let mut written = Vec::with_capacity(parts.len());
        for (part, value) in parts.into_iter().zip(values) {
            if part.weight == 0 {
                continue;
            }
            let wanted = SetTarget {
                level: part.level,
                metric: whole.metric.clone(),
                period: part.period,
                value: if whole.metric.is_additive() { value } else { whole.value },
                parent: Some(whole.id),
                published_on: whole.published_on,
                dimension: part.dimension,
                draft: whole.draft,
            };
            written.push(self.check_target(wanted).await?);
        }
        Ok(written)
    }

    async fn parts(&self, whole: &TargetRecord, cut: Cut) -> Result<Vec<Part>, SplitTargetError> {
        let part = |weight| Part {
            level: whole.level,
            period: whole.period,
            dimension: whole.dimension.clone(),
            weight,
        };
        match cut {
            Cut::Months { weights } => {
                let months = whole.period.months();
                let many = months.len() > 1;
                let none = SplitTargetError::NoMonths { period: whole.period };
                let months = Some(months).filter(|_months| many).ok_or(none)?;
                let weights = match weights {
                    Some(weights) if weights.len() == months.len() => weights,
                    Some(weights) => {
                        let (given, months) = (weights.len(), months.len());
                        return Err(SplitTargetError::MonthWeights { given, months });
                    }
                    None => self.working_days(&months).await?,
                };
                let parts = months.into_iter().zip(weights);
                Ok(parts.map(|(period, weight)| Part { period, ..part(weight) }).collect())
            }
            Cut::Units { weights } => {
                let parts = weighted(self.units_below(whole).await?, weights, "no units below")?;
                Ok(parts
                    .into_iter()
                    .map(|(level, weight)| Part { level, ..part(weight) })
                    .collect())
            }
            Cut::Reps { weights } => {
                let parts = weighted(self.reps_below(whole).await?, weights, "no active reps")?;
                Ok(parts
                    .into_iter()
                    .map(|(level, weight)| Part { level, ..part(weight) })
                    .collect())
            }
            Cut::Dimension { key, weights } => {
                let missing = "say the values with their weights, such as East=3,West=2";
                if weights.is_empty() {
                    return Err(SplitTargetError::Nothing { missing });
                }
                let with = |value: String, weight| {
                    let mut part = part(weight);
                    part.dimension.insert(key.clone(), value);
                    part
                };
                Ok(weights.into_iter().map(|(value, weight)| with(value, weight)).collect())
            }
        }
    }

    async fn working_days(&self, months: &[Period]) -> Result<Vec<u64>, StorageError> {
        let calendar = self.calendar().await?;
        let days = |month: &Period| {
            let days = calendar.working_days(month.first_day(), month.next_first_day());
            days.unsigned_abs()
        };
        Ok(months.iter().map(days).collect())
    }

    /// The units right below a target's, by name.
    async fn units_below(
        &self,
        whole: &TargetRecord,
    ) -> Result<BTreeMap<String, TargetLevel>, SplitTargetError> {
        let units = self.units().await?;
        let above = match whole.level {
            TargetLevel::Unit(unit) => Some(unit),
            // Everything hangs below the one unit at the top.
            TargetLevel::Org => {
                units.values().find(|unit| unit.parent.is_none()).map(|unit| unit.id)
            }
            TargetLevel::Rep(_) => return Err(SplitTargetError::Personal),
        };
        let below = units.values().filter(|unit| unit.parent.is_some() && unit.parent == above);
        Ok(below.map(|unit| (unit.name.clone(), TargetLevel::Unit(unit.id))).collect())
    }

    /// The active reps at or below a target's unit, by login.
    async fn reps_below(
        &self,
        whole: &TargetRecord,
    ) -> Result<BTreeMap<String, TargetLevel>, SplitTargetError> {
        let units: Vec<_> = self.units().await?.into_values().collect();
        let reach = match whole.level {
            TargetLevel::Unit(unit) => Some(scopes::at_or_below(&[unit], &units)),
            TargetLevel::Org => None,
            TargetLevel::Rep(_) => return Err(SplitTargetError::Personal),
        };
        let accounts = self.app.storage().accounts(self.org).await?.into_iter();
        let reps = accounts.filter(|account| {
            let user = &account.user;
            let inside = reach
                .as_ref()
                .is_none_or(|reach| main_unit(user).is_some_and(|unit| reach.contains(&unit)));
            user.role == Role::Rep && user.status == UserStatus::Active && inside
        });
        let level = |user: UserId| TargetLevel::Rep(user);
        Ok(reps.map(|account| (account.login, level(account.user.id))).collect())
    }
}

/// Everybody with their weight: as given, or alike where none is.
fn weighted(
    parts: BTreeMap<String, TargetLevel>,
    mut weights: BTreeMap<String, u64>,
    missing: &'static str,
) -> Result<Vec<(TargetLevel, u64)>, SplitTargetError> {
    if parts.is_empty() {
        return Err(SplitTargetError::Nothing { missing });
    }
    let known: Vec<String> = parts.keys().cloned().collect();
    let alike = weights.is_empty();
    let mut found = Vec::with_capacity(parts.len());
    for (name, level) in parts {
        let weight = weights.remove(&name);
        found.push((level, if alike { 1 } else { weight.unwrap_or(0) }));
    }
    match weights.into_keys().next() {
        Some(name) => Err(SplitTargetError::UnknownPart { name, known }),
        None => Ok(found),
    }
}
