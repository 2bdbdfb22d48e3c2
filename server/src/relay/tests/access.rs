//! § Who reads what, while it changes.

use std::collections::BTreeSet;

use client_core::id::{DocId, UserId};
use client_core::protocol::{ChangeResult, FeedEntry, Scope};
use client_core::records::{Record, Role, UserRecord, UserStatus};

use super::reassignment::give;
use crate::office::{By, Office, Place};
use crate::testing::{Phone, World, hour, unit_id};

fn lead(id: UserId, role: Role, units: &[&str]) -> Record {
    Record::User(UserRecord {
        id,
        name: "vera".into(),
        role,
        units: units.iter().map(|unit| unit_id(unit)).collect(),
        hired_on: None,
        status: UserStatus::Active,
        locale: None,
        leave: Vec::new(),
    })
}

async fn customers(world: &World, phone: &mut Phone, count: usize) -> BTreeSet<DocId> {
    let mut made = BTreeSet::new();
    for n in 0..count {
        let (header, change) = phone.customer(world, &format!("customer {n}"));
        phone.push(header, &change).await;
        made.insert(header.doc);
    }
    made
}

/// What a phone holds and was not told to let go of.
fn holds(phone: &Phone) -> BTreeSet<DocId> {
    phone.docs.keys().filter(|doc| !phone.gone.contains(*doc)).copied().collect()
}

async fn small_page(phone: &mut Phone) -> bool {
    let mut request = phone.request(Vec::new());
    request.budget = 4 * 1024;
    phone.exchange_as(request).await.more
}

#[tokio::test]
async fn losing_the_last_path_to_a_document_yields_leave() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let boris = world.rep("boris").await;
    let doc = *customers(&world, &mut anna, 1).await.first().unwrap();
    anna.pull().await;
    let office = Office::of(world.app.clone(), world.org);
    let registrar = office.registrar(By::CommandLine).await.unwrap();
    // Anna stays beside the new owner: one path goes, another one comes.
    let share = Place { owner: Some(boris.user), add: vec![anna.user], ..Place::default() };
    registrar.place(doc, share).await.unwrap();
    anna.pull().await;
    assert!(holds(&anna).contains(&doc), "she works on it still");
    let away = Place { remove: vec![anna.user], ..Place::default() };
    registrar.place(doc, away).await.unwrap();
    let response = anna.exchange(Vec::new()).await;
    let scope = Scope::User(anna.user);
    let left = response.feed.iter().any(
        |entry| matches!(entry, FeedEntry::Leave { doc: left, scope: of, .. } if *left == doc && *of == scope),
    );
    assert!(left, "{:?}", response.feed);
    let empty = response.feed.iter().any(
        |entry| matches!(entry, FeedEntry::Complete(digest) if digest.scope == scope && digest.count == 0),
    );
    assert!(empty, "and the count of the scope says so: {:?}", response.feed);
}

#[tokio::test]
async fn a_collaborator_has_the_customer_from_when_they_come_until_they_go() {
    let world = World::new().await;
    let (mut anna, mut boris) = (world.rep("anna").await, world.rep("boris").await);
    let doc = *customers(&world, &mut anna, 1).await.first().unwrap();
    boris.pull().await;
    assert!(holds(&boris).is_empty());
    let office = Office::of(world.app.clone(), world.org);
    let registrar = office.registrar(By::CommandLine).await.unwrap();
    registrar.place(doc, Place { add: vec![boris.user], ..Place::default() }).await.unwrap();
    boris.pull().await;
    assert!(holds(&boris).contains(&doc));
    let (header, change) = boris.rename(&world, doc, "Acme by Boris");
    assert_eq!(boris.push(header, &change).await, ChangeResult::Stored);
    registrar.place(doc, Place { remove: vec![boris.user], ..Place::default() }).await.unwrap();
    boris.pull().await;
    assert!(boris.gone.contains(&doc));
}

#[tokio::test]
async fn a_manager_who_gains_a_unit_gets_its_back_fill_while_the_tail_goes_on() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let before = customers(&world, &mut anna, 60).await;
    let vera_id = world.person("vera", Role::Manager, &[]).await;
    let mut vera = world.phone("vera").await;
    vera.pull().await;
    assert!(holds(&vera).is_empty());
    world.write(lead(vera_id, Role::Manager, &["sales"])).await;
    let mut meanwhile = BTreeSet::new();
    let mut pages = 0;
    while small_page(&mut vera).await {
        meanwhile.extend(customers(&world, &mut anna, 1).await);
        let (header, change) =
            anna.rename(&world, *before.first().unwrap(), &format!("name {pages}"));
        anna.push(header, &change).await;
        pages += 1;
        assert!(pages < 100);
    }
    assert!(pages > 3, "{pages}");
    vera.pull().await;
    assert_eq!(holds(&vera), before.union(&meanwhile).copied().collect());
    for (doc, held) in &vera.docs {
        assert_eq!(held.heads(), anna.docs[doc].heads());
    }
}

