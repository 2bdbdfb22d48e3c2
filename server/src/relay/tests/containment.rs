//! What one change, one device or one person cannot do to the others.

use client_core::docs::{DocKind, Document, EditContext, NewChange};
use client_core::protocol::{ChangeResult, PushGroup, RejectCode, SyncResponse};
use client_core::records::{Cause, Record, RecordKind};
use client_core::time::Timestamp;
use rusqlite::{Connection, OpenFlags};

use crate::app::AppConfig;
use crate::auth::Cost;
use crate::relay::apply::{PANICS, PANICS_COMPARED};
use crate::relay::{Allowance, Quotas};
use crate::storage::{Documents, Records};
use crate::testing::{Phone, World, hour};

fn results(response: &SyncResponse) -> Vec<&ChangeResult> {
    response.results.iter().flat_map(|group| &group.changes).collect()
}

/// Bytes that wait for a person, as the data file holds them.
fn quarantined(world: &World) -> Vec<Vec<u8>> {
    let path = world.dir.path().join(crate::DATA_FILE);
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = file.prepare("select bytes from quarantine order by id").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// A change that makes the server panic, by what it says of when it was written.
fn panicking(phone: &Phone, document: &mut Document, at: Timestamp) -> NewChange {
    let context = EditContext { actor: phone.claim.actor, at };
    let change = document.edit_customer(&context, |edit| edit.set_notes(Some("boom")));
    change.unwrap().unwrap()
}

#[tokio::test]
async fn a_change_that_panics_is_kept_for_a_person_and_the_server_goes_on() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, first) = anna.customer(&world, "Acme");
    let mut document = anna.docs[&header.doc].clone();
    let boom = panicking(&anna, &mut document, PANICS);
    anna.docs.insert(header.doc, document);
    let (_, after) = anna.rename(&world, header.doc, "Acme AG");
    let (other, fine) = anna.customer(&world, "Beta");
    let push = |anna: &Phone| {
        vec![anna.group(header, &[&first, &boom, &after]), anna.group(other, &[&fine])]
    };
    let groups = push(&anna);
    let response = anna.exchange(groups).await;
    let [ok, panicked, behind, next] = results(&response)[..] else { panic!("four results") };
    assert_eq!((ok, next), (&ChangeResult::Stored, &ChangeResult::Stored));
    for aside in [panicked, behind] {
        assert!(matches!(aside, ChangeResult::Quarantined { .. }), "{aside:?}");
    }
    assert_eq!(quarantined(&world), [boom.bytes.clone(), after.bytes.clone()]);
    // What was good before it is stored, and nothing of it.
    let log = world.app.storage().log(world.org, header.doc).await.unwrap();
    assert_eq!(log.len(), 1);

    let groups = push(&anna);
    let again = anna.exchange(groups).await;
    assert_eq!(results(&again)[0], &ChangeResult::Duplicate);
    assert_eq!(quarantined(&world).len(), 2, "a repeated push is kept once");
    // Nobody is told that it came too late, now or when it is sent again.
    let told = |result: &ChangeResult| match result {
        ChangeResult::Quarantined { detail } => detail.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(told(results(&again)[1]), told(panicked));
    assert!(told(panicked).contains("needs a person"), "{panicked:?}");
    let cases = world.app.storage().records(world.org, RecordKind::Decision).await.unwrap();
    let causes = cases.iter().map(|row| match row.decode().unwrap() {
        Record::Decision(decision) => decision.cause,
        other => panic!("{other:?}"),
    });
    assert_eq!(causes.collect::<Vec<_>>(), [Cause::Unreadable]);
    let mut boris = world.rep("boris").await;
    let (header, change) = boris.customer(&world, "Gamma");
    assert_eq!(boris.push(header, &change).await, ChangeResult::Stored);
}

#[tokio::test]
async fn a_history_whose_conflicts_cannot_be_found_is_kept_for_a_person_and_the_server_goes_on() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, first) = anna.customer(&world, "Acme");
    assert_eq!(anna.push(header, &first).await, ChangeResult::Stored);
    let mut document = anna.docs[&header.doc].clone();
    let odd = panicking(&anna, &mut document, PANICS_COMPARED);
    let (other, fine) = anna.customer(&world, "Beta");
    let groups = vec![anna.group(header, &[&odd]), anna.group(other, &[&fine])];
    let response = anna.exchange(groups).await;
    let [aside, next] = results(&response)[..] else { panic!("two results") };
    assert!(matches!(aside, ChangeResult::Quarantined { .. }), "{aside:?}");
    assert_eq!(next, &ChangeResult::Stored);
    assert_eq!(quarantined(&world), [odd.bytes]);
    let log = world.app.storage().log(world.org, header.doc).await.unwrap();
    assert_eq!(log.len(), 1, "the document is as it was");
    let (_, after) = anna.rename(&world, header.doc, "Acme AG");
    assert_eq!(anna.push(header, &after).await, ChangeResult::Stored);
}

