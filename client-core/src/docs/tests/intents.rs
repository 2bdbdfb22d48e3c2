//! Intents write what they change and nothing else.

use crate::docs::customer::{Contact, CustomerState, Phone};
use crate::docs::deal::DealState;
use crate::docs::plan::KeyTask;
use crate::docs::samples::{
    MORNING, at, captured, check, device, fill_visit, full_visit, header, item, user,
};
use crate::docs::visit::{JournalLink, Outcome, VisitState};
use crate::docs::{
    Applied, DocKind, Document, EDIT_LIMIT, EditError, Fault, Heads, NewChange, Problem, TEXT_LIMIT,
};
use crate::guard::{Limits, ScreenedChange};

fn create(kind: DocKind) -> Document {
    Document::create(header(kind))
}

fn give(document: &mut Document, change: &NewChange) -> Applied {
    let screened = ScreenedChange::screen(&change.bytes, &Limits::default()).unwrap();
    assert_eq!(screened.hash(), change.hash);
    assert_eq!(screened.seq(), change.seq);
    document.apply(&screened).unwrap()
}

fn named(document: &mut Document, number: u8, name: &str) -> NewChange {
    document
        .edit_customer(&device(number, i64::from(number)), |edit| edit.set_name(Some(name)))
        .unwrap()
        .unwrap()
}

#[test]
fn every_device_starts_a_document_identically() {
    for kind in DocKind::ALL {
        let (one, other) = (create(kind), create(kind));
        assert_eq!(one.snapshot(), other.snapshot());
        assert_eq!(one.heads(), other.heads());
        assert_eq!(one.changes_since(&Heads::default()), [], "genesis is never pushed");
        assert_eq!(one.actors(), [], "genesis counts as nobody's");
    }
}

#[test]
fn what_two_devices_add_without_signal_both_stays() {
    let (mut anna, mut boris) = (create(DocKind::Customer), create(DocKind::Customer));
    let by_anna = anna.edit_customer(&device(1, 0), |edit| edit.add_tag(item(1), "key")).unwrap();
    let by_boris = boris.edit_customer(&device(2, 0), |edit| edit.add_tag(item(2), "new")).unwrap();
    assert_eq!(give(&mut boris, &by_anna.unwrap()), Applied::New);
    assert_eq!(give(&mut anna, &by_boris.unwrap()), Applied::New);
    let state = CustomerState::read(&anna);
    assert_eq!(state, CustomerState::read(&boris));
    assert_eq!(state.value.tags.len(), 2);
    assert_eq!(anna.heads(), boris.heads());
}

#[test]
fn an_intent_leaves_every_other_field_to_others() {
    let (mut anna, mut boris) = (create(DocKind::Customer), create(DocKind::Customer));
    let base = anna
        .edit_customer(&device(1, 0), |edit| {
            edit.set_name(Some("Acme"))?;
            edit.add_contact(item(1), &Contact { name: Some("Wang".into()), ..Contact::default() })
        })
        .unwrap()
        .unwrap();
    give(&mut boris, &base);
    let renamed = named(&mut boris, 2, "Acme AG");
    let titled = anna
        .edit_customer(&device(1, 5), |edit| edit.set_contact_title(item(1), Some("Director")))
        .unwrap()
        .unwrap();
    give(&mut anna, &renamed);
    give(&mut boris, &titled);
    let state = CustomerState::read(&anna).value;
    assert_eq!(state, CustomerState::read(&boris).value);
    assert_eq!(state.name.as_deref(), Some("Acme AG"));
    assert_eq!(state.contacts[&item(1)].name.as_deref(), Some("Wang"));
    assert_eq!(state.contacts[&item(1)].title.as_deref(), Some("Director"));
    assert_eq!(anna.conflicts(), []);
}

#[test]
fn what_is_there_already_is_not_written_again() {
    let mut document = create(DocKind::Customer);
    named(&mut document, 1, "Acme");
    let before = document.snapshot();
    let again = document.edit_customer(&device(1, 9), |edit| {
        edit.set_name(Some("Acme"))?;
        edit.set_region(None)?;
        edit.remove_tag(item(4))
    });
    assert_eq!(again, Ok(None));
    assert_eq!(document.snapshot(), before);
}

