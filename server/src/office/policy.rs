//! Changing the rules.

use client_core::id::{RecordId, UserId};
use client_core::period::Period;
use client_core::records::{PolicyRecord, Record, RecordKind};
use client_core::rules::Policy;
use client_core::rules::policy::PolicyError;
use client_core::time::Date;

use super::{Office, Refusal, Registrar};
use crate::storage::StorageError;

/// A policy to be put in force.
#[derive(Debug, Clone)]
pub struct SetPolicy {
    /// Its text, comments included.
    pub toml: String,
    /// In force from this day; from the first of the present month if absent.
    pub effective_from: Option<Date>,
    /// Also for months that are over: their cards are computed again by it.
    pub restate: bool,
}

/// Why a policy was not put in force.
#[derive(Debug, thiserror::Error)]
pub enum SetPolicyError {
    /// The text is no policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// It would change cards of months that are over.
    #[error(
        "{effective_from} lies in a month that is over, and such a month keeps its policy: \
         expected {open} or later, or to be told that closed months are to be restated"
    )]
    Closed {
        /// What was given.
        effective_from: Date,
        /// The first day of the present month.
        open: Date,
    },
    /// The rules are not this person's to set.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Puts a policy in force as the next version. Earlier versions stay: they
    /// explain earlier scores, and a month that is over keeps the one it was scored by.
    pub async fn set_policy(&self, wanted: SetPolicy) -> Result<PolicyRecord, SetPolicyError> {
        self.set_policy_by(wanted, None).await
    }

    /// The same, written down with who did it; nobody for the command line.
    pub(super) async fn set_policy_by(
        &self,
        wanted: SetPolicy,
        by: Option<UserId>,
    ) -> Result<PolicyRecord, SetPolicyError> {
        Policy::from_toml(&wanted.toml)?;
        let newest = self.policies().await?.iter().map(|policy| policy.version).max().unwrap_or(0);
        let open = Period::month_of(self.today().await?).first_day();
        let effective_from = wanted.effective_from.unwrap_or(open);
        if effective_from < open && !wanted.restate {
            return Err(SetPolicyError::Closed { effective_from, open });
        }
        let policy = PolicyRecord {
            id: self.fresh(RecordId::new),
            version: newest + 1,
            effective_from,
            toml: wanted.toml,
        };
        self.write(Record::Policy(policy.clone())).await?;
        let detail = format!("version {} from {effective_from}", policy.version);
        self.note("policy.set", policy.id, by, Some(detail)).await?;
        Ok(policy)
    }

    /// Every version, oldest first.
    pub async fn policies(&self) -> Result<Vec<PolicyRecord>, StorageError> {
        let mut policies = self
            .all(RecordKind::Policy, |record| match record {
                Record::Policy(policy) => Some(policy),
                _ => None,
            })
            .await?;
        policies.sort_by_key(|policy| policy.version);
        Ok(policies)
    }

    /// The policy that a period is scored by.
    pub async fn policy_for(&self, period: Period) -> Result<Option<PolicyRecord>, StorageError> {
        Ok(PolicyRecord::for_period(&self.policies().await?, period).cloned())
    }
}

impl Registrar {
    /// Puts a policy in force, as [`Office::set_policy`] does, for whoever leads the whole org.
    pub async fn set_policy(&self, wanted: SetPolicy) -> Result<PolicyRecord, SetPolicyError> {
        self.leads_all()?;
        self.office().set_policy_by(wanted, self.by_id()).await
    }
}
