//! The pages of a deal and of a case, and what may be said about them as they go on.

use client_core::docs::deal::{
    DealKind, DealMilestone, DealState, LeadGrade, LossReview as CoreReview, Priority,
};
use client_core::engine::{CaseChange as CoreCaseChange, DealChange as CoreDealChange, DealEntry};
use client_core::id::ItemId;
use client_core::time::Timestamp;

use crate::client::FieldClient;
use crate::convert;
use crate::deals::{DealRow, deal_row};
use crate::error::FieldError;
use crate::rows::{Amount, CaseRow};

/// What there is to say about a lead or deal: only what is given is written, and what stood
/// there stays. Stage, end, quotes and claims have calls of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct DealChange {
    /// What it is about, in a line.
    #[uniffi(default = None)]
    pub name: Option<String>,
    /// Expected amount.
    #[uniffi(default = None)]
    pub amount: Option<Amount>,
    /// Expected close, `YYYY-MM-DD`.
    #[uniffi(default = None)]
    pub expected_close: Option<String>,
    /// Where it came from, as in `NewDeal`.
    #[uniffi(default = None)]
    pub source: Option<String>,
    /// Another grade, `a`, `b` or `c`, of now: its horizon begins anew.
    #[uniffi(default = None)]
    pub lead_grade: Option<String>,
    /// `p1`, `p2` or `p3`.
    #[uniffi(default = None)]
    pub priority: Option<String>,
    /// What the customer means to do.
    #[uniffi(default = None)]
    pub intent: Option<String>,
    /// The customer's budget.
    #[uniffi(default = None)]
    pub budget: Option<Amount>,
    /// How long the customer takes to decide, in days.
    #[uniffi(default = None)]
    pub decision_cycle_days: Option<u32>,
    /// `normal` or `tender`.
    #[uniffi(default = None)]
    pub kind: Option<String>,
    /// What happens next.
    #[uniffi(default = None)]
    pub next_step: Option<String>,
    /// When it is due, `YYYY-MM-DD`.
    #[uniffi(default = None)]
    pub next_step_due: Option<String>,
    /// Notes.
    #[uniffi(default = None)]
    pub notes: Option<String>,
    /// More competitors, by name.
    #[uniffi(default = [])]
    pub competitors: Vec<String>,
    /// More trials and demonstrations.
    #[uniffi(default = [])]
    pub milestones: Vec<NewMilestone>,
    /// Why it was lost.
    #[uniffi(default = None)]
    pub loss_review: Option<LossReview>,
}

/// A trial or demonstration that is agreed on.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NewMilestone {
    /// What.
    pub what: String,
    /// By when, `YYYY-MM-DD`; a reminder until it is reached.
    #[uniffi(default = None)]
    pub due: Option<String>,
}

/// Why a deal was lost; marks are 1 to 5.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct LossReview {
    /// How well the product fitted.
    #[uniffi(default = None)]
    pub product_fit: Option<u8>,
    /// How quick service was.
    #[uniffi(default = None)]
    pub service_response: Option<u8>,
    /// Commercial terms.
    #[uniffi(default = None)]
    pub terms: Option<u8>,
    /// Who won it.
    #[uniffi(default = None)]
    pub competitor: Option<String>,
    /// In words.
    #[uniffi(default = None)]
    pub reason: Option<String>,
}

/// Everything about a deal that its page shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DealDetail {
    /// As in the list.
    pub row: DealRow,
    /// Where it came from.
    pub source: Option<String>,
    /// When it was graded, milliseconds since 1970 UTC.
    pub graded_at_ms: Option<i64>,
    /// What the customer means to do.
    pub intent: Option<String>,
    /// The customer's budget.
    pub budget: Option<Amount>,
    /// How long the customer takes to decide, in days.
    pub decision_cycle_days: Option<u32>,
    /// `normal` or `tender`.
    pub kind: Option<String>,
    /// What happens next.
    pub next_step: Option<String>,
    /// When it is due, `YYYY-MM-DD`.
    pub next_step_due: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// Competitors, by name.
    pub competitors: Vec<String>,
    /// Trials and demonstrations.
    pub milestones: Vec<MilestoneRow>,
    /// Quotes, oldest first.
    pub quotes: Vec<QuoteRow>,
    /// When the contract was signed, as claimed, `YYYY-MM-DD`.
    pub signed_on: Option<String>,
    /// Instalments as claimed.
    pub instalments: Vec<InstalmentRow>,
    /// Payments and refunds as claimed.
    pub payments: Vec<PaymentRow>,
    /// Code of the reason of a lost deal.
    pub lost_reason: Option<String>,
    /// Why it was lost.
    pub loss_review: Option<LossReview>,
}

