//! Targets of the cascade org → unit → rep.

mod cut;
mod publish;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::records::{Metric, Record, RecordKind, TargetLevel, TargetRecord};
use client_core::time::Date;
use sha2::{Digest, Sha256};

use super::Office;
use crate::storage::{Records, StorageError};

pub use cut::{Cut, SplitTargetError};
pub use publish::Published;

/// The longest key or value of a dimension, in characters.
const LONGEST: usize = 40;

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
    /// What part of the whole it is for, by keys of the org's own; empty for all of it.
    pub dimension: BTreeMap<String, String>,
    /// Not to be seen by reps before it is published.
    pub draft: bool,
}

impl SetTarget {
    /// A target of the whole of a metric, published today.
    pub const fn new(level: TargetLevel, metric: Metric, period: Period, value: i64) -> Self {
        Self {
            level,
            metric,
            period,
            value,
            parent: None,
            published_on: None,
            dimension: BTreeMap::new(),
            draft: false,
        }
    }
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
    /// A dimension without a name or a value, or too long a one.
    #[error("{text:?} is no key or value of a dimension: expected 1 to {LONGEST} characters")]
    Dimension {
        /// What was given.
        text: String,
    },
    /// Reps know it already.
    #[error("the target {target} is published: it can be changed, and not be made a draft again")]
    Published {
        /// Which.
        target: RecordId,
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
    /// Sets a target. The same level, metric, period and dimension name the same record,
    /// so setting it again changes its value.
    pub async fn set_target(&self, wanted: SetTarget) -> Result<TargetRecord, SetTargetError> {
        let target = self.check_target(wanted).await?;
        self.write(Record::Target(target.clone())).await?;
        Ok(target)
    }

    /// A target as [`Office::set_target`] would store it; nothing is written.
    pub async fn check_target(&self, wanted: SetTarget) -> Result<TargetRecord, SetTargetError> {
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
        let dimension = dimension(&wanted.dimension)?;
        if let Some(parent) = wanted.parent {
            self.check_parent(parent, &wanted).await?;
        }
        let id = id_of(wanted.level, &wanted.metric, wanted.period, &dimension);
        let before = self.target(id).await?;
        if wanted.draft && before.as_ref().is_some_and(|before| !before.draft) {
            return Err(SetTargetError::Published { target: id });
        }
        let published_on = match wanted.published_on {
            _ if wanted.draft => None,
            Some(date) => Some(date),
            None => Some(self.today().await?),
        };
        Ok(TargetRecord {
            id,
            level: wanted.level,
            metric: wanted.metric,
            period: wanted.period,
            value: wanted.value,
            parent: wanted.parent.or(before.and_then(|before| before.parent)),
            published_on,
            dimension,
            draft: wanted.draft,
        })
    }

    /// Writes targets that were checked, all or none.
    pub async fn write_targets(&self, targets: Vec<TargetRecord>) -> Result<(), StorageError> {
        if targets.is_empty() {
            return Ok(());
        }
        let records = targets.into_iter().map(Record::Target).collect();
        self.app.storage().write_records(self.org, records, self.now()).await.map(drop)
    }

    /// One target.
    pub async fn target(&self, id: RecordId) -> Result<Option<TargetRecord>, StorageError> {
        self.one(RecordKind::Target, id, |record| match record {
            Record::Target(target) => Some(target),
            _ => None,
        })
        .await
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
        let found = self.target(parent).await?;
        let found = found.ok_or(SetTargetError::UnknownParent { parent })?;
        let inside = found.period.covers(wanted.period);
        if found.metric == wanted.metric && inside {
            return Ok(());
        }
        Err(SetTargetError::OtherParent { parent, metric: found.metric, period: found.period })
    }
}

/// Keys in lower case, both without spaces around them.
fn dimension(
    written: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, SetTargetError> {
    let text = |text: &str| {
        let text = text.trim().to_owned();
        let fits = (1..=LONGEST).contains(&text.chars().count());
        if fits { Ok(text) } else { Err(SetTargetError::Dimension { text }) }
    };
    written.iter().map(|(key, value)| Ok((text(key)?.to_lowercase(), text(value)?))).collect()
}

/// The id of a target: derived, so that nothing has to be looked up to change it.
fn id_of(
    level: TargetLevel,
    metric: &Metric,
    period: Period,
    dimension: &BTreeMap<String, String>,
) -> RecordId {
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
    for (key, value) in dimension {
        for text in [key, value] {
            hash.update([0]);
            hash.update(text.as_bytes());
        }
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
    RecordId::from_bytes(bytes)
}
