//! What was asked and said, for whoever lists it.

use client_core::id::{DocId, RecordId};
use client_core::records::{
    AdjustmentRecord, AppraisalRecord, ContestRecord, Record, RecordKind, ReviewRecord,
    SignalRecord,
};

use super::Office;
use crate::storage::{Records, StorageError};

impl Office {
    /// What was said about a visit, oldest first.
    pub async fn reviews(&self, visit: DocId) -> Result<Vec<ReviewRecord>, StorageError> {
        let records = self.app.storage().records_about(self.org, visit, RecordKind::Review);
        let mut reviews: Vec<ReviewRecord> = records
            .await?
            .into_iter()
            .filter_map(|record| match record {
                Record::Review(review) => Some(review),
                _ => None,
            })
            .collect();
        reviews.sort_by_key(|review| (review.at, review.id));
        Ok(reviews)
    }

    /// Requests for other targets: what waits first, then the newest.
    pub async fn adjustments(&self) -> Result<Vec<AdjustmentRecord>, StorageError> {
        let mut found = self
            .all(RecordKind::Adjustment, |record| match record {
                Record::Adjustment(adjustment) => Some(adjustment),
                _ => None,
            })
            .await?;
        found.sort_by_key(|one| (one.answer.is_some(), std::cmp::Reverse(one.at), one.id));
        Ok(found)
    }

    /// Objections to lines of cards: what waits first, then the newest.
    pub async fn contests(&self) -> Result<Vec<ContestRecord>, StorageError> {
        let mut found = self
            .all(RecordKind::Contest, |record| match record {
                Record::Contest(contest) => Some(contest),
                _ => None,
            })
            .await?;
        found.sort_by_key(|one| (one.answer.is_some(), std::cmp::Reverse(one.at), one.id));
        Ok(found)
    }

    /// Integrity signals: what waits first, then the newest.
    pub async fn signals(&self) -> Result<Vec<SignalRecord>, StorageError> {
        let mut found = self
            .all(RecordKind::Signal, |record| match record {
                Record::Signal(signal) => Some(signal),
                _ => None,
            })
            .await?;
        found.sort_by_key(|one| (!one.is_open(), std::cmp::Reverse(one.noticed_at), one.id));
        Ok(found)
    }

    /// Appraisals, newest period first.
    pub async fn appraisals(&self) -> Result<Vec<AppraisalRecord>, StorageError> {
        let mut found = self
            .all(RecordKind::Appraisal, |record| match record {
                Record::Appraisal(appraisal) => Some(appraisal),
                _ => None,
            })
            .await?;
        found.sort_by_key(|one| (std::cmp::Reverse(one.period.first_day()), one.rep));
        Ok(found)
    }

    /// The id of a document that is about to be made.
    pub fn fresh_document(&self) -> DocId {
        self.fresh(DocId::new)
    }

    /// The id of a record that is about to be made.
    pub fn fresh_record(&self) -> RecordId {
        self.fresh(RecordId::new)
    }
}
