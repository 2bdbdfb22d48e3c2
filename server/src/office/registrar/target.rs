//! Targets on behalf of somebody: who may set and split which, written down.
//!
//! What is published changes only after somebody else said yes to a request (S4
//! 目标动态调整): setting is for drafts and for what is new.

use client_core::id::RecordId;
use client_core::period::Period;
use client_core::records::{TargetLevel, TargetRecord};
use client_core::time::Date;

use super::{AskError, Refusal, Registrar};
use crate::office::{Cut, Published, SetTarget, SetTargetError, SplitTargetError};
use crate::storage::StorageError;

/// Why a target was not set, split or published.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// It is not this person's to decide.
    #[error(transparent)]
    Refused(Refusal),
    /// People know it: another value is asked for and approved.
    #[error("the target {target} is published: ask for another value, and somebody approves it")]
    Published {
        /// Which.
        target: RecordId,
    },
    /// It cannot be.
    #[error(transparent)]
    Set(SetTargetError),
    /// It cannot be split so.
    #[error(transparent)]
    Split(SplitTargetError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<AskError> for TargetError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Storage(error) => Self::Storage(error),
            AskError::Refused(refusal) => Self::Refused(refusal),
            _ => Self::Refused(Refusal::Places),
        }
    }
}

impl From<SetTargetError> for TargetError {
    fn from(error: SetTargetError) -> Self {
        match error {
            SetTargetError::Storage(error) => Self::Storage(error),
            error => Self::Set(error),
        }
    }
}

impl From<SplitTargetError> for TargetError {
    fn from(error: SplitTargetError) -> Self {
        match error {
            SplitTargetError::Storage(error) => Self::Storage(error),
            SplitTargetError::Part(error) => error.into(),
            error => Self::Split(error),
        }
    }
}

impl Registrar {
    /// Whether this reader sets targets of a level.
    pub async fn sets_target(&self, level: TargetLevel) -> Result<bool, StorageError> {
        match self.sets(level).await {
            Ok(()) => Ok(true),
            Err(AskError::Storage(error)) => Err(error),
            Err(_refused) => Ok(false),
        }
    }

    /// Sets a target that is new or a draft; the command line sets any.
    pub async fn set_target(&self, wanted: SetTarget) -> Result<TargetRecord, TargetError> {
        self.sets(wanted.level).await?;
        let target = self.office.check_target(wanted).await?;
        let before = self.office.target(target.id).await?;
        let known = before.as_ref().filter(|before| !before.draft && before.value != target.value);
        if self.by_id().is_some() && known.is_some() {
            return Err(TargetError::Published { target: target.id });
        }
        self.office.write_targets(vec![target.clone()]).await?;
        let was = before.map_or_else(|| "–".to_owned(), |before| before.value.to_string());
        let detail = format!("{} {was} → {}", about(&target), target.value);
        self.note("target.set", target.id, None, Some(detail)).await?;
        Ok(target)
    }

    /// Splits a target; this reader decides on each of its parts.
    pub async fn split_target(
        &self,
        target: RecordId,
        cut: Cut,
    ) -> Result<Vec<TargetRecord>, TargetError> {
        let parts = self.office.plan_split(target, cut).await?;
        for part in &parts {
            self.sets(part.level).await?;
            let before = self.office.target(part.id).await?;
            let moves = before.is_some_and(|it| !it.draft && it.value != part.value);
            if self.by_id().is_some() && moves {
                return Err(TargetError::Published { target: part.id });
            }
        }
        self.office.write_targets(parts.clone()).await?;
        let each: Vec<String> =
            parts.iter().map(|part| format!("{} {}", about(part), part.value)).collect();
        self.note("target.split", target, None, Some(each.join("; "))).await?;
        Ok(parts)
    }

    /// Publishes the drafts of a period, for whoever leads everybody.
    pub async fn publish_targets(
        &self,
        period: Period,
        on: Option<Date>,
    ) -> Result<Published, TargetError> {
        self.leads_all().map_err(TargetError::Refused)?;
        let published = self.office.publish_targets(period, on).await?;
        for target in &published.targets {
            let detail = format!("{} {} from {}", about(target), target.value, published.on);
            self.note("target.published", target.id, None, Some(detail)).await?;
        }
        Ok(published)
    }
}

/// Whose, of what and for when; ids, because names are looked up by who shows them.
fn about(target: &TargetRecord) -> String {
    let whose = match target.level {
        TargetLevel::Org => "org".to_owned(),
        TargetLevel::Unit(unit) => unit.to_string(),
        TargetLevel::Rep(rep) => rep.to_string(),
    };
    format!("{whose} {} {}", target.metric, target.period)
}
