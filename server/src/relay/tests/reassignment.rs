//! Customers that change hands.

use client_core::docs::DocKind;
use client_core::id::{DocId, UserId};
use client_core::protocol::{ChangeResult, RejectCode};
use client_core::records::{
    Placement, PlacementRecord, Record, RecordKind, Role, UserRecord, UserStatus,
};

use crate::storage::Records;
use crate::testing::{Phone, World, hour, unit_id};

pub(super) async fn give(world: &World, customer: DocId, to: UserId) {
    let id = client_core::id::RecordId::from_bytes(*customer.as_bytes());
    let row = world.app.storage().record(world.org, RecordKind::Placement, id).await.unwrap();
    let Record::Placement(mut placement) = row.unwrap().decode().unwrap() else {
        panic!("a placement")
    };
    let now = world.now();
    placement.spans.last_mut().unwrap().until = Some(now);
    placement.spans.push(Placement {
        from: now,
        until: None,
        owner: to,
        collaborators: Vec::new(),
        unit: unit_id("north"),
        tier: None,
        left_with: None,
    });
    world.write(Record::Placement(PlacementRecord { kind: DocKind::Customer, ..placement })).await;
}

async fn with_a_customer(world: &World) -> (Phone, Phone, DocId, DocId) {
    let mut anna = world.rep("anna").await;
    let mut boris = world.rep("boris").await;
    let (header, change) = anna.customer(world, "Acme");
    let (visit, seen) = anna.visit(world, header.doc);
    let groups = vec![anna.group(header, &[&change]), anna.group(visit, &[&seen])];
    anna.exchange(groups).await;
    anna.pull().await;
    boris.pull().await;
    (anna, boris, header.doc, visit.doc)
}

#[tokio::test]
async fn the_new_owner_gets_customer_and_visits_and_the_old_one_keeps_only_their_own_visits() {
    let world = World::new().await;
    let (mut anna, mut boris, customer, visit) = with_a_customer(&world).await;
    assert!(boris.docs.is_empty());
    give(&world, customer, boris.user).await;
    anna.pull().await;
    boris.pull().await;
    assert!(anna.gone.contains(&customer) && !anna.gone.contains(&visit));
    assert!(boris.docs.contains_key(&customer) && boris.docs.contains_key(&visit));
    let told = |phone: &Phone| {
        phone.records.iter().any(|record| match record {
            Record::Placement(placement) => {
                placement.subject == customer && placement.spans.len() == 2
            }
            _ => false,
        })
    };
    assert!(told(&anna) && told(&boris), "both know the dated placement");
}

#[tokio::test]
async fn work_done_before_a_reassignment_is_taken_within_grace_and_kept_aside_after() {
    let world = World::new().await;
    let (mut anna, boris, customer, _visit) = with_a_customer(&world).await;
    let (header, offline) = anna.rename(&world, customer, "Acme AG");
    give(&world, customer, boris.user).await;
    world.pass(hour(24));
    anna.renew().await;
    assert_eq!(anna.push(header, &offline).await, ChangeResult::Stored);

    let (_, later) = anna.rename(&world, customer, "Acme Inc");
    world.pass(hour(24 * 40));
    anna.renew().await;
    let unsigned = {
        let mut group = anna.group(header, &[&later]);
        group.stamp = None;
        group
    };
    let response = anna.exchange(vec![unsigned, anna.group(header, &[&later])]).await;
    assert!(matches!(
        response.results[0].changes[0],
        ChangeResult::Rejected { code: RejectCode::NotAllowed, .. }
    ));
    assert!(matches!(response.results[1].changes[0], ChangeResult::Quarantined { .. }));
}

#[tokio::test]
async fn a_new_supervisor_is_filled_in_and_a_former_one_is_told_to_let_go() {
    let world = World::new().await;
    let (_anna, _boris, customer, visit) = with_a_customer(&world).await;
    let vera_id = world.person("vera", Role::Rep, &[]).await;
    let mut vera = world.phone("vera").await;
    vera.pull().await;
    assert!(vera.docs.is_empty());
    let record = |role, units| {
        Record::User(UserRecord {
            id: vera_id,
            name: "vera".into(),
            role,
            units,
            hired_on: None,
            status: UserStatus::Active,
            locale: None,
            leave: Vec::new(),
        })
    };
    world.write(record(Role::Supervisor, vec![unit_id("sales")])).await;
    let stamp = vera.stamp.clone();
    vera.pull().await;
    assert!(vera.docs.contains_key(&customer) && vera.docs.contains_key(&visit));
    assert_ne!(vera.stamp, stamp, "a new stamp comes with new access");
    let holds = |vera: &Phone| {
        let placements =
            vera.records.iter().filter(|record| record.kind() == RecordKind::Placement);
        placements.count()
    };
    assert_eq!(holds(&vera), 1, "with the placement of what came");
    world.write(record(Role::Rep, Vec::new())).await;
    vera.pull().await;
    assert!(vera.gone.contains(&customer) && vera.gone.contains(&visit));
    assert_eq!(holds(&vera), 0, "and its records go with them");
    let own = vera.records.iter().any(|record| record.kind() == RecordKind::Org);
    assert!(own, "what is everybody's stays");
}
