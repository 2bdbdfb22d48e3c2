//! Anything a person may write into a document of any kind, one edit at a time:
//! what property tests are made of.

use crate::docs::case::{CaseKind, ProgressNote, SurveyAnswer};
use crate::docs::customer::{Contact, CreditNotes, Lifecycle, Phone, TierProposal};
use crate::docs::deal::{DealProduct, LossReview, Quote};
use crate::docs::plan::{KeyTask, Stop};
use crate::docs::samples::{at, captured, check, fill_visit, item, user};
use crate::docs::visit::{Amendment, JournalLink, Outcome, ProductShown};
use crate::docs::{DocKind, Document, EditContext, EditError, NewChange};
use crate::money::{Currency, Money};
use crate::records::Tier;

/// How many different edits a kind has here; further numbers begin again.
const EDITS: u8 = 14;

/// Writes edit number `what` with something that depends on `value`. `None` where
/// it changes nothing, or where the document does not allow it now.
pub(crate) fn scribble(
    document: &mut Document,
    context: &EditContext,
    what: u8,
    value: u8,
) -> Option<NewChange> {
    let what = what % EDITS;
    let written = match document.header().kind {
        DocKind::Customer => customer(document, context, what, value),
        DocKind::Visit => visit(document, context, what, value),
        DocKind::Deal => deal(document, context, what, value),
        DocKind::Plan => plan(document, context, what, value),
        DocKind::Case => case(document, context, what, value),
    };
    let refused = |error: &EditError| {
        matches!(
            error,
            EditError::NoSuchItem { .. }
                | EditError::AlreadySubmitted
                | EditError::NotSubmitted
                | EditError::TooManyKeyTasks { .. }
                | EditError::TextTooLong { .. }
        )
    };
    written.unwrap_or_else(|error| {
        assert!(refused(&error), "{error}");
        None
    })
}

type Written = Result<Option<NewChange>, EditError>;

/// Empty, of one byte, of several alphabets, or as long as a text may be.
fn text(value: u8) -> String {
    match value % 6 {
        0 => String::new(),
        1 => "x".to_owned(),
        2 => format!("上海浦江精密机械 {value}"),
        3 => "🛠\u{0301}\u{200d}".repeat(usize::from(value) + 1),
        4 => "x".repeat(crate::docs::TEXT_LIMIT),
        _ => format!("value {value}"),
    }
}

fn money(value: u8) -> Option<Money> {
    let minor = [0, 1, -1, i64::MAX, i64::MIN][usize::from(value % 5)];
    Some(Money::new(minor, Currency::CNY))
}

fn customer(doc: &mut Document, context: &EditContext, what: u8, value: u8) -> Written {
    let (id, text) = (item(value % 4), text(value));
    doc.edit_customer(context, |edit| match what {
        0 => edit.set_name(Some(&text)),
        1 => edit.set_name(None),
        2 => edit.add_tag(id, &text),
        3 => edit.remove_tag(id),
        4 => edit.add_contact(id, &Contact { name: Some(text), ..Contact::default() }),
        5 => edit.set_contact_influence(id, Some(value % 5 + 1)),
        6 => edit.remove_contact(id),
        7 => edit.add_phone(id, &Phone { raw: Some(text), ..Phone::default() }),
        8 => edit.enter_lifecycle(id, &Lifecycle::Active, at(i64::from(value))),
        9 => edit.propose_tier(&TierProposal { tier: Some(Tier::A), ..TierProposal::default() }),
        10 => edit.note_credit(&CreditNotes { limit: money(value), ..CreditNotes::default() }),
        11 => (0..=value).try_for_each(|number| edit.add_need(item(number), "need")),
        12 => edit.set_at_risk(Some(value.is_multiple_of(2))),
        _ => edit.set_created_at(Some(at(i64::from(value) * 1_000_000))),
    })
}

