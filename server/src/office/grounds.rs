//! What a decision of the office rests on.
//!
//! Two people decide about the same visit at the same moment: each reads what stands, and
//! each is right by what they read. So a decision is written only while every record that
//! it rests on is as it was read; otherwise it is made again on what stands by then, and
//! whoever comes second is told what the first one did, or decides on top of it.

use client_core::id::RecordId;
use client_core::records::{Record, RecordKind};

use super::{Office, read};
use crate::storage::model::Seq;
use crate::storage::{Records, StorageError};

/// How often a decision is made again because somebody else decided in between.
const ROUNDS: usize = 64;

/// The records that one decision rests on, as they were read.
pub(super) struct Grounds<'a> {
    office: &'a Office,
    seen: Vec<(RecordKind, RecordId, Seq)>,
    rounds: usize,
}

impl Office {
    /// The grounds of a decision that is to be made.
    pub(super) const fn grounds(&self) -> Grounds<'_> {
        Grounds { office: self, seen: Vec::new(), rounds: 0 }
    }
}

impl Grounds<'_> {
    /// A record as it stands; that it is not there is a ground too.
    pub(super) async fn read(
        &mut self,
        kind: RecordKind,
        id: RecordId,
    ) -> Result<Option<Record>, StorageError> {
        let office = self.office;
        let row = office.app.storage().record(office.org, kind, id).await?;
        self.seen.push((kind, id, row.as_ref().map_or(Seq::ZERO, |row| row.version)));
        row.as_ref().map(read).transpose()
    }

    /// Writes a decision; false if something that it rests on is another by now, and then
    /// it is to be read again.
    pub(super) async fn write(&mut self, decision: Record) -> Result<bool, StorageError> {
        let office = self.office;
        let (seen, written) = (std::mem::take(&mut self.seen), vec![decision]);
        if office.app.storage().write_records_if(office.org, seen, written, office.now()).await? {
            return Ok(true);
        }
        self.rounds += 1;
        if self.rounds == ROUNDS {
            let reason = format!("others decided about the same {ROUNDS} times in between");
            return Err(StorageError::Unavailable { reason });
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests;