#[tokio::test]
async fn a_hundred_changes_that_panic_cost_one_panic() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, first) = anna.customer(&world, "Acme");
    let mut document = anna.docs[&header.doc].clone();
    let mut changes = vec![first];
    for n in 0..100 {
        let context = EditContext { actor: anna.claim.actor, at: PANICS };
        let change = document.edit_customer(&context, |edit| edit.set_notes(Some(&n.to_string())));
        changes.push(change.unwrap().unwrap());
    }
    let group = anna.group(header, &changes.iter().collect::<Vec<_>>());
    let response = anna.exchange(vec![group]).await;
    let results = results(&response);
    assert_eq!(results[0], &ChangeResult::Stored);
    let told = |result: &&&ChangeResult| match result {
        ChangeResult::Quarantined { detail } => detail.contains("needs a person"),
        other => panic!("{other:?}"),
    };
    assert_eq!(results[1..].iter().filter(told).count(), 1);
    assert_eq!(quarantined(&world).len(), 100);
}

/// A customer and `edits` renames of it, in causal order.
fn history(world: &World, phone: &mut Phone, edits: usize) -> (PushGroup, Vec<NewChange>) {
    let (header, first) = phone.customer(world, "Acme");
    let mut changes = vec![first];
    for n in 0..edits {
        changes.push(phone.rename(world, header.doc, &format!("Acme {n}")).1);
    }
    (phone.group(header, &[]), changes)
}

fn with(group: &PushGroup, changes: &[&NewChange]) -> PushGroup {
    let changes =
        changes.iter().map(|change| serde_bytes::ByteBuf::from(change.bytes.clone())).collect();
    PushGroup { changes, ..group.clone() }
}

#[tokio::test]
async fn changes_that_come_before_their_cause_wait_for_it_within_the_push() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (group, changes) = history(&world, &mut anna, 32);
    let backwards: Vec<_> = changes.iter().rev().collect();
    let response = anna.exchange(vec![with(&group, &backwards)]).await;
    assert!(results(&response).iter().all(|result| **result == ChangeResult::Stored));
}

#[tokio::test]
async fn no_more_than_32_changes_wait_and_none_is_in_the_document() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (group, changes) = history(&world, &mut anna, 100);
    let mut backwards: Vec<_> = changes.iter().rev().collect();
    let mut pushes = 0;
    let mut stored = 0;
    while !backwards.is_empty() {
        pushes += 1;
        let response = anna.exchange(vec![with(&group, &backwards)]).await;
        let mut results = results(&response).into_iter();
        // A phone sends what was missing, and then the rest again.
        backwards.retain(|_| match results.next() {
            Some(ChangeResult::Stored) => {
                stored += 1;
                false
            }
            Some(ChangeResult::MissingDeps(_)) => true,
            other => panic!("{other:?}"),
        });
        let log = world.app.storage().log(world.org, group.header.doc).await.unwrap();
        assert_eq!(log.len(), stored, "nothing that waits is in the document");
    }
    assert_eq!(stored, 101);
    assert!(pushes > 1, "101 changes backwards are more than may wait");
}

async fn small(quotas: Quotas) -> World {
    World::with(AppConfig { password_cost: Cost::CHEAP, quotas, ..AppConfig::default() }).await
}

