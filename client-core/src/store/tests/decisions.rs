//! § A document with unsent edits is never purged before every edit has a final answer.

use super::*;
use crate::docs::ChangeHash;
use crate::id::RecordId;
use crate::records::{Cause, DecisionRecord, Record, RecordKind, Verdict};

pub(super) fn decided(doc: DocId, changes: Vec<ChangeHash>, verdict: Option<Verdict>) -> FeedEntry {
    let record = Record::Decision(DecisionRecord {
        id: RecordId::from_bytes([20; 16]),
        subject: doc,
        kind: DocKind::Customer,
        author: ME,
        device: DeviceId::from_bytes([3; 16]),
        unit: None,
        changes,
        received_at: NOW,
        verdict,
        by: Some(UserId::from_bytes([8; 16])),
        at: Some(NOW),
        note: Some("it is Boris's now".into()),
        to: None,
        cause: Cause::Late,
        left_out: Vec::new(),
    });
    FeedEntry::Record {
        kind: RecordKind::Decision,
        id: record.id(),
        version: if verdict.is_some() { 2 } else { 1 },
        body: ByteBuf::from(record.encode()),
    }
}

/// A customer that was given away, with an edit that the server keeps aside.
fn waiting() -> (Fixture, DocId, Vec<ChangeHash>) {
    let fixture = Fixture::new();
    fixture.feed(vec![enter(&elsewhere(7, "likes tea"))]);
    let doc = fixture.name(7, "Acme AG");
    let outgoing = fixture.collect();
    let hashes = outgoing.manifest.groups[0].1.clone();
    let aside = ChangeResult::Quarantined { detail: "waits for your manager".into() };
    fixture.take(&outgoing.manifest, &results(&outgoing, &aside));
    (fixture, doc, hashes)
}

#[test]
fn late_work_keeps_its_document_until_a_person_has_decided() {
    for verdict in Verdict::ALL {
        let (fixture, doc, hashes) = waiting();
        fixture.feed(vec![leave(7), decided(doc, hashes.clone(), None)]);
        assert_eq!(fixture.shown(doc).as_deref(), Some("Acme AG"), "no answer yet");
        let reason = "waits for your manager".to_owned();
        assert_eq!(fixture.status(doc), ItemStatus::Quarantined { reason });
        assert!(fixture.collect().groups.is_empty(), "it is not sent again meanwhile");

        fixture.feed(vec![decided(doc, hashes, Some(verdict))]);
        assert_eq!(fixture.shown(doc), None, "{verdict:?} is a final answer");
        let kept = fixture.store.read(outbox::refused).unwrap();
        assert_eq!(kept.len(), usize::from(verdict == Verdict::Rejected), "{verdict:?}");
        if let Some(kept) = kept.first() {
            let (code, reason) = ("declined".to_owned(), "it is Boris's now".to_owned());
            assert_eq!(kept.status, ItemStatus::Rejected { code, reason });
        }
    }
}

#[test]
fn saved_and_sent_edits_keep_their_document_as_well() {
    let fixture = Fixture::new();
    fixture.feed(vec![enter(&elsewhere(7, "likes tea"))]);
    let doc = fixture.name(7, "Acme AG");
    fixture.feed(vec![leave(7)]);
    assert!(fixture.shown(doc).is_some(), "saved");
    let outgoing = fixture.collect();
    fixture.feed(Vec::new());
    assert!(fixture.shown(doc).is_some(), "sent");
    let code = RejectCode::QuarantineFull;
    let full = ChangeResult::Rejected { code, detail: "no room".into() };
    fixture.take(&outgoing.manifest, &results(&outgoing, &full));
    assert!(fixture.shown(doc).is_some(), "nobody has seen it");
}

#[test]
fn a_document_that_is_still_held_goes_on_without_what_was_decided_against() {
    let (fixture, doc, hashes) = waiting();
    fixture.name(7, "Acme AG & Co");
    fixture.feed(vec![decided(doc, hashes, Some(Verdict::Rejected))]);
    assert_eq!(fixture.shown(doc), None, "as everybody else has it: without a name");
    let entry = fixture.store.read(|conn| query::customer(conn, doc)).unwrap().unwrap();
    assert_eq!(entry.state.notes.as_deref(), Some("likes tea"));
    let kept = fixture.store.read(outbox::refused).unwrap();
    assert_eq!(kept.len(), 2, "both edits are kept where a person can see them");
    fixture.name(7, "Acme Ltd");
    let next = fixture.collect();
    assert_eq!(next.groups[0].changes.len(), 1, "the next edit does not build on them");
    fixture.take(&next.manifest, &results(&next, &ChangeResult::Stored));
    assert_eq!(fixture.shown(doc).as_deref(), Some("Acme Ltd"));
}

#[test]
fn a_decision_that_overtakes_the_answer_to_the_push_is_final_too() {
    let fixture = Fixture::new();
    fixture.feed(vec![enter(&elsewhere(7, "likes tea"))]);
    let doc = fixture.name(7, "Acme AG");
    let outgoing = fixture.collect();
    let hashes = outgoing.manifest.groups[0].1.clone();
    fixture.feed(vec![decided(doc, hashes, Some(Verdict::Accepted))]);
    assert_eq!(fixture.status(doc), ItemStatus::Stored);
    let aside = ChangeResult::Quarantined { detail: "waits".into() };
    fixture.take(&outgoing.manifest, &results(&outgoing, &aside));
    assert_eq!(fixture.status(doc), ItemStatus::Stored, "a late answer takes nothing back");
}

#[test]
fn what_will_never_be_taken_leaves_the_document_again_and_the_next_edit_does_not_build_on_it() {
    for code in [RejectCode::NotAllowed, RejectCode::Malformed, RejectCode::HeaderMismatch] {
        let fixture = Fixture::new();
        fixture.feed(vec![enter(&elsewhere(7, "likes tea"))]);
        let doc = fixture.name(7, "Acme AG");
        let outgoing = fixture.collect();
        fixture.name(7, "Acme AG & Co");
        let refused = ChangeResult::Rejected { code, detail: "no".into() };
        fixture.take(&outgoing.manifest, &results(&outgoing, &refused));
        assert_eq!(fixture.shown(doc), None, "{code:?}: as everybody else has it");
        let kept = fixture.store.read(outbox::refused).unwrap();
        assert_eq!(kept.len(), 2, "{code:?}: it is told, with what was built on it");
        assert!(fixture.collect().groups.is_empty(), "{code:?}");
        fixture.name(7, "Acme Ltd");
        let next = fixture.collect();
        assert_eq!(next.groups[0].changes.len(), 1, "{code:?}");
        let bytes = &next.groups[0].changes[0];
        let change = crate::guard::ScreenedChange::screen(bytes, &Limits::default()).unwrap();
        assert_eq!(change.deps(), elsewhere(7, "likes tea").heads().as_slice(), "{code:?}");
        fixture.take(&next.manifest, &results(&next, &ChangeResult::Stored));
        assert_eq!(fixture.shown(doc).as_deref(), Some("Acme Ltd"));
    }
}
