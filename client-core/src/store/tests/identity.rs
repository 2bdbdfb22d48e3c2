//! What leaves, and becoming a device of its own.

use super::*;
use crate::docs::NewChange;
use crate::docs::customer::Phone;
use crate::guard::ScreenedChange;
use crate::id::ItemId;
use crate::protocol::{HandBackAnswer, Offer};
use crate::records::{PlacementRecord, Record, RecordKind};

const SECRETS: [&str; 3] = ["Geheimwerk", "13912345678", "unter vier Augen"];

impl Fixture {
    /// Files of the replica that still hold a secret.
    fn readable(&self) -> Vec<(String, &'static str)> {
        let mut found = Vec::new();
        for suffix in ["", "-wal", "-shm"] {
            let name = format!("a.fieldsync{suffix}");
            let bytes = std::fs::read(self.dir.path().join(&name)).unwrap_or_default();
            for secret in SECRETS {
                if bytes.windows(secret.len()).any(|part| part == secret.as_bytes()) {
                    found.push((name.clone(), secret));
                }
            }
        }
        found
    }

    fn renewed(&self) -> Identity {
        let fresh = Identity {
            device: DeviceId::from_bytes([13; 16]),
            actor: ActorId::from_bytes([14; 16]),
            replica: ReplicaId::from_bytes([15; 16]),
            ..identity()
        };
        self.store.renew(&fresh).unwrap();
        fresh
    }

    fn change_of(&self, doc: DocId) -> Vec<NewChange> {
        let stored = self.store.read(|conn| document::load(conn, doc)).unwrap().unwrap();
        stored.document.changes_since(&Default::default())
    }
}

/// A document with secrets in every place that a phone keeps them in.
fn secret(doc: u8) -> Document {
    let mut document = Document::create(header(doc));
    let context = EditContext { actor: ActorId::from_bytes([9; 16]), at: NOW };
    let made = document.edit_customer(&context, |edit| {
        edit.set_name(Some("Geheimwerk"))?;
        edit.set_notes(Some("unter vier Augen"))?;
        let raw = Some("13912345678".to_owned());
        edit.add_phone(ItemId::from_bytes([1; 16]), &Phone { raw, ..Phone::default() })
    });
    made.unwrap();
    document
}

#[test]
fn nothing_of_a_document_that_left_is_readable_in_any_file_of_the_replica() {
    let fixture = Fixture::new();
    let placement = PlacementRecord {
        subject: DocId::from_bytes([7; 16]),
        kind: DocKind::Customer,
        spans: Vec::new(),
        credit: None,
    };
    let record = Record::Placement(placement);
    fixture.feed(vec![enter(&secret(7)), enter(&elsewhere(8, "stays")), {
        FeedEntry::Record {
            kind: RecordKind::Placement,
            id: record.id(),
            version: 1,
            body: ByteBuf::from(record.encode()),
        }
    }]);
    // What it did not take, and what arrived damaged, says something too.
    fixture.name(7, "Geheimwerk AG");
    let outgoing = fixture.collect();
    let refused = ChangeResult::Rejected { code: RejectCode::NotAllowed, detail: "no".into() };
    fixture.take(&outgoing.manifest, &results(&outgoing, &refused));
    let damaged = [&b"unter vier Augen"[..], &[0; 4]].concat();
    let doc = DocId::from_bytes([7; 16]);
    fixture.feed(vec![FeedEntry::Changes { doc, changes: vec![ByteBuf::from(damaged)] }]);
    assert!(!fixture.readable().is_empty());

    let applied = fixture.feed(vec![leave(7)]);
    assert_eq!(applied.purged, 1);
    // The rep's own words that nobody took stay until the rep lets go of them.
    let refused = fixture.store.read(outbox::refused).unwrap();
    assert_eq!(refused.len(), 1);
    assert!(fixture.store.write(|tx| outbox::dismiss(tx, &refused[0].change)).unwrap());
    fixture.store.cut_log().unwrap();
    assert_eq!(fixture.readable(), []);
    assert!(fixture.shown(DocId::from_bytes([8; 16])).is_none(), "it has no name");
    assert_eq!(fixture.store.read(outbox::pending).unwrap(), Pending::default());
}

#[test]
fn a_purge_that_was_interrupted_is_finished_at_the_next_opening() {
    let fixture = Fixture::new();
    fixture.feed(vec![enter(&secret(7))]);
    fixture.store.checkpoint().unwrap();
    fixture.feed(vec![leave(7)]);
    assert!(!fixture.readable().is_empty(), "the log was not folded yet");
    let path = fixture.dir.path().join("a.fieldsync");
    let Fixture { store, dir } = fixture;
    // As if the app had been ended: nothing is closed in order.
    let _never_closed = std::mem::ManuallyDrop::new(store);
    let store = Store::open(&path, &identity()).unwrap();
    assert_eq!(Fixture { store, dir }.readable(), []);
}

#[test]
fn a_wiped_replica_holds_nothing_and_saves_nothing_any_more() {
    let fixture = Fixture::new();
    fixture.feed(vec![enter(&secret(7))]);
    fixture.name(7, "Geheimwerk AG");
    let kept = fixture.store.wipe(|_conn| Err(StoreError::Full));
    assert!(matches!(kept, Err(StoreError::Full)));
    assert!(!fixture.readable().is_empty(), "what cannot be brought into safety stays");
    fixture.store.wipe(|_conn| Ok::<_, StoreError>(())).unwrap();
    assert_eq!(fixture.readable(), []);
    let saved = fixture.store.write(|tx| name_in(tx, 8, "too late"));
    assert!(saved.is_err(), "nobody is told that it was saved");
}

