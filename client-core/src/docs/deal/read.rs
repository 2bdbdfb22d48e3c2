//! Total reading of a deal document.

use super::layout::{
    ABOUT, COMPETITORS, CONTRACT, INSTALMENTS, LOSS_REVIEW, MILESTONES, PAYMENTS, PRODUCTS, QUOTES,
    STAGES,
};
use super::{
    ContractClaim, DealMilestone, DealProduct, DealState, InstalmentClaim, LossReview,
    PaymentClaim, Quote,
};
use crate::docs::read::{Reader, record};
use crate::docs::{Document, Hydrated};

impl DealState {
    /// Reads a deal document. What cannot be read becomes a fault.
    pub fn read(document: &Document) -> Hydrated<Self> {
        Self::read_from(Reader::new(document))
    }

    pub(crate) fn read_from(reader: Reader<'_>) -> Hydrated<Self> {
        let mut about = reader.root(ABOUT);
        let state = Self {
            name: about.take("name"),
            source: about.take("source"),
            grade: about.take("grade"),
            graded_at: about.take("graded_at"),
            first_touch_at: about.take("first_touch_at"),
            stage: about.take("stage"),
            stage_history: reader.items(STAGES),
            outcome: about.take("outcome"),
            decided_at: about.take("decided_at"),
            amount: about.take("amount"),
            priority: about.take("priority"),
            intent: about.take("intent"),
            budget: about.take("budget"),
            decision_cycle_days: about.take("decision_cycle_days"),
            expected_close: about.take("expected_close"),
            kind: about.take("kind"),
            products: reader.records(PRODUCTS),
            competitors: reader.items(COMPETITORS),
            milestones: reader.records(MILESTONES),
            quotes: reader.records(QUOTES),
            contract: reader.optional(CONTRACT),
            instalments: reader.records(INSTALMENTS),
            payments: reader.records(PAYMENTS),
            next_step: about.take("next_step"),
            next_step_due: about.take("next_step_due"),
            lost_reason: about.take("lost_reason"),
            loss_review: reader.optional(LOSS_REVIEW),
            notes: about.take("notes"),
            created_at: about.take("created_at"),
        };
        drop(about);
        reader.finish(state)
    }
}

record!(DealProduct { product, quantity, amount });
record!(DealMilestone { what, due, done_on, feedback });
record!(Quote { version, amount, terms, issued_on, accepted, decided_on });
record!(ContractClaim { signed_on, amount, number });
record!(InstalmentClaim { due_on, amount });
record!(PaymentClaim { received_on, amount, instalment, reverses });
record!(LossReview {
    product_fit in 1..=5,
    service_response in 1..=5,
    terms in 1..=5,
    competitor,
    reason,
});