#[test]
fn a_failing_edit_leaves_nothing_behind() {
    let mut document = create(DocKind::Customer);
    let fresh = document.snapshot();
    let failing = |document: &mut Document, number| {
        document.edit_customer(&device(number, 1), |edit| {
            edit.set_name(Some("half"))?;
            edit.set_contact_name(item(9), Some("nobody"))
        })
    };
    let error = failing(&mut document, 1).unwrap_err();
    assert_eq!(error, EditError::NoSuchItem { item: format!("contacts/{}", item(9)) });
    assert_eq!(document.snapshot(), fresh);
    named(&mut document, 2, "Acme");
    let named_once = document.snapshot();
    failing(&mut document, 1).unwrap_err();
    failing(&mut document, 2).unwrap_err();
    assert_eq!(document.snapshot(), named_once);
    assert_eq!(named(&mut document, 2, "Acme AG").seq, 2, "no sequence number was burnt");
}

#[test]
fn a_change_carries_the_devices_time_in_milliseconds_and_its_actor() {
    let mut document = create(DocKind::Customer);
    let change = named(&mut document, 7, "Acme");
    let decoded = automerge::Change::from_bytes(change.bytes.clone()).unwrap();
    assert_eq!(decoded.timestamp(), MORNING + 7 * 60_000);
    assert_eq!(decoded.actor_id().to_bytes(), [7; 16]);
    assert_eq!(decoded.raw_bytes(), change.bytes, "raw, never compressed");
    assert_eq!(document.last_seq(device(7, 0).actor), 1);
    assert_eq!(document.changes_since(&Heads::default()), [change]);
}

#[test]
fn text_beyond_sixteen_kibibytes_is_refused_with_the_numbers() {
    let mut document = create(DocKind::Customer);
    let longest = "x".repeat(TEXT_LIMIT);
    let change = document.edit_customer(&device(1, 0), |edit| edit.set_notes(Some(&longest)));
    ScreenedChange::screen(&change.unwrap().unwrap().bytes, &Limits::default()).unwrap();
    let longer = "x".repeat(TEXT_LIMIT + 1);
    let error =
        document.edit_customer(&device(1, 0), |edit| edit.set_notes(Some(&longer))).unwrap_err();
    assert_eq!(error.to_string(), "about/notes is 16385 bytes long, the limit is 16384");
}

#[test]
fn a_number_outside_its_range_is_refused() {
    let mut document = create(DocKind::Customer);
    let error = document
        .edit_customer(&device(1, 0), |edit| edit.set_tier_proposal_potential(Some(101)))
        .unwrap_err();
    assert_eq!(error.to_string(), "potential is 101, possible is 0 to 100");
}

#[test]
fn an_orphan_is_reported_and_never_kept() {
    let (mut anna, mut boris) = (create(DocKind::Customer), create(DocKind::Customer));
    let first = named(&mut anna, 1, "Acme");
    let second = named(&mut anna, 1, "Acme AG");
    let before = boris.snapshot();
    assert_eq!(give(&mut boris, &second), Applied::MissingDeps(vec![first.hash]));
    assert_eq!(boris.snapshot(), before);
    assert_eq!(give(&mut boris, &first), Applied::New);
    assert_eq!(give(&mut boris, &second), Applied::New);
    assert_eq!(give(&mut boris, &second), Applied::Duplicate);
    assert_eq!(boris.snapshot(), anna.snapshot());
}

#[test]
fn a_reused_sequence_number_is_refused_and_harms_nothing() {
    let (mut phone, mut clone) = (create(DocKind::Customer), create(DocKind::Customer));
    named(&mut phone, 1, "Acme");
    let twin =
        clone.edit_customer(&device(1, 3), |edit| edit.set_region(Some("North"))).unwrap().unwrap();
    let screened = ScreenedChange::screen(&twin.bytes, &Limits::default()).unwrap();
    let before = phone.snapshot();
    let error = phone.apply(&screened).unwrap_err();
    assert!(error.to_string().contains("sequence number 1"), "{error}");
    assert_eq!(phone.snapshot(), before);
}

