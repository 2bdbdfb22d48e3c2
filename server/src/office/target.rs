//! Targets of the cascade org → unit → rep.

use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::records::{Metric, Record, RecordKind, TargetLevel, TargetRecord};
use client_core::time::Date;
use sha2::{Digest, Sha256};

use super::Office;
use crate::storage::StorageError;

/// A target to be set.
#[derive(Debug, Clone)]
pub struct SetTarget {
    /// Whose.
    pub level: TargetLevel,
    /// Of what.
    pub metric: Metric,
    /// For when.
    pub period: Period,
    /// How much, in the metric's unit.
    pub value: i64,
    /// The target it is split from.
    pub parent: Option<RecordId>,
    /// Visible to reps from this day on; today if absent.
    pub published_on: Option<Date>,
}

/// Why a target was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetTargetError {
    /// There is no such unit.
    #[error("there is no unit {unit}")]
    UnknownUnit {
        /// What was given.
        unit: UnitId,
    },
    /// There is no such person.
    #[error("there is no user {user}")]
    UnknownUser {
        /// What was given.
        user: UserId,
    },
    /// Nothing is counted under this name.
    #[error(
        "{metric} is not a metric: expected one of {}",
        Metric::KNOWN.iter().map(Metric::as_str).collect::<Vec<_>>().join(", ")
    )]
    UnknownMetric {
        /// What was given.
        metric: Metric,
    },
    /// Less than nothing.
    #[error("a target of {value} cannot be: expected 0 or more")]
    Negative {
        /// What was given.
        value: i64,
    },
    /// There is no target to split it from.
    #[error("there is no target {parent}")]
    UnknownParent {
        /// What was given.
        parent: RecordId,
    },
    /// It would be split from a target of something else.
    #[error(
        "the target {parent} is for {metric} in {period}: a part of it has the same metric and a \
         period inside"
    )]
    OtherParent {
        /// The parent.
        parent: RecordId,
        /// Of what it is.
        metric: Metric,
        /// For when.
        period: Period,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Sets a target. The same level, metric and period name the same record, so
    /// setting it again changes its value.
    pub async fn set_target(&self, wanted: SetTarget) -> Result<TargetRecord, SetTargetError> {
        match wanted.level {
            TargetLevel::Org => {}
            TargetLevel::Unit(unit) => {
                if !self.units().await?.contains_key(&unit) {
                    return Err(SetTargetError::UnknownUnit { unit });
                }
            }
            TargetLevel::Rep(user) => {
                self.user(user).await?.ok_or(SetTargetError::UnknownUser { user })?;
            }
        }
        if matches!(wanted.metric, Metric::Unknown(_)) {
            return Err(SetTargetError::UnknownMetric { metric: wanted.metric });
        }
        if wanted.value < 0 {
            return Err(SetTargetError::Negative { value: wanted.value });
        }
        if let Some(parent) = wanted.parent {
            self.check_parent(parent, &wanted).await?;
        }
        let published_on = match wanted.published_on {
            Some(date) => date,
            None => self.today().await?,
        };
        let target = TargetRecord {
            id: id_of(wanted.level, &wanted.metric, wanted.period),
            level: wanted.level,
            metric: wanted.metric,
            period: wanted.period,
            value: wanted.value,
            parent: wanted.parent,
            published_on: Some(published_on),
        };
        self.write(Record::Target(target.clone())).await?;
        Ok(target)
    }

    /// Every target, by id.
    pub async fn targets(&self) -> Result<Vec<TargetRecord>, StorageError> {
        self.all(RecordKind::Target, |record| match record {
            Record::Target(target) => Some(target),
            _ => None,
        })
        .await
    }

    async fn check_parent(
        &self,
        parent: RecordId,
        wanted: &SetTarget,
    ) -> Result<(), SetTargetError> {
        let found = self.one(RecordKind::Target, parent, |record| match record {
            Record::Target(target) => Some(target),
            _ => None,
        });
        let found = found.await?.ok_or(SetTargetError::UnknownParent { parent })?;
        let inside = found.period.contains(wanted.period.first_day())
            && found.period.contains(wanted.period.last_day());
        if found.metric == wanted.metric && inside {
            return Ok(());
        }
        Err(SetTargetError::OtherParent { parent, metric: found.metric, period: found.period })
    }
}

/// The id of a target: derived, so that nothing has to be looked up to change it.
fn id_of(level: TargetLevel, metric: &Metric, period: Period) -> RecordId {
    let mut hash = Sha256::new();
    hash.update(b"fieldsync target 1");
    match level {
        TargetLevel::Org => hash.update([0; 17]),
        TargetLevel::Unit(unit) => {
            hash.update([1]);
            hash.update(unit.as_bytes());
        }
        TargetLevel::Rep(rep) => {
            hash.update([2]);
            hash.update(rep.as_bytes());
        }
    }
    hash.update(period.to_string().as_bytes());
    hash.update([0]);
    hash.update(metric.as_str().as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
    RecordId::from_bytes(bytes)
}