fn reached(result: &ChangeResult) -> &str {
    match result {
        ChangeResult::Rejected { code: RejectCode::QuotaReached, detail } => detail,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_device_above_its_hour_waits_and_loses_nothing_and_nobody_else_waits() {
    let few = Allowance { changes: 3, ..Quotas::default().device_hour };
    let world = small(Quotas { device_hour: few, ..Quotas::default() }).await;
    let mut anna = world.rep("anna").await;
    let mut boris = world.rep("boris").await;
    let (header, first) = anna.customer(&world, "Acme");
    let mut groups = vec![anna.group(header, &[&first])];
    for n in 0..5 {
        let (_, change) = anna.rename(&world, header.doc, &format!("Acme {n}"));
        groups.push(anna.group(header, &[&change]));
    }
    let response = anna.exchange(groups.clone()).await;
    let answers = results(&response);
    assert!(answers[..3].iter().all(|result| **result == ChangeResult::Stored));
    assert_eq!(
        reached(answers[3]),
        "this device brought 3 changes within an hour, the limit is 3: nothing is lost, the phone \
         sends the rest by itself in 60 minutes"
    );
    assert!(answers[4..].iter().all(|result| !reached(result).is_empty()));
    let (other, change) = boris.customer(&world, "Beta");
    assert_eq!(boris.push(other, &change).await, ChangeResult::Stored);

    world.pass(hour(1));
    let rest = groups.split_off(3);
    anna.renew().await;
    let response = anna.exchange(rest).await;
    assert!(results(&response).iter().all(|result| **result == ChangeResult::Stored));
}

#[tokio::test]
async fn a_person_with_two_devices_has_one_days_quota() {
    let few = Allowance { documents: 2, ..Quotas::default().person_day };
    let world = small(Quotas { person_day: few, ..Quotas::default() }).await;
    let mut anna = world.rep("anna").await;
    let mut second = world.phone("anna").await;
    for (phone, name) in [(&mut anna, "Acme"), (&mut second, "Beta")] {
        let (header, change) = phone.customer(&world, name);
        assert_eq!(phone.push(header, &change).await, ChangeResult::Stored);
    }
    let (header, change) = second.customer(&world, "Gamma");
    let refused = second.push(header, &change).await;
    assert!(reached(&refused).starts_with("this person brought 2 new documents within a day"));
    world.pass(hour(24));
    second.renew().await;
    assert_eq!(second.push(header, &change).await, ChangeResult::Stored);
}

#[tokio::test]
async fn a_clock_set_back_shuts_nobody_out() {
    let few = Allowance { changes: 1, ..Quotas::default().device_hour };
    let world = small(Quotas { device_hour: few, ..Quotas::default() }).await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    assert_eq!(anna.push(header, &change).await, ChangeResult::Stored);
    let (_, next) = anna.rename(&world, header.doc, "Acme AG");
    reached(&anna.push(header, &next).await);
    world.pass(-hour(24 * 365));
    assert_eq!(anna.push(header, &next).await, ChangeResult::Stored);
}

#[tokio::test]
async fn a_push_of_a_hundred_full_documents_takes_turns_and_is_taken() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut groups = Vec::new();
    for _ in 0..100 {
        let header = anna.header(&world, DocKind::Customer, None);
        let mut document = Document::create(header);
        let context = anna.context(world.now());
        let change = document.edit_customer(&context, |edit| {
            (0..1_500_u64).try_for_each(|n| {
                let id = client_core::id::ItemId::new(world.now(), {
                    let mut bytes = [0; 10];
                    bytes[2..].copy_from_slice(&n.to_be_bytes());
                    bytes
                });
                edit.add_need(id, "x")
            })
        });
        groups.push(anna.group(header, &[&change.unwrap().unwrap()]));
    }
    let bytes: usize = groups.iter().map(|group| group.changes[0].len()).sum();
    println!("{bytes} bytes");
    for part in groups.chunks(80) {
        let response = anna.exchange(part.to_vec()).await;
        assert!(results(&response).iter().all(|result| **result == ChangeResult::Stored));
    }
}

/// Found by damaging bytes (`tests/fuzz/found/hydrate`): one field is written over what
/// another one holds. It is applied, and the snapshot with it loads no more.
#[tokio::test]
async fn a_change_that_would_make_its_document_unreadable_is_kept_for_a_person() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, first) = anna.customer(&world, "Acme");
    anna.push(header, &first).await;
    let (_, honest) = anna.rename(&world, header.doc, "Acme AG");
    let mut forged = honest.clone();
    let at = forged.bytes.windows(4).position(|window| window == b"name").unwrap();
    forged.bytes[at] = b'3';
    let checksum = <sha2::Sha256 as sha2::Digest>::digest(&forged.bytes[8..]);
    forged.bytes[4..8].copy_from_slice(&checksum[..4]);
    let answer = anna.push(header, &forged).await;
    assert!(matches!(answer, ChangeResult::Quarantined { .. }), "{answer:?}");
    assert_eq!(quarantined(&world), [forged.bytes]);
    let stored = world.app.storage().load(world.org, header.doc).await.unwrap().unwrap();
    Document::load(header, &stored.snapshot).unwrap();
    assert_eq!(anna.push(header, &honest).await, ChangeResult::Stored);
}