/// A trial or demonstration.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MilestoneRow {
    /// What `reach_milestone` takes.
    pub id: String,
    /// What.
    pub what: Option<String>,
    /// By when, `YYYY-MM-DD`.
    pub due: Option<String>,
    /// When it took place, `YYYY-MM-DD`.
    pub done_on: Option<String>,
    /// What came of it.
    pub feedback: Option<String>,
}

/// A quote.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct QuoteRow {
    /// What `decide_quote` takes.
    pub id: String,
    /// How much.
    pub amount: Option<Amount>,
    /// Delivery and payment terms.
    pub terms: Option<String>,
    /// When it was issued, `YYYY-MM-DD`.
    pub issued_on: Option<String>,
    /// Accepted or declined; none while it is open.
    pub accepted: Option<bool>,
}

/// Money that is due, as claimed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct InstalmentRow {
    /// What `claim_payment` takes.
    pub id: String,
    /// `YYYY-MM-DD`.
    pub due_on: Option<String>,
    /// How much.
    pub amount: Option<Amount>,
}

/// Money that came in or went back, as claimed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PaymentRow {
    /// What `claim_refund` takes.
    pub id: String,
    /// `YYYY-MM-DD`.
    pub received_on: Option<String>,
    /// How much; below zero for a refund.
    pub amount: Option<Amount>,
    /// The instalment that it pays.
    pub instalment: Option<String>,
    /// The payment that it gives back.
    pub reverses: Option<String>,
}

/// What there is to say about a complaint or an enquiry: only what is given is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct CaseChange {
    /// Sorted under: a code of the org's.
    #[uniffi(default = None)]
    pub category: Option<String>,
    /// Who is to see to it, a person's id.
    #[uniffi(default = None)]
    pub assigned_to: Option<String>,
    /// Root cause.
    #[uniffi(default = None)]
    pub cause: Option<String>,
    /// What is done about it.
    #[uniffi(default = None)]
    pub action: Option<String>,
    /// What keeps it from happening again.
    #[uniffi(default = None)]
    pub prevention: Option<String>,
    /// Why the answer took long, a code such as `internal`.
    #[uniffi(default = None)]
    pub delay_cause: Option<String>,
    /// Whether the customer is satisfied.
    #[uniffi(default = None)]
    pub satisfied: Option<bool>,
}

/// Everything about a case that its page shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CaseDetail {
    /// As in the list.
    pub row: CaseRow,
    /// What the customer said.
    pub description: Option<String>,
    /// What stands about it.
    pub said: CaseChange,
    /// What happened meanwhile, oldest first.
    pub progress: Vec<ProgressRow>,
}

/// A step on the way to a case's resolution.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ProgressRow {
    /// When, milliseconds since 1970 UTC.
    pub at_ms: Option<i64>,
    /// Who noted it, by id.
    pub by: Option<String>,
    /// What happened.
    pub text: Option<String>,
}

#[uniffi::export]
impl FieldClient {
    /// A deal's page; none if it is not on this phone.
    pub fn deal_page(&self, id: String) -> Result<Option<DealDetail>, FieldError> {
        Ok(self.client.deal(convert::parse(&id)?)?.map(deal_detail))
    }

    /// Says more about a deal.
    pub fn edit_deal(&self, deal: String, change: DealChange) -> Result<(), FieldError> {
        Ok(self.client.change_deal(convert::parse(&deal)?, &deal_change(change)?)?)
    }

    /// A trial or demonstration took place, today, and what came of it.
    #[uniffi::method(default(feedback = None))]
    pub fn reach_milestone(
        &self,
        deal: String,
        milestone: String,
        feedback: Option<String>,
    ) -> Result<(), FieldError> {
        let (deal, milestone) = (convert::parse(&deal)?, convert::parse(&milestone)?);
        Ok(self.client.reach_milestone(deal, milestone, feedback.as_deref())?)
    }

    /// A case's page; none if it is not on this phone.
    pub fn case_page(&self, id: String) -> Result<Option<CaseDetail>, FieldError> {
        let Some(entry) = self.client.case(convert::parse(&id)?)? else { return Ok(None) };
        let state = &entry.state;
        let said = CaseChange {
            category: state.category.clone(),
            assigned_to: state.assigned_to.map(|person| person.to_string()),
            cause: state.cause.clone(),
            action: state.action.clone(),
            prevention: state.prevention.clone(),
            delay_cause: state.delay_cause.clone(),
            satisfied: state.satisfied,
        };
        let mut progress: Vec<_> = state.progress.iter().collect();
        progress.sort_by_key(|(id, note)| (note.at, **id));
        let progress = progress.into_iter().map(|(_id, note)| ProgressRow {
            at_ms: note.at.map(Timestamp::millis),
            by: note.by.map(|person| person.to_string()),
            text: note.text.clone(),
        });
        Ok(Some(CaseDetail {
            description: state.description.clone(),
            said,
            progress: progress.collect(),
            row: convert::case_row(entry),
        }))
    }

