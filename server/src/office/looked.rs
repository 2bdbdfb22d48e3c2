//! Who looked at what and who took what along (DOMAIN C3, privacy): written down beside
//! what people decided.

use client_core::id::{DocId, RecordId, UserId};
use client_core::time::{Date, Timestamp};

use super::Office;
use crate::storage::model::AuditEntry;
use crate::storage::{Invitations, StorageError};

impl Office {
    /// `by` looked at a visit of somebody else's, with where that person was. Once since
    /// `since` is enough. A full disk stops no reading.
    pub(crate) async fn looked_at(
        &self,
        visit: DocId,
        by: UserId,
        since: Timestamp,
    ) -> Result<(), StorageError> {
        let subject = RecordId::from_bytes(*visit.as_bytes());
        let entry = AuditEntry { subject: Some(subject), ..self.done_by("visit.read", by) };
        self.once(vec![entry], since).await
    }

    /// `by` looked at where these people were on a day: each is written down, once since
    /// `since`.
    pub(crate) async fn looked_at_map(
        &self,
        day: Date,
        people: impl Iterator<Item = UserId>,
        by: UserId,
        since: Timestamp,
    ) -> Result<(), StorageError> {
        let others = people.filter(|person| *person != by).map(|person| AuditEntry {
            subject: Some(RecordId::from_bytes(*person.as_bytes())),
            detail: Some(day.to_string()),
            ..self.done_by("map.read", by)
        });
        self.once(others.collect(), since).await
    }

    async fn once(&self, entries: Vec<AuditEntry>, since: Timestamp) -> Result<(), StorageError> {
        match self.app.storage().note_once(self.org, entries, since).await {
            Err(StorageError::Full) => {
                tracing::warn!("the disk is full: who looked at what is not written down");
                Ok(())
            }
            written => written,
        }
    }

    /// `by` took a file along; `detail` says which, and how many rows it has.
    pub(crate) async fn exported(&self, detail: String, by: UserId) -> Result<(), StorageError> {
        let entry = AuditEntry { detail: Some(detail), ..self.done_by("exported", by) };
        self.app.storage().note(self.org, entry).await
    }

    fn done_by(&self, what: &str, by: UserId) -> AuditEntry {
        AuditEntry {
            at: self.now(),
            user: Some(by),
            device: None,
            what: what.to_owned(),
            subject: None,
            detail: None,
        }
    }
}
