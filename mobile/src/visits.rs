//! A visit's page, and what may still be said about it.

use client_core::docs::visit::{Attachment, NextStep, VisitState};
use client_core::engine::VisitEntry;

use crate::client::FieldClient;
use crate::convert;
use crate::drafts::{AttachmentKind, Competitor};
use crate::error::FieldError;
use crate::help::{self, HelpWanted};
use crate::rows::{Amount, GpsFix, VisitRow};

/// Everything about a visit that its page shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VisitDetail {
    /// As in the list.
    pub row: VisitRow,
    /// When it ended, milliseconds since 1970 UTC.
    pub ended_at_ms: Option<i64>,
    /// What it was for.
    pub objective: Option<String>,
    /// The result in words.
    pub result: Option<String>,
    /// What follows.
    pub next_step: Option<String>,
    /// By when, `YYYY-MM-DD`.
    pub next_step_due: Option<String>,
    /// Contacts met, by id.
    pub contacts_met: Vec<String>,
    /// What it was for: `prospecting`, `follow_up`, `discovery`, …, as `VisitChange` says.
    pub purpose: Option<String>,
    /// Needs heard.
    pub needs: Vec<String>,
    /// Objections heard.
    pub objections: Vec<String>,
    /// Competitors seen.
    pub competitors: Vec<Competitor>,
    /// Help wanted from others; what became of it is among `help_answers`, under the visit's id.
    pub help: Option<HelpWanted>,
    /// Photos, spoken notes and the signature.
    pub attachments: Vec<AttachmentRow>,
    /// What it cost.
    pub expenses: Vec<ExpenseRow>,
    /// What was added after it was submitted, oldest first.
    pub amendments: Vec<AmendmentRow>,
}

/// Something added to a submitted visit.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AmendmentRow {
    /// Who, by id.
    pub by: String,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Why.
    pub reason: String,
    /// What.
    pub text: String,
}

/// A file that belongs to a visit.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AttachmentRow {
    /// Its id; none for the signature, of which there is one.
    pub id: Option<String>,
    /// What it is.
    pub kind: AttachmentKind,
    /// SHA-256 of the bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// Length in bytes.
    pub length: u64,
    /// Media type, for example `image/jpeg`.
    pub media_type: String,
}

/// Money that a visit cost.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ExpenseRow {
    /// Its id.
    pub id: String,
    /// `travel`, `meal`, `lodging`, `gift`, `material` or `other`.
    pub kind: String,
    /// How much.
    pub amount: Amount,
    /// SHA-256 of the photo that proves it.
    pub voucher: Option<String>,
}

#[uniffi::export]
impl FieldClient {
    /// A visit's page; none if it is not on this phone.
    pub fn visit(&self, id: String) -> Result<Option<VisitDetail>, FieldError> {
        Ok(self.client.visit(convert::parse(&id)?)?.map(detail))
    }

    /// Leaves a customer now; closes the check-in.
    #[uniffi::method(default(fix = None))]
    pub fn check_out(&self, visit: String, fix: Option<GpsFix>) -> Result<(), FieldError> {
        let fix = fix.as_ref().map(convert::fix).transpose()?;
        Ok(self.client.check_out(convert::parse(&visit)?, fix)?)
    }

    /// Submits a visit: it is complete and read-only from then on.
    pub fn submit_visit(&self, visit: String) -> Result<(), FieldError> {
        Ok(self.client.submit_visit(convert::parse(&visit)?)?)
    }

    /// Adds something to a submitted visit, and says why.
    pub fn amend_visit(
        &self,
        visit: String,
        reason: String,
        text: String,
    ) -> Result<(), FieldError> {
        self.client.amend_visit(convert::parse(&visit)?, &reason, &text)?;
        Ok(())
    }
}

fn detail(entry: VisitEntry) -> VisitDetail {
    let row = convert::visit_row(entry.clone());
    let attachments = attachments(&entry.state);
    let VisitState {
        ended_at,
        objective,
        result,
        next_step,
        contacts_met,
        purpose,
        needs,
        objections,
        competitors,
        help_request,
        expenses,
        amendments,
        ..
    } = entry.state;
    let (next_step, next_step_due) = match next_step {
        Some(NextStep::Do { what, due, .. }) => (Some(what), due.map(|day| day.to_string())),
        Some(NextStep::None) | None => (None, None),
    };
    VisitDetail {
        row,
        ended_at_ms: ended_at.map(|captured| captured.at.millis()),
        objective,
        result,
        next_step,
        next_step_due,
        contacts_met: contacts_met.into_keys().map(|contact| contact.to_string()).collect(),
        purpose: purpose.map(|purpose| purpose.to_string()),
        needs: needs.into_values().collect(),
        objections: objections.into_values().collect(),
        competitors: competitors
            .into_values()
            .filter_map(|seen| Some(Competitor { name: seen.name?, note: seen.note }))
            .collect(),
        help: help_request.map(help::wanted),
        attachments,
        expenses: expenses
            .into_iter()
            .map(|(id, expense)| ExpenseRow {
                id: id.to_string(),
                kind: expense.kind.to_string(),
                amount: convert::amount(expense.amount),
                voucher: expense.voucher.map(|voucher| voucher.to_string()),
            })
            .collect(),
        amendments: amendments
            .into_values()
            .map(|amendment| AmendmentRow {
                by: amendment.by.to_string(),
                at_ms: amendment.at.at.millis(),
                reason: amendment.reason,
                text: amendment.text,
            })
            .collect(),
    }
}

fn attachments(visit: &VisitState) -> Vec<AttachmentRow> {
    let row = |id: Option<String>, kind: AttachmentKind, file: &Attachment| AttachmentRow {
        id,
        kind,
        sha256: file.hash.to_string(),
        length: file.length,
        media_type: file.media_type.clone(),
    };
    let photos = visit.photos.iter();
    let photos = photos.map(|(id, file)| row(Some(id.to_string()), AttachmentKind::Photo, file));
    let spoken = visit.voice_notes.iter();
    let spoken =
        spoken.map(|(id, file)| row(Some(id.to_string()), AttachmentKind::VoiceNote, file));
    let signature = visit.signature.iter().map(|file| row(None, AttachmentKind::Signature, file));
    photos.chain(spoken).chain(signature).collect()
}
