//! Cases, expenses, quotes and refunds: what figures rest on.

use proptest::prelude::*;

use crate::docs::case::{CaseKind, CaseState, SurveyAnswer, SurveyKind};
use crate::docs::deal::{DealState, PaymentClaim, Quote};
use crate::docs::samples::{at, captured, device, full_case, header, item};
use crate::docs::visit::{Expense, ExpenseKind, JournalLink, VisitState};
use crate::docs::{
    ChangeHash, DocKind, Document, ERASED, EditContext, EditError, Generation, Heads, Redaction,
};
use crate::guard::{Limits, ScreenedChange};
use crate::id::ActorId;
use crate::money::{Currency, Money};
use crate::projection::DocState;

fn merge(into: &mut Document, from: &Document) {
    for change in from.changes_since(&into.heads()) {
        into.apply(&ScreenedChange::screen(&change.bytes, &Limits::default()).unwrap()).unwrap();
    }
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn taxi(minor: i64) -> Expense {
    let voucher = Some(ChangeHash([7; 32]));
    Expense { kind: ExpenseKind::Travel, amount: cny(minor), voucher }
}

#[test]
fn the_first_answer_to_a_case_stays_the_first_and_resolving_answers_too() {
    let mut case = Document::create(header(DocKind::Case));
    let edit = |case: &mut Document, minute: i64, resolve: bool| {
        case.edit_case(&device(1, minute), |edit| {
            if resolve { edit.resolve(at(minute)) } else { edit.reply(at(minute)) }
        })
        .unwrap()
    };
    edit(&mut case, 5, false);
    assert_eq!(edit(&mut case, 9, false), None, "a later answer changes nothing");
    edit(&mut case, 60, true);
    let state = CaseState::read(&case).value;
    assert_eq!((state.first_reply_at, state.resolved_at), (Some(at(5)), Some(at(60))));
    let mut silent = Document::create(header(DocKind::Case));
    edit(&mut silent, 60, true);
    assert_eq!(CaseState::read(&silent).value.first_reply_at, Some(at(60)));
}

#[test]
fn two_people_note_answers_of_one_customer_and_both_stay() {
    let mut anna = Document::create(header(DocKind::Case));
    anna.edit_case(&device(1, 0), |edit| edit.set_kind(Some(CaseKind::Survey))).unwrap();
    let mut boris = anna.clone();
    let answer = |score| SurveyAnswer {
        kind: Some(SurveyKind::Nps),
        score: Some(score),
        ..SurveyAnswer::default()
    };
    anna.edit_case(&device(1, 1), |edit| edit.add_survey(item(1), &answer(9))).unwrap();
    boris.edit_case(&device(2, 1), |edit| edit.add_survey(item(2), &answer(3))).unwrap();
    merge(&mut anna, &boris);
    merge(&mut boris, &anna);
    assert_eq!(CaseState::read(&anna), CaseState::read(&boris));
    let scores: Vec<_> = CaseState::read(&anna).value.surveys.values().map(|a| a.score).collect();
    assert_eq!(scores, [Some(9), Some(3)]);
    let eleven = anna.edit_case(&device(1, 2), |edit| edit.add_survey(item(3), &answer(11)));
    assert!(matches!(eleven, Err(EditError::OutOfRange { .. })), "{eleven:?}");
}

#[test]
fn an_erased_case_keeps_its_times_and_scores_and_none_of_its_words() {
    let case = full_case();
    let customer = case.header().customer.unwrap();
    let context = EditContext { actor: ActorId::from_bytes([9; 16]), at: at(9_000) };
    let erased = case.restart(Generation(1), Redaction::Customer(customer), &context).unwrap();
    let (before, after) = (CaseState::read(&case).value, CaseState::read(&erased.document).value);
    assert_eq!((after.opened_at, after.resolved_at), (before.opened_at, before.resolved_at));
    assert_eq!((&after.kind, after.satisfied), (&before.kind, before.satisfied));
    let scores = |state: &CaseState| -> Vec<Option<u8>> {
        state.surveys.values().map(|answer| answer.score).collect()
    };
    assert_eq!(scores(&after), scores(&before));
    assert_eq!((after.contact, after.attachments.len()), (None, 0));
    let text = serde_json::to_string(&CaseState::read(&erased.document).value).unwrap();
    for gone in ["轴承异响", "润滑脂", "已派工程师", "处理及时"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    assert_eq!(after.subject.as_deref(), Some(ERASED));
}

#[test]
fn expenses_of_two_devices_both_stay_and_none_is_added_after_the_submit() {
    let mut anna = Document::create(header(DocKind::Visit));
    anna.edit_visit(&device(1, 0), |edit| edit.set_result(Some("well received"))).unwrap();
    let mut tablet = anna.clone();
    anna.edit_visit(&device(1, 1), |edit| edit.add_expense(item(1), &taxi(3_200))).unwrap();
    tablet.edit_visit(&device(2, 1), |edit| edit.add_expense(item(2), &taxi(5_000))).unwrap();
    merge(&mut anna, &tablet);
    let state = VisitState::read(&anna);
    assert_eq!(state.faults, []);
    assert_eq!(state.value.expenses.get(&item(1)), Some(&taxi(3_200)));
    assert_eq!(state.value.expenses.len(), 2);
    assert_eq!(state.value.result.as_deref(), Some("well received"), "the rest of `about` stays");
    anna.edit_visit(&device(1, 2), |edit| edit.remove_expense(item(2))).unwrap();
    assert_eq!(VisitState::read(&anna).value.expenses.len(), 1);
    let submit = |edit: &mut crate::docs::visit::VisitEdit<'_>| {
        edit.submit(&captured(3), &JournalLink::default())
    };
    anna.edit_visit(&device(1, 3), submit).unwrap();
    let late = anna.edit_visit(&device(1, 4), |edit| edit.add_expense(item(3), &taxi(1)));
    assert_eq!(late, Err(EditError::AlreadySubmitted));
}

#[test]
fn expenses_survive_an_erasure_and_read_the_same_without_being_loaded() {
    let mut visit = Document::create(header(DocKind::Visit));
    visit
        .edit_visit(&device(1, 0), |edit| {
            edit.add_expense(item(1), &taxi(3_200))?;
            edit.set_customer_name(Some("Acme"))
        })
        .unwrap();
    let raw: Vec<u8> =
        visit.changes_since(&Heads::default()).into_iter().flat_map(|made| made.bytes).collect();
    let (_heads, straight) = DocState::of_history(DocKind::Visit, &raw).unwrap();
    assert_eq!(straight, DocState::read(&visit));
    let customer = visit.header().customer.unwrap();
    let context = EditContext { actor: ActorId::from_bytes([9; 16]), at: at(9_000) };
    let erased = visit.restart(Generation(1), Redaction::Customer(customer), &context).unwrap();
    let state = VisitState::read(&erased.document).value;
    assert_eq!(state.expenses.get(&item(1)), Some(&taxi(3_200)));
    assert_eq!(state.customer_name.as_deref(), Some(ERASED));
}

#[test]
fn a_revised_quote_is_one_quote_and_keeps_the_day_it_was_issued_first() {
    let mut deal = Document::create(header(DocKind::Deal));
    let issued_on = "2026-10-01".parse().ok();
    let quote = Quote { version: Some(1), amount: Some(cny(100)), issued_on, ..Quote::default() };
    deal.edit_deal(&device(1, 0), |edit| edit.add_quote(item(1), &quote)).unwrap();
    deal.edit_deal(&device(1, 1), |edit| edit.revise_quote(item(1), 2, Some(cny(90)), None))
        .unwrap();
    let decided = "2026-10-09".parse().unwrap();
    deal.edit_deal(&device(1, 2), |edit| edit.decide_quote(item(1), true, decided)).unwrap();
    let quotes = DealState::read(&deal).value.quotes;
    let quote = quotes.get(&item(1)).unwrap();
    assert_eq!((quotes.len(), quote.version, quote.amount), (1, Some(2), Some(cny(90))));
    assert_eq!((quote.issued_on, quote.accepted), (issued_on, Some(true)));
    let none = deal.edit_deal(&device(1, 3), |edit| edit.revise_quote(item(2), 2, None, None));
    assert!(matches!(none, Err(EditError::NoSuchItem { .. })), "{none:?}");
}

#[test]
fn a_refund_names_the_payment_it_gives_back() {
    let mut deal = Document::create(header(DocKind::Deal));
    let claim = |minor, reverses| PaymentClaim {
        received_on: "2026-10-01".parse().ok(),
        amount: Some(cny(minor)),
        instalment: None,
        reverses,
    };
    deal.edit_deal(&device(1, 0), |edit| {
        edit.add_payment(item(1), &claim(100, None))?;
        edit.add_payment(item(2), &claim(-30, Some(item(1))))
    })
    .unwrap();
    let payments = DealState::read(&deal).value.payments;
    assert_eq!(payments.get(&item(2)), Some(&claim(-30, Some(item(1)))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn expenses_merge_to_the_same_whatever_the_order(
        edits in proptest::collection::vec((0..2_usize, 0..4_u8, any::<bool>(), 1..9_000_i64), 1..20),
    ) {
        let mut base = Document::create(header(DocKind::Visit));
        base.edit_visit(&device(1, 0), |edit| edit.set_result(Some("x"))).unwrap();
        let mut copies = [base.clone(), base];
        for (minute, (copy, id, removes, minor)) in (1..).zip(edits) {
            let context = device(u8::try_from(copy).unwrap() + 1, minute);
            copies[copy]
                .edit_visit(&context, |edit| match removes {
                    true => edit.remove_expense(item(id)),
                    false => edit.add_expense(item(id), &taxi(minor)),
                })
                .unwrap();
        }
        let [mut one, mut other] = copies;
        let (first, second) = (one.clone(), other.clone());
        merge(&mut one, &second);
        merge(&mut other, &first);
        prop_assert_eq!(VisitState::read(&one), VisitState::read(&other));
    }
}
