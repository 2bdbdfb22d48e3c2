//! What is said about a deal or a case as it goes on: only what is given is written, and
//! what stood there stays.

use super::SaveError;
use super::client::Client;
use crate::docs::deal::{DealKind, DealMilestone, LeadGrade, LeadSource, LossReview, Priority};
use crate::id::{DocId, ItemId, UserId};
use crate::money::Money;
use crate::time::Date;

/// What to say about a lead or deal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DealChange {
    /// What it is about.
    pub name: Option<String>,
    /// Expected amount.
    pub amount: Option<Money>,
    /// Expected close.
    pub expected_close: Option<Date>,
    /// Where the lead came from (S0, S1).
    pub source: Option<LeadSource>,
    /// Another grade, of now: its horizon begins anew (S0, R7).
    pub grade: Option<LeadGrade>,
    /// P1 to P3, which follows from the next three (S3).
    pub priority: Option<Priority>,
    /// What the customer means to do.
    pub intent: Option<String>,
    /// The customer's budget.
    pub budget: Option<Money>,
    /// How long the customer takes to decide, in days.
    pub decision_cycle_days: Option<u32>,
    /// Normal or tender.
    pub kind: Option<DealKind>,
    /// What happens next.
    pub next_step: Option<String>,
    /// When it is due.
    pub next_step_due: Option<Date>,
    /// Notes.
    pub notes: Option<String>,
    /// More competitors (S3 竞争动态).
    pub competitors: Vec<String>,
    /// More trials and demonstrations (S3 阶段性跟进节点).
    pub milestones: Vec<DealMilestone>,
    /// Why it was lost (S3 loss review).
    pub loss_review: Option<LossReview>,
}

/// What to say about a complaint or an enquiry (S2: classify, cause, action, prevention).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseChange {
    /// Sorted under: a code of the org's.
    pub category: Option<String>,
    /// Who is to see to it.
    pub assigned_to: Option<UserId>,
    /// Root cause.
    pub cause: Option<String>,
    /// What is done about it.
    pub action: Option<String>,
    /// What keeps it from happening again.
    pub prevention: Option<String>,
    /// Why the answer took long (S3), a code such as `internal`.
    pub delay_cause: Option<String>,
    /// Whether the customer is satisfied.
    pub satisfied: Option<bool>,
}

impl Client {
    /// Says more about a deal. Stage, end, quotes and claims have calls of their own.
    ///
    /// # Errors
    /// [`SaveError`]; a mark of a loss review outside 1 to 5 is refused, and nothing was
    /// saved then.
    pub fn change_deal(&self, deal: DocId, change: &DealChange) -> Result<(), SaveError> {
        let now = self.inner.config.clock.now();
        let more = |count: usize| (0..count).map(|_one| self.new_item_id()).collect::<Vec<_>>();
        let competitors = more(change.competitors.len());
        let milestones = more(change.milestones.len());
        self.edit_deal(deal, |edit| {
            if change.name.is_some() {
                edit.set_name(change.name.as_deref())?;
            }
            if change.amount.is_some() {
                edit.set_amount(change.amount)?;
            }
            if change.expected_close.is_some() {
                edit.set_expected_close(change.expected_close)?;
            }
            if change.source.is_some() {
                edit.set_source(change.source.clone())?;
            }
            if let Some(grade) = change.grade.clone() {
                edit.grade(grade, now)?;
            }
            if change.priority.is_some() {
                edit.set_priority(change.priority.clone())?;
            }
            if change.intent.is_some() {
                edit.set_intent(change.intent.as_deref())?;
            }
            if change.budget.is_some() {
                edit.set_budget(change.budget)?;
            }
            if change.decision_cycle_days.is_some() {
                edit.set_decision_cycle_days(change.decision_cycle_days)?;
            }
            if change.kind.is_some() {
                edit.set_kind(change.kind.clone())?;
            }
            if change.next_step.is_some() {
                edit.set_next_step(change.next_step.as_deref())?;
            }
            if change.next_step_due.is_some() {
                edit.set_next_step_due(change.next_step_due)?;
            }
            if change.notes.is_some() {
                edit.set_notes(change.notes.as_deref())?;
            }
            for (id, competitor) in competitors.iter().zip(&change.competitors) {
                edit.add_competitor(*id, competitor)?;
            }
            for (id, milestone) in milestones.iter().zip(&change.milestones) {
                edit.add_milestone(*id, milestone)?;
            }
            change.loss_review.as_ref().map_or(Ok(()), |review| edit.review_loss(review))
        })
    }

    /// A trial or demonstration took place, today, and what came of it.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn reach_milestone(
        &self,
        deal: DocId,
        milestone: ItemId,
        feedback: Option<&str>,
    ) -> Result<(), SaveError> {
        let today = self.business_today();
        self.edit_deal(deal, |edit| {
            edit.set_milestone_done_on(milestone, Some(today))?;
            match feedback {
                Some(_) => edit.set_milestone_feedback(milestone, feedback),
                None => Ok(()),
            }
        })
    }

    /// Says more about a case.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was saved then.
    pub fn change_case(&self, case: DocId, change: &CaseChange) -> Result<(), SaveError> {
        self.edit_case(case, |edit| {
            if change.category.is_some() {
                edit.set_category(change.category.as_deref())?;
            }
            if change.assigned_to.is_some() {
                edit.set_assigned_to(change.assigned_to)?;
            }
            if change.cause.is_some() {
                edit.set_cause(change.cause.as_deref())?;
            }
            if change.action.is_some() {
                edit.set_action(change.action.as_deref())?;
            }
            if change.prevention.is_some() {
                edit.set_prevention(change.prevention.as_deref())?;
            }
            if change.delay_cause.is_some() {
                edit.set_delay_cause(change.delay_cause.as_deref())?;
            }
            if change.satisfied.is_some() {
                edit.set_satisfied(change.satisfied)?;
            }
            Ok(())
        })
    }
}
