//! The intents that write a deal document.

use super::layout::{
    ABOUT, COMPETITORS, CONTRACT, INSTALMENTS, LOSS_REVIEW, MILESTONES, PAYMENTS, PRODUCTS, QUOTES,
    STAGES,
};
use super::{
    ContractClaim, DealKind, DealMilestone, DealOutcome, DealProduct, InstalmentClaim, LeadGrade,
    LeadSource, LossReview, PaymentClaim, Priority, Quote, StageEntry,
};
use crate::docs::EditError;
use crate::docs::edit::{Writer, record_items, scalar_items, setters};
use crate::docs::read::Record;
use crate::id::{ItemId, UserId};
use crate::money::Money;
use crate::time::{Date, Timestamp};

/// Intents on one deal, inside [`Document::edit_deal`](crate::docs::Document::edit_deal).
pub struct DealEdit<'d> {
    pub(crate) writer: Writer<'d>,
}

impl<'d> DealEdit<'d> {
    pub(crate) const fn begin(writer: Writer<'d>) -> Self {
        Self { writer }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the setters also serve visits, which close")]
    const fn open(&mut self) -> Result<&mut Writer<'d>, EditError> {
        Ok(&mut self.writer)
    }

    setters! {
        ABOUT {
            set_name: "name" &str;
            set_source: "source" LeadSource;
            set_first_touch_at: "first_touch_at" Timestamp;
            set_amount: "amount" Money;
            set_priority: "priority" Priority;
            set_intent: "intent" &str;
            set_budget: "budget" Money;
            set_decision_cycle_days: "decision_cycle_days" u32;
            set_expected_close: "expected_close" Date;
            set_kind: "kind" DealKind;
            set_next_step: "next_step" &str;
            set_next_step_due: "next_step_due" Date;
            set_lost_reason: "lost_reason" &str;
            set_notes: "notes" &str;
            set_created_at: "created_at" Timestamp;
        }
        CONTRACT {
            set_contract_signed_on: "signed_on" Date;
            set_contract_amount: "amount" Money;
            set_contract_number: "number" &str;
        }
        LOSS_REVIEW {
            set_loss_review_product_fit: "product_fit" u8, in 1..=5;
            set_loss_review_service_response: "service_response" u8, in 1..=5;
            set_loss_review_terms: "terms" u8, in 1..=5;
            set_loss_review_competitor: "competitor" &str;
            set_loss_review_reason: "reason" &str;
        }
    }

    scalar_items! {
        COMPETITORS { add_competitor, remove_competitor, ItemId => &str }
    }

    record_items! {
        PRODUCTS { add add_product, remove remove_product, DealProduct {
            set_product_product: "product" &str;
            set_product_quantity: "quantity" u32;
            set_product_amount: "amount" Money;
        } }
        MILESTONES { add add_milestone, remove remove_milestone, DealMilestone {
            set_milestone_what: "what" &str;
            set_milestone_due: "due" Date;
            set_milestone_done_on: "done_on" Date;
            set_milestone_feedback: "feedback" &str;
        } }
        QUOTES { add add_quote, remove remove_quote, Quote {
            set_quote_version: "version" u32;
            set_quote_amount: "amount" Money;
            set_quote_terms: "terms" &str;
            set_quote_issued_on: "issued_on" Date;
            set_quote_accepted: "accepted" bool;
            set_quote_decided_on: "decided_on" Date;
        } }
        INSTALMENTS { add add_instalment, remove remove_instalment, InstalmentClaim {
            set_instalment_due_on: "due_on" Date;
            set_instalment_amount: "amount" Money;
        } }
        PAYMENTS { add add_payment, remove remove_payment, PaymentClaim {
            set_payment_received_on: "received_on" Date;
            set_payment_amount: "amount" Money;
            set_payment_instalment: "instalment" ItemId;
            set_payment_reverses: "reverses" ItemId;
        } }
    }

    /// Grades the lead (S0) and says when.
    pub fn grade(&mut self, grade: LeadGrade, at: Timestamp) -> Result<(), EditError> {
        let mut about = self.writer.root(ABOUT);
        about.set("grade", Some(grade))?;
        about.set("graded_at", Some(at))
    }

