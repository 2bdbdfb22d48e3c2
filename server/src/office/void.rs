//! Visits that do not count, because a person decided so.

use client_core::docs::DocKind;
use client_core::id::{DocId, RecordId, UserId};
use client_core::records::{Record, RecordKind, Ruling, VoidRecord};

use super::Office;
use super::grounds::Grounds;
use crate::scoring::{self, ScoringError};
use crate::storage::{Documents, StorageError};

/// The longest reason, in characters.
const LONGEST: usize = 500;

/// Why a visit was not voided, or not taken back.
#[derive(Debug, thiserror::Error)]
pub enum VoidError {
    /// There is no such visit.
    #[error("there is no visit {visit}")]
    UnknownVisit {
        /// What was given.
        visit: DocId,
    },
    /// The rep would not know why.
    #[error("a reason is missing: the rep reads it beside the visit")]
    NoReason,
    /// More than anybody reads.
    #[error("the reason has {chars} characters, {LONGEST} are allowed")]
    LongReason {
        /// Its length.
        chars: usize,
    },
    /// It does not count already.
    #[error("the visit {visit} was voided already")]
    AlreadyVoid {
        /// What was given.
        visit: DocId,
    },
    /// Nobody asks for a decision: it is taken out of the count instead, by whoever may.
    #[error("the visit {visit} is not under review: there is nothing to settle")]
    NotUnderReview {
        /// What was given.
        visit: DocId,
    },
    /// Whether it is under review could not be worked out.
    #[error(transparent)]
    Rules(ScoringError),
    /// There is nothing to take back.
    #[error("the visit {visit} is not voided")]
    NotVoid {
        /// What was given.
        visit: DocId,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Every decision of this kind in force.
    pub async fn voids(&self) -> Result<Vec<VoidRecord>, StorageError> {
        let mut voids = self
            .all(RecordKind::Void, |record| match record {
                Record::Void(void) => Some(void),
                _ => None,
            })
            .await?;
        voids.retain(VoidRecord::in_force);
        Ok(voids)
    }

    /// What was decided about a visit last.
    pub async fn void(&self, visit: DocId) -> Result<Option<VoidRecord>, StorageError> {
        let id = RecordId::from_bytes(*visit.as_bytes());
        self.one(RecordKind::Void, id, |record| match record {
            Record::Void(void) => Some(void),
            _ => None,
        })
        .await
    }

    /// From now on the visit does not count; it stays visible with the reason.
    pub async fn void_visit(
        &self,
        visit: DocId,
        reason: &str,
        by: Option<UserId>,
    ) -> Result<VoidRecord, VoidError> {
        self.rule_on(visit, Ruling::Void, reason, by).await
    }

    /// Settles a visit that is under review, or takes one out of the count. A decision
    /// takes the place of the one before it, but for a visit that is out of the count:
    /// that is taken back first. Settling asks whether the visit is under review now, by
    /// the same rules as its rep's card: what the reader's page or phone showed may be old.
    pub async fn rule_on(
        &self,
        visit: DocId,
        ruling: Ruling,
        reason: &str,
        by: Option<UserId>,
    ) -> Result<VoidRecord, VoidError> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(VoidError::NoReason);
        }
        let chars = reason.chars().count();
        if chars > LONGEST {
            return Err(VoidError::LongReason { chars });
        }
        let held = self.app.storage().document(self.org, visit).await?;
        let held = held.filter(|held| held.header.kind == DocKind::Visit);
        let header = held.ok_or(VoidError::UnknownVisit { visit })?.header;
        let mut grounds = self.grounds();
        let void = loop {
            let standing = standing(&mut grounds, visit).await?;
            match standing.map(|standing| standing.ruling) {
                Some(Ruling::Void) => return Err(VoidError::AlreadyVoid { visit }),
                // It was under review when it was settled first: the last word stands.
                Some(Ruling::Accept | Ruling::Reject) => {}
                None if ruling.is_void() => {}
                None => self.under_review(header.author, visit).await?,
            }
            let void = VoidRecord {
                visit,
                author: header.author,
                by,
                at: self.now(),
                reason: reason.to_owned(),
                undone_at: None,
                ruling,
            };
            // Working out whether it is under review takes a while, in which somebody else
            // may have decided: then it is asked again on what they decided.
            if grounds.write(Record::Void(void.clone())).await? {
                break void;
            }
        };
        let what = match ruling {
            Ruling::Accept => "visit.accept",
            Ruling::Reject => "visit.reject",
            Ruling::Void => "visit.void",
        };
        self.note_about(what, visit, by, None).await?;
        Ok(void)
    }

    async fn under_review(&self, rep: UserId, visit: DocId) -> Result<(), VoidError> {
        match scoring::is_under_review(&self.app, self.org, rep, visit).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(VoidError::NotUnderReview { visit }),
            Err(ScoringError::Storage(error)) => Err(error.into()),
            Err(error) => Err(VoidError::Rules(error)),
        }
    }

    /// The visit is judged as any other again.
    pub async fn unvoid_visit(
        &self,
        visit: DocId,
        by: Option<UserId>,
    ) -> Result<VoidRecord, VoidError> {
        let mut grounds = self.grounds();
        let void = loop {
            let standing = standing(&mut grounds, visit).await?;
            let mut void = standing.ok_or(VoidError::NotVoid { visit })?;
            void.undone_at = Some(self.now());
            if grounds.write(Record::Void(void.clone())).await? {
                break void;
            }
        };
        self.note_about("visit.unvoid", visit, by, None).await?;
        Ok(void)
    }
}

/// The decision about a visit that is in force.
async fn standing(
    grounds: &mut Grounds<'_>,
    visit: DocId,
) -> Result<Option<VoidRecord>, StorageError> {
    let id = RecordId::from_bytes(*visit.as_bytes());
    Ok(match grounds.read(RecordKind::Void, id).await? {
        Some(Record::Void(void)) if void.in_force() => Some(void),
        _ => None,
    })
}