#[test]
fn a_change_that_skips_operation_numbers_is_refused() {
    let mut raw = automerge::AutoCommit::load(&create(DocKind::Customer).snapshot()).unwrap();
    raw.set_actor(automerge::ActorId::from(&[8_u8; 16][..]));
    automerge::transaction::Transactable::put(&mut raw, automerge::ROOT, "x", 1_i64).unwrap();
    raw.commit();
    let mut bytes = raw.get_last_local_change().unwrap().raw_bytes().to_vec();
    // Header 10, one dependency 33, actor 17, sequence number 1: then start_op.
    let start = 10 + 33 + 17 + 1;
    assert_eq!(bytes[start], 12, "schema and ten maps come before");
    bytes[start] = 99;
    let checksum = <sha2::Sha256 as sha2::Digest>::digest(&bytes[8..]);
    bytes[4..8].copy_from_slice(&checksum[..4]);
    let screened = ScreenedChange::screen(&bytes, &Limits::default()).unwrap();
    let error = create(DocKind::Customer).apply(&screened).unwrap_err();
    assert!(error.to_string().contains("begin at 99 and build on 11"), "{error}");
}

#[test]
fn a_conflict_shows_every_value_with_its_writer_and_is_settled_by_choosing() {
    let (mut anna, mut boris) = (create(DocKind::Customer), create(DocKind::Customer));
    let base = anna
        .edit_customer(&device(1, 0), |edit| edit.add_contact(item(1), &Contact::default()))
        .unwrap()
        .unwrap();
    give(&mut boris, &base);
    let number = |raw: &str| Phone { raw: Some(raw.into()), ..Phone::default() };
    let write = |document: &mut Document, device_number, raw| {
        document
            .edit_customer(&device(device_number, 5), |edit| {
                edit.set_contact_phone(item(1), Some(&number(raw)))
            })
            .unwrap()
            .unwrap()
    };
    let by_anna = write(&mut anna, 1, "111");
    let by_boris = write(&mut boris, 2, "222");
    give(&mut anna, &by_boris);
    give(&mut boris, &by_anna);
    let conflicts = anna.conflicts();
    assert_eq!(conflicts, boris.conflicts());
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].path, format!("contacts/{}/phone", item(1)));
    let winner = &conflicts[0].values[0];
    assert_eq!(winner.actor, device(2, 0).actor);
    assert_eq!(winner.change, by_boris.hash);
    assert_eq!(winner.at, at(5));
    assert!(winner.value.contains("222"), "{}", winner.value);
    assert_eq!(conflicts[0].values[1].change, by_anna.hash);
    let shown = CustomerState::read(&anna).value.contacts[&item(1)].phone.clone();
    assert_eq!(shown, number("222"), "the winner is the value people see");

    // Choosing the value that already wins is a decision, and so a change.
    let settled = write(&mut anna, 1, "222");
    assert_eq!(anna.conflicts(), []);
    give(&mut boris, &settled);
    assert_eq!(boris.conflicts(), []);
    assert_eq!(CustomerState::read(&boris).value.contacts[&item(1)].phone, number("222"));
}

#[test]
fn after_submit_only_amendments_and_notes_are_written() {
    let (mut visit, _) = full_visit();
    let refused = |result: Result<Option<NewChange>, EditError>| result.unwrap_err();
    let before = visit.snapshot();
    let context = device(10, 100);
    let error = refused(visit.edit_visit(&context, |edit| edit.set_objective(Some("other"))));
    assert_eq!(error, EditError::AlreadySubmitted);
    let error = refused(visit.edit_visit(&context, |edit| edit.check_out(&check(50))));
    assert_eq!(error, EditError::AlreadySubmitted);
    let error = refused(
        visit.edit_visit(&context, |edit| edit.submit(&captured(99), &JournalLink::default())),
    );
    assert_eq!(error, EditError::AlreadySubmitted);
    assert_eq!(visit.snapshot(), before);
    assert_eq!(VisitState::read(&visit).faults, []);
}

