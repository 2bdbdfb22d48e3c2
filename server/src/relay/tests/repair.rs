//! What a phone is told that counts a scope differently.

use std::collections::BTreeMap;

use client_core::id::DocId;
use client_core::protocol::{DocAnswer, ListAsk, ListedDoc, RepairAnswer, RepairAsk, Scope};

use crate::testing::{Phone, World, unit_id};

async fn ask(phone: &mut Phone, ask: RepairAsk) -> RepairAnswer {
    let mut request = phone.request(Vec::new());
    request.repair = Some(ask);
    phone.exchange_as(request).await.repair.expect("an answer to what was asked")
}

async fn list(phone: &mut Phone, scope: Scope, after: Option<DocId>) -> RepairAnswer {
    ask(phone, RepairAsk { list: Some(ListAsk { scope, after }), docs: Vec::new() }).await
}

#[tokio::test]
async fn the_list_of_a_scope_names_every_document_at_its_heads() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    for n in 0..10 {
        let (header, change) = anna.customer(&world, &format!("customer {n}"));
        let (visit, seen) = anna.visit(&world, header.doc);
        let groups = vec![anna.group(header, &[&change]), anna.group(visit, &[&seen])];
        anna.exchange(groups).await;
    }
    let scope = Scope::User(anna.user);
    let expected: BTreeMap<DocId, ListedDoc> = anna
        .docs
        .values()
        .map(|doc| {
            let header = doc.header();
            (header.doc, ListedDoc::new(header.doc, header.generation, &doc.heads()))
        })
        .collect();
    let answer = list(&mut anna, scope, None).await.list.unwrap();
    assert_eq!(answer.docs().unwrap(), expected.values().copied().collect::<Vec<_>>());
    assert!(!answer.more);
    let fifth = *expected.keys().nth(4).unwrap();
    let rest = list(&mut anna, scope, Some(fifth)).await.list.unwrap();
    assert_eq!((rest.docs().unwrap().len(), rest.after), (15, Some(fifth)));
}

#[tokio::test]
async fn nobody_is_told_the_list_of_a_scope_they_do_not_hold() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let boris = world.rep("boris").await;
    for scope in [Scope::User(boris.user), Scope::Unit(unit_id("north"))] {
        assert_eq!(list(&mut anna, scope, None).await, RepairAnswer::default());
    }
}

#[tokio::test]
async fn a_document_that_is_asked_for_is_told_only_to_whoever_may_read_it() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let mut boris = world.rep("boris").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    let unknown = DocId::from_bytes([77; 16]);
    let wanted = RepairAsk { list: None, docs: vec![header.doc, unknown] };
    let hers = ask(&mut anna, wanted.clone()).await.docs;
    assert!(matches!(&hers[0], DocAnswer::Held { header: held, .. } if *held == header));
    assert_eq!(hers[1], DocAnswer::Unknown(unknown));
    let his = ask(&mut boris, wanted).await.docs;
    assert_eq!(his, [DocAnswer::NotYours(header.doc), DocAnswer::Unknown(unknown)]);
}
