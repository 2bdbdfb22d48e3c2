//! What of a document is about a person, and what is left of it.
//!
//! Personal data is listed by path, per kind, and everything in a customer that is
//! not known to be impersonal counts as personal: a field that a newer app added
//! must not survive an erasure because this program had not heard of it. What
//! figures rest on stays: an erased visit still happened, had a result in words and
//! a next step. So such texts become a mark instead of nothing.

use automerge::ScalarValue;
use serde::{Deserialize, Serialize};

use crate::docs::DocKind;
use crate::docs::cbor;
use crate::docs::visit::layout::EXPENSE;
use crate::docs::visit::{Amendment, Check, NextStep};
use crate::id::{DocId, ItemId};

/// Stands where a text was erased that figures rest on.
pub const ERASED: &str = "[erased]";

/// What a new generation leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redaction {
    /// Nothing: the history had grown too long, or was bad.
    Nothing,
    /// A contact of a customer.
    Person(ItemId),
    /// Everything personal about a customer.
    Customer(DocId),
    /// Where somebody who worked here was: the positions of their check-ins.
    Rep,
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    Drop,
    /// A text, or the texts inside a compound value, become [`ERASED`].
    Mark,
}

impl Redaction {
    /// What becomes of the value at `path` (ids as text). `concerned` says whether a
    /// plan's item is about the erased customer.
    pub(super) fn fate(&self, kind: DocKind, path: &[&str], concerned: bool) -> Fate {
        match self {
            Self::Nothing => Fate::Keep,
            Self::Person(contact) => match path {
                ["contacts" | "contacts_met", id, ..] if *id == contact.to_string() => Fate::Drop,
                _ => Fate::Keep,
            },
            Self::Rep => match (kind, path) {
                (DocKind::Visit, ["about", "check_in" | "check_out"]) => Fate::Mark,
                _ => Fate::Keep,
            },
            Self::Customer(_) => match kind {
                DocKind::Customer => of_customer(path),
                DocKind::Visit => of_visit(path),
                DocKind::Deal => of_deal(path),
                DocKind::Plan => of_plan(path, concerned),
                DocKind::Case => of_case(path),
            },
        }
    }
}

fn of_customer(path: &[&str]) -> Fate {
    match path {
        ["about", "name"] => Fate::Mark,
        [
            "about",
            "industry" | "size_band" | "region" | "channel" | "lifecycle" | "nurture" | "reference"
            | "at_risk" | "recovery_owner" | "recovery_due" | "recovery_done_on" | "created_at",
        ]
        | ["lifecycle", _]
        | ["tier_proposal", "tier" | "contribution" | "potential" | "influence"] => Fate::Keep,
        _ => Fate::Drop,
    }
}

fn of_visit(path: &[&str]) -> Fate {
    match path {
        ["about", key] if key.starts_with(EXPENSE) => Fate::Keep,
        ["about", "customer_name" | "result" | "next_step" | "objective" | "unplanned_reason"]
        | ["form_answers" | "needs" | "objections" | "amendments" | "notes", _]
        | ["competitors", _, "note"]
        | ["help_request", "text"] => Fate::Mark,
        [
            "about",
            "planned" | "purpose" | "mode" | "started_at" | "ended_at" | "check_in" | "check_out"
            | "outcome",
        ]
        | ["co_visitors" | "deals", _]
        | ["products", _, "product" | "samples"]
        | ["competitors", _, "name"]
        | ["help_request", "kind" | "asked_of"]
        | ["submit", _] => Fate::Keep,
        _ => Fate::Drop,
    }
}

fn of_deal(path: &[&str]) -> Fate {
    match path {
        ["about", "name" | "intent" | "next_step" | "notes"]
        | ["milestones", _, "what" | "feedback"]
        | ["quotes", _, "terms"]
        | ["loss_review", "reason"] => Fate::Mark,
        ["contract", "number"] => Fate::Drop,
        [
            "about" | "stages" | "products" | "competitors" | "milestones" | "quotes" | "contract"
            | "instalments" | "payments" | "loss_review",
            ..,
        ] => Fate::Keep,
        _ => Fate::Drop,
    }
}

/// What a complaint was about is the customer's words; that there was one, and how long
/// it took, is what figures rest on.
fn of_case(path: &[&str]) -> Fate {
    match path {
        ["about", "subject" | "description" | "cause" | "action" | "prevention"]
        | ["progress", _, "text"]
        | ["surveys", _, "comment"] => Fate::Mark,
        [
            "about",
            "kind" | "category" | "channel" | "deal" | "visit" | "assigned_to" | "opened_at"
            | "first_reply_at" | "resolved_at" | "delay_cause" | "satisfied",
        ]
        | ["progress", _, "at" | "by"]
        | ["surveys", _, "kind" | "score" | "asked_on"] => Fate::Keep,
        _ => Fate::Drop,
    }
}

/// A plan is the rep's; of it only what is about the customer is touched.
fn of_plan(path: &[&str], concerned: bool) -> Fate {
    match path {
        ["key_tasks", _, "text"] | ["stops", _, "objective" | "skipped_reason"] if concerned => {
            Fate::Mark
        }
        _ => Fate::Keep,
    }
}

/// A value with its texts marked, and a check-in without its place; `None` for one that
/// holds nothing we know how to mark.
pub(super) fn marked(path: &[&str], value: &ScalarValue) -> Option<ScalarValue> {
    match value {
        ScalarValue::Str(_) => Some(ERASED.into()),
        ScalarValue::Bytes(bytes) => match path {
            ["about", "next_step"] => match cbor::decode::<NextStep>(bytes, "next step").ok()? {
                NextStep::None => Some(value.clone()),
                NextStep::Do { what: _, due, who } => {
                    Some(cbor::encode(&NextStep::Do { what: ERASED.to_owned(), due, who }))
                }
            },
            // The time stays: it is what the visit counts by. Without the place it can be
            // verified no longer, which costs a rep no visit.
            ["about", "check_in" | "check_out"] => {
                let check = cbor::decode::<Check>(bytes, "check-in").ok()?;
                Some(cbor::encode(&Check { fix: None, ..check }))
            }
            ["amendments", _] => {
                let amendment = cbor::decode::<Amendment>(bytes, "amendment").ok()?;
                let (reason, text) = (ERASED.to_owned(), ERASED.to_owned());
                Some(cbor::encode(&Amendment { reason, text, ..amendment }))
            }
            _ => None,
        },
        _ => None,
    }
}
