//! Total reading of a visit document.

use super::layout::{
    ABOUT, AMENDMENTS, CO_VISITORS, COMPETITORS, CONTACTS_MET, DEALS, EXPENSE, FORM_ANSWERS,
    HELP_REQUEST, NEEDS, NOTES, OBJECTIONS, PHOTOS, PRODUCTS, SUBMIT, VOICE_NOTES,
};
use super::{CompetitorSeen, HelpRequest, ProductShown, VisitState, late};
use crate::docs::read::{Reader, record};
use crate::docs::{Document, Hydrated, Problem};

impl VisitState {
    /// Reads a visit document. What cannot be read becomes a fault.
    ///
    /// What was written without being before the submit (after it, or at the
    /// same time on another device) stays in the state, and every such write
    /// outside amendments and co-visitors' notes is a
    /// [`Problem::EditAfterSubmit`] fault with its field's path.
    pub fn read(document: &Document) -> Hydrated<Self> {
        let reader = Reader::new(document);
        for path in late::writes(document) {
            reader.fault(path, Problem::EditAfterSubmit);
        }
        Self::read_from(reader)
    }

    pub(crate) fn read_from(reader: Reader<'_>) -> Hydrated<Self> {
        let mut about = reader.root(ABOUT);
        let mut submit = reader.root(SUBMIT);
        let state = Self {
            customer_name: about.take("customer_name"),
            planned: about.take("planned"),
            unplanned_reason: about.take("unplanned_reason"),
            co_visitors: reader.items(CO_VISITORS),
            contacts_met: reader.items(CONTACTS_MET),
            deals: reader.items(DEALS),
            purpose: about.take("purpose"),
            objective: about.take("objective"),
            mode: about.take("mode"),
            started_at: about.take("started_at"),
            ended_at: about.take("ended_at"),
            check_in: about.take("check_in"),
            check_out: about.take("check_out"),
            photos: reader.items(PHOTOS),
            voice_notes: reader.items(VOICE_NOTES),
            signature: about.take("signature"),
            form_answers: reader.items(FORM_ANSWERS),
            products: reader.records(PRODUCTS),
            needs: reader.items(NEEDS),
            objections: reader.items(OBJECTIONS),
            competitors: reader.records(COMPETITORS),
            expenses: about.take_keyed(EXPENSE),
            outcome: about.take("outcome"),
            result: about.take("result"),
            next_step: about.take("next_step"),
            help_request: reader.optional(HELP_REQUEST),
            co_visitor_notes: reader.items(NOTES),
            submitted_at: submit.take("submitted_at"),
            journal: submit.take("journal"),
            amendments: reader.items(AMENDMENTS),
        };
        drop((about, submit));
        reader.finish(state)
    }
}

record!(ProductShown { product, samples });
record!(CompetitorSeen { name, note });
record!(HelpRequest { kind, text, asked_of });