#[test]
fn an_edit_beside_or_after_the_submit_is_visible_as_such() {
    let (mut phone, mut tablet) = (create(DocKind::Visit), create(DocKind::Visit));
    let filled = phone.edit_visit(&device(1, 0), fill_visit).unwrap().unwrap();
    give(&mut tablet, &filled);
    let submitted = phone
        .edit_visit(&device(1, 50), |edit| edit.submit(&captured(50), &JournalLink::default()))
        .unwrap()
        .unwrap();
    // The tablet knows nothing of the submit, corrects the outcome and renames a product.
    let beside = tablet
        .edit_visit(&device(2, 40), |edit| {
            edit.record_outcome(&Outcome::Order, Some("ordered"))?;
            edit.set_product_samples(item(5), Some(7))?;
            edit.set_co_visitor_note(user(9), Some("I was there"))
        })
        .unwrap()
        .unwrap();
    give(&mut phone, &beside);
    give(&mut tablet, &submitted);
    let read = VisitState::read(&phone);
    assert_eq!(read, VisitState::read(&tablet));
    assert_eq!(read.value.outcome, Some(Outcome::Order), "it stays visible");
    let late = |path: String| Fault { path, problem: Problem::EditAfterSubmit };
    assert_eq!(
        read.faults,
        [
            late("about/outcome".into()),
            late("about/result".into()),
            late(format!("products/{}/samples", item(5))),
        ]
    );
}

#[test]
fn a_fourth_key_task_is_refused() {
    let mut plan = create(DocKind::Plan);
    let task = |text: &str| KeyTask { text: Some(text.into()), ..KeyTask::default() };
    plan.edit_plan(&device(1, 0), |edit| {
        for number in 1..=3 {
            edit.add_key_task(item(number), &task("one of three"))?;
        }
        edit.add_key_task(item(2), &task("said better"))
    })
    .unwrap();
    let error =
        plan.edit_plan(&device(1, 1), |edit| edit.add_key_task(item(4), &task("4"))).unwrap_err();
    assert_eq!(error, EditError::TooManyKeyTasks { limit: 3 });
}

#[test]
fn a_stage_move_is_the_stage_and_its_history() {
    let mut deal = create(DocKind::Deal);
    deal.edit_deal(&device(1, 0), |edit| edit.move_to_stage(item(1), "qualified", at(0), None))
        .unwrap();
    deal.edit_deal(&device(1, 9), |edit| {
        edit.move_to_stage(item(2), "proposal", at(9), Some(user(3)))?;
        edit.win(at(9))
    })
    .unwrap();
    let state = DealState::read(&deal).value;
    assert_eq!(state.stage.as_deref(), Some("proposal"));
    assert_eq!(state.stage_history.len(), 2);
    assert_eq!(state.stage_history[&item(2)].by, Some(user(3)));
    assert_eq!(state.decided_at, Some(at(9)));
}

#[test]
fn an_intent_for_another_kind_is_refused() {
    let mut plan = create(DocKind::Plan);
    let error = plan.edit_visit(&device(1, 0), |_edit| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "this is a plan document, not a visit");
}

#[test]
fn an_edit_larger_than_a_change_may_be_is_refused_before_it_is_saved() {
    let mut customer = Document::create(header(DocKind::Customer));
    let long = "长".repeat(TEXT_LIMIT / 3);
    let error = customer.edit_customer(&device(1, 0), |edit| {
        edit.set_name(Some(&long))?;
        edit.set_notes(Some(&long))?;
        edit.set_address(Some(&long))
    });
    let limit = EDIT_LIMIT;
    assert!(
        matches!(error, Err(EditError::TooMuchAtOnce { bytes, limit: of }) if bytes > of && of == limit),
        "{error:?}"
    );
    // In parts it is saved, and each part passes the screen.
    for part in 0..3 {
        let change = customer.edit_customer(&device(1, 0), |edit| match part {
            0 => edit.set_name(Some(&long)),
            1 => edit.set_notes(Some(&long)),
            _ => edit.set_address(Some(&long)),
        });
        let change = change.unwrap().unwrap();
        let limits = Limits::default();
        ScreenedChange::screen(&change.bytes, &limits).unwrap();
    }
    // As many things as fit: what each costs beside its bytes fits too.
    let fill = customer.edit_customer(&device(1, 1), |edit| {
        let need = "长".repeat(50);
        (0..=u8::MAX).try_for_each(|n| edit.add_need(item(n), &need))
    });
    let change = fill.unwrap().unwrap();
    assert!(change.bytes.len() > 40_000, "{}", change.bytes.len());
    let limits = Limits::default();
    ScreenedChange::screen(&change.bytes, &limits).unwrap();
}
