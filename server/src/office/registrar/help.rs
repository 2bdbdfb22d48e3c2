//! Answering what somebody asked for help with (S3 需协调资源).
//!
//! Whoever was asked may answer, and whoever leads whoever asked. Who takes it over says so
//! first and how it went later, so an answer replaces the one before; the audit log keeps
//! both.

use client_core::id::{DocId, RecordId, UserId};
use client_core::records::{HelpRecord, HelpState, Record, RecordKind};

use super::{AskError, Registrar};
use crate::office::text;
use crate::storage::model::Seq;
use crate::storage::{Records, StorageError};

/// An answer to a request.
#[derive(Debug, Clone)]
pub struct AnswerHelp {
    /// The request.
    pub id: RecordId,
    /// The visit or plan in which it stands.
    pub doc: DocId,
    /// Who asked.
    pub rep: UserId,
    /// Who was asked; anybody if absent.
    pub asked_of: Option<UserId>,
    /// How it stands now.
    pub state: HelpState,
    /// What is said to whoever asked.
    pub note: String,
}

impl Registrar {
    /// Whether this reader may answer a request of `rep`.
    pub async fn answers_help(
        &self,
        rep: UserId,
        asked_of: Option<UserId>,
    ) -> Result<(), AskError> {
        if asked_of.is_some() && asked_of == self.by_id() {
            return Ok(());
        }
        let known = self.office.user(rep).await?;
        Ok(self.leads_person(rep, known.as_ref())?)
    }

    /// Says how a request stands. The same again changes nothing.
    pub async fn answer_help(&self, wanted: AnswerHelp) -> Result<HelpRecord, AskError> {
        let AnswerHelp { id, doc, rep, asked_of, state, note } = wanted;
        self.answers_help(rep, asked_of).await?;
        if matches!(state, HelpState::Unknown(_)) {
            return Err(AskError::Unknown { what: "state of help", id });
        }
        let note = Some(note.trim()).filter(|note| !note.is_empty());
        let note = note.map(text::note).transpose()?;
        let office = &self.office;
        let (storage, org) = (office.app.storage(), office.org);
        let row = storage.record(org, RecordKind::Help, id).await?;
        let seen = row.as_ref().map_or(Seq::ZERO, |row| row.version);
        let standing = row.map(|row| crate::office::read(&row)).transpose()?;
        if let Some(Record::Help(standing)) = standing
            && (&standing.state, &standing.note) == (&state, &note)
        {
            return Ok(standing);
        }
        let help = HelpRecord { id, doc, rep, by: self.by_id(), at: office.now(), state, note };
        let (seen, record) = ((RecordKind::Help, id, seen), Record::Help(help.clone()));
        if !storage.write_records_if(org, vec![seen], vec![record], office.now()).await? {
            return Err(AskError::Busy);
        }
        let said = help.state.as_str().to_owned();
        let subject = RecordId::from_bytes(*doc.as_bytes());
        self.note("help.answered", subject, None, Some(said)).await?;
        Ok(help)
    }
}

impl crate::office::Office {
    /// What became of a request for help.
    pub async fn help_answer(&self, id: RecordId) -> Result<Option<HelpRecord>, StorageError> {
        self.one(RecordKind::Help, id, |record| match record {
            Record::Help(help) => Some(help),
            _ => None,
        })
        .await
    }
}