fn visit(doc: &mut Document, context: &EditContext, what: u8, value: u8) -> Written {
    let (id, text, minute) = (item(value % 4), text(value), i64::from(value));
    doc.edit_visit(context, |edit| match what {
        0 => fill_visit(edit),
        1 => edit.set_result(Some(&text)),
        2 => edit.check_in(&check(minute)),
        3 => edit.check_out(&check(minute)),
        4 => edit.record_outcome(&Outcome::Order, None),
        5 => edit.add_need(id, &text),
        6 => edit.remove_need(id),
        7 => edit.add_product(id, &ProductShown { product: Some(text), samples: Some(1) }),
        8 => edit.set_product_samples(id, Some(u32::MAX - u32::from(value))),
        9 => edit.answer(&format!("question {value}"), Some(&text)),
        10 => edit.set_co_visitor_note(user(value), Some(&text)),
        11 => edit.submit(&captured(minute), &JournalLink::default()),
        12 => {
            let (by, at) = (user(3), captured(minute));
            edit.amend(id, &Amendment { by, at, reason: "late".into(), text })
        }
        _ => edit.add_co_visitor(user(value), at(minute)),
    })
}

fn deal(doc: &mut Document, context: &EditContext, what: u8, value: u8) -> Written {
    let (id, text, when) = (item(value % 4), text(value), at(i64::from(value)));
    doc.edit_deal(context, |edit| match what {
        0 => edit.set_name(Some(&text)),
        1 => edit.set_amount(money(value)),
        2 => edit.set_amount(None),
        3 => edit.move_to_stage(id, &text, when, Some(user(3))),
        4 => edit.remove_stage_entry(id),
        5 => edit.win(when),
        6 => edit.lose(when, &text),
        7 => edit.reopen(),
        8 => edit.add_quote(id, &Quote { amount: money(value), ..Quote::default() }),
        9 => edit.set_quote_accepted(id, Some(true)),
        10 => edit.remove_quote(id),
        11 => edit.review_loss(&LossReview { terms: Some(3), ..LossReview::default() }),
        12 => edit.add_product(id, &DealProduct { product: Some(text), ..DealProduct::default() }),
        _ => edit.set_decision_cycle_days(Some(u32::from(value))),
    })
}

fn plan(doc: &mut Document, context: &EditContext, what: u8, value: u8) -> Written {
    let (id, text) = (item(value % 4), text(value));
    doc.edit_plan(context, |edit| match what {
        0 | 1 => edit.add_key_task(id, &KeyTask { text: Some(text), ..KeyTask::default() }),
        2 => edit.set_key_task_done(id, Some(value.is_multiple_of(2))),
        3 => edit.remove_key_task(id),
        4 | 5 => edit.add_stop(id, &Stop { order: Some(value.into()), ..Stop::default() }),
        6 => edit.stop_skipped(id, &text),
        7 => edit.set_stop_order(id, Some(i64::MIN + i64::from(value))),
        8 => edit.remove_stop(id),
        9 => edit.set_report_progress(Some(&text)),
        10 => edit.set_report_progress(None),
        11 => edit.submit_report(&captured(i64::from(value))),
        12 => edit.set_date("2026-10-08".parse().ok()),
        _ => edit.set_report_obstacles(Some(&text)),
    })
}

fn case(doc: &mut Document, context: &EditContext, what: u8, value: u8) -> Written {
    let (id, text, when) = (item(value % 4), text(value), at(i64::from(value)));
    doc.edit_case(context, |edit| match what {
        0 => edit.set_kind(Some(CaseKind::Complaint)),
        1 => edit.set_subject(Some(&text)),
        2 => edit.set_description(None),
        3 => edit.set_opened_at(Some(when)),
        4 => edit.reply(when),
        5 => edit.resolve(when),
        6 => edit.reopen(),
        7 => {
            let note = ProgressNote { at: Some(when), text: Some(text), ..ProgressNote::default() };
            edit.add_progress(id, &note)
        }
        8 => edit.remove_progress(id),
        9 => {
            let score = Some(value % 11);
            edit.add_survey(id, &SurveyAnswer { score, ..SurveyAnswer::default() })
        }
        10 => edit.set_survey_score(id, Some(value % 11)),
        11 => edit.remove_survey(id),
        12 => edit.set_satisfied(Some(value.is_multiple_of(2))),
        _ => edit.set_cause(Some(&text)),
    })
}
