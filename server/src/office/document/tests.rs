//! The office writes like a phone does: merged, named, bounded.

use client_core::docs::{DocKind, EditError};
use client_core::id::{DocId, UserId};
use client_core::projection::DocState;
use client_core::protocol::ChangeResult;
use client_core::records::{DeviceRecord, PlacementRecord, Record, Role};

use super::{DocumentError, NewContent, NewDocument};
use crate::app::AppConfig;
use crate::auth::Cost;
use crate::office::{Hand, HandError, Office};
use crate::storage::{Accounts, Documents, Feed};
use crate::testing::World;

struct Room {
    world: World,
    office: Office,
    hand: Hand,
    vera: UserId,
}

async fn room() -> Room {
    furnished(World::new().await).await
}

async fn furnished(world: World) -> Room {
    let vera = world.person("vera", Role::Manager, &["sales"]).await;
    let office = Office::of(world.app.clone(), world.org);
    let hand = office.hand(vera).await.unwrap();
    Room { world, office, hand, vera }
}

async fn name_of(room: &Room, doc: DocId) -> Option<String> {
    let row = room.world.app.storage().row(room.world.org, doc).await.unwrap().unwrap();
    let DocState::Customer(customer) = row.state else { panic!("a customer") };
    customer.value.name
}

#[tokio::test]
async fn a_person_has_one_hand_in_a_process_and_nobody_unknown_has_one() {
    let room = room().await;
    assert_eq!(room.office.hand(room.vera).await.unwrap(), room.hand);
    let device = room.world.app.storage().device(room.world.org, room.hand.device).await.unwrap();
    assert!(!device.unwrap().is_phone());
    let nobody = room.office.hand(UserId::from_bytes([99; 16])).await.unwrap_err();
    assert!(matches!(nobody, HandError::UnknownUser { .. }), "{nobody}");
}

#[tokio::test]
async fn a_phone_receives_the_managers_change_and_can_name_its_author() {
    let room = room().await;
    let mut anna = room.world.rep("anna").await;
    let (header, change) = anna.customer(&room.world, "Acme");
    anna.push(header, &change).await;
    let edited = room
        .office
        .edit_customer(&room.hand, header.doc, |customer| customer.set_industry(Some("pumps")));
    assert!(edited.await.unwrap().is_some());
    anna.pull().await;
    let document = &anna.docs[&header.doc];
    assert!(document.last_seq(room.hand.actor) > 0, "the change has arrived");
    let author = anna.records.iter().find_map(|record| match record {
        Record::Device(device) if device.actor == room.hand.actor => Some(device.clone()),
        _ => None,
    });
    let author: DeviceRecord = author.unwrap();
    assert_eq!((author.user, author.platform.as_str()), (room.vera, DeviceRecord::OFFICE));
    let log = room.world.app.storage().log(room.world.org, header.doc).await.unwrap();
    assert_eq!(log.last().unwrap().user, room.vera, "the change log names the manager");
}

