//! The intents that write a case document.

use super::layout::{ABOUT, ATTACHMENTS, PROGRESS, SURVEYS};
use super::{CaseKind, ProgressNote, SurveyAnswer, SurveyKind};
use crate::docs::EditError;
use crate::docs::edit::{Writer, record_items, scalar_items, setters};
use crate::docs::visit::Attachment;
use crate::id::{DocId, ItemId, UserId};
use crate::time::{Date, Timestamp};

/// Intents on one case, inside [`Document::edit_case`](crate::docs::Document::edit_case).
pub struct CaseEdit<'d> {
    pub(crate) writer: Writer<'d>,
}

impl<'d> CaseEdit<'d> {
    pub(crate) const fn begin(writer: Writer<'d>) -> Self {
        Self { writer }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the setters also serve visits, which close")]
    const fn open(&mut self) -> Result<&mut Writer<'d>, EditError> {
        Ok(&mut self.writer)
    }

    setters! {
        ABOUT {
            set_kind: "kind" CaseKind;
            set_subject: "subject" &str;
            set_description: "description" &str;
            set_category: "category" &str;
            set_channel: "channel" &str;
            set_contact: "contact" ItemId;
            set_deal: "deal" DocId;
            set_visit: "visit" DocId;
            set_assigned_to: "assigned_to" UserId;
            set_opened_at: "opened_at" Timestamp;
            set_first_reply_at: "first_reply_at" Timestamp;
            set_resolved_at: "resolved_at" Timestamp;
            set_cause: "cause" &str;
            set_action: "action" &str;
            set_prevention: "prevention" &str;
            set_delay_cause: "delay_cause" &str;
            set_satisfied: "satisfied" bool;
        }
    }

    scalar_items! {
        ATTACHMENTS { add_attachment, remove_attachment, ItemId => &Attachment }
    }

    record_items! {
        PROGRESS { add add_progress, remove remove_progress, ProgressNote {
            set_progress_at: "at" Timestamp;
            set_progress_by: "by" UserId;
            set_progress_text: "text" &str;
        } }
        SURVEYS { add add_survey, remove remove_survey, SurveyAnswer {
            set_survey_kind: "kind" SurveyKind;
            set_survey_score: "score" u8, in 0..=10;
            set_survey_asked_on: "asked_on" Date;
            set_survey_contact: "contact" ItemId;
            set_survey_comment: "comment" &str;
        } }
    }

    /// The customer got an answer. The first one stays: who answers again later was
    /// not the first to do so.
    pub fn reply(&mut self, at: Timestamp) -> Result<(), EditError> {
        let mut about = self.writer.root(ABOUT);
        if about.has("first_reply_at") { Ok(()) } else { about.set("first_reply_at", Some(at)) }
    }

    /// It is resolved; an answer it was in any case.
    pub fn resolve(&mut self, at: Timestamp) -> Result<(), EditError> {
        self.reply(at)?;
        self.set_resolved_at(Some(at))
    }

    /// It was not resolved after all.
    pub fn reopen(&mut self) -> Result<(), EditError> {
        self.set_resolved_at(None)?;
        self.set_satisfied(None)
    }
}
