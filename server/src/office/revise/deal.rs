//! The fields of a deal's form.

use client_core::docs::EditError;
use client_core::docs::deal::{DealEdit, DealOutcome, DealState, Priority};

use super::text::{amount, day, given, maybe_money, money, one_of, short};
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
        "next_step" => text(&deal.next_step),
        "next_step_due" => date(deal.next_step_due),
        "outcome" => code(deal.outcome.as_ref().map(DealOutcome::as_str)),
        "lost_reason" => text(&deal.lost_reason),
        "notes" => text(&deal.notes),
        _ => String::new(),
    }
}

/// Where the document keeps a field, as conflicts name it.
pub(super) fn path(name: &str) -> Option<String> {
    Some(format!("about/{name}"))
}

/// Why a value cannot stand in a field; stages are the policy's, and checked there.
pub fn wrong(name: &str, to: &str) -> Option<Wrong> {
    match name {
        "name" | "stage" if to.is_empty() => Some(Wrong::Empty),
        "amount" => amount(to),
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