#[test]
fn what_the_other_life_stored_is_confirmed_and_the_rest_is_written_anew() {
    let fixture = Fixture::new();
    let kept = fixture.name(7, "Acme");
    let lost = fixture.name(8, "Bolt");
    let fresh = fixture.renewed();
    let outgoing = fixture.collect();
    assert!(outgoing.unbound, "the server is told of the device first");
    assert_eq!(fixture.store.identity(), fresh);

    let mut answer = results(&outgoing, &ChangeResult::Duplicate);
    let foreign = ChangeResult::Rejected { code: RejectCode::ForeignActor, detail: "no".into() };
    let at = outgoing.manifest.groups.iter().position(|(doc, _)| *doc == lost).unwrap();
    answer.results[at].changes = vec![foreign];
    let before = fixture.change_of(lost);
    let applied = fixture.take(&outgoing.manifest, &answer);
    assert!(!applied.forked && applied.progressed);
    assert_eq!(fixture.status(kept), ItemStatus::Stored);
    assert_eq!(fixture.status(lost), ItemStatus::Saved);
    assert_eq!(fixture.shown(lost).as_deref(), Some("Bolt"));

    let again = fixture.collect();
    assert_eq!(again.manifest.changes(), 1);
    let bytes = &again.groups[0].changes[0];
    let change = ScreenedChange::screen(bytes, &Limits::default()).unwrap();
    assert_eq!((change.actor(), change.seq()), (fresh.actor, 1));
    assert_ne!(change.hash(), before[0].hash);
    fixture.take(&again.manifest, &results(&again, &ChangeResult::Stored));
    assert_eq!(fixture.status(lost), ItemStatus::Stored);
}

#[test]
fn a_page_is_left_aside_until_the_former_life_has_its_answers() {
    let fixture = Fixture::new();
    fixture.name(7, "Acme");
    fixture.renewed();
    let cursor = Cursor(ByteBuf::from(b"next".to_vec()));
    let page = SyncResponse {
        feed: vec![enter(&elsewhere(8, "fine"))],
        cursor: Some(cursor.clone()),
        ..empty()
    };
    let applied = fixture.take(&Manifest::default(), &page);
    assert_eq!((applied.pulled, fixture.collect().cursor), (0, None));
    let outgoing = fixture.collect();
    let answer =
        SyncResponse { results: results(&outgoing, &ChangeResult::Duplicate).results, ..page };
    let applied = fixture.take(&outgoing.manifest, &answer);
    assert_eq!((applied.pulled, fixture.collect().cursor), (1, Some(cursor)));
}

#[test]
fn a_change_refused_because_of_another_life_asks_for_a_new_device() {
    let fixture = Fixture::new();
    let doc = fixture.name(7, "Acme");
    let outgoing = fixture.collect();
    let forked = ChangeResult::Rejected { code: RejectCode::ForkedActor, detail: "no".into() };
    let applied = fixture.take(&outgoing.manifest, &results(&outgoing, &forked));
    assert!(applied.forked);
    assert_eq!(fixture.status(doc), ItemStatus::Saved, "and it waits for that");
}

#[test]
fn a_restored_server_is_offered_everything_and_given_what_it_lacks() {
    let fixture = Fixture::new();
    let mine = fixture.name(7, "Acme");
    let outgoing = fixture.collect();
    fixture.take(&outgoing.manifest, &results(&outgoing, &ChangeResult::Stored));
    let theirs = elsewhere(8, "a colleague's");
    fixture.feed(vec![enter(&theirs)]);
    assert!(fixture.collect().hand_back.is_none());

    let restarted = HandBackAnswer { another_life: true, lacking: Vec::new() };
    let answer = SyncResponse { hand_back: Some(Box::new(restarted)), ..empty() };
    assert!(fixture.take(&Manifest::default(), &answer).due, "it goes on at once");
    let asked = fixture.collect();
    let offers = asked.hand_back.unwrap().offers;
    assert_eq!(
        offers.iter().map(|offer| offer.doc).collect::<Vec<_>>(),
        [mine, theirs.header().doc]
    );

    let heads = Default::default();
    let lacking = offers.iter().map(|offer| Offer { heads: Clone::clone(&heads), ..offer.clone() });
    let lacking = HandBackAnswer { another_life: false, lacking: lacking.collect() };
    let answer = SyncResponse { hand_back: Some(Box::new(lacking)), ..empty() };
    fixture.take(&asked.manifest, &answer);
    let giving = fixture.collect();
    let back = giving.hand_back.clone().unwrap();
    assert_eq!((back.offers.len(), back.given.clone()), (0, vec![0, 1]));
    let mut answer = results(&giving, &ChangeResult::Stored);
    answer.results[1].changes =
        vec![ChangeResult::Rejected { code: RejectCode::ForeignActor, detail: "no".into() }];
    fixture.take(&giving.manifest, &answer);
    assert_eq!(fixture.status(mine), ItemStatus::Stored);
    assert!(fixture.collect().hand_back.is_none(), "all was said");
    assert_eq!(fixture.store.read(outbox::pending).unwrap(), Pending::default());
}
