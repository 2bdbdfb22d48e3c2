//! A visit between its check-in and its submit: filled in bit by bit.

use super::SaveError;
use super::client::{Client, Moment, load};
use super::visits::put;
use crate::docs::EditError;
use crate::docs::visit::{
    Attachment, CompetitorSeen, HelpRequest, NextStep, Outcome, Purpose, VisitEdit, VisitMode,
};
use crate::id::{DocId, ItemId};
use crate::time::Timestamp;

/// What to say about a visit: only what is given is written, and what was noted before
/// stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisitChange {
    /// How contact was made.
    pub mode: Option<VisitMode>,
    /// What came out.
    pub outcome: Option<Outcome>,
    /// The result in words.
    pub result: Option<String>,
    /// What follows, or an explicit "nothing".
    pub next_step: Option<NextStep>,
    /// What it was for.
    pub purpose: Option<Purpose>,
    /// Objective set before.
    pub objective: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Contacts met, beside those that are there.
    pub contacts_met: Vec<ItemId>,
    /// Deals spoken about, beside those that are there.
    pub deals: Vec<DocId>,
    /// More needs heard.
    pub needs: Vec<String>,
    /// More objections heard.
    pub objections: Vec<String>,
    /// More competitors seen (S1 竞品情报).
    pub competitors: Vec<CompetitorSeen>,
    /// Help wanted from others (S3 需协调资源); another request takes the place of the first.
    pub help: Option<HelpRequest>,
}

impl VisitChange {
    pub(super) fn write(
        &self,
        visit: &mut VisitEdit<'_>,
        moment: &Moment<'_>,
    ) -> Result<(), EditError> {
        if self.mode.is_some() {
            visit.set_mode(self.mode.clone())?;
        }
        if self.outcome.is_some() {
            visit.set_outcome(self.outcome.clone())?;
        }
        if self.result.is_some() {
            visit.set_result(self.result.as_deref())?;
        }
        if self.next_step.is_some() {
            visit.set_next_step(self.next_step.clone())?;
        }
        if self.purpose.is_some() {
            visit.set_purpose(self.purpose.clone())?;
        }
        if self.objective.is_some() {
            visit.set_objective(self.objective.as_deref())?;
        }
        if let Some(began) = self.started_at {
            visit.set_started_at(Some(moment.captured(began)))?;
        }
        if let Some(ended) = self.ended_at {
            visit.set_ended_at(Some(moment.captured(ended)))?;
        }
        for contact in &self.contacts_met {
            visit.add_contact_met(*contact, moment.at)?;
        }
        for deal in &self.deals {
            visit.add_deal(*deal, moment.at)?;
        }
        for need in &self.needs {
            visit.add_need(moment.item_id(), need)?;
        }
        for objection in &self.objections {
            visit.add_objection(moment.item_id(), objection)?;
        }
        for competitor in &self.competitors {
            visit.add_competitor(moment.item_id(), competitor)?;
        }
        if let Some(help) = &self.help {
            visit.request_help(help)?;
        }
        Ok(())
    }
}

/// What an attachment is to its visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentKind {
    /// A photo; a visit has any number.
    Photo,
    /// A spoken note; a visit has any number.
    VoiceNote,
    /// The customer's signature; another one replaces it.
    Signature,
}

/// A file that was made at a visit. Its bytes travel elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttachment {
    /// What it is.
    pub kind: AttachmentKind,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// Length in bytes.
    pub length: u64,
    /// Media type, for example `image/jpeg`.
    pub media_type: String,
    /// When it was taken; now if absent.
    pub taken_at: Option<Timestamp>,
}

impl Client {
    /// Says more about a visit, until it is submitted.
    ///
    /// # Errors
    /// [`EditError::AlreadySubmitted`] and the rest of [`SaveError`].
    pub fn change_visit(&self, visit: DocId, change: &VisitChange) -> Result<(), SaveError> {
        self.inner.save(|unit, moment| {
            let mut document = load(unit, visit)?;
            let written =
                document.edit_visit(&unit.edit_context(), |edit| change.write(edit, moment))?;
            put(unit, &document, written)?;
            Ok(())
        })
    }

    /// Notes a file that belongs to a visit, until it is submitted; gives its id. A visit
    /// has one signature, which has no id: another one replaces it.
    ///
    /// # Errors
    /// [`EditError::AlreadySubmitted`] and the rest of [`SaveError`].
    pub fn attach(&self, visit: DocId, new: &NewAttachment) -> Result<Option<ItemId>, SaveError> {
        self.inner.save(|unit, moment| {
            let id = moment.item_id();
            let file = Attachment {
                hash: crate::docs::ChangeHash(new.sha256),
                length: new.length,
                media_type: new.media_type.clone(),
                taken_at: moment.captured(new.taken_at.unwrap_or(moment.at)),
            };
            let mut document = load(unit, visit)?;
            let written = document.edit_visit(&unit.edit_context(), |edit| match new.kind {
                AttachmentKind::Photo => edit.add_photo(id, &file),
                AttachmentKind::VoiceNote => edit.add_voice_note(id, &file),
                AttachmentKind::Signature => edit.set_signature(Some(file)),
            })?;
            put(unit, &document, written)?;
            Ok(Some(id).filter(|_id| new.kind != AttachmentKind::Signature))
        })
    }
}
