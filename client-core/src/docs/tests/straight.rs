//! Reading without Automerge says what reading with it says, or nothing.

use proptest::prelude::*;

use crate::docs::customer::{Contact, Lifecycle};
use crate::docs::samples::{
    at, captured, device, full_case, full_customer, full_deal, full_plan, full_visit, header, item,
};
use crate::docs::visit::{Amendment, JournalLink, Outcome, VisitMode};
use crate::docs::{DocKind, Document, EditError, Heads, is_intact};
use crate::projection::DocState;

/// The history as the server stores it: raw changes one after another.
fn raw(document: &Document) -> Vec<u8> {
    let changes = document.changes_since(&Heads::default());
    changes.into_iter().flat_map(|change| change.bytes).collect()
}

fn read(document: &Document) -> Option<(Heads, DocState)> {
    DocState::of_history(document.header().kind, &raw(document))
}

fn same(document: &Document) -> bool {
    let loaded = Document::load(*document.header(), &raw(document)).unwrap();
    assert_eq!(loaded.heads(), document.heads());
    assert_eq!(DocState::read(&loaded), DocState::read(document));
    match read(document) {
        None => false,
        Some((heads, state)) => {
            assert_eq!(heads, document.heads());
            assert_eq!(state, DocState::read(document));
            assert_eq!(state.encode(), DocState::read(document).encode(), "the same row");
            true
        }
    }
}

#[test]
fn a_full_document_of_every_kind_reads_the_same_without_being_loaded() {
    for document in [full_customer(), full_visit().0, full_deal(), full_plan(), full_case()] {
        assert!(same(&document), "{:?}", document.header().kind);
    }
}

#[test]
fn a_visit_with_check_in_log_submit_and_amendment_reads_the_same() {
    let mut visit = Document::create(header(DocKind::Visit));
    let edit = |visit: &mut Document, minute: i64, step: u8| {
        visit
            .edit_visit(&device(1, minute), |edit| match step {
                0 => edit.set_mode(Some(VisitMode::Phone)),
                1 => edit.record_outcome(&Outcome::Order, Some("two pumps")),
                2 => edit.set_result(Some("three pumps")),
                3 => edit.submit(&captured(minute), &JournalLink::default()),
                _ => edit.amend(
                    item(9),
                    &Amendment {
                        by: crate::docs::samples::user(1),
                        at: captured(minute),
                        reason: "forgotten".into(),
                        text: "they have a new buyer".into(),
                    },
                ),
            })
            .unwrap()
            .unwrap();
    };
    for step in 0..5 {
        edit(&mut visit, i64::from(step), step);
        assert!(same(&visit), "step {step}");
    }
}

#[test]
fn what_was_written_at_the_same_time_is_left_to_automerge() {
    let mut anna = Document::create(header(DocKind::Customer));
    let mut boris = anna.clone();
    anna.edit_customer(&device(1, 0), |edit| edit.set_name(Some("Acme"))).unwrap();
    boris.edit_customer(&device(2, 0), |edit| edit.set_notes(Some("tea"))).unwrap();
    for change in boris.changes_since(&Heads::default()) {
        let screened =
            crate::guard::ScreenedChange::screen(&change.bytes, &Default::default()).unwrap();
        anna.apply(&screened).unwrap();
    }
    assert!(!same(&anna), "two heads");
    anna.edit_customer(&device(1, 1), |edit| edit.set_name(Some("Acme AG"))).unwrap();
    assert!(!same(&anna), "one head, and a fork before it");
}

#[test]
fn a_whole_history_followed_by_changes_loads() {
    let mut customer = full_customer();
    let mut stored = customer.snapshot();
    for n in 0..3 {
        let name = format!("name {n}");
        let change = customer.edit_customer(&device(1, 500 + n), |edit| edit.set_name(Some(&name)));
        stored.extend(change.unwrap().unwrap().bytes);
        let loaded = Document::load(*customer.header(), &stored).unwrap();
        assert_eq!(loaded.heads(), customer.heads());
        assert_eq!(loaded.last_seq(device(1, 0).actor), customer.last_seq(device(1, 0).actor));
    }
}

#[test]
fn no_damaged_byte_is_read_as_something_else() {
    let document = full_customer();
    let history = raw(&document);
    let before = read(&document);
    for place in 0..history.len() {
        let mut damaged = history.clone();
        damaged[place] ^= 0x10;
        assert!(!is_intact(&damaged), "{place}");
        let read = DocState::of_history(DocKind::Customer, &damaged);
        assert!(read.is_none() || read == before, "{place}");
        assert!(Document::load(*document.header(), &damaged).is_err(), "{place}");
    }
    for cut in 0..history.len() {
        assert!(DocState::of_history(DocKind::Customer, &history[..cut]).is_none(), "{cut}");
        assert!(Document::load(*document.header(), &history[..cut]).is_err(), "{cut}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_straight_history_reads_the_same_without_being_loaded(
        steps in proptest::collection::vec((1..4_u8, 0..10_u8, 0..3_u8), 1..25),
    ) {
        let mut document = Document::create(header(DocKind::Customer));
        let mut written = false;
        for (minute, (who, what, value)) in (0..).zip(steps) {
            let text = format!("v{value}");
            let change = document.edit_customer(&device(who, minute), |edit| match what {
                0 => edit.set_name(Some(&text)),
                1 => edit.set_name(None),
                2 => edit.add_tag(item(value), &text),
                3 => edit.remove_tag(item(value)),
                4 => edit.add_contact(item(value), &Contact { name: Some(text), ..Contact::default() }),
                5 => edit.set_contact_influence(item(value), Some(value + 1)),
                6 => edit.remove_contact(item(value)),
                7 => edit.set_nurture(Some(value > 0)),
                8 => edit.set_created_at(Some(at(i64::from(value)))),
                _ => edit.enter_lifecycle(item(value), &Lifecycle::Active, at(minute)),
            });
            match change {
                Ok(change) => written |= change.is_some(),
                Err(EditError::NoSuchItem { .. }) => {}
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            }
            if written {
                prop_assert!(same(&document), "no reason to decline");
            }
        }
    }
}
