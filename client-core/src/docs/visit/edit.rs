//! The intents that write a visit document.

use super::layout::{
    ABOUT, AMENDMENTS, CO_VISITORS, COMPETITORS, CONTACTS_MET, DEALS, EXPENSE, FORM_ANSWERS,
    HELP_REQUEST, NEEDS, NOTES, OBJECTIONS, PHOTOS, PRODUCTS, SUBMIT, VOICE_NOTES,
};
use super::{
    Amendment, Attachment, Check, CompetitorSeen, Expense, HelpRequest, JournalLink, NextStep,
    Outcome, PlannedRef, ProductShown, Purpose, VisitMode,
};
use crate::docs::EditError;
use crate::docs::edit::{Writer, record_items, scalar_items, setters};
use crate::docs::field::Key;
use crate::docs::read::Record;
use crate::id::{DocId, ItemId, UserId};
use crate::time::{CapturedAt, Timestamp};

/// Intents on one visit, inside [`Document::edit_visit`](crate::docs::Document::edit_visit).
///
/// Once submitted, only [`VisitEdit::amend`] and co-visitors' notes are
/// written; everything else is [`EditError::AlreadySubmitted`].
pub struct VisitEdit<'d> {
    pub(crate) writer: Writer<'d>,
    submitted: bool,
}

impl<'d> VisitEdit<'d> {
    pub(crate) fn begin(mut writer: Writer<'d>) -> Self {
        let submitted = writer.root(SUBMIT).has("submitted_at");
        Self { writer, submitted }
    }

    const fn open(&mut self) -> Result<&mut Writer<'d>, EditError> {
        if self.submitted { Err(EditError::AlreadySubmitted) } else { Ok(&mut self.writer) }
    }

    setters! {
        ABOUT {
            set_customer_name: "customer_name" &str;
            set_planned: "planned" PlannedRef;
            set_unplanned_reason: "unplanned_reason" &str;
            set_purpose: "purpose" Purpose;
            set_objective: "objective" &str;
            set_mode: "mode" VisitMode;
            set_started_at: "started_at" CapturedAt;
            set_ended_at: "ended_at" CapturedAt;
            set_signature: "signature" Attachment;
            set_outcome: "outcome" Outcome;
            set_result: "result" &str;
            set_next_step: "next_step" NextStep;
        }
        HELP_REQUEST {
            set_help_request_kind: "kind" &str;
            set_help_request_text: "text" &str;
            set_help_request_asked_of: "asked_of" UserId;
        }
    }

    scalar_items! {
        CO_VISITORS { add_co_visitor, remove_co_visitor, UserId => Timestamp }
        CONTACTS_MET { add_contact_met, remove_contact_met, ItemId => Timestamp }
        DEALS { add_deal, remove_deal, DocId => Timestamp }
        PHOTOS { add_photo, remove_photo, ItemId => &Attachment }
        VOICE_NOTES { add_voice_note, remove_voice_note, ItemId => &Attachment }
        NEEDS { add_need, remove_need, ItemId => &str }
        OBJECTIONS { add_objection, remove_objection, ItemId => &str }
    }

    record_items! {
        PRODUCTS { add add_product, remove remove_product, ProductShown {
            set_product_product: "product" &str;
            set_product_samples: "samples" u32;
        } }
        COMPETITORS { add add_competitor, remove remove_competitor, CompetitorSeen {
            set_competitor_name: "name" &str;
            set_competitor_note: "note" &str;
        } }
    }

    /// Answers a question of the step list, by its code; `None` takes it back.
    pub fn answer(&mut self, question: &str, answer: Option<&str>) -> Result<(), EditError> {
        self.open()?.root(FORM_ANSWERS).set(question, answer)
    }

    /// Notes what the visit cost, or replaces it.
    pub fn add_expense(&mut self, id: ItemId, expense: &Expense) -> Result<(), EditError> {
        self.open()?.root(ABOUT).set(&expense_key(id), Some(expense))
    }

    /// Takes an expense out that never was.
    pub fn remove_expense(&mut self, id: ItemId) -> Result<(), EditError> {
        self.open()?.root(ABOUT).set::<Expense>(&expense_key(id), None)
    }

    /// Arrives: the check-in, and the start if none was given.
    pub fn check_in(&mut self, check: &Check) -> Result<(), EditError> {
        let mut about = self.open()?.root(ABOUT);
        about.set("check_in", Some(check))?;
        if about.has("started_at") { Ok(()) } else { about.set("started_at", Some(&check.at)) }
    }

    /// Leaves: the check-out, and the end if none was given.
    pub fn check_out(&mut self, check: &Check) -> Result<(), EditError> {
        let mut about = self.open()?.root(ABOUT);
        about.set("check_out", Some(check))?;
        if about.has("ended_at") { Ok(()) } else { about.set("ended_at", Some(&check.at)) }
    }

    /// Records what came out: the code, and the result in words.
    pub fn record_outcome(
        &mut self,
        outcome: &Outcome,
        result: Option<&str>,
    ) -> Result<(), EditError> {
        let mut about = self.open()?.root(ABOUT);
        about.set("outcome", Some(outcome))?;
        about.set("result", result)
    }

    /// Asks for help; only the fields that are given are written.
    pub fn request_help(&mut self, request: &HelpRequest) -> Result<(), EditError> {
        request.write(&mut self.open()?.root(HELP_REQUEST))
    }

    /// Submits the visit with its journal links. Read-only from here on.
    pub fn submit(&mut self, at: &CapturedAt, journal: &JournalLink) -> Result<(), EditError> {
        let mut submit = self.open()?.root(SUBMIT);
        submit.set("submitted_at", Some(at))?;
        submit.set("journal", Some(journal))?;
        self.submitted = true;
        Ok(())
    }

    /// Adds to a submitted visit, with the reason.
    pub fn amend(&mut self, id: ItemId, amendment: &Amendment) -> Result<(), EditError> {
        if !self.submitted {
            return Err(EditError::NotSubmitted);
        }
        self.writer.root(AMENDMENTS).put(&id, amendment)
    }

    /// Writes a co-visitor's own note, before or after the submit; `None` takes it back.
    pub fn set_co_visitor_note(
        &mut self,
        user: UserId,
        note: Option<&str>,
    ) -> Result<(), EditError> {
        self.writer.root(NOTES).set(&user.to_key(), note)
    }
}

fn expense_key(id: ItemId) -> String {
    format!("{EXPENSE}{}", id.to_key())
}