#[tokio::test]
async fn an_interrupted_back_fill_goes_on_where_it_stopped() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let before = customers(&world, &mut anna, 30).await;
    let vera_id = world.person("vera", Role::Manager, &[]).await;
    let mut vera = world.phone("vera").await;
    vera.pull().await;
    world.write(lead(vera_id, Role::Manager, &["sales"])).await;
    assert!(small_page(&mut vera).await);
    assert!(small_page(&mut vera).await);
    let so_far = holds(&vera);
    assert!(!so_far.is_empty() && so_far.len() < before.len());
    // The phone is off for a week; what it has is not sent again.
    world.pass(hour(24 * 7));
    vera.renew().await;
    let mut again = BTreeSet::new();
    loop {
        let mut request = vera.request(Vec::new());
        request.budget = 4 * 1024;
        let response = vera.exchange_as(request).await;
        again.extend(response.feed.iter().filter_map(|entry| match entry {
            FeedEntry::Enter { header, .. } => Some(header.doc),
            _ => None,
        }));
        if !response.more {
            break;
        }
    }
    assert!(again.is_disjoint(&so_far), "nothing is sent twice");
    assert_eq!(holds(&vera), before);
}

#[tokio::test]
async fn access_that_changes_in_the_middle_of_a_back_fill_leaves_nothing_behind() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let before = customers(&world, &mut anna, 30).await;
    let vera_id = world.person("vera", Role::Manager, &[]).await;
    let mut vera = world.phone("vera").await;
    vera.pull().await;
    world.write(lead(vera_id, Role::Manager, &["sales"])).await;
    assert!(small_page(&mut vera).await && small_page(&mut vera).await);
    assert!(!holds(&vera).is_empty());
    // The unit is taken back before all of it was sent.
    world.write(lead(vera_id, Role::Manager, &[])).await;
    vera.pull().await;
    assert!(holds(&vera).is_empty(), "{:?}", holds(&vera));
    // It is given again, and taken and given once more in the middle.
    world.write(lead(vera_id, Role::Manager, &["sales"])).await;
    assert!(small_page(&mut vera).await);
    world.write(lead(vera_id, Role::Manager, &[])).await;
    world.write(lead(vera_id, Role::Manager, &["north"])).await;
    vera.pull().await;
    assert_eq!(holds(&vera), before);
}

#[tokio::test]
async fn a_device_that_pushes_when_its_access_is_gone_gets_its_leave_in_the_same_answer() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let boris = world.rep("boris").await;
    let doc = *customers(&world, &mut anna, 1).await.first().unwrap();
    anna.pull().await;
    let (header, offline) = anna.rename(&world, doc, "Acme AG");
    give(&world, doc, boris.user).await;
    let group = anna.group(header, &[&offline]);
    let response = anna.exchange(vec![group]).await;
    assert_eq!(response.results[0].changes, [ChangeResult::Stored], "within grace");
    assert!(anna.gone.contains(&doc), "its own push does not hide the leave");
}

#[tokio::test]
async fn a_regrant_brings_the_document_again() {
    let world = World::new().await;
    let (mut anna, boris) = (world.rep("anna").await, world.rep("boris").await);
    let doc = *customers(&world, &mut anna, 1).await.first().unwrap();
    anna.pull().await;
    give(&world, doc, boris.user).await;
    anna.pull().await;
    assert!(anna.gone.contains(&doc));
    anna.docs.remove(&doc);
    world.pass(hour(1) / 60);
    give(&world, doc, anna.user).await;
    anna.pull().await;
    assert!(holds(&anna).contains(&doc));
    let (header, change) = anna.rename(&world, doc, "Acme again");
    assert_eq!(anna.push(header, &change).await, ChangeResult::Stored);
    // Away and back between two syncs: nothing is told to leave.
    world.pass(hour(1) / 60);
    give(&world, doc, boris.user).await;
    world.pass(hour(1) / 60);
    give(&world, doc, anna.user).await;
    let response = anna.exchange(Vec::new()).await;
    let left = response.feed.iter().any(|entry| matches!(entry, FeedEntry::Leave { .. }));
    assert!(!left && holds(&anna).contains(&doc), "{:?}", response.feed);
}

#[tokio::test]
async fn closed_placements_stay_in_the_former_owners_scope() {
    let world = World::new().await;
    let (mut anna, boris) = (world.rep("anna").await, world.rep("boris").await);
    let doc = *customers(&world, &mut anna, 1).await.first().unwrap();
    give(&world, doc, boris.user).await;
    // A phone that starts today, weeks later, still learns who held it when.
    world.pass(hour(24 * 40));
    let mut fresh = world.phone("anna").await;
    fresh.pull().await;
    let closed = fresh.records.iter().find_map(|record| match record {
        Record::Placement(placement) if placement.subject == doc => Some(placement.clone()),
        _ => None,
    });
    let closed = closed.expect("the closed placement is sent");
    assert_eq!(closed.spans[0].owner, anna.user);
    assert!(closed.spans[0].until.is_some() && !fresh.docs.contains_key(&doc));
}

#[tokio::test]
async fn a_lost_answer_is_given_again_to_whoever_lost_the_document_meanwhile() {
    let world = World::new().await;
    let (mut anna, boris) = (world.rep("anna").await, world.rep("boris").await);
    let (header, change) = anna.customer(&world, "Acme");
    // She never had a page, so she has no stamp, and this answer never reaches her.
    assert_eq!(anna.stamp, None);
    let group = anna.group(header, &[&change]);
    anna.exchange(vec![group.clone()]).await;
    give(&world, header.doc, boris.user).await;
    let (_, more) = anna.rename(&world, header.doc, "Acme AG");
    let mut both = group;
    both.changes.push(serde_bytes::ByteBuf::from(more.bytes.clone()));
    let response = anna.exchange(vec![both]).await;
    let [first, second] = &response.results[0].changes[..] else { panic!("two answers") };
    assert_eq!(*first, ChangeResult::Duplicate);
    assert!(matches!(second, ChangeResult::Rejected { .. }), "{second:?}");
}
