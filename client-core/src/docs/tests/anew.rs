//! What one life of a phone wrote, written anew by its next one.

use crate::docs::customer::{Contact, Phone};
use crate::docs::samples::{at, device, header, item};
use crate::docs::{DocKind, Document, EditContext, NewChange};
use crate::guard::{Limits, ScreenedChange};
use crate::id::ActorId;
use crate::projection::DocState;

fn fresh() -> ActorId {
    ActorId::from_bytes([99; 16])
}

fn change(document: &mut Document, context: &EditContext, what: u8) -> Option<NewChange> {
    let text = format!("v{what}");
    let edited = document.edit_customer(context, |edit| match what % 7 {
        0 => edit.set_name(Some(&text)),
        1 => edit.add_tag(item(what), &text),
        2 => edit.add_contact(item(1), &Contact { name: Some(text), ..Contact::default() }),
        3 => edit.set_notes(Some(&text)),
        4 => edit.add_phone(item(what), &Phone { raw: Some(text), ..Phone::default() }),
        5 => edit.remove_tag(item(what)),
        _ => edit.set_region(Some(&text)),
    });
    edited.unwrap()
}

fn take(document: &mut Document, changes: &[NewChange]) {
    for change in changes {
        let screened = ScreenedChange::screen(&change.bytes, &Limits::default()).unwrap();
        document.apply(&screened).unwrap();
    }
}

fn bytes(changes: &[NewChange]) -> Vec<Vec<u8>> {
    changes.iter().map(|change| change.bytes.clone()).collect()
}

#[test]
fn what_a_lost_life_wrote_stands_anew_beside_what_the_other_one_stored() {
    let own = device(1, 1);
    let mut base = Document::create(header(DocKind::Customer));
    change(&mut base, &own, 0).unwrap();
    let (mut stored, mut copy) = (base.clone(), base.clone());
    // Both lives use the same sequence numbers.
    let theirs: Vec<_> = (1..4).filter_map(|what| change(&mut stored, &own, what)).collect();
    let ours: Vec<_> = [8, 2, 13].iter().filter_map(|w| change(&mut copy, &own, *w)).collect();
    assert_eq!(theirs[0].seq, ours[0].seq);

    let rewritten = stored.write_anew(&bytes(&ours), fresh()).unwrap();
    let now: Vec<NewChange> = rewritten.into_iter().filter_map(|change| change.now).collect();
    assert_eq!(now.iter().map(|change| change.seq).collect::<Vec<_>>(), [1, 2, 3]);
    let mut elsewhere = base;
    take(&mut elsewhere, &theirs);
    take(&mut elsewhere, &now);
    assert_eq!(elsewhere.heads(), stored.heads(), "anybody can apply what was written anew");
    let DocState::Customer(state) = DocState::read(&stored) else { panic!("a customer") };
    assert!(state.faults.is_empty(), "{:?}", state.faults);
    assert_eq!(state.value.tags.len(), 2);
    assert_eq!(state.value.region.as_deref(), Some("v13"));
    assert_eq!(state.value.contacts.len(), 1, "a contact that both lives added is one");
}

#[test]
fn a_conflict_stays_a_conflict_and_nothing_later_is_covered() {
    let mut document = Document::create(header(DocKind::Customer));
    change(&mut document, &device(1, 1), 0).unwrap();
    let mut copy = document.clone();
    let ours = change(&mut copy, &device(1, 2), 7).unwrap();
    change(&mut document, &device(2, 3), 14).unwrap();
    document.write_anew(&[ours.bytes], fresh()).unwrap();
    let conflicts = document.conflicts();
    let values: Vec<_> = conflicts[0].values.iter().map(|value| value.value.as_str()).collect();
    assert_eq!(conflicts.len(), 1);
    assert!(values.contains(&"v7") && values.contains(&"v14"), "{values:?}");
}

#[test]
fn what_stands_already_is_not_put_twice() {
    let mut document = Document::create(header(DocKind::Customer));
    let first = change(&mut document, &device(1, 1), 0).unwrap();
    let second = change(&mut document, &device(1, 2), 2).unwrap();
    let heads = document.heads();
    // Onto a history that began anew with the same values.
    let rewritten = document.write_anew(&bytes(&[first, second]), fresh()).unwrap();
    assert!(rewritten.iter().all(|change| change.now.is_none()) || document.heads() != heads);
    let DocState::Customer(state) = DocState::read(&document) else { panic!("a customer") };
    assert_eq!(state.value.contacts.len(), 1);
}

#[test]
fn written_anew_alone_it_reads_the_same_and_keeps_its_times() {
    let own = device(1, 5);
    let empty = Document::create(header(DocKind::Customer));
    let mut copy = empty.clone();
    let made: Vec<_> = (0..14).filter_map(|what| change(&mut copy, &own, what)).collect();
    let mut anew = empty;
    anew.write_anew(&bytes(&made), fresh()).unwrap();
    assert_eq!(DocState::read(&anew), DocState::read(&copy));
    assert_eq!(anew.actors(), [fresh()]);
    assert_eq!(anew.last_written("about/name").unwrap().at, at(5));
}

#[test]
fn leaving_changes_out_leaves_out_what_builds_on_them() {
    let own = device(1, 1);
    let mut document = Document::create(header(DocKind::Customer));
    let made: Vec<_> = (0..4).filter_map(|what| change(&mut document, &own, what)).collect();
    let kept = document.without(&[made[1].hash].into()).unwrap();
    assert!(kept.contains(&made[0].hash));
    assert!(made[1..].iter().all(|change| !kept.contains(&change.hash)));
    assert_eq!(kept.last_seq(own.actor), 1);
    assert_eq!(document.fields_of(&made[0].hash), [("about/name".into(), Some("v0".into()))]);
}