#[tokio::test]
async fn an_edit_that_puts_nothing_new_moves_nothing() {
    let room = room().await;
    let mut anna = room.world.rep("anna").await;
    let (header, change) = anna.customer(&room.world, "Acme");
    anna.push(header, &change).await;
    let before = room.world.app.storage().head(room.world.org).await.unwrap();
    let same = room
        .office
        .edit_customer(&room.hand, header.doc, |customer| customer.set_name(Some("Acme")));
    assert_eq!(same.await.unwrap(), None);
    assert_eq!(room.world.app.storage().head(room.world.org).await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn edits_of_the_office_and_a_phone_at_once_all_land() {
    let room = room().await;
    let mut anna = room.world.rep("anna").await;
    let (header, change) = anna.customer(&room.world, "Acme");
    anna.push(header, &change).await;
    let mut edits = tokio::task::JoinSet::new();
    for number in 0..8_u8 {
        let (office, hand) = (room.office.clone(), room.hand);
        edits.spawn(async move {
            let tag = client_core::id::ItemId::from_bytes([number; 16]);
            let edited = office.edit_customer(&hand, header.doc, move |customer| {
                customer.add_tag(tag, &format!("tag {number}"))
            });
            edited.await.unwrap().unwrap()
        });
    }
    for round in 0..8 {
        let (_, renamed) = anna.rename(&room.world, header.doc, &format!("Acme {round}"));
        assert_eq!(anna.push(header, &renamed).await, ChangeResult::Stored);
    }
    while let Some(edited) = edits.join_next().await {
        edited.unwrap();
    }
    let row = room.world.app.storage().row(room.world.org, header.doc).await.unwrap().unwrap();
    let DocState::Customer(customer) = row.state else { panic!("a customer") };
    assert_eq!(customer.value.tags.len(), 8);
    assert_eq!(customer.value.name.as_deref(), Some("Acme 7"));
    anna.pull().await;
    assert_eq!(anna.docs[&header.doc].heads(), row.heads);
}

#[tokio::test]
async fn an_unknown_document_and_a_wrong_kind_are_told_apart() {
    let room = room().await;
    let mut anna = room.world.rep("anna").await;
    let (header, change) = anna.customer(&room.world, "Acme");
    anna.push(header, &change).await;
    let nowhere = DocId::from_bytes([99; 16]);
    let unknown = room.office.edit_deal(&room.hand, nowhere, |deal| deal.set_name(Some("x")));
    let unknown = unknown.await.unwrap_err();
    assert!(matches!(unknown, DocumentError::Unknown { expected: DocKind::Deal, .. }), "{unknown}");
    let wrong = room.office.edit_deal(&room.hand, header.doc, |deal| deal.set_name(Some("x")));
    let wrong = wrong.await.unwrap_err();
    assert!(matches!(wrong, DocumentError::Edit(EditError::WrongKind { .. })), "{wrong}");
    assert_eq!(name_of(&room, header.doc).await.as_deref(), Some("Acme"));
}

#[tokio::test]
async fn limits_of_documents_hold_for_the_office_too() {
    let mut config = AppConfig { password_cost: Cost::CHEAP, ..AppConfig::default() };
    config.limits.document_operations = 20;
    let room = furnished(World::with(config).await).await;
    let mut anna = room.world.rep("anna").await;
    let (header, change) = anna.customer(&room.world, "Acme");
    anna.push(header, &change).await;
    let mut last = None;
    for number in 0..20_u8 {
        let edited = room.office.edit_customer(&room.hand, header.doc, move |customer| {
            let tag = client_core::id::ItemId::from_bytes([number; 16]);
            customer.add_tag(tag, "tag")
        });
        last = edited.await.err();
        if last.is_some() {
            break;
        }
    }
    let refused = last.expect("the limit holds");
    assert!(matches!(&refused, DocumentError::Refused { .. }), "{refused}");
    assert!(refused.to_string().contains("operations, the limit is 20"), "{refused}");
}

#[tokio::test]
async fn new_documents_are_held_as_the_caller_says_or_by_nobody() {
    let room = room().await;
    let mut anna = room.world.rep("anna").await;
    let nobody = |doc| PlacementRecord {
        subject: doc,
        kind: DocKind::Customer,
        spans: Vec::new(),
        credit: None,
    };
    let new = |n: u8, name: &'static str, author, placement| NewDocument {
        doc: DocId::from_bytes([n; 16]),
        author,
        content: NewContent::Customer(Box::new(move |customer| customer.set_name(Some(name)))),
        placement,
    };
    let (orphan, hers) = (DocId::from_bytes([51; 16]), DocId::from_bytes([52; 16]));
    let made = room.office.create_documents(
        &room.hand,
        vec![
            new(51, "Orphan", room.vera, Some(nobody(orphan))),
            new(52, "Hers", anna.user, None),
            new(51, "Again", room.vera, None),
        ],
    );
    let made = made.await.unwrap();
    assert!(made[0].is_ok() && made[1].is_ok());
    assert!(matches!(made[2], Err(DocumentError::Exists { .. })));
    anna.pull().await;
    assert!(anna.docs.contains_key(&hers), "her own by the server's rule");
    assert!(!anna.docs.contains_key(&orphan));
    assert_eq!(name_of(&room, orphan).await.as_deref(), Some("Orphan"));
    assert_eq!(room.office.placement(orphan).await.unwrap().unwrap().current(), None);
    // A later edit does not make it anybody's either.
    let edited = room
        .office
        .edit_customer(&room.hand, orphan, |customer| customer.set_region(Some("north")));
    edited.await.unwrap();
    assert_eq!(room.office.placement(orphan).await.unwrap().unwrap().current(), None);
}