    /// The grade by a source that may not say when, or none.
    pub fn set_grade(
        &mut self,
        grade: Option<LeadGrade>,
        at: Option<Timestamp>,
    ) -> Result<(), EditError> {
        let mut about = self.writer.root(ABOUT);
        about.set("grade", grade)?;
        about.set("graded_at", at)
    }

    /// Moves the deal to a stage: the stage now and an entry in its history.
    pub fn move_to_stage(
        &mut self,
        entry: ItemId,
        stage: &str,
        at: Timestamp,
        by: Option<UserId>,
    ) -> Result<(), EditError> {
        self.writer.root(ABOUT).set("stage", Some(stage))?;
        let entered = StageEntry { stage: stage.to_owned(), at, by };
        self.writer.root(STAGES).put(&entry, &entered)
    }

    /// The stage now, where nobody knows when it was entered: no entry in the history.
    pub fn stand_at_stage(&mut self, stage: Option<&str>) -> Result<(), EditError> {
        self.writer.root(ABOUT).set("stage", stage)
    }

    /// An entry into a stage that the deal may have left since. The same `entry` again
    /// replaces it.
    pub fn record_stage_entry(
        &mut self,
        entry: ItemId,
        stage: &str,
        at: Timestamp,
        by: Option<UserId>,
    ) -> Result<(), EditError> {
        let entered = StageEntry { stage: stage.to_owned(), at, by };
        self.writer.root(STAGES).put(&entry, &entered)
    }

    /// Takes an entry out of the history that turned out never to have been.
    pub fn remove_stage_entry(&mut self, entry: ItemId) -> Result<(), EditError> {
        self.writer.root(STAGES).remove(&entry)
    }

    /// How the deal ended by a source that may not say when, or that it is open.
    pub fn settle(
        &mut self,
        outcome: Option<DealOutcome>,
        at: Option<Timestamp>,
    ) -> Result<(), EditError> {
        self.decide(outcome, at)
    }

    /// The deal is won. The amount is the final one, if it changed.
    pub fn win(&mut self, at: Timestamp) -> Result<(), EditError> {
        self.decide(Some(DealOutcome::Won), Some(at))?;
        self.set_lost_reason(None)
    }

    /// The deal is lost, and why: a reason code.
    pub fn lose(&mut self, at: Timestamp, reason: &str) -> Result<(), EditError> {
        self.decide(Some(DealOutcome::Lost), Some(at))?;
        self.set_lost_reason(Some(reason))
    }

    /// The deal is open again.
    pub fn reopen(&mut self) -> Result<(), EditError> {
        self.decide(None, None)?;
        self.set_lost_reason(None)
    }

    fn decide(
        &mut self,
        outcome: Option<DealOutcome>,
        at: Option<Timestamp>,
    ) -> Result<(), EditError> {
        let mut about = self.writer.root(ABOUT);
        about.set("outcome", outcome)?;
        about.set("decided_at", at)
    }

    /// Revises a quote: another number, amount and terms. The day on which it was issued
    /// first stays, because revisions of one quote are one quote.
    pub fn revise_quote(
        &mut self,
        quote: ItemId,
        version: u32,
        amount: Option<Money>,
        terms: Option<&str>,
    ) -> Result<(), EditError> {
        let mut revised = self.writer.item(QUOTES, &quote)?;
        revised.set("version", Some(version))?;
        revised.fill("amount", amount)?;
        revised.fill("terms", terms)
    }

    /// The customer decided about a quote.
    pub fn decide_quote(
        &mut self,
        quote: ItemId,
        accepted: bool,
        on: Date,
    ) -> Result<(), EditError> {
        let mut decided = self.writer.item(QUOTES, &quote)?;
        decided.set("accepted", Some(accepted))?;
        decided.set("decided_on", Some(on))
    }

    /// Claims a signed contract; only the fields that are given are written.
    pub fn claim_contract(&mut self, claim: &ContractClaim) -> Result<(), EditError> {
        claim.write(&mut self.writer.root(CONTRACT))
    }

    /// Reviews a loss (S3); only the fields that are given are written.
    pub fn review_loss(&mut self, review: &LossReview) -> Result<(), EditError> {
        review.write(&mut self.writer.root(LOSS_REVIEW))
    }
}
