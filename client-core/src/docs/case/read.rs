//! Total reading of a case document.

use super::layout::{ABOUT, ATTACHMENTS, PROGRESS, SURVEYS};
use super::{CaseState, ProgressNote, SurveyAnswer};
use crate::docs::read::{Reader, record};
use crate::docs::{Document, Hydrated};

impl CaseState {
    /// Reads a case document. What cannot be read becomes a fault.
    pub fn read(document: &Document) -> Hydrated<Self> {
        Self::read_from(Reader::new(document))
    }

    pub(crate) fn read_from(reader: Reader<'_>) -> Hydrated<Self> {
        let mut about = reader.root(ABOUT);
        let state = Self {
            kind: about.take("kind"),
            subject: about.take("subject"),
            description: about.take("description"),
            category: about.take("category"),
            channel: about.take("channel"),
            contact: about.take("contact"),
            deal: about.take("deal"),
            visit: about.take("visit"),
            assigned_to: about.take("assigned_to"),
            opened_at: about.take("opened_at"),
            first_reply_at: about.take("first_reply_at"),
            resolved_at: about.take("resolved_at"),
            cause: about.take("cause"),
            action: about.take("action"),
            prevention: about.take("prevention"),
            delay_cause: about.take("delay_cause"),
            satisfied: about.take("satisfied"),
            progress: reader.records(PROGRESS),
            surveys: reader.records(SURVEYS),
            attachments: reader.items(ATTACHMENTS),
        };
        drop(about);
        reader.finish(state)
    }
}

record!(ProgressNote { at, by, text });
record!(SurveyAnswer { kind, score in 0..=10, asked_on, contact, comment });