    /// Says more about a case.
    pub fn edit_case(&self, case_id: String, change: CaseChange) -> Result<(), FieldError> {
        let change = CoreCaseChange {
            category: change.category,
            assigned_to: change.assigned_to.as_deref().map(convert::parse).transpose()?,
            cause: change.cause,
            action: change.action,
            prevention: change.prevention,
            delay_cause: change.delay_cause,
            satisfied: change.satisfied,
        };
        Ok(self.client.change_case(convert::parse(&case_id)?, &change)?)
    }
}

fn deal_change(change: DealChange) -> Result<CoreDealChange, FieldError> {
    let known = |wrong: bool, code: &Option<String>| match (wrong, code) {
        (true, Some(code)) => {
            Err(FieldError::BadInput { detail: format!("{code:?} is no code of a deal's") })
        }
        _ => Ok(()),
    };
    let grade = change.lead_grade.as_deref().map(LeadGrade::from);
    let priority = change.priority.as_deref().map(Priority::from);
    let kind = change.kind.as_deref().map(DealKind::from);
    known(matches!(grade, Some(LeadGrade::Unknown(_))), &change.lead_grade)?;
    known(matches!(priority, Some(Priority::Unknown(_))), &change.priority)?;
    known(matches!(kind, Some(DealKind::Unknown(_))), &change.kind)?;
    let milestones = change.milestones.into_iter().map(|new| {
        let due = new.due.as_deref().map(convert::parse).transpose()?;
        Ok(DealMilestone { what: Some(new.what), due, ..DealMilestone::default() })
    });
    Ok(CoreDealChange {
        name: change.name,
        amount: change.amount.as_ref().map(convert::money).transpose()?,
        expected_close: change.expected_close.as_deref().map(convert::parse).transpose()?,
        source: change.source.as_deref().map(Into::into),
        grade,
        priority,
        intent: change.intent,
        budget: change.budget.as_ref().map(convert::money).transpose()?,
        decision_cycle_days: change.decision_cycle_days,
        kind,
        next_step: change.next_step,
        next_step_due: change.next_step_due.as_deref().map(convert::parse).transpose()?,
        notes: change.notes,
        competitors: change.competitors,
        milestones: milestones.collect::<Result<_, FieldError>>()?,
        loss_review: change.loss_review.map(core_review),
    })
}

fn core_review(review: LossReview) -> CoreReview {
    let LossReview { product_fit, service_response, terms, competitor, reason } = review;
    CoreReview { product_fit, service_response, terms, competitor, reason }
}

fn review_of(review: CoreReview) -> LossReview {
    let CoreReview { product_fit, service_response, terms, competitor, reason } = review;
    LossReview { product_fit, service_response, terms, competitor, reason }
}

fn deal_detail(entry: DealEntry) -> DealDetail {
    let row = deal_row(entry.clone());
    let state: DealState = entry.state;
    let day = |day: Option<client_core::time::Date>| day.map(|day| day.to_string());
    let id = |id: ItemId| id.to_string();
    let mut quotes: Vec<_> = state.quotes.into_iter().collect();
    quotes.sort_by_key(|(id, quote)| (quote.issued_on, *id));
    DealDetail {
        row,
        source: state.source.map(|source| source.to_string()),
        graded_at_ms: state.graded_at.map(Timestamp::millis),
        intent: state.intent,
        budget: state.budget.map(convert::amount),
        decision_cycle_days: state.decision_cycle_days,
        kind: state.kind.map(|kind| kind.to_string()),
        next_step: state.next_step,
        next_step_due: day(state.next_step_due),
        notes: state.notes,
        competitors: state.competitors.into_values().collect(),
        milestones: state
            .milestones
            .into_iter()
            .map(|(key, one)| MilestoneRow {
                id: id(key),
                what: one.what,
                due: day(one.due),
                done_on: day(one.done_on),
                feedback: one.feedback,
            })
            .collect(),
        quotes: quotes
            .into_iter()
            .map(|(key, one)| QuoteRow {
                id: id(key),
                amount: one.amount.map(convert::amount),
                terms: one.terms,
                issued_on: day(one.issued_on),
                accepted: one.accepted,
            })
            .collect(),
        signed_on: state.contract.and_then(|contract| day(contract.signed_on)),
        instalments: state
            .instalments
            .into_iter()
            .map(|(key, one)| InstalmentRow {
                id: id(key),
                due_on: day(one.due_on),
                amount: one.amount.map(convert::amount),
            })
            .collect(),
        payments: state
            .payments
            .into_iter()
            .map(|(key, one)| PaymentRow {
                id: id(key),
                received_on: day(one.received_on),
                amount: one.amount.map(convert::amount),
                instalment: one.instalment.map(id),
                reverses: one.reverses.map(id),
            })
            .collect(),
        lost_reason: state.lost_reason,
        loss_review: state.loss_review.map(review_of),
    }
}
