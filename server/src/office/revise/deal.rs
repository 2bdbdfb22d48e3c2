//! The fields of a deal's form.

use client_core::docs::EditError;
use client_core::docs::deal::{
    DealEdit, DealKind, DealOutcome, DealState, LeadGrade, LeadSource, LossReview, Priority,
};

use super::text::{amount, day, given, maybe_money, money, one_of, short, whole};
use super::{Pen, Revision, Wrong};

/// What stands in a field.
pub fn read(deal: &DealState, name: &str) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let code = |code: Option<&str>| code.unwrap_or_default().to_owned();
    let date =
        |day: Option<client_core::time::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    match name {
        "name" => text(&deal.name),
        "stage" => text(&deal.stage),
        "amount" => deal.amount.map(money).unwrap_or_default(),
        "priority" => code(deal.priority.as_ref().map(Priority::as_str)),
        "expected_close" => date(deal.expected_close),
        "source" => code(deal.source.as_ref().map(LeadSource::as_str)),
        "grade" => code(deal.grade.as_ref().map(LeadGrade::as_str)),
        "kind" => code(deal.kind.as_ref().map(DealKind::as_str)),
        "intent" => text(&deal.intent),
        "budget" => deal.budget.map(money).unwrap_or_default(),
        "decision_cycle_days" => {
            deal.decision_cycle_days.map(|days| days.to_string()).unwrap_or_default()
        }
        "next_step" => text(&deal.next_step),
        "next_step_due" => date(deal.next_step_due),
        "outcome" => code(deal.outcome.as_ref().map(DealOutcome::as_str)),
        "lost_reason" => text(&deal.lost_reason),
        "notes" => text(&deal.notes),
        "product_fit" | "service_response" | "terms" | "lost_to" | "review" => {
            deal.loss_review.as_ref().map(|review| reviewed(review, name)).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn reviewed(review: &LossReview, name: &str) -> String {
    let mark = |mark: Option<u8>| mark.map(|mark| mark.to_string()).unwrap_or_default();
    match name {
        "product_fit" => mark(review.product_fit),
        "service_response" => mark(review.service_response),
        "terms" => mark(review.terms),
        "lost_to" => review.competitor.clone().unwrap_or_default(),
        _ => review.reason.clone().unwrap_or_default(),
    }
}

/// Where the document keeps a field, as conflicts name it.
pub(super) fn path(name: &str) -> Option<String> {
    Some(match name {
        "lost_to" => "loss_review/competitor".to_owned(),
        "review" => "loss_review/reason".to_owned(),
        "product_fit" | "service_response" | "terms" => format!("loss_review/{name}"),
        _ => format!("about/{name}"),
    })
}

/// Why a value cannot stand in a field; stages are the policy's, and checked there.
pub fn wrong(name: &str, to: &str) -> Option<Wrong> {
    match name {
        "name" | "stage" if to.is_empty() => Some(Wrong::Empty),
        "amount" | "budget" => amount(to),
        "source" => one_of(to, LeadSource::KNOWN.iter().map(LeadSource::as_str)),
        "grade" => one_of(to, LeadGrade::KNOWN.iter().map(LeadGrade::as_str)),
        "kind" => one_of(to, DealKind::KNOWN.iter().map(DealKind::as_str)),
        "decision_cycle_days" => whole(to, 1, 3_660),
        "product_fit" | "service_response" | "terms" => whole(to, 1, 5),
        "priority" => one_of(to, Priority::KNOWN.iter().map(Priority::as_str)),
        "outcome" => one_of(to, DealOutcome::KNOWN.iter().map(DealOutcome::as_str)),
        "expected_close" | "next_step_due" => day(to),
        _ => short(to),
    }
}

/// Puts what was changed, and nothing else.
pub(super) fn put(
    edit: &mut DealEdit<'_>,
    deal: &DealState,
    revisions: &[Revision],
    pen: Pen,
) -> Result<(), EditError> {
    let to = |name: &str| {
        let found = revisions.iter().find(|revision| revision.name == name);
        found.map(|revision| revision.to.as_str())
    };
    for Revision { name, to: value, .. } in revisions {
        match name.as_str() {
            "name" => edit.set_name(given(value))?,
            "stage" => edit.move_to_stage(pen.entry, value, pen.at, Some(pen.by))?,
            "amount" => edit.set_amount(maybe_money(value))?,
            "priority" => edit.set_priority(given(value).map(Priority::from))?,
            "expected_close" => edit.set_expected_close(value.parse().ok())?,
            "source" => edit.set_source(given(value).map(LeadSource::from))?,
            "grade" => {
                let grade = given(value).map(LeadGrade::from);
                let at = grade.is_some().then_some(pen.at);
                edit.set_grade(grade, at)?;
            }
            "kind" => edit.set_kind(given(value).map(DealKind::from))?,
            "intent" => edit.set_intent(given(value))?,
            "budget" => edit.set_budget(maybe_money(value))?,
            "decision_cycle_days" => edit.set_decision_cycle_days(value.parse().ok())?,
            "product_fit" => edit.set_loss_review_product_fit(value.parse().ok())?,
            "service_response" => edit.set_loss_review_service_response(value.parse().ok())?,
            "terms" => edit.set_loss_review_terms(value.parse().ok())?,
            "lost_to" => edit.set_loss_review_competitor(given(value))?,
            "review" => edit.set_loss_review_reason(given(value))?,
            "next_step" => edit.set_next_step(given(value))?,
            "next_step_due" => edit.set_next_step_due(value.parse().ok())?,
            "notes" => edit.set_notes(given(value))?,
            _ => {}
        }
    }
    let current = deal.outcome.as_ref().map(DealOutcome::as_str).unwrap_or_default();
    let reason = || {
        let standing = deal.lost_reason.as_deref().unwrap_or_default();
        to("lost_reason").unwrap_or(standing).to_owned()
    };
    match to("outcome") {
        Some("won") => edit.win(pen.at),
        Some("lost") => edit.lose(pen.at, &reason()),
        Some("") => edit.reopen(),
        Some(_) => Ok(()),
        // A lost deal may be given another reason; the others have none.
        None if current == "lost" => match to("lost_reason") {
            Some(reason) => edit.set_lost_reason(given(reason)),
            None => Ok(()),
        },
        None => Ok(()),
    }
}
